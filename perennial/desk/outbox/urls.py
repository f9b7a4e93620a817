"""Routes of the outbox."""

from django.urls import path

from perennial.desk.outbox import views

urlpatterns = [
    path("outbox/", views.list_outbox, name="outbox"),
    path("outbox/<int:message_id>/", views.look_at_message, name="outbox-message"),
    path("outbox/<int:message_id>/retry/", views.retry_message, name="outbox-retry"),
]
