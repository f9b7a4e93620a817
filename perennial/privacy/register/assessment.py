"""What an impact assessment (GDPR 35) is filled from: the register, why one is made, what can go wrong, who was asked.

The nine criteria are those of the guidelines WP 248 rev.01; two of them suffice. Risks are those we know of, each with
what the house does about it; how likely and how grave they are is for the employer to judge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.people.models import Person
from perennial.privacy.register.gathering import Register, gather
from perennial.programme.councils import Gate, gates
from perennial.programme.models import Programme


class Criterion(NamedTuple):
    """One of WP 248: whether it is met here, and why. None is for the employer to say."""

    name: str | Promise
    met: bool | None
    why: str | Promise


class Risk(NamedTuple):
    """What could go wrong for somebody, and what is done about it; `rows` of docs/security.md show it."""

    what: str | Promise
    done: str | Promise
    rows: tuple[int, ...] = ()


CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        _("Evaluation or scoring"),
        True,
        _("Two colleagues may decide who would be welcome back. No score is computed."),
    ),
    Criterion(
        _("Automated decisions with serious effect"), False, _("People decide; the house computes when it may write.")
    ),
    Criterion(_("Systematic monitoring"), False, _("No letter is tracked, nobody is followed on other sites.")),
    Criterion(
        _("Sensitive data"), True, _("It is not asked for, but may stand in what leavers write in their own words.")
    ),
    Criterion(_("Large scale"), None, _("Say below how many of your former colleagues this concerns.")),
    Criterion(_("Combined data sets"), True, _("HR's records and what people themselves say.")),
    Criterion(_("People who cannot easily refuse"), True, _("Whoever still works here depends on the employer.")),
    Criterion(_("New technology"), False, _("Pages and letters; no profiling, no model that learns.")),
    Criterion(
        _("Keeps somebody from a right or a contract"), True, _("Not being welcome back may keep somebody from work.")
    ),
)
ENOUGH = 2

RISKS: tuple[Risk, ...] = (
    Risk(
        _("What somebody answered on leaving is traced to them, and held against them."),
        _("One role alone reads it, each opening is written down; figures are of closed groups of five and more."),
        (2,),
    ),
    Risk(
        _("Something about health, religion or the like stands in a free text."),
        _("It is not asked for and warned of; what may speak of it waits for a look; texts are encrypted and end."),
        (2,),
    ),
    Risk(
        _("Somebody agrees because they still depend on the employer."),
        _("It is asked apart from all else, nothing is ticked, declining is as easy, no manager learns of it."),
    ),
    Risk(
        _("Somebody is written to who does not want it."),
        _("Each letter asks again before it leaves whether it may; one press ends an agreement."),
        (44,),
    ),
    Risk(
        _("A decision follows somebody for years."),
        _("Two colleagues, a coded reason, an end; it may be objected to, and stands in the data copy."),
    ),
    Risk(
        _("Somebody comes in who should not, or sees more than they need."),
        _("A second factor, roles that each page asks for, sessions that end, hosts who see their chapters alone."),
        (1, 3, 6, 7, 8, 12, 19, 20),
    ),
    Risk(
        _("A link in a letter is passed on or guessed."),
        _("Links are random, open one thing each, and lead no letters astray."),
        (22, 23, 24),
    ),
    Risk(
        _("A colleague carries data away."),
        _("Who took a file and who opened whose page is written down where nobody can change it."),
        (43,),
    ),
    Risk(
        _("Whoever was erased comes back with the next list or an old backup."),
        _("Keyed fingerprints refuse them, and a journal carries the erasure out again after a backup was put back."),
    ),
    Risk(
        _("A wrong list changes many records."),
        _("Differences are shown before, and an import can be undone for thirty days."),
    ),
)


@dataclass(frozen=True)
class Assessment:
    """All that the document is made of. `people` is how many are on file."""

    register: Register
    criteria: Sequence[Criterion]
    risks: Sequence[Risk]
    gates: Sequence[Gate]
    people: int

    @property
    def met(self) -> int:
        return sum(each.met is True for each in self.criteria)


def assess(*, programme: Programme, on: date) -> Assessment:
    """What is known on a day; six queries."""
    return Assessment(
        register=gather(programme=programme, on=on),
        criteria=CRITERIA,
        risks=RISKS,
        gates=gates(programme=programme, on=on),
        people=Person.objects.count(),
    )
