"""The history of touches, and what people wrote down for the door."""

from django.db import models
from django.db.models import Q

from perennial.accounts.models import User
from perennial.contact.enums import Direction, RestrictionKind, SuppressionScope, TouchKind
from perennial.kernel.purposes import Channel, Intent, Purpose
from perennial.people.models import Person


class Touch(models.Model):
    """One contact in either direction. Budget, balance and 'last active' are queries over these rows."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="touches")
    at = models.DateTimeField()
    direction = models.CharField(max_length=10, choices=Direction.choices)
    kind = models.CharField(max_length=20, choices=TouchKind.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices, blank=True)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    intent = models.CharField(max_length=10, choices=Intent.choices, default=Intent.NEUTRAL)
    # Which part of the house it came from, and its row there, so that nothing is written down twice.
    origin = models.CharField(max_length=80)
    summary = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["at"]),
            models.Index(fields=["person", "-at"]),
            models.Index(
                fields=["person", "-at"],
                condition=Q(direction="ours") & ~Q(purpose="service"),
                name="touches_that_count",
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["person", "origin"], name="a_touch_is_recorded_once")]


class Restriction(models.Model):
    """What the door must know, written down: dated, typed, in neutral words. `purpose` empty means all.

    `owner` is the colleague who answers for an exclusion and looks at it again.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="restrictions")
    kind = models.CharField(max_length=20, choices=RestrictionKind.choices)
    purpose = models.CharField(max_length=20, choices=Purpose.choices, blank=True)
    reason = models.CharField(max_length=40)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["person_id", "starts_on", "pk"]
        indexes = [
            models.Index(fields=["person", "kind"], condition=Q(lifted_at=None), name="standing_restrictions"),
            models.Index(
                fields=["review_on"], condition=Q(kind="exclusion", lifted_at=None), name="exclusions_by_review"
            ),
        ]
        constraints = [
            # Behind the action: no machine, no command and no import excludes anybody.
            models.CheckConstraint(
                condition=~Q(kind="exclusion") | Q(by__startswith="user:", review_on__isnull=False),
                name="a_colleague_excludes_and_looks_again",
            ),
            models.CheckConstraint(
                condition=~Q(kind="decision") | Q(by__startswith="user:", ends_on__isnull=False),
                name="colleagues_decide_and_it_ends",
            ),
            models.UniqueConstraint(
                fields=["person", "purpose"],
                condition=Q(kind="decision", lifted_at=None),
                name="one_decision_row_a_purpose",
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(kind="audience", lifted_at=None), name="one_audience_row_a_person"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="restriction_ends_after_it_starts",
            ),
        ]


class Suppression(models.Model):
    """A keyed fingerprint that we do not write to, or do not take in again. It outlives the record it came from."""

    fingerprint = models.CharField(max_length=64)
    scope = models.CharField(max_length=10, choices=SuppressionScope.choices)
    reason = models.CharField(max_length=80)
    since = models.DateTimeField()

    class Meta:
        ordering = ["since", "pk"]
        constraints = [models.UniqueConstraint(fields=["fingerprint", "scope"], name="suppressed_once_a_scope")]
