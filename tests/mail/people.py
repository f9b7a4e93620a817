"""People who agreed, and letters to them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from perennial.consent.actions import grant_request, request_consents
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.compose import write
from perennial.mail.models import Message
from perennial.people.actions import verify_address
from perennial.people.models import Person
from tests.cast import NOW, person


def agreed(
    full_name: str = "Alice van Dam", private: str = "alice@home.example", *, purposes: Iterable[str] = ("personal",)
) -> Person:
    """Somebody with a confirmed private address who agreed to `purposes` by e-mail, at most once a month."""
    someone = person(full_name, private=private)
    address = someone.addresses.get()
    request = request_consents(
        person=someone,
        address=address,
        purposes=purposes,
        channels=["email"],
        frequency="monthly",
        language="nl",
        by="test",
        now=NOW,
    )
    grant_request(request=request, ip=None, by="test", now=NOW)
    verify_address(address=address, by="test", now=NOW)
    return someone


def letter(someone: Person | None, *, now: datetime = NOW, **fields: Any) -> Message:
    """A personal letter in the queue."""
    fields = {
        "purpose": Purpose.PERSONAL,
        "intent": Intent.GIVE,
        "subject": "How are you?",
        "body": "Dear Alice,\n\nhow are you?\n\nMara",
        "language": "en",
        "origin": "test",
        "by": "test",
        "sender_name": "Mara Smit",
        "reply_to": "mara@employer.example",
        **fields,
    }
    return write(person=someone, now=now, **fields)


def letters(count: int, **fields: Any) -> list[Message]:
    """A letter each to `count` people who agreed: person0@home.example and so on."""
    return [letter(agreed(f"Person {at}", f"person{at}@home.example"), **fields) for at in range(count)]


def fresh(message: Message) -> Message:
    return Message.objects.select_related("mailing").get(pk=message.pk)
