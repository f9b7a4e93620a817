"""What somebody may ask about their data, how it came, and what became of it."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class RequestKind(TextChoices):
    """The rights of articles 15 to 21 GDPR."""

    COPY = "copy", _("A copy of everything")
    PORTABILITY = "portability", _("A file for another service")
    CORRECTION = "correction", _("A correction")
    RESTRICTION = "restriction", _("To be stored and nothing else")
    NO_MARKETING = "no_marketing", _("No more letters, invitations or calls")
    OBJECTION = "objection", _("An objection, with reasons")
    ERASURE = "erasure", _("To be erased")


# In force the moment they are asked: nobody weighs them, and nobody can refuse them.
AT_ONCE: tuple[RequestKind, ...] = (RequestKind.RESTRICTION, RequestKind.NO_MARKETING)
# As long as one of these waits for its answer nothing is sent (Art. 18(1)(d) and 21(1) GDPR).
PAUSING: tuple[RequestKind, ...] = (RequestKind.OBJECTION, RequestKind.ERASURE)
# Answered by a file that is made without anybody.
BY_FILE: tuple[RequestKind, ...] = (RequestKind.COPY, RequestKind.PORTABILITY)


class RequestState(TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Not done, with a reason")
    TAKEN_BACK = "taken_back", _("Taken back")


class CameBy(TextChoices):
    OWN_PAGE = "own_page", _("On their own page")
    MAIL = "mail", _("By mail")
    LETTER = "letter", _("By letter")
    PHONE = "phone", _("By phone")
    IN_PERSON = "in_person", _("In person")


class Checked(TextChoices):
    """How we made sure who asks. As little as will do: a copy of a passport is never asked for."""

    CODE = "code", _("A code mailed to an address on file")
    ADDRESS_ON_FILE = "address_on_file", _("It came from an address on file")
    CALLED_BACK = "called_back", _("We called back at a number we knew")
    KNOWN = "known", _("A colleague knows them")
    SHOWN = "shown", _("They showed a document, of which nothing was kept")


class Field(TextChoices):
    """What somebody says is wrong."""

    FULL_NAME = "full_name", _("Name in full")
    CALLED = "called", _("What to call you")
    WORK = "work", _("Your time here: days, department, title, how it ended")
    ADDRESSES = "addresses", _("Addresses")
    ELSEWHERE = "elsewhere", _("Work elsewhere, and skills")
    OTHER = "other", _("Something else")


# What is put right by the words as they were asked; the rest a colleague corrects on the record.
APPLIED_AS_ASKED: tuple[Field, ...] = (Field.FULL_NAME, Field.CALLED)

# What it means to ask for each, in the words that the person reads.
SENTENCES: dict[RequestKind, str | Promise] = {
    RequestKind.COPY: _("Everything we hold about you, to read and as data. Ready within minutes."),
    RequestKind.PORTABILITY: _("What you told us of yourself and your work, in a format that other services take in."),
    RequestKind.CORRECTION: _("Say what is wrong. A person looks at it and writes to you."),
    RequestKind.RESTRICTION: _(
        "At once: we keep your data and do nothing else with it. Nobody writes to you, finds you or counts you, "
        "until you say so or we have told you why."
    ),
    RequestKind.NO_MARKETING: _("At once and for good, unless you choose something again yourself."),
    RequestKind.OBJECTION: _("Tell us what speaks against it in your situation. A person weighs it and writes to you."),
    RequestKind.ERASURE: _("Everything we hold about you goes, but for a few keys and codes that name nobody."),
}
