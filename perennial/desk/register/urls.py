"""Routes of the pages on accountability."""

from django.urls import path

from perennial.desk.register import interests, views

urlpatterns = [
    path("programme/register/", views.register, name="register"),
    path("programme/register/export/", views.export_register, name="register-export"),
    path("programme/register/interests/", interests.interests, name="interests"),
    path("programme/register/interests/export/", interests.export_interests, name="interests-export"),
    path("programme/register/interests/<str:processing>/", interests.interest, name="interest"),
    path("programme/register/words/<str:section>/", views.words, name="register-words"),
]
