"""Routes of people."""

from django.urls import path

from perennial.desk.people import views

urlpatterns = [
    path("people/", views.list_people, name="people"),
    path("people/new/", views.new_person, name="person-new"),
    path("people/<str:key>/", views.show_person, name="person"),
    path("people/<str:key>/why/", views.explain_person, name="person-why"),
    path("people/<str:key>/correct/", views.edit_person, name="person-edit"),
    path("people/<str:key>/stints/new/", views.new_stint, name="stint-new"),
    path("people/<str:key>/stints/<int:stint_id>/", views.edit_stint, name="stint-edit"),
    path("people/<str:key>/addresses/new/", views.new_address, name="address-new"),
    path("people/<str:key>/addresses/<int:address_id>/remove/", views.take_address_off, name="address-remove"),
    path("people/<str:key>/restrictions/new/", views.new_restriction, name="restriction-new"),
    path("people/<str:key>/restrictions/<int:restriction_id>/lift/", views.lift_restriction, name="restriction-lift"),
    path("people/<str:key>/erase/", views.erase_person, name="person-erase"),
]
