"""Reads the journeys: what is due, what was skipped and by which rule."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from perennial.departures.enums import DepartureState
from perennial.departures.models import Departure
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.outreach.enums import StepState
from perennial.outreach.journeys import DAYS_LATE_AT_MOST, Journey, Step
from perennial.outreach.models import Enrolment, StepOutcome
from perennial.people.queries import without_stored_only


def departures_to_enrol(*, journey: Journey) -> QuerySet[Departure]:
    """Open departures with a last day that do not walk `journey` yet."""
    return (
        Departure.objects.filter(state=DepartureState.OPEN, stint__ends_on__isnull=False)
        .exclude(enrolments__journey=journey.code)
        .order_by("pk")
    )


def due(*, journey: Journey, step: Step, today: date) -> QuerySet[Any]:
    """Enrolments whose `step` has come and is not done or dropped.

    With `ends_on` and what stands so far: `outcome_state`, `outcome_rule`, `outcome_until`.
    """
    standing = StepOutcome.objects.filter(enrolment=OuterRef("pk"), step=step.code)
    return (
        Enrolment.objects.filter(
            journey=journey.code,
            departure__state__in=[DepartureState.OPEN, DepartureState.CLOSED],
            departure__stint__ends_on__lte=today - timedelta(days=step.days),
        )
        .annotate(
            outcome_state=Subquery(standing.values("state")[:1]),
            outcome_rule=Subquery(standing.values("rule")[:1]),
            outcome_until=Subquery(standing.values("until")[:1]),
        )
        .filter(Q(outcome_state=None) | Q(outcome_state__in=[StepState.WAITING, StepState.SKIPPED]))
        .annotate(ends_on=F("departure__stint__ends_on"))
        .order_by("pk")
    )


def too_late(*, step: Step, today: date) -> date:
    """The last day before which `step` is more than three weeks late."""
    return today - timedelta(days=step.days + DAYS_LATE_AT_MOST)


def letters() -> QuerySet[Message]:
    """Letters of journeys in every state, the oldest first."""
    ours = Message.objects.filter(mailing__origin__startswith="journey:", person__isnull=False)
    return without_stored_only(ours.select_related("mailing", "person")).order_by("created_at", "pk")


def letters_to_look_at() -> QuerySet[Message]:
    """Drafts of journeys that wait for a human, the oldest first."""
    return letters().filter(state=MessageState.DRAFT)


def letters_on_their_way() -> QuerySet[Message]:
    """Letters somebody approved that have not left yet, the last first: they can still be taken back."""
    return letters().filter(state=MessageState.QUEUED, attempts=0).order_by("-pk")


def passed_over() -> QuerySet[StepOutcome]:
    """Steps that were skipped, wait or were dropped, with the rule that decided, newest first."""
    return (
        without_stored_only(StepOutcome.objects.all(), person="enrolment__person")
        .filter(state__in=[StepState.SKIPPED, StepState.WAITING, StepState.DROPPED])
        .select_related("enrolment__person", "enrolment__departure__stint")
        .order_by("-at", "-pk")
    )


def passed_over_by_rule() -> list[tuple[str, str, int]]:
    """(state, rule, how many), for the head of the list."""
    counts = passed_over().order_by().values_list("state", "rule").annotate(many=Count("pk"))
    return sorted(counts, key=lambda row: (-row[2], row[0], row[1]))
