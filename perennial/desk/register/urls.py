"""Routes of the pages on accountability."""

from django.urls import path

from perennial.desk.register import assessment, interests, views

urlpatterns = [
    path("programme/register/", views.register, name="register"),
    path("programme/register/assessment/", assessment.assessment, name="assessment"),
    path("programme/register/assessment/export/", assessment.export_assessment, name="assessment-export"),
    path("programme/register/council/", assessment.council, name="council"),
    path("programme/register/export/", views.export_register, name="register-export"),
    path("programme/register/interests/", interests.interests, name="interests"),
    path("programme/register/interests/export/", interests.export_interests, name="interests-export"),
    path("programme/register/interests/open/", interests.open_interests, name="interests-open"),
    path("programme/register/interests/<str:processing>/", interests.interest, name="interest"),
    path("programme/register/words/<str:section>/", views.words, name="register-words"),
]
