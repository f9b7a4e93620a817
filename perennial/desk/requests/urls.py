"""Routes of what people ask about their data."""

from django.urls import path

from perennial.desk.requests import views

urlpatterns = [
    path("requests/", views.list_requests, name="requests"),
    path("requests/<str:key>/", views.show_request, name="request"),
    path("requests/<str:key>/carry-out/", views.carry_out_request, name="request-carry-out"),
    path("requests/<str:key>/refuse/", views.refuse_request, name="request-refuse"),
    path("requests/<str:key>/extend/", views.extend_request, name="request-extend"),
    path("requests/<str:key>/tell/", views.tell_of_lifting_it, name="request-tell"),
    path("requests/<str:key>/lift/", views.lift_it, name="request-lift"),
    path("people/<str:key>/requests/new/", views.note_request, name="request-new"),
]
