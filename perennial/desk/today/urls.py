"""Routes of Today."""

from django.urls import path

from perennial.desk.today.views import show_today

urlpatterns = [path("", show_today, name="today")]
