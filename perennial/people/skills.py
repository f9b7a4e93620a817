"""Writes what people know how to do."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from perennial.audit.actions import record
from perennial.kernel.text import one_line
from perennial.people.actions import refresh_search_text
from perennial.people.models import Person, PersonSkill, Skill

SKILL_LENGTH = 100
MOST_SKILLS = 50


class SkillsUnusableError(ValueError):
    """A skill has at most 100 characters, and a person at most 50 of them."""


def skills_in(text: str) -> list[str]:
    """The skills named in `text`, one a line or between commas, each once. Raises SkillsUnusableError."""
    named: dict[str, str] = {}
    for part in text.replace("\n", ",").replace(";", ",").split(","):
        name = one_line(part)
        if len(name) > SKILL_LENGTH:
            raise SkillsUnusableError(name)
        if name:
            named.setdefault(name.casefold(), name)
    if len(named) > MOST_SKILLS:
        raise SkillsUnusableError(text)
    return list(named.values())


@transaction.atomic
def set_skills(*, person: Person, names: Iterable[str], source: str, by: str, now: datetime) -> None:
    """Makes `names` the skills of `person`: new ones are added, those that stay keep who said so, the others go.

    Raises SkillsUnusableError.
    """
    wanted = {name.casefold(): name for name in skills_in("\n".join(names))}
    has = {row.skill.name_key: row for row in person.skills.select_related("skill")}
    added = [key for key in wanted if key not in has]
    dropped = [row for key, row in has.items() if key not in wanted]
    if not added and not dropped:
        return
    Skill.objects.bulk_create([Skill(name=wanted[key], name_key=key) for key in added], ignore_conflicts=True)
    rows = Skill.objects.filter(name_key__in=added).order_by("name_key")
    PersonSkill.objects.bulk_create(
        [PersonSkill(person=person, skill=row, source=source, added_by=by, created_at=now) for row in rows],
        ignore_conflicts=True,
    )
    PersonSkill.objects.filter(pk__in=[row.pk for row in dropped]).delete()
    forget_unused_skills(among=[row.skill_id for row in dropped])
    refresh_search_text(person=person)
    record(
        deed="people.skills_changed",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=person.key,
        details={"added": len(added), "removed": len(dropped)},
    )


def forget_unused_skills(*, among: Iterable[int]) -> None:
    """Deletes those skills that nobody has."""
    Skill.objects.filter(pk__in=list(among), people=None).delete()
