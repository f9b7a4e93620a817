"""Routes of the Programme page."""

from django.urls import path

from perennial.desk.programme import views

urlpatterns = [
    path("programme/", views.programme, name="programme"),
    path("programme/stage/", views.change_stage, name="programme_stage"),
    path("programme/owner/", views.name_owner, name="programme_owner"),
    path("programme/test-mail/", views.test_mail, name="programme_test_mail"),
]
