"""Reads the audience: who stands where, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable

from perennial.contact.enums import RestrictionKind
from perennial.contact.queries import standing_on
from perennial.departures.audience.conditions import Condition, conditions
from perennial.departures.enums import AudienceMode, Standing
from perennial.departures.models import Audience, AudienceChoice
from perennial.people.enums import HowEnded
from perennial.people.models import Person, Stint
from perennial.people.queries import without_stored_only

# How a stint stands towards a condition.
_NOT_AS_ASKED, _MAY_FIT, _FITS = 0, 1, 2
_DIED = Q(how_ended=HowEnded.DEATH)
DIED = "died"


@dataclass(frozen=True)
class Counts:
    """How many people stand where; together they are everybody on file but those whose data is stored only."""

    welcome: int
    waits: int
    excluded: int
    not_meant: int

    @property
    def everybody(self) -> int:
        return self.welcome + self.waits + self.excluded + self.not_meant


def current_audience() -> Audience:
    """For whom the programme is now. As long as nobody has decided, it is for everybody, and the row is not saved."""
    return Audience.objects.order_by("-pk").first() or Audience()


def former_audiences() -> QuerySet[Audience]:
    """All decisions so far, the latest first."""
    return Audience.objects.order_by("-pk")


def with_meaning(
    people: QuerySet[Person], *, audience: Audience, day: date, stints: QuerySet[Stint] | None = None
) -> QuerySet[Any]:
    """Adds `meaning`: welcome, waits or not_meant, whether or not somebody is excluded.

    `stints`: those of `people`, when they are few, so that not all are looked through.
    """
    stints = Stint.objects.order_by() if stints is None else stints.order_by()
    by_list = audience.mode == AudienceMode.LIST
    meaning = _of_the_list(stints) if by_list else _of_the_rule(conditions(audience, day=day), stints)
    return people.annotate(meaning=meaning)


def with_standing(people: QuerySet[Person], *, audience: Audience, day: date) -> QuerySet[Any]:
    """Adds `standing`: where each of `people` stands; who is excluded is excluded, whatever else holds."""
    excluded = standing_on(day=day, kinds=[RestrictionKind.EXCLUSION])
    standing = Case(
        When(pk__in=excluded.values("person"), then=_said(Standing.EXCLUDED)),
        default=F("meaning"),
        output_field=CharField(),
    )
    told: QuerySet[Any] = with_meaning(people, audience=audience, day=day).annotate(standing=standing)
    return told


def counts(*, audience: Audience, day: date) -> Counts:
    """How many people stand where, in one statement."""
    people = without_stored_only(Person.objects.order_by(), person="pk")
    rows = with_standing(people, audience=audience, day=day)
    many: dict[str, int] = dict(rows.values_list("standing").annotate(many=Count("pk")))
    return Counts(**{standing.value: many.get(standing.value, 0) for standing in Standing})


def people_who(
    standing: Standing, *, audience: Audience, day: date, among: QuerySet[Person] | None = None
) -> QuerySet[Any]:
    """Those of `among`, or of everybody, who stand there, by name."""
    people = without_stored_only(Person.objects.all() if among is None else among, person="pk")
    return with_standing(people, audience=audience, day=day).filter(standing=standing).order_by("sort_name", "pk")


def why(people: Sequence[Person], *, audience: Audience, day: date) -> dict[int, list[str]]:
    """By person what keeps them out, as codes of conditions: of the time here that comes nearest to what is asked.

    What the record lacks where something may fit yet, else what is not as asked. `DIED` stands alone.
    """
    asked = [] if audience.mode == AudienceMode.LIST else conditions(audience, day=day)
    stints = (
        Stint.objects.filter(person__in=people)
        .order_by("pk")
        .annotate(**{f"is_{each.code}": _how_it_fits(each.fits, each.may_fit) for each in asked})
        .values_list("person", "how_ended", *(f"is_{each.code}" for each in asked))
    )
    nearest: dict[int, tuple[int, ...]] = {}
    died: set[int] = set()
    for person, how_ended, *fits in stints:
        if how_ended == HowEnded.DEATH:
            died.add(person)
        if fits:
            nearest[person] = max(
                nearest.get(person, ()), tuple(fits), key=lambda row: (min(row, default=-1), sum(row))
            )
    codes = [each.code for each in asked]
    told = {person.pk: _lacking(codes, nearest.get(person.pk)) for person in people}
    return {person: [DIED] if person in died else reasons for person, reasons in told.items()}


def chosen(people: Iterable[Person]) -> dict[int, AudienceChoice]:
    """What was decided about each of `people`, by person."""
    return {choice.person_id: choice for choice in AudienceChoice.objects.filter(person__in=list(people))}


def _lacking(codes: list[str], fits: tuple[int, ...] | None) -> list[str]:
    if fits is None:
        return codes
    worst = min(fits)
    return [code for code, fit in zip(codes, fits, strict=True) if fit == worst]


def _of_the_rule(asked: list[Condition], stints: QuerySet[Stint]) -> Combinable:
    """Of several times here the one that fits best counts.

    By sets, each read once: asking after each person's stints takes the database three to six times as long.
    """
    fits, may_fit = Q(), Q()
    for condition in asked:
        fits &= condition.fits
        may_fit &= condition.may_fit
    decided = [When(pk__in=_who_have(stints, _DIED), then=_said(Standing.NOT_MEANT))]
    if asked:
        decided += [
            When(pk__in=_who_have(stints, fits), then=_said(Standing.WELCOME)),
            When(pk__in=_who_have(stints, may_fit), then=_said(Standing.WAITS)),
            When(pk__in=_who_have(stints, Q()), then=_said(Standing.NOT_MEANT)),
        ]
    # Of somebody without any time here on file nothing is known that a rule could ask for.
    return Case(*decided, default=_said(Standing.WAITS if asked else Standing.WELCOME), output_field=CharField())


def _of_the_list(stints: QuerySet[Stint]) -> Combinable:
    return Case(
        When(pk__in=_who_have(stints, _DIED), then=_said(Standing.NOT_MEANT)),
        When(audience_choice__welcome=True, then=_said(Standing.WELCOME)),
        When(audience_choice__welcome=False, then=_said(Standing.NOT_MEANT)),
        default=_said(Standing.WAITS),
        output_field=CharField(),
    )


def _who_have(stints: QuerySet[Stint], asked: Q) -> QuerySet[Any]:
    return stints.filter(asked).values("person")


def _how_it_fits(fits: Q, may_fit: Q) -> Combinable:
    return Case(
        When(fits, then=Value(_FITS)),
        When(may_fit, then=Value(_MAY_FIT)),
        default=Value(_NOT_AS_ASKED),
        output_field=IntegerField(),
    )


def _said(standing: Standing) -> Value:
    return Value(standing.value, output_field=CharField())
