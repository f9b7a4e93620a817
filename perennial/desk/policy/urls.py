"""Routes of the page on country policy."""

from django.urls import path

from perennial.desk.policy import views

urlpatterns = [path("programme/policy/", views.policy, name="policy")]
