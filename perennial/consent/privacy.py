"""What is held of what people agreed to, and what stays as proof when a person is erased."""

from django.utils.translation import gettext_lazy as _

from perennial.kernel.privacy import By, Erased, Held, Privacy

HELD = (
    Held(
        model="consent.wording",
        fields={Privacy.NONE: "purpose language version meaning basis text sha256", Privacy.KEY: "id"},
        erased=Erased.NOT_THEIRS,
        why="The sentences people agree to, word for word. They are of everybody and name nobody.",
    ),
    Held(
        model="consent.consentrequest",
        about="person",
        fields={
            Privacy.CONSENT: "language frequency",
            Privacy.RECORD: "requested_at confirmed_at",
            Privacy.SECRET: "random",
            Privacy.KEY: "id person address",
        },
        shown={"address": "address__address"},
        erased=Erased.WITH_PERSON,
        why="What somebody ticked; deleted after seven days where nobody confirmed it from the mailbox.",
        title=_("What you asked for on a page"),
    ),
    Held(
        model="consent.requestedconsent",
        about="request__person",
        fields={Privacy.CONSENT: "purpose channel", Privacy.KEY: "id request wording"},
        shown={"requested_at": "request__requested_at", "text": "wording__text"},
        erased=Erased.WITH_PERSON,
        why="The purposes and ways of such a request, each with the sentence that stood beside it.",
        title=_("What you ticked"),
    ),
    Held(
        model="consent.vouching",
        about="request__person",
        fields={
            Privacy.RECORD: "mailbox_at vouched_at",
            Privacy.SECRET: "random",
            Privacy.KEY: "id request on_file",
        },
        shown={"on_file": "on_file__address", "address": "request__address__address"},
        erased=Erased.WITH_PERSON,
        why="That a new address waits for the word of the one on file; it ends with its request.",
        title=_("Whose word a new address of yours waits for"),
    ),
    Held(
        model="consent.ledgerentry",
        about="person_key",
        by=By.KEY,
        fields={
            Privacy.CONSENT: "purpose channel act means",
            Privacy.RECORD: "at",
            Privacy.COLLEAGUE: "by",
            Privacy.KEY: "id person_key wording",
        },
        shown={"text": "wording__text"},
        erased=Erased.KEPT,
        why="The proof of what was agreed and withdrawn: keys and codes alone, so that it may outlive the record.",
        title=_("What you agreed to, and what you withdrew"),
        rule=_("Proof of consent (Art. 7(1) GDPR): keys and codes show that it was given and withdrawn."),
    ),
    Held(
        model="consent.consentstate",
        about="person",
        fields={
            Privacy.CONSENT: "purpose channel granted meaning",
            Privacy.RECORD: "since",
            Privacy.KEY: "id person entry",
        },
        erased=Erased.WITH_PERSON,
        why="What holds now, so that the door can ask.",
        title=_("What holds now"),
    ),
    Held(
        model="consent.evidence",
        about="person_key",
        by=By.KEY,
        fields={
            Privacy.CONTACT: "ip address",
            Privacy.CONSENT: "kind content",
            Privacy.RECORD: "at expires_on",
            Privacy.KEY: "id person_key request",
        },
        erased=Erased.BY_ABOUT,
        why="What proves an entry, with an end date of its own: where it came from, the mail as sent, the document.",
        title=_("What proves that you agreed"),
    ),
    Held(
        model="consent.proving",
        about="evidence__person_key",
        by=By.KEY,
        fields={Privacy.KEY: "id evidence entry"},
        erased=Erased.BY_ABOUT,
        why="Which entries a piece of evidence proves.",
    ),
    Held(
        model="consent.unwantedtopic",
        about="person",
        fields={Privacy.RECORD: "since", Privacy.KEY: "id person topic"},
        shown={"purpose": "topic__purpose", "topic": "topic__names"},
        erased=Erased.WITH_PERSON,
        why="What somebody would rather not read about.",
        title=_("What you would rather not read about"),
    ),
    Held(
        model="consent.preference",
        about="person",
        fields={
            Privacy.CONSENT: "frequency not_now_until before",
            Privacy.RECORD: "changed_at",
            Privacy.SECRET: "link_random",
            Privacy.KEY: "id person",
        },
        erased=Erased.WITH_PERSON,
        why="How often somebody wants to hear from us.",
        title=_("How often you want to hear from us"),
    ),
)
