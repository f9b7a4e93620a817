"""What the employer adds to the register and the impact assessment in its own words: versions; the latest holds."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from perennial.audit.actions import record
from perennial.programme.enums import Section
from perennial.programme.models import Addition
from perennial.programme.units import hold_structure

LONGEST = 10_000


class AdditionTooLongError(ValueError):
    """More than ten thousand characters."""


@transaction.atomic
def add_words(*, section: str, text: str, by: str, now: datetime) -> Addition | None:
    """Writes a new version of what is added to `section`; empty takes it away, and what stands already changes nothing.

    Returns the version, or None. Raises AdditionTooLongError, and ValueError for a section that there is not.
    """
    where, words = Section(section), "\n".join(text.strip().splitlines())
    if len(words) > LONGEST:
        raise AdditionTooLongError
    # One after the other, so that each sees what the one before wrote.
    hold_structure()
    former = Addition.objects.filter(section=where).order_by("-pk").first()
    if words == (former.text if former else ""):
        return None
    row = Addition.objects.create(section=where, text=words, by=by, at=now)
    record(
        deed="programme.register_words_changed",
        by=by,
        now=now,
        subject_kind="programme",
        subject_key="1",
        details={"section": where.value, "characters": len(words)},
    )
    return row


def words_now() -> dict[str, Addition]:
    """What is added now, by section; sections to which nothing is added are left out. One query."""
    newest = Addition.objects.order_by().values("section").annotate(newest=Max("pk")).values("newest")
    return {row.section: row for row in Addition.objects.filter(pk__in=newest).exclude(text="")}


def versions(*, section: str) -> QuerySet[Addition]:
    """Everything that was ever added to `section`, the newest first."""
    return Addition.objects.filter(section=section).order_by("-pk")
