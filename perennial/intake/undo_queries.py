"""What undoing an import would do, and what it did: in numbers, in sentences, and the first that stays one by one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perennial.intake.columns import LABELS, Field
from perennial.intake.depending import REASONS, made_by
from perennial.intake.enums import ImportState
from perennial.intake.models import ImportRun
from perennial.intake.undoing import Taken, counted, look_at
from perennial.people.models import Person

# Files and rejected rows of imports that are over hold personal data; so long they can be fetched, and the import can
# be undone.
KEPT_FOR = timedelta(days=30)
SHOWN_LEFT = 50


@dataclass(frozen=True, slots=True)
class LeftLine:
    """Of whom what stays as it is, and why. `full_name` is empty where the person was erased since."""

    full_name: str
    person_key: str
    what: str
    why: str | Promise


@dataclass(frozen=True, slots=True)
class UndoLook:
    """What undoing takes away and gives back, and what stays: in sentences, and the first of it one by one."""

    taken: Taken
    sentences: list[str]
    left: list[LeftLine]
    more: int


def undoable(*, now: datetime) -> Q:
    """Imports that wrote something and are over, for thirty days."""
    over = Q(state__in=[ImportState.DONE, ImportState.CANCELLED], finished_at__gt=now - KEPT_FOR, undone_by="")
    return over & (Q(created__gt=0) | Q(updated__gt=0))


def can_undo(run: ImportRun, *, now: datetime) -> bool:
    return ImportRun.objects.filter(undoable(now=now), pk=run.pk).exists()


def last_undoable(*, now: datetime) -> str:
    """The key of the import that wrote last and can be undone; empty where there is none."""
    runs = ImportRun.objects.filter(undoable(now=now)).order_by("-finished_at", "-pk")
    return runs.values_list("key", flat=True).first() or ""


def undo_look(run: ImportRun) -> UndoLook:
    """What undoing `run` would do now."""
    batches = list(run.batches.order_by("number"))
    run_made = made_by(batches)
    taken, left = Taken(), []
    for batch in batches:
        undoing = look_at(batch, run_made=run_made)
        taken += undoing.taken
        left += undoing.left
    return _told(taken, left)


def undo_result(run: ImportRun) -> UndoLook:
    """What undoing `run` did."""
    left = run.left_standing.order_by("pk").values_list("person_ref", "what", "reason")
    return _told(Taken(**run.undone), list(left))


def _told(taken: Taken, left: list[tuple[int, str, str]]) -> UndoLook:
    sentences = [
        _("%(what)s: %(why)s.") % {"what": _what_of_many(what, count), "why": REASONS[reason]}
        for (what, reason), count in sorted(counted(left).items(), key=lambda item: (-item[1], item[0]))
    ]
    shown = left[:SHOWN_LEFT]
    people = Person.objects.filter(pk__in=[person for person, *_rest in shown])
    named = {pk: (full_name, key) for pk, full_name, key in people.values_list("pk", "full_name", "key")}
    lines = [
        LeftLine(*named.get(person, ("", "")), what=_what_of_one(what), why=REASONS[reason])
        for person, what, reason in shown
    ]
    return UndoLook(taken, sentences, lines, len(left) - len(lines))


def _what_of_many(what: str, count: int) -> str:
    sentences = {
        "person": ngettext("%(count)d person stays", "%(count)d people stay", count),
        "stint": ngettext("A period of %(count)d person stays", "A period of %(count)d people stays", count),
        "address": ngettext("An address of %(count)d person stays", "An address of %(count)d people stays", count),
    }
    other = ngettext(
        "%(field)s of %(count)d person stays as it is", "%(field)s of %(count)d people stays as it is", count
    )
    return sentences.get(what, other) % {"count": count, "field": _what_of_one(what)}


def _what_of_one(what: str) -> str:
    words: dict[str, str | Promise] = {
        "person": _("the whole record"),
        "stint": _("a period"),
        "address": _("an address"),
        "source": _("Where it comes from"),
        "given_on": LABELS[Field.PRIVATE_EMAIL_GIVEN_ON],
    }
    return str(words[what] if what in words else LABELS[Field(what)])
