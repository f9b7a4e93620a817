"""What two colleagues decided about one person, and what that person says to it."""

from django.db import models
from django.db.models import F, Q

from perennial.accounts.models import User
from perennial.contact.models import Restriction
from perennial.departures.decisions.enums import (
    APPROVED,
    OUTCOMES,
    RESTRICTING,
    DecisionKind,
    DecisionOutcome,
    DecisionReason,
    DecisionState,
)
from perennial.kernel.encryption import EncryptedTextField
from perennial.people.models import Person


class PersonDecision(models.Model):
    """One decision about one person: proposed by a colleague, approved by another.

    What was decided never changes: a new decision supersedes it and this one stays. `owner` looks at it again.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=20, choices=DecisionKind.choices)
    outcome = models.CharField(max_length=20, choices=DecisionOutcome.choices)
    reason = models.CharField(max_length=20, choices=DecisionReason.choices)
    explanation = EncryptedTextField(blank=True)
    evidence = EncryptedTextField(blank=True)
    state = models.CharField(max_length=20, choices=DecisionState.choices, default=DecisionState.PROPOSED)
    # As the audit trail names colleagues ('user:3').
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    # Whoever approved it, or did not.
    answered_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    # The last day on which it holds.
    ends_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # What the door was told of it.
    restriction = models.OneToOneField(
        Restriction, null=True, blank=True, on_delete=models.SET_NULL, related_name="decision"
    )

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        indexes = [
            models.Index(fields=["person", "kind", "-proposed_at"]),
            models.Index(fields=["state", "review_on"]),
        ]
        constraints = [
            # Behind the actions: no machine, no command and no import decides about anybody.
            models.CheckConstraint(condition=Q(proposed_by__startswith="user:"), name="a_colleague_proposes"),
            models.CheckConstraint(
                condition=~Q(state__in=[*APPROVED, DecisionState.DECLINED])
                | (Q(answered_by__startswith="user:", answered_at__isnull=False) & ~Q(answered_by=F("proposed_by"))),
                name="another_colleague_approves",
            ),
            models.CheckConstraint(
                condition=Q(
                    *(Q(kind=kind, outcome__in=outcomes) for kind, outcomes in OUTCOMES.items()), _connector=Q.OR
                ),
                name="a_decision_has_an_outcome_of_its_kind",
            ),
            models.CheckConstraint(condition=Q(reason__in=DecisionReason.values), name="a_decision_has_a_coded_reason"),
            models.CheckConstraint(condition=Q(state__in=DecisionState.values), name="decision_state_is_known"),
            models.CheckConstraint(
                condition=~Q(outcome__in=RESTRICTING)
                | Q(review_on__isnull=False, ends_on__isnull=False, ends_on__gte=F("review_on")),
                name="what_restricts_is_looked_at_again_and_ends",
            ),
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(state=DecisionState.IN_FORCE),
                name="one_decision_of_a_kind_holds",
            ),
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(state=DecisionState.PROPOSED),
                name="one_decision_of_a_kind_is_proposed",
            ),
        ]


class DecisionAppeal(models.Model):
    """What the person says against a decision, as HR noted it. Rows are only ever added."""

    decision = models.ForeignKey(PersonDecision, on_delete=models.CASCADE, related_name="appeals")
    said = EncryptedTextField()
    noted_by = models.CharField(max_length=80)
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ["noted_at", "pk"]
