"""This module's figures as counts; `insights` prints them with definition, n and interval."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Cast, Round

from perennial.consent.models import ConsentState
from perennial.contact.enums import RestrictionKind
from perennial.contact.models import Restriction
from perennial.departures.enums import DepartureState
from perennial.departures.exit.closing import RECOMMEND
from perennial.departures.exit.enums import QuestionKind
from perennial.departures.models import AnswerGroup, Departure, ExitAnswers, FarewellStep, Question, RelationAnswer
from perennial.departures.queries import with_progress
from perennial.people.enums import AddressKind, AddressState, HowEnded
from perennial.people.models import EmailAddress
from perennial.people.queries import without_stored_only


@dataclass(frozen=True)
class Counts:
    """Answers to 'would you recommend us, 0 to 10': 9-10, 7-8, 0-6."""

    promoters: int
    passives: int
    detractors: int

    @property
    def n(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def alike(self) -> bool:
        """Whether all said the same, so that nothing may be said of it (standards.md 4, A3)."""
        return self.n > 0 and self.n in (self.promoters, self.passives, self.detractors)


@dataclass(frozen=True)
class Marks:
    """Answers from 0 to 10 about one subject: how many, their sum, the sum of their squares."""

    n: int
    total: int
    squares: int


@dataclass(frozen=True)
class Spent:
    """What so many farewells cost together, in one currency."""

    farewells: int
    total: Decimal


@dataclass(frozen=True)
class Span:
    """The days from `first_day` to `last_day`, both included, and the moments they begin and end."""

    first_day: date
    last_day: date
    since: datetime
    until: datetime


def nps_counts_over(*, spans: Sequence[Span]) -> list[Counts]:
    """For each span the answers in groups that closed in it, in one statement.

    Whole groups only: a group has at least five answers, so that any figure taken from another differs by at least
    five people, whatever the span.
    """
    voices = ("promoters", "passives", "detractors")
    sums = AnswerGroup.objects.filter(question=RECOMMEND).aggregate(
        **{
            f"{voice}_{number}": Sum(voice, default=0, filter=Q(closed_at__gte=span.since, closed_at__lt=span.until))
            for number, span in enumerate(spans)
            for voice in voices
        }
    )
    return [Counts(**{voice: sums[f"{voice}_{number}"] for voice in voices}) for number in range(len(spans))]


def satisfaction_over(*, spans: Sequence[Span]) -> list[list[Marks]]:
    """For each span the marks by subject, over groups that closed in it, in one statement; without empty ones."""
    subjects = Question.objects.exclude(about="").values("code")
    sums = {
        f"{name}_{number}": Sum(name, default=0, filter=Q(closed_at__gte=span.since, closed_at__lt=span.until))
        for number, span in enumerate(spans)
        for name in ("n", "total", "squares")
    }
    rows: list[Any] = list(
        AnswerGroup.objects.filter(question__in=subjects, kind=QuestionKind.SCALE)
        .order_by("question")
        .values("question")
        .annotate(**sums)
    )
    return [
        [
            Marks(row[f"n_{number}"], row[f"total_{number}"], row[f"squares_{number}"])
            for row in rows
            if row[f"n_{number}"]
        ]
        for number in range(len(spans))
    ]


def response_counts_over(*, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """For each span: leavers who submitted answers, of those who were invited and whose last day lies in it; in one
    statement.

    Invited is whoever got the link by mail or on paper, or has used it.
    """
    latest, earliest = max(span.last_day for span in spans), min(span.first_day for span in spans)
    submitted = ExitAnswers.objects.filter(departure=OuterRef("pk"), submitted_at__isnull=False)
    standing = Departure.objects.filter(
        stint__ends_on__range=(earliest, latest), state__in=[DepartureState.OPEN, DepartureState.CLOSED]
    ).exclude(stint__how_ended=HowEnded.DEATH)
    days = (
        with_progress(without_stored_only(standing))
        .filter(invited=True)
        .order_by()
        .annotate(answered=Exists(submitted))
        .values_list("stint__ends_on", "answered")
        .annotate(leavers=Count("pk"))
    )
    counts = [[0, 0] for _ in spans]
    for day, answered, number in days:
        for count, span in zip(counts, spans, strict=True):
            if span.first_day <= day <= span.last_day:
                count[0] += number if answered else 0
                count[1] += number
    return [(hits, of) for hits, of in counts]


def capture_counts_over(*, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """For each span: eligible leavers with a confirmed private address and a consent, of all eligible leavers whose
    last day lies in it; in one statement.

    Eligible is a leaver for whom a departure stood open and whom neither an exclusion nor the audience keeps out of the
    programme on the last day of the latest span; whoever left twice counts once, by the later day. People who left
    before the programme began cannot be asked, so they are not counted against it.
    """
    latest = max(span.last_day for span in spans)
    earliest = min(span.first_day for span in spans)
    excluded = Restriction.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=latest),
        person=OuterRef("person"),
        kind__in=[RestrictionKind.EXCLUSION, RestrictionKind.AUDIENCE],
        lifted_at=None,
        starts_on__lte=latest,
    )
    confirmed = EmailAddress.objects.filter(
        person=OuterRef("person"), kind=AddressKind.PRIVATE, state=AddressState.VERIFIED
    )
    agreed = ConsentState.objects.filter(person=OuterRef("person"), granted=True)
    standing = Departure.objects.filter(
        stint__ends_on__range=(earliest, latest), state__in=[DepartureState.OPEN, DepartureState.CLOSED]
    )
    left_again = standing.filter(person=OuterRef("person"), stint__ends_on__gt=OuterRef("stint__ends_on"))
    leavers = (
        without_stored_only(standing)
        .exclude(Exists(left_again))
        .exclude(stint__how_ended=HowEnded.DEATH)
        .exclude(Exists(excluded))
        .order_by()
        .annotate(captured=Exists(confirmed) & Exists(agreed))
        .values_list("stint__ends_on", "captured")
        .annotate(leavers=Count("person", distinct=True))
    )
    # By day and summed here: the database then asks after address and consent once a leaver, not once a span.
    counts = [[0, 0] for _ in spans]
    for day, captured, number in leavers:
        for count, span in zip(counts, spans, strict=True):
            if span.first_day <= day <= span.last_day:
                count[0] += number if captured else 0
                count[1] += number
    return [(hits, of) for hits, of in counts]


def consent_counts_over(*, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """For each span the relation screens submitted with at least one consent, of all submitted; in one statement."""
    counts: dict[str, Count] = {}
    for number, span in enumerate(spans):
        within = Q(submitted_at__gte=span.since, submitted_at__lt=span.until)
        counts[f"agreed_{number}"] = Count("pk", filter=within & Q(agreed=True))
        counts[f"all_{number}"] = Count("pk", filter=within)
    found = without_stored_only(RelationAnswer.objects.all(), person="departure__person").aggregate(**counts)
    return [(found[f"agreed_{number}"], found[f"all_{number}"]) for number in range(len(spans))]


def farewell_costs_over(*, spans: Sequence[Span]) -> dict[str, list[Spent]]:
    """By currency, for each span: the farewells with a cost on record whose last day lies in it; in one statement.

    One that was paid for in two currencies counts in both: nothing is converted. A farewell counts as a whole, by the
    last day, whenever its steps were done, so that the mean is one of whole farewells. Who stays or has died had none:
    that departure is cancelled.
    """
    latest, earliest = max(span.last_day for span in spans), min(span.first_day for span in spans)
    paid = FarewellStep.objects.filter(
        cost__isnull=False,
        departure__stint__ends_on__range=(earliest, latest),
        departure__state__in=[DepartureState.OPEN, DepartureState.CLOSED],
    )
    days = (
        without_stored_only(paid, person="departure__person")
        .order_by()
        .values_list("cost_currency", "departure__stint__ends_on")
        # In hundredths: SQLite adds decimals as floats.
        .annotate(
            farewells=Count("departure", distinct=True), hundredths=Sum(Cast(Round(F("cost") * 100), BigIntegerField()))
        )
    )
    counts: dict[str, list[list[int]]] = defaultdict(lambda: [[0, 0] for _ in spans])
    for currency, day, farewells, hundredths in days:
        for count, span in zip(counts[currency], spans, strict=True):
            if span.first_day <= day <= span.last_day:
                count[0] += farewells
                count[1] += hundredths
    return {
        currency: [Spent(farewells, Decimal(hundredths) / 100) for farewells, hundredths in of_spans]
        for currency, of_spans in counts.items()
    }
