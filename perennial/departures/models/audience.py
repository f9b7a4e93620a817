"""For whom the programme is, as somebody decided it."""

from django.db import models
from django.db.models import Q

from perennial.departures.enums import AudienceMode
from perennial.people.models import Person


class Audience(models.Model):
    """For whom the programme is, as somebody decided it. The latest row holds; a former one can be put back.

    What is empty asks for nothing; `departments` and `places` are ids. One that is gone fits nobody.
    """

    mode = models.CharField(max_length=10, choices=AudienceMode.choices, default=AudienceMode.RULE)
    contract_kinds = models.JSONField(default=list)
    departments = models.JSONField(default=list)
    places = models.JSONField(default=list)
    # Whole months of one stint.
    minimum_months = models.PositiveSmallIntegerField(default=0)
    left_from = models.DateField(null=True, blank=True)
    left_until = models.DateField(null=True, blank=True)
    by = models.CharField(max_length=80)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=AudienceMode.values), name="audience_mode_is_known"),
            models.CheckConstraint(
                condition=Q(left_from=None) | Q(left_until=None) | Q(left_until__gte=models.F("left_from")),
                name="audience_period_has_two_ends",
            ),
        ]


class AudienceChoice(models.Model):
    """What a colleague decided about one person where people are chosen one by one. No row: nobody has decided."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="audience_choice")
    welcome = models.BooleanField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
