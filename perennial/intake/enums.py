"""States of an import, what becomes of a row, and the languages we write in."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ImportState(TextChoices):
    UPLOADED = "uploaded", _("Uploaded")
    MAPPING = "mapping", _("Waits for an answer")
    STAGING = "staging", _("Is being compared")
    READY = "ready", _("Ready to apply")
    QUEUED = "queued", _("Waits its turn")
    APPLYING = "applying", _("Is being applied")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Stopped")
    UNDOING = "undoing", _("Is being undone")
    UNDONE = "undone", _("Undone")


# Somebody has to decide; a process is at work; nothing will happen any more.
OPEN = frozenset({ImportState.UPLOADED, ImportState.MAPPING, ImportState.READY})
AT_WORK = frozenset({ImportState.STAGING, ImportState.QUEUED, ImportState.APPLYING, ImportState.UNDOING})
OVER = frozenset({ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED, ImportState.UNDONE})


class Outcome(TextChoices):
    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    SAME = "same", _("Unchanged")
    # The import only adds, or only updates, and this row would do the other. It counts as unchanged.
    LEFT_ALONE = "left_alone", _("Left alone")
    REJECTED = "rejected", _("Not taken in")


class Mode(TextChoices):
    """What an import may do. Adding and updating go by the person: a new period of somebody on file updates them."""

    ADD_AND_UPDATE = "add-and-update", _("Add who is new, update who is on file")
    ADD = "add", _("Only add who is new")
    ONLY_UPDATE = "only-update", _("Only update who is on file")


class EmptyCells(TextChoices):
    """What an empty cell means for the fields that can be emptied (`deciding.CLEARED`)."""

    LEAVE = "leave", _("Leaves what is on file as it is")
    CLEAR = "clear", _("Empties what is on file")


class Match(TextChoices):
    """By what a row was known again."""

    NONE = "none", _("not on file")
    NUMBER = "number", _("employee number")
    ADDRESS = "address", _("e-mail address")
    NAME = "name", _("name and dates")


class Language(StrEnum):
    """In which we write to people."""

    EN = "en"
    NL = "nl"
    DE = "de"
    RU = "ru"
