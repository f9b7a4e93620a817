"""Routes of the pages on country policy and retention."""

from django.urls import path

from perennial.desk.policy import retention, views

urlpatterns = [
    path("programme/policy/", views.policy, name="policy"),
    path("programme/retention/", retention.retention, name="retention"),
    path("programme/retention/begin/", retention.begin_run, name="retention-begin"),
    path("programme/retention/by-itself/", retention.by_itself, name="retention-by-itself"),
    path("programme/retention/lift/", retention.lift_hold, name="retention-lift"),
    path("programme/retention/records/", retention.records, name="retention-records"),
    path("programme/retention/stop/", retention.stop_run, name="retention-stop"),
]
