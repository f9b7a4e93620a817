"""Erasures that were carried out: what the journal is written from."""

from django.db import models
from django.db.models import Q


class Erasure(models.Model):
    """One erasure. Keys, keyed fingerprints and counts alone, so that it may outlive whom it is about.

    `settled_at` is set once the journal has it and the database's own leftovers are wiped; until then the tick goes on.
    """

    person_key = models.CharField(max_length=32, unique=True)
    # Keyed fingerprints by which a feed would bring the person back.
    marks = models.JSONField(default=list)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    # What could not be counted afterwards: rule -> how many.
    kept = models.JSONField(default=dict)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["at"], condition=Q(settled_at=None), name="erasures_to_settle")]
