"""Routes of departures."""

from django.urls import path

from perennial.desk.departures import ending, farewell, reconciliation, views

urlpatterns = [
    path("departures/", views.list_departures, name="departures"),
    path("departures/reconciliation/", reconciliation.show_reconciliation, name="reconciliation"),
    path("departures/reconciliation/export/", reconciliation.export_reconciliation, name="reconciliation-export"),
    path("departures/<str:key>/", views.show_departure, name="departure"),
    path("departures/<str:key>/invite/", views.send_invitation, name="departure-invite"),
    path("departures/<str:key>/take-back/", views.undo_invitation, name="departure-take-back"),
    path("departures/<str:key>/sheet/", views.show_sheet, name="departure-sheet"),
    path("departures/<str:key>/handed-over/", views.note_hand_over, name="departure-handed-over"),
    path("departures/<str:key>/last-day/", views.name_last_day, name="departure-last-day"),
    path("departures/<str:key>/stays/", views.stays, name="departure-stays"),
    path("departures/<str:key>/invite-from/", ending.name_invite_from, name="departure-invite-from"),
    path("departures/<str:key>/steps/<int:step_id>/", farewell.settle_step, name="departure-step"),
    path("departures/<str:key>/steps/<int:step_id>/reopen/", farewell.reopen, name="departure-step-reopen"),
]
