"""What this room itself holds: that somebody was erased, and what people asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _

from perennial.kernel.privacy import By, Erased, Held, Privacy
from perennial.people.models import Person
from perennial.privacy.models import Request

HELD = (
    Held(
        model="privacy.hold",
        about="person",
        fields={
            Privacy.JUDGEMENT: "reason sentence",
            Privacy.RECORD: "ends_on created_at lifted_at",
            Privacy.COLLEAGUE: "owner by",
            Privacy.KEY: "id person",
        },
        erased=Erased.WITH_PERSON,
        why="That retention leaves somebody alone until a day, and why.",
        title=_("Why your data is kept longer"),
    ),
    Held(
        model="privacy.retentionrun",
        fields={
            Privacy.NONE: "state at begins_on policy_version due gone rules ended_at",
            Privacy.COLLEAGUE: "by",
            Privacy.KEY: "id",
        },
        erased=Erased.NOT_THEIRS,
        why="How many of which kind were deleted, when and by which policy. It names nobody.",
    ),
    Held(
        model="privacy.erasure",
        fields={
            Privacy.RECORD: "at kept settled_at",
            Privacy.COLLEAGUE: "by",
            Privacy.KEY: "id person_key marks",
        },
        erased=Erased.KEPT,
        why="That an erasure was carried out, so that it is carried out again after an old backup was put back: a key,"
        " keyed fingerprints and counts.",
        rule=_("To keep somebody erased after a backup was put back (Art. 17, 32 GDPR): a key and keyed fingerprints."),
    ),
    Held(
        model="privacy.request",
        about="person_key",
        by=By.KEY,
        fields={
            Privacy.WORDS: "words",
            Privacy.JUDGEMENT: "answer recipients_told extension_reason",
            Privacy.HISTORY: "kind field came_by checked_by received_on first_due_on due_on state",
            Privacy.RECORD: "asked_at extended_at answered_at lifting_told_at lifted_at",
            Privacy.COLLEAGUE: "noted_by answered_by",
            Privacy.KEY: "id key person person_key",
        },
        erased=Erased.BY_ROOM,
        why="What somebody asked about their data, by when it was to be answered, and what became of it. An erasure"
        " takes the words and leaves kind, days and outcome under the key: the proof that it was done in time.",
        title=_("What you asked about your data"),
    ),
    Held(
        model="privacy.datacopy",
        about="person",
        fields={
            Privacy.RECORD: "ordered_at made_at expires_at",
            Privacy.SECRET: "content",
            Privacy.KEY: "id request person",
        },
        erased=Erased.WITH_PERSON,
        why="The file that answers a request, encrypted, for seven days. A copy holds no copy.",
        title=_("Files we made for you"),
    ),
    Held(
        model="privacy.visit",
        about="person",
        fields={
            Privacy.RECORD: "asked_at opened_at ends_at",
            Privacy.SECRET: "cookie code",
            Privacy.KEY: "id person tries code_until",
        },
        erased=Erased.WITH_PERSON,
        why="That somebody asked for a code to their own page, and until when it is open; a day at most.",
        title=_("Your visits to your own page"),
    ),
)


@contextmanager
def forgetting(*, person: Person) -> Iterator[None]:
    """The words of what was asked and answered; that it was asked, and when it was done, is the proof and stays."""
    asked = Request.objects.filter(person_key=person.key)
    asked.update(words="", answer="", recipients_told="", extension_reason="")
    yield
