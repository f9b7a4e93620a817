"""The journeys, as code one can read: which steps, when, and what is drafted.

A journey is a list of steps relative to the last day. A draft is a proposal for a human, in the leaver's language;
nothing goes out before somebody approved it. Since one may approve without reading, a draft says nothing in anybody's
name that nobody said: it asks and offers, and names the manager only as somebody whom the leaver knows.
"""

from dataclasses import dataclass

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, gettext_noop

from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.compose import in_letter

# A step that could not be done within three weeks is dropped: a late 'two weeks ago' is worse than none.
DAYS_LATE_AT_MOST = 21


@dataclass(frozen=True)
class Step:
    """One moment of a journey: so many days after the last day, with the letter that is drafted."""

    code: str
    days: int
    purpose: Purpose
    intent: Intent
    sentence: str | Promise
    subject: str
    with_manager: str
    without_manager: str


@dataclass(frozen=True)
class Journey:
    code: str
    sentence: str | Promise
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Letter:
    subject: str
    body: str


FAREWELL = Journey(
    code="farewell",
    sentence=gettext_lazy("A personal note two weeks and three months after the last day."),
    steps=(
        Step(
            code="two_weeks",
            days=14,
            purpose=Purpose.PERSONAL,
            intent=Intent.GIVE,
            sentence=gettext_lazy("two weeks since the last day"),
            subject=gettext_noop("How are you, %(called)s?"),
            with_manager=gettext_noop(
                "Dear %(called)s,\n\n"
                "Two weeks have gone by since your last day at %(organisation)s. How are you? I hope the first weeks "
                "of what comes next are good to you.\n\n"
                "If there is anything left that you would have liked to say, to %(manager)s or to us, or something "
                "practical we can help with, just reply to this mail; it reaches me.\n\n"
                "Warm regards,\n%(sender)s"
            ),
            without_manager=gettext_noop(
                "Dear %(called)s,\n\n"
                "Two weeks have gone by since your last day at %(organisation)s. How are you? I hope the first weeks "
                "of what comes next are good to you.\n\n"
                "If there is anything left that you would have liked to say, or something practical we can help "
                "with, just reply to this mail; it reaches me.\n\n"
                "Warm regards,\n%(sender)s"
            ),
        ),
        Step(
            code="three_months",
            days=91,
            purpose=Purpose.PERSONAL,
            intent=Intent.GIVE,
            sentence=gettext_lazy("three months since the last day"),
            subject=gettext_noop("Three months on, %(called)s"),
            with_manager=gettext_noop(
                "Dear %(called)s,\n\n"
                "It is three months since you left %(organisation)s. How are you getting on?\n\n"
                "You need not do anything with this mail. If you feel like it, tell me what you are doing now; and "
                "if I may pass on a greeting, to %(manager)s for instance, say so. The door stays open.\n\n"
                "Warm regards,\n%(sender)s"
            ),
            without_manager=gettext_noop(
                "Dear %(called)s,\n\n"
                "It is three months since you left %(organisation)s. How are you getting on?\n\n"
                "You need not do anything with this mail. If you feel like it, tell me what you are doing now; and "
                "if I may pass on a greeting to somebody here, say so. The door stays open.\n\n"
                "Warm regards,\n%(sender)s"
            ),
        ),
    ),
)

JOURNEYS: tuple[Journey, ...] = (FAREWELL,)


def find_step(*, journey: str, step: str) -> Step:
    """The step by its codes. Raises KeyError when there is none."""
    for known in JOURNEYS:
        for candidate in known.steps:
            if (known.code, candidate.code) == (journey, step):
                return candidate
    raise KeyError((journey, step))


def draft(*, step: Step, language: str, called: str, organisation: str, manager: str, sender: str) -> Letter:
    """The letter proposed for one leaver, in `language`; names the manager where one is known."""
    given = {
        "called": called,
        "organisation": organisation,
        "manager": _as_spoken(manager),
        "sender": sender,
    }
    names = {name: in_letter(text) for name, text in given.items()}
    body = step.with_manager if names["manager"] else step.without_manager
    with translation.override(language):
        return Letter(subject=gettext(step.subject) % names, body=gettext(body) % names)


def _as_spoken(name: str) -> str:
    """'Weiß, Sören', as lists have it, is Sören Weiß in a letter."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}" if comma and given.strip() and "," not in given else name
