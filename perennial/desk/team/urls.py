"""Routes of the Team pages."""

from django.urls import path

from perennial.desk.team import views
from perennial.kernel.links import route
from perennial.kernel.tokens import LinkPurpose

urlpatterns = [
    path("team/", views.team, name="team"),
    path("away/", views.be_away, name="away"),
    path("team/invite/", views.invite, name="team_invite"),
    path("team/<int:pk>/", views.member, name="team_member"),
    path("team/<int:pk>/role/", views.change_role, name="team_role"),
    path("team/<int:pk>/disable/", views.disable, name="team_disable"),
    path("team/<int:pk>/enable/", views.enable, name="team_enable"),
    path("team/<int:pk>/second-factor/", views.reset_second_factor, name="team_second_factor"),
    path("team/<int:pk>/invite-again/", views.invite_again, name="team_invite_again"),
    path(route(LinkPurpose.INVITE), views.welcome_page, name="welcome"),
]
