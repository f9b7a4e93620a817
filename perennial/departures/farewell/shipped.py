"""The checklists that come with Perennial, as code one can read; a team changes them as it likes.

Each way of leaving has its own selection and its own tone: retirement needs no flowers at a new employer, a dismissal
nothing festive, and after a death there is no checklist at all (`choosing.py`).
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from perennial.departures.farewell.enums import Anchor, StepKind, StepOwner
from perennial.departures.models import ChecklistStep, ChecklistTemplate
from perennial.people.enums import HowEnded

MANAGER, HR, COORDINATOR = StepOwner.MANAGER, StepOwner.HR, StepOwner.COORDINATOR


@dataclass(frozen=True)
class ShippedStep:
    """So many days after the last day, or after `anchor`. Without `title` it is called as its kind is."""

    kind: StepKind
    owner: StepOwner
    days: int
    anchor: Anchor = Anchor.LAST_DAY
    title: str = ""


@dataclass(frozen=True)
class Shipped:
    code: str
    name: str
    steps: tuple[ShippedStep, ...]
    how_ended: tuple[HowEnded, ...] = ()
    is_default: bool = False


_CONVERSATION = ShippedStep(StepKind.EXIT_CONVERSATION, HR, -7)
_RECOMMENDATION = ShippedStep(StepKind.RECOMMENDATION, MANAGER, -5)
_BOX = ShippedStep(StepKind.BOX, HR, -3)
_THANKS = ShippedStep(StepKind.THANKS, MANAGER, 0)
_MOMENT = ShippedStep(StepKind.FAREWELL_MOMENT, MANAGER, 0)
_KEY_RING = ShippedStep(StepKind.KEY_RING, HR, 0)
_DOOR = ShippedStep(StepKind.DOOR_OPEN, COORDINATOR, 1)
_EVENT = ShippedStep(StepKind.NEXT_EVENT, COORDINATOR, 14)
# Two days ahead, so that they are there in the morning.
_FLOWERS = ShippedStep(StepKind.FLOWERS, COORDINATOR, -2, Anchor.FIRST_DAY)

SHIPPED: tuple[Shipped, ...] = (
    Shipped(
        "starter",
        gettext_noop("To begin with: three steps"),
        (_CONVERSATION, _THANKS, _DOOR),
        is_default=True,
    ),
    Shipped(
        "full",
        gettext_noop("The whole farewell"),
        (_CONVERSATION, _RECOMMENDATION, _BOX, _THANKS, _MOMENT, _KEY_RING, _DOOR, _EVENT, _FLOWERS),
    ),
    Shipped(
        "redundancy",
        gettext_noop("After redundancy"),
        (
            ShippedStep(StepKind.OTHER, HR, 3, Anchor.NOTICE, gettext_noop("Ask what helps in finding the next job")),
            _CONVERSATION,
            _RECOMMENDATION,
            _THANKS,
            # Not at once: first there has to be some distance.
            ShippedStep(StepKind.DOOR_OPEN, COORDINATOR, 30),
            _FLOWERS,
        ),
        (HowEnded.REDUNDANCY,),
    ),
    Shipped(
        "dismissal",
        gettext_noop("After dismissal"),
        (
            ShippedStep(
                StepKind.OTHER,
                HR,
                3,
                Anchor.NOTICE,
                gettext_noop("Explain what comes of papers, reference and pay"),
            ),
            ShippedStep(
                StepKind.EXIT_CONVERSATION, HR, -1, title=gettext_noop("Offer a conversation, with somebody neutral")
            ),
            ShippedStep(StepKind.THANKS, MANAGER, 0, title=gettext_noop("Say goodbye in person, short and honest")),
        ),
        (HowEnded.DISMISSAL,),
    ),
    Shipped(
        "retirement",
        gettext_noop("On retirement"),
        (
            ShippedStep(StepKind.EXIT_CONVERSATION, HR, -14, title=gettext_noop("Conversation about the years here")),
            _BOX,
            _THANKS,
            _MOMENT,
            _KEY_RING,
            _DOOR,
            _EVENT,
        ),
        (HowEnded.RETIREMENT,),
    ),
    Shipped(
        "end-of-contract",
        gettext_noop("At the end of a contract"),
        (_CONVERSATION, _RECOMMENDATION, _THANKS, _DOOR, _FLOWERS),
        (HowEnded.END_OF_CONTRACT,),
    ),
)


def ship_checklists(*, language: str, now: datetime) -> int:
    """Makes the checklists that are not there yet, in `language`. Returns how many. Safe to repeat.

    One that a team has retired or changed stays as they left it.
    """
    there = set(ChecklistTemplate.objects.exclude(code="").values_list("code", flat=True))
    missing = [each for each in SHIPPED if each.code not in there]
    if not missing:
        return 0
    has_default = ChecklistTemplate.objects.filter(is_default=True).exists()
    with translation.override(language):
        made = ChecklistTemplate.objects.bulk_create(
            [
                ChecklistTemplate(
                    code=each.code,
                    name=gettext(each.name),
                    how_ended=[how.value for how in each.how_ended],
                    is_default=each.is_default and not has_default,
                    created_at=now,
                )
                for each in missing
            ]
        )
        ChecklistStep.objects.bulk_create(
            [
                ChecklistStep(
                    template=template,
                    kind=step.kind,
                    title=gettext(step.title) if step.title else "",
                    owner=step.owner,
                    anchor=step.anchor,
                    offset_days=step.days,
                    position=position,
                )
                for template, each in zip(made, missing, strict=True)
                for position, step in enumerate(each.steps)
            ]
        )
    return len(made)
