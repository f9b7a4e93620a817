"""Who did what to whom. Rows are only ever added."""

from django.db import models

from perennial.kernel.guards import NeverChanged, NeverDeleted


class Event(models.Model):
    """One deed. It names its subject by kind and key, without foreign key, so that it outlives it."""

    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    deed = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_key = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict)
    # The day, of what is told once a day however often it is done; of all else nothing.
    once_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["subject_kind", "subject_key", "at"]),
            models.Index(fields=["at"]),
            models.Index(fields=["by", "at"], name="events_by_whom"),
            models.Index(fields=["deed", "at"], name="events_of_a_kind"),
        ]
        constraints = [
            NeverChanged(name="no_event_is_changed"),
            NeverDeleted(name="no_event_is_deleted"),
            # In this order it also counts what one colleague did in a day.
            models.UniqueConstraint(
                fields=["by", "deed", "once_on", "subject_kind", "subject_key"],
                condition=models.Q(once_on__isnull=False),
                name="told_once_a_day",
            ),
        ]
