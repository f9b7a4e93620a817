"""Routes of letters."""

from django.urls import path

from perennial.desk.letters import views

urlpatterns = [
    path("letters/", views.list_letters, name="letters"),
    path("letters/passed-over/", views.list_passed_over, name="passed-over"),
    path("letters/<int:message_id>/", views.look_at_letter, name="letter"),
    path("letters/<int:message_id>/aside/", views.put_letter_aside, name="letter-aside"),
    path("letters/<int:message_id>/take-back/", views.take_letter_back, name="letter-take-back"),
]
