"""Routes of departures."""

from django.urls import path

from perennial.desk.departures import (
    conversation,
    decisions,
    ending,
    farewell,
    guide,
    manager,
    reconciliation,
    views,
)

urlpatterns = [
    path("decisions/", decisions.list_decisions, name="decisions"),
    path("decisions/<int:decision_id>/", decisions.show_decision, name="decision"),
    path("decisions/<int:decision_id>/approve/", decisions.approve_decision, name="decision-approve"),
    path("decisions/<int:decision_id>/decline/", decisions.decline_decision, name="decision-decline"),
    path("decisions/<int:decision_id>/withdraw/", decisions.withdraw_decision, name="decision-withdraw"),
    path("decisions/<int:decision_id>/look-again/", decisions.look_at_decision, name="decision-look-again"),
    path("decisions/<int:decision_id>/end/", decisions.end_decision, name="decision-end"),
    path("decisions/<int:decision_id>/appeal/", decisions.appeal_decision, name="decision-appeal"),
    path("people/<str:key>/decisions/<str:kind>/", decisions.propose_decision, name="decision-propose"),
    path("departures/", views.list_departures, name="departures"),
    path("departures/digest/", farewell.choose_digest, name="departures-digest"),
    path("departures/reconciliation/", reconciliation.show_reconciliation, name="reconciliation"),
    path("departures/reconciliation/export/", reconciliation.export_reconciliation, name="reconciliation-export"),
    path("departures/<str:key>/", views.show_departure, name="departure"),
    path("departures/<str:key>/invite/", views.send_invitation, name="departure-invite"),
    path("departures/<str:key>/take-back/", views.undo_invitation, name="departure-take-back"),
    path("departures/<str:key>/sheet/", views.show_sheet, name="departure-sheet"),
    path("departures/<str:key>/handed-over/", views.note_hand_over, name="departure-handed-over"),
    path("departures/<str:key>/last-day/", views.name_last_day, name="departure-last-day"),
    path("departures/<str:key>/stays/", views.stays, name="departure-stays"),
    path("departures/<str:key>/conversation/", conversation.plan_it, name="conversation"),
    path("departures/<str:key>/conversation/calendar.ics", conversation.calendar_file, name="conversation-calendar"),
    path("departures/<str:key>/conversation/<str:deed>/", conversation.settle, name="conversation-settle"),
    path("departures/<str:key>/guide/", guide.show_guide, name="guide"),
    path("departures/<str:key>/notes/", guide.notes, name="conversation-notes"),
    path("departures/<str:key>/invite-from/", ending.name_invite_from, name="departure-invite-from"),
    path("departures/<str:key>/manager/", manager.tell_manager, name="departure-manager"),
    path("departures/<str:key>/manager/end/", manager.end_link, name="departure-manager-end"),
    path("departures/<str:key>/manager/sheet/", manager.show_manager_sheet, name="departure-manager-sheet"),
    path("departures/<str:key>/steps/<int:step_id>/", farewell.settle_step, name="departure-step"),
    path("departures/<str:key>/steps/<int:step_id>/reopen/", farewell.reopen, name="departure-step-reopen"),
]
