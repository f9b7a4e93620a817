"""What was said in a conversation, written down question by question behind the wall, and opened again."""

from datetime import datetime

from django.db import transaction

from perennial.audit.actions import record
from perennial.departures.models import ConversationNote, Departure

NOTE_LENGTH = 8000
# What both sides expect of staying in touch, noted beside the questions. It is no consent: that is the leaver's alone.
EXPECTATIONS = ("expects_of_us", "we_said")


@transaction.atomic
def keep_notes(*, departure: Departure, notes: dict[str, str], opened: bool, by: str, now: datetime) -> int:
    """Writes down what was said, by code of the question. Returns how many notes were written or taken away.

    `opened`: whoever writes has read what stood there, so that it is replaced, and what they emptied goes. Else what
    stood there stays, and theirs comes after it. Behind the wall: the caller has asked for READ_EXIT_ANSWERS.
    """
    locked = Departure.objects.select_for_update(of=("self",)).select_related("person").get(pk=departure.pk)
    former = {note.question: note for note in ConversationNote.objects.filter(departure=locked)}
    written = 0
    for question, said in notes.items():
        text, note = said.strip()[:NOTE_LENGTH], former.get(question)
        if note and opened and not text:
            note.delete()
        elif not text or (note and note.text == text):
            continue
        else:
            if note and not opened:
                text = f"{note.text}\n\n{text}"
            ConversationNote.objects.update_or_create(
                departure=locked, question=question, defaults={"text": text, "by": by, "at": now}
            )
        written += 1
    if written:
        record(
            deed="departures.conversation_notes_kept",
            by=by,
            now=now,
            subject_kind="person",
            subject_key=locked.person.key,
            details={"notes": written},
        )
    return written


@transaction.atomic
def open_notes(*, departure: Departure, by: str, now: datetime) -> dict[str, str]:
    """The notes by code of the question. That they were opened, by whom and whose, stands in the audit trail."""
    notes = dict(ConversationNote.objects.filter(departure=departure).values_list("question", "text"))
    record(
        deed="departures.conversation_notes_opened",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=departure.person.key,
        details={"notes": len(notes)},
    )
    return notes
