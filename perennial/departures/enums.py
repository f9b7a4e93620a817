"""States of a departure and how long one stands, where people stand, and what came of inviting them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

# A leaver whose last day is longer ago is history: nobody is asked months afterwards.
DAYS_TO_OPEN = 60
# After that the link has run out and the letter of the third month is written or dropped.
DAYS_TO_CLOSE = 120


class DepartureState(TextChoices):
    OPEN = "open", _("Open")
    QUESTION = "question", _("Last day not known")
    CANCELLED = "cancelled", _("Cancelled")
    CLOSED = "closed", _("Closed")


class AudienceMode(TextChoices):
    """How it is said for whom the programme is (requirements PRG-5)."""

    RULE = "rule", _("Everybody who fits a rule")
    LIST = "list", _("People chosen one by one")


class Standing(TextChoices):
    """Where a person stands towards the audience."""

    WELCOME = "welcome", _("Welcome")
    WAITS = "waits", _("Waits")
    EXCLUDED = "excluded", _("Excluded")
    NOT_MEANT = "not_meant", _("Not meant")


class Outcome(TextChoices):
    """What came of inviting somebody who left; the first three reached them, the others say why not."""

    ANSWERED = "answered", _("Answered")
    BY_MAIL = "by_mail", _("Invited by mail")
    ON_PAPER = "on_paper", _("A sheet was handed over")
    DIED = "died", _("Has died")
    CALLED_OFF = "called_off", _("The record says: works here after all")
    TOO_LATE = "too_late", _("We learnt of it after sixty days")
    EXCLUDED = "excluded", _("Excluded")
    DECIDED = "decided", _("Not for now, as was decided")
    AUDIENCE = "audience", _("Not in the audience, or not settled")
    RESTRICTED = "restricted", _("Contact was restricted")
    NOT_YET = "not_yet", _("HR has set a later day, or none yet")
    STAGE = "stage", _("The programme was not live")
    FAILED = "failed", _("The mail could not be delivered")
    NO_ADDRESS = "no_address", _("No address, and no sheet handed over")
    NOT_SENT = "not_sent", _("Nobody has sent it")
