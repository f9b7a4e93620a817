"""Verdicts, kinds of touch and kinds of restriction."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Verdict(TextChoices):
    YES = "yes", _("yes")
    LATER = "later", _("later")
    NO = "no", _("no")


class Direction(TextChoices):
    OURS = "ours", _("From us")
    THEIRS = "theirs", _("From them")


class TouchKind(TextChoices):
    MAIL = "mail", _("Mail")
    CALL = "call", _("Call")
    MEETING = "meeting", _("Meeting")
    HANDED_OVER = "handed_over", _("Invitation handed over")
    EXIT_ANSWERS = "exit_answers", _("Exit questionnaire answered")
    RELATION_ANSWERED = "relation_answered", _("Said what we may do")
    ADDRESS_CONFIRMED = "address_confirmed", _("Address confirmed")
    PREFERENCES = "preferences", _("Preferences changed")
    NOTE = "note", _("Note")
    GIFT = "gift", _("Gift")


class RestrictionKind(TextChoices):
    EXCLUSION = "exclusion", _("Excluded from the programme")
    RESTRICTION = "restriction", _("Contact restricted")
    TEST_GROUP = "test_group", _("Member of the test group")
    # Written by the house from the rule that people set, never by hand (departures/audience).
    AUDIENCE = "audience", _("Not in the audience")
    # Written from what two colleagues decided about a person, never by hand (departures/decisions).
    DECISION = "decision", _("Decided about this person")
    # Written from what the person asked, and lifted when they agree to something anew (privacy/rights).
    OBJECTION = "objection", _("Wants no letters and no invitations")


class RestrictionReason(TextChoices):
    """Why somebody decided so. Codes only; the door never shows them (requirements PRG-5, CON-4)."""

    MISCONDUCT = "misconduct", _("Misconduct")
    CONFLICT = "conflict", _("Conflict")
    UNETHICAL_CONDUCT = "unethical_conduct", _("Unethical conduct")
    UNDERPERFORMANCE = "underperformance", _("Underperformance")
    COOL_OFF = "cool_off", _("Time to cool off")
    AGREEMENT = "agreement", _("An agreement or a competitor")
    OWN_WISH = "own_wish", _("Asked for it")
    TRYING_OUT = "trying_out", _("Takes part in trying out")
    NOT_MEANT = "not_meant", _("The programme is meant for others")
    WAITS = "waits", _("Not settled yet")
    DECIDED_NOT = "decided_not", _("Decided: not for now")
    DECIDED_LATER = "decided_later", _("Decided: later")
    OTHER = "other", _("Otherwise")


# For these, and for nothing else, a colleague may exclude somebody (requirements PRG-5).
EXCLUSION_REASONS: tuple[RestrictionReason, ...] = (
    RestrictionReason.MISCONDUCT,
    RestrictionReason.CONFLICT,
    RestrictionReason.UNETHICAL_CONDUCT,
    RestrictionReason.UNDERPERFORMANCE,
)
# What the house writes by itself; nobody chooses it in a form.
AUDIENCE_REASONS: tuple[RestrictionReason, ...] = (RestrictionReason.NOT_MEANT, RestrictionReason.WAITS)
DECISION_REASONS: tuple[RestrictionReason, ...] = (RestrictionReason.DECIDED_NOT, RestrictionReason.DECIDED_LATER)
# What follows from something that stands elsewhere, and is changed there.
FOLLOWING_KINDS: tuple[RestrictionKind, ...] = (
    RestrictionKind.AUDIENCE,
    RestrictionKind.DECISION,
    RestrictionKind.OBJECTION,
)


class SuppressionScope(TextChoices):
    MAIL = "mail", _("Mail does not arrive")
    ERASED = "erased", _("Erased on request")
