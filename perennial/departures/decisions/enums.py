"""Codes of decisions about a person. What is no code here is no reason: see `NEVER_A_REASON`."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DecisionKind(TextChoices):
    ELIGIBILITY = "eligibility", _("Welcome in the programme")
    REHIRE = "rehire", _("Advice on working here again")


class DecisionOutcome(TextChoices):
    WELCOME = "welcome", _("Welcome")
    LATER = "later", _("Later")
    NOT = "not", _("Not")
    YES = "yes", _("Yes")
    CONDITIONAL = "conditional", _("On conditions")
    NO = "no", _("No")


class DecisionReason(TextChoices):
    GOOD_STANDING = "good_standing", _("Left in good standing")
    CONDUCT = "conduct", _("Conduct that was established and talked over")
    PERFORMANCE = "performance", _("Work that fell short, talked over and written down")
    NOTICE = "notice", _("Left without keeping the notice")
    PROPERTY = "property", _("Things or files of the employer were not returned")
    AGREEMENT = "agreement", _("An agreement with them, or a bar on competition")
    COOL_OFF = "cool_off", _("Time to cool off for both")
    OTHER_WORK = "other_work", _("For other work than before")
    OWN_WISH = "own_wish", _("Their own wish")


class DecisionState(TextChoices):
    PROPOSED = "proposed", _("Waits for a second colleague")
    WITHDRAWN = "withdrawn", _("Withdrawn before anybody approved it")
    DECLINED = "declined", _("Not approved")
    IN_FORCE = "in_force", _("Holds")
    SUPERSEDED = "superseded", _("Replaced by a later decision")
    LIFTED = "lifted", _("Ended early")
    # Its last day is past and somebody should look; it holds no more.
    EXPIRED = "expired", _("Has run out")
    OVER = "over", _("Has run out and was looked at")


OUTCOMES: dict[DecisionKind, tuple[DecisionOutcome, ...]] = {
    DecisionKind.ELIGIBILITY: (DecisionOutcome.WELCOME, DecisionOutcome.LATER, DecisionOutcome.NOT),
    DecisionKind.REHIRE: (DecisionOutcome.YES, DecisionOutcome.CONDITIONAL, DecisionOutcome.NO),
}
# These close a door, if only half: they need a day to look again and an end.
RESTRICTING: tuple[DecisionOutcome, ...] = (
    DecisionOutcome.LATER,
    DecisionOutcome.NOT,
    DecisionOutcome.CONDITIONAL,
    DecisionOutcome.NO,
)
# Who approved: nothing else ever held.
APPROVED: tuple[DecisionState, ...] = (
    DecisionState.IN_FORCE,
    DecisionState.SUPERSEDED,
    DecisionState.LIFTED,
    DecisionState.EXPIRED,
    DecisionState.OVER,
)
# standards.md 5: from none of these does any decision follow, whatever is written beside the code.
NEVER_A_REASON: tuple[str | Promise, ...] = (
    _("sick leave or health"),
    _("parental leave or pregnancy"),
    _("works council or union"),
    _("blowing the whistle"),
    _("a complaint that was made"),
)
