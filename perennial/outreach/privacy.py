"""What is held of who walks which journey."""

from django.utils.translation import gettext_lazy as _

from perennial.kernel.privacy import Erased, Held, Privacy

HELD = (
    Held(
        model="outreach.enrolment",
        about="person",
        fields={Privacy.HISTORY: "journey", Privacy.RECORD: "enrolled_at", Privacy.KEY: "id person departure"},
        erased=Erased.WITH_PERSON,
        why="Which letters somebody is to get around their last day.",
        title=_("Journeys of letters you are on"),
    ),
    Held(
        model="outreach.stepoutcome",
        about="enrolment__person",
        fields={
            Privacy.HISTORY: "step state rule until last_day at",
            Privacy.KEY: "id enrolment message",
        },
        shown={"journey": "enrolment__journey"},
        erased=Erased.WITH_PERSON,
        why="What became of each of them, and the rule that decided.",
        title=_("What became of each letter"),
    ),
)
