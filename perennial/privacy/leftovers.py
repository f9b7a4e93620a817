"""What is kept of somebody who is erased, how much of it, and under which rule."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.audit.models import Event
from perennial.consent.models import LedgerEntry
from perennial.contact.erased import identities
from perennial.contact.models import Suppression
from perennial.departures.models import AnswerGroup
from perennial.kernel.privacy import Held
from perennial.people.managers import has_namesake, named_as_manager
from perennial.people.models import Person
from perennial.privacy.held import HELD
from perennial.privacy.models import Erasure

CLOSED_GROUPS, NAMESAKES = "closed_groups", "namesakes"
_RULES: Mapping[str, Held] = {held.model: held for held in HELD}


@dataclass(frozen=True)
class Leftover:
    """`count` rows of a kind that stay under `rule`; None where nothing can count them."""

    code: str
    what: str | Promise
    rule: str | Promise
    count: int | None


def would_stay(*, person: Person) -> list[Leftover]:
    """What an erasure of `person` would leave, as it stands now. What the erasure itself adds is counted."""
    standing = person.consent_states.filter(granted=True).count()
    return _leftovers(
        ledger=LedgerEntry.objects.filter(person_key=person.key).count() + standing,
        # The erasure, and the withdrawal where there is one.
        events=_events(person.key) + (2 if standing else 1),
        marks=len(set(identities(person))),
        groups=closed_groups(person=person),
        namesakes=len(named_as_manager(person=person)) if has_namesake(person=person) else 0,
    )


def what_stayed(*, erasure: Erasure) -> list[Leftover]:
    """What is kept of somebody who was erased."""
    return _leftovers(
        ledger=LedgerEntry.objects.filter(person_key=erasure.person_key).count(),
        events=_events(erasure.person_key),
        marks=Suppression.objects.filter(fingerprint__in=erasure.marks).count(),
        groups=erasure.kept.get(CLOSED_GROUPS, 0),
        namesakes=erasure.kept.get(NAMESAKES, 0),
    )


def closed_groups(*, person: Person) -> int:
    """In how many closed groups the answers of `person` are counted. Nobody can tell any more once they are gone."""
    answered = Q(members__answers__departure__person=person) | Q(themed__answers__departure__person=person)
    return AnswerGroup.objects.filter(answered).distinct().count()


def _events(key: str) -> int:
    return Event.objects.filter(subject_kind="person", subject_key=key).count()


def _leftovers(*, ledger: int, events: int, marks: int, groups: int, namesakes: int) -> list[Leftover]:
    return [
        Leftover("ledger", _("Entries of the consent ledger"), _RULES["consent.ledgerentry"].rule, ledger),
        Leftover("audit", _("Entries of the audit trail"), _RULES["audit.event"].rule, events),
        Leftover("fingerprints", _("Keyed fingerprints"), _RULES["contact.suppression"].rule, marks),
        Leftover("journal", _("A line in the journal of erasures"), _RULES["privacy.erasure"].rule, 1),
        Leftover(CLOSED_GROUPS, _("Counts of closed groups"), _RULES["departures.answergroup"].rule, groups),
        Leftover(
            NAMESAKES,
            _("Records of others that name a manager called the same"),
            _("Somebody else on file has this name, and nobody can say who is meant. It goes with the last of them."),
            namesakes,
        ),
        Leftover(
            "words_of_others",
            _("What others wrote in their own words"),
            _("Notes, letters and answers of others are not searched. Whoever finds a name there takes it out."),
            None,
        ),
    ]
