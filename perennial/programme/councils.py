"""Those who represent the staff: what a country's law asks them before this begins, and what they said.

Nothing is locked by it. What is not answered is said where the stage is changed, on Today and in the impact assessment.
Sources stand in the policy files: NL WOR 27(1)(k) and (l), DE BetrVG 87(1) no. 6 and 94.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from perennial.audit.actions import record
from perennial.kernel.countries import of_time_zone, recognise
from perennial.kernel.text import one_line
from perennial.programme.enums import CoDetermination, CouncilOutcome, Topic
from perennial.programme.models import CouncilAnswer, Place, Programme
from perennial.programme.policy import shipped
from perennial.programme.queries import today

NOTE_LENGTH = 300


class NoSuchGateError(ValueError):
    """The law of that country, as we know it, does not ask this."""


class AnswerUnfitError(ValueError):
    """Answered on a day to come, or without the note that says why nobody need be asked."""


@dataclass(frozen=True)
class Gate:
    """One thing that is asked in a country, and the latest answer."""

    country: str
    gate: CoDetermination
    source: str
    answer: CouncilAnswer | None

    @property
    def is_open(self) -> bool:
        return self.answer is None or self.answer.outcome == CouncilOutcome.REFUSED


def gates(*, programme: Programme, on: date) -> list[Gate]:
    """What is asked where the employer has places, and where the programme itself lives; two queries."""
    places = Place.objects.exclude(country="").order_by("country").values_list("country", flat=True).distinct()
    countries = {recognise(name) or "" for name in places} | {of_time_zone(programme.time_zone)}
    newest = CouncilAnswer.objects.order_by().values("country", "gate").annotate(newest=Max("pk")).values("newest")
    answers = {(row.country, row.gate): row for row in CouncilAnswer.objects.filter(pk__in=newest)}
    return [
        Gate(country, gate, source, answers.get((country, gate)))
        for country in sorted(countries - {""})
        for gate, source in _asked(country, on)
    ]


@transaction.atomic
def write_answer(
    *, country: str, gate: str, outcome: str, answered_on: date, note: str, by: str, now: datetime
) -> CouncilAnswer:
    """Writes down what was said. Raises NoSuchGateError, AnswerUnfitError."""
    day, said = today(now=now), CouncilOutcome(outcome)
    if gate not in [each for each, _source in _asked(country, day)]:
        raise NoSuchGateError(gate)
    why = one_line(note)
    if answered_on > day or len(why) > NOTE_LENGTH or (said is CouncilOutcome.NOT_NEEDED and not why):
        raise AnswerUnfitError
    row = CouncilAnswer.objects.create(
        country=country, gate=gate, outcome=said, answered_on=answered_on, note=why, by=by, at=now
    )
    record(
        deed="programme.council_answered",
        by=by,
        now=now,
        subject_kind="policy",
        subject_key=country,
        details={"gate": gate, "outcome": said.value},
    )
    return row


def _asked(country: str, on: date) -> list[tuple[CoDetermination, str]]:
    """The gates of a country on a day, each with its source; the later rule of a file holds."""
    held = [
        rule
        for rule in shipped()
        if rule.country == country and rule.what is Topic.CO_DETERMINATION and rule.since <= on
    ]
    return [(gate, held[-1].source) for gate in held[-1].value] if held else []
