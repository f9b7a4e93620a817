"""Codes of the questionnaire, of the review of texts, and of what a closed group says of its people."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class QuestionnaireState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("In use")
    SUPERSEDED = "superseded", _("Former")


class QuestionKind(TextChoices):
    SINGLE = "single", _("One answer of several")
    MULTIPLE = "multiple", _("Several answers")
    SCALE = "scale", _("A number from 0 to 10")
    TEXT = "text", _("A text")


class Review(TextChoices):
    """Where a text stands that may speak of what is nobody's business."""

    WAITS = "waits", _("Waits to be looked at")
    CLEARED = "cleared", _("Fit to be shown among others")
    REDACTED = "redacted", _("Shortened")


class Band(TextChoices):
    """Length of service, in whole years of the stint that ended."""

    UNDER_1 = "under_1", _("Less than a year")
    FROM_1 = "from_1", _("1 to 2 years")
    FROM_3 = "from_3", _("3 to 4 years")
    FROM_5 = "from_5", _("5 to 9 years")
    FROM_10 = "from_10", _("10 years or more")
    UNKNOWN = "unknown", _("Not known")


class Ending(TextChoices):
    """How it ended as the employer records it; level 1 of the taxonomy in standards.md 5 (JOLTS)."""

    QUIT = "quit", _("Left by their own choice")
    DISCHARGE = "discharge", _("Ended by us")
    OTHER = "other", _("Otherwise: retirement, transfer, death")
    UNKNOWN = "unknown", _("Not recorded")
