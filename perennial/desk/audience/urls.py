"""Routes of the audience and of exclusions."""

from django.urls import path

from perennial.desk.audience import exclusions, views

urlpatterns = [
    path("audience/", views.edit_audience, name="audience"),
    path("audience/count/", views.count_audience, name="audience-count"),
    path("audience/put-back/<int:version>/", views.put_back, name="audience-put-back"),
    path("audience/people/", views.list_people, name="audience-people"),
    path("audience/people/<str:key>/<str:choice>/", views.choose, name="audience-choose"),
    path("exclusions/", exclusions.list_exclusions, name="exclusions"),
    path("exclusions/<int:restriction_id>/", exclusions.look_again, name="exclusion"),
    path("exclusions/<int:restriction_id>/lift/", exclusions.lift_exclusion, name="exclusion-lift"),
    path("exclusions/<int:restriction_id>/owner/", exclusions.name_owner, name="exclusion-owner"),
]
