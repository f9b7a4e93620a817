"""Routes of somebody's own page."""

from django.urls import path

from perennial.kernel.links import route
from perennial.kernel.tokens import LinkPurpose
from perennial.portal.own import views

urlpatterns = [
    path(route(LinkPurpose.OWN), views.by_link, name="own_by_link"),
    path("my-data/", views.by_address, name="own_by_address"),
    path("my-data/code/", views.code, name="own_code"),
    path("my-data/mine/", views.mine, name="own"),
    path("my-data/mine/ask/<str:kind>/", views.ask_for, name="own_ask"),
    path("my-data/mine/take-back/<str:key>/", views.take_it_back, name="own_take_back"),
    path("my-data/mine/lift/<str:key>/", views.lift_it, name="own_lift"),
    path("my-data/mine/file/<str:key>/", views.file, name="own_file"),
    path("my-data/mine/document/<str:number>/", views.document, name="own_document"),
    path("my-data/end/", views.leave_page, name="own_end"),
]
