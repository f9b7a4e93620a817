"""What is held of mail. A letter to one person is a mailing of its own; what many got names nobody."""

from django.utils.translation import gettext_lazy as _

from perennial.kernel.privacy import Erased, Held, Privacy

HELD = (
    Held(
        model="mail.mailing",
        about="messages__person",
        fields={
            Privacy.HISTORY: "purpose intent origin automatic answer contents",
            Privacy.OTHERS: "sender_name reply_to",
            Privacy.COLLEAGUE: "created_by",
            Privacy.RECORD: "created_at frozen_at",
            Privacy.KEY: "id key topic",
        },
        shown={"topic": "topic__names"},
        erased=Erased.BY_ROOM,
        why="The words of a letter. One that nobody's message is of any more goes with the last of them; what was told"
        " to many about changes names nobody and stays.",
        title=_("Letters to you"),
    ),
    Held(
        model="mail.message",
        about="person",
        fields={
            Privacy.IDENTITY: "recipient_name",
            Privacy.CONTACT: "address",
            Privacy.HISTORY: "language state skip_rule done_at",
            Privacy.RECORD: "created_at not_before attempts uncertain last_error",
            Privacy.SECRET: "link_path random",
            Privacy.KEY: "id mailing person priority leased_by handed_over message_id",
        },
        shown={"purpose": "mailing__purpose"},
        erased=Erased.WITH_PERSON,
        why="Who gets a letter, where it went, and what became of it. Mail to colleagues has no person and names none.",
        title=_("What became of letters to you"),
    ),
    Held(
        model="mail.lease",
        fields={Privacy.NONE: "until", Privacy.KEY: "id holder begun"},
        erased=Erased.NOT_THEIRS,
        why="A worker's hold on messages, by their ids, gone within minutes.",
    ),
)
