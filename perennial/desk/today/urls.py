"""Routes of Today."""

from django.urls import path

from perennial.desk.today.views import bring_item_back, put_item_off, show_today

urlpatterns = [
    path("", show_today, name="today"),
    path("today/<str:item_key>/later/", put_item_off, name="today-later"),
    path("today/<str:item_key>/back/", bring_item_back, name="today-back"),
]
