"""Which checklist a departure gets, of several that fit."""

from collections.abc import Iterable
from dataclasses import dataclass

from perennial.departures.audience.conditions import standing_departments
from perennial.departures.models import ChecklistTemplate
from perennial.people.enums import HowEnded
from perennial.programme.structure import Tree


@dataclass(frozen=True)
class Facts:
    """What of a stint decides about its checklist. `department` is 0 where none is known."""

    how_ended: str
    contract_kind: str
    department: int


class Chooser:
    """The checklists in use and the tree of departments, read once.

    | of two that fit goes first | because |
    | --- | --- |
    | 1. the one that asks how it ended | the tone must be right before anything else |
    | 2. the one whose department lies deeper in the tree; one without a department last | a team knows its people |
    | 3. the one that asks for kinds of contract | |
    | 4. the one that is older | somebody has to go first, always the same |

    One that asks for nothing is used only as the default, and the default only where no other fits. After a death there
    is none: nothing happens by itself then.
    """

    def __init__(self) -> None:
        self._templates = list(ChecklistTemplate.objects.filter(retired_at=None).order_by("pk"))
        tree = Tree()
        depths = {branch.pk: branch.depth for branch in tree.branches()}
        # For each checklist the departments it is for, each with the depth of the nearest one that was named.
        self._meant: dict[int, dict[int, int]] = {}
        for template in self._templates:
            named = standing_departments(template.departments) if template.departments else set()
            meant: dict[int, int] = {}
            for pk in sorted(named & set(depths), key=lambda pk: depths[pk]):
                meant |= dict.fromkeys(tree.with_below(pk), depths[pk])
            self._meant[template.pk] = meant

    def choose(self, facts: Facts) -> ChecklistTemplate | None:
        """The checklist for a departure with these facts, or None when there is none."""
        if facts.how_ended == HowEnded.DEATH:
            return None
        fitting = [template for template in self._templates if self._fits(template, facts)]
        if fitting:
            return min(fitting, key=lambda template: self._rank(template, facts))
        return next((template for template in self._templates if template.is_default), None)

    def _fits(self, template: ChecklistTemplate, facts: Facts) -> bool:
        asked: Iterable[tuple[list[object], bool]] = (
            (template.how_ended, facts.how_ended in template.how_ended),
            (template.departments, facts.department in self._meant[template.pk]),
            (template.contract_kinds, facts.contract_kind in template.contract_kinds),
        )
        answers = [answer for asks, answer in asked if asks]
        return bool(answers) and all(answers)

    def _rank(self, template: ChecklistTemplate, facts: Facts) -> tuple[bool, int, bool, int]:
        depth = self._meant[template.pk][facts.department] if template.departments else -1
        return (not template.how_ended, -depth, not template.contract_kinds, template.pk)
