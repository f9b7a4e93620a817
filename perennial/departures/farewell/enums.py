"""What a step of a farewell is, who owes it, from which day it is reckoned, and where it stands."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class StepKind(TextChoices):
    EXIT_CONVERSATION = "exit_conversation", _("Exit conversation")
    THANKS = "thanks", _("Personal thanks from the manager")
    FAREWELL_MOMENT = "farewell_moment", _("Farewell moment with a speech")
    RECOMMENDATION = "recommendation", _("Recommendation on LinkedIn")
    BOX = "box", _("Farewell box with personal things")
    NEXT_EVENT = "next_event", _("Invitation to the next gathering")
    DOOR_OPEN = "door_open", _("A note that the door stays open")
    FLOWERS = "flowers", _("Flowers for the first day elsewhere")
    KEY_RING = "key_ring", _("Key ring to take along")
    OTHER = "other", _("Something else")


# Something that is handed over or sent: it stands in the history of contact, once for each occasion.
GIFTS: tuple[StepKind, ...] = (StepKind.FLOWERS, StepKind.BOX, StepKind.KEY_RING)
# What a leaver will remember. The rest, a laptop handed in for instance, is administration.
PERSONAL: tuple[StepKind, ...] = tuple(kind for kind in StepKind if kind is not StepKind.OTHER)


class StepOwner(TextChoices):
    MANAGER = "manager", _("Manager")
    HR = "hr", _("HR")
    COORDINATOR = "coordinator", _("Coordinator")


class Anchor(TextChoices):
    """From which day a step is reckoned."""

    NOTICE = "notice", _("The day we learnt of it")
    LAST_DAY = "last_day", _("The last day")
    FIRST_DAY = "first_day", _("The first day elsewhere")


class StepState(TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    SKIPPED = "skipped", _("Skipped")
