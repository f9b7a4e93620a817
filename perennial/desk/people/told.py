"""What the record says of somebody, each fact with who said it and when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from perennial.accounts.queries import names_behind
from perennial.kernel.countries import name_of
from perennial.people.models import EmailAddress, Person, PersonSkill, Position, Stint
from perennial.people.queries import provenance_of

LEAVER = "leaver"
_KINDS: dict[type, str] = {
    Person: "person",
    Stint: "stint",
    EmailAddress: "address",
    Position: "position",
    PersonSkill: "skill",
}
Row = Person | Stint | EmailAddress | Position | PersonSkill


@dataclass(frozen=True)
class Told:
    """A fact as the page shows it: what it says, and the sentence about where that comes from."""

    id: str
    value: str
    said: str


class Sources:
    """Who said what of a person, read once for the whole page."""

    def __init__(
        self,
        *,
        person: Person,
        stints: Sequence[Stint],
        addresses: Sequence[EmailAddress],
        positions: Sequence[Position],
        skills: Sequence[PersonSkill],
    ) -> None:
        noted = list(provenance_of(person=person, stints=stints, addresses=addresses, positions=positions))
        self._noted = {
            (kind, pk, row.field): (row.source, row.at)
            for row in noted
            for kind, pk in (
                ("person", row.person_id),
                ("stint", row.stint_id),
                ("address", row.address_id),
                ("position", row.position_id),
            )
            if pk is not None
        }
        rows: Iterable[Row] = (person, *stints, *addresses, *positions, *skills)
        self._names = names_behind({row.source for row in noted} | {row.added_by for row in rows})

    def of(self, row: Row, field: str = "") -> str:
        """Who said what stands in `field` of a row, else who brought the row."""
        kind = _KINDS[type(row)]
        known = self._noted.get((kind, row.pk, field))
        if known:
            return self._sentence(known[0], known[0], known[1])
        return self._sentence(row.source, row.added_by, row.created_at)

    def facts(self, row: Row, **values: object) -> dict[str, Told]:
        """Those of `values` that say something, by field, ready to be shown."""
        kind = _KINDS[type(row)]
        return {
            field: Told(f"told-{kind}-{row.pk}-{field}", _shown(value), self.of(row, field))
            for field, value in values.items()
            if value
        }

    def _sentence(self, source: str, by: str, at: datetime) -> str:
        day = date_format(localtime(at), "j M Y")
        if by.startswith("user:"):
            name = self._names.get(by) or _("a former colleague")
            return _("typed by %(name)s on %(day)s") % {"name": name, "day": day}
        if source == LEAVER or source.startswith("person:"):
            return _("said by themselves on %(day)s") % {"day": day}
        if not source:
            return _("on file since %(day)s") % {"day": day}
        return _("from %(source)s on %(day)s") % {"source": source, "day": day}


def person_facts(sources: Sources, person: Person) -> dict[str, Told]:
    language = dict(settings.LANGUAGES).get(person.language, person.language)
    country = name_of(person.country, language=get_language() or "en") if person.country else ""
    return sources.facts(person, full_name=person.full_name, called=person.called, language=language, country=country)


def stint_facts(sources: Sources, stint: Stint, *, with_reason: bool) -> dict[str, Told]:
    """What a stint says; why it ended is not for every role."""
    return sources.facts(
        stint,
        title=stint.title,
        contract_kind=stint.get_contract_kind_display(),
        department=stint.department,
        place=stint.place,
        starts_on=stint.starts_on,
        ends_on=stint.ends_on,
        # A last day says it better: 'is leaving' stays on file when the day has passed.
        status="" if stint.ends_on else stint.get_status_display(),
        how_ended=stint.get_how_ended_display() if with_reason else "",
        manager=stint.manager,
        employee_number=stint.employee_number,
    )


def position_facts(sources: Sources, position: Position) -> dict[str, Told]:
    return sources.facts(
        position,
        company=position.company,
        title=position.title,
        starts_on=position.starts_on,
        ends_on=position.ends_on,
    )


def _shown(value: Any) -> str:
    return date_format(value, "j M Y") if isinstance(value, date) else str(value)
