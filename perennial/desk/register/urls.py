"""Routes of the pages on accountability."""

from django.urls import path

from perennial.desk.register import views

urlpatterns = [
    path("programme/register/", views.register, name="register"),
    path("programme/register/export/", views.export_register, name="register-export"),
    path("programme/register/words/<str:section>/", views.words, name="register-words"),
]
