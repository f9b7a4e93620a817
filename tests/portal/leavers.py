"""A leaver at the door of their page."""

import re
from datetime import timedelta
from typing import Any

from perennial.departures.actions import open_due
from perennial.departures.invitations import link_path
from perennial.departures.models import Departure
from perennial.mail.models import Message
from tests.cast import NOW, TODAY, person, programme


def leaver(full_name: str = "Alice van Dam", **fields: Any) -> Departure:
    """Somebody who leaves in a week, with an open departure, in English unless said otherwise."""
    programme()
    fields.setdefault("language", "en")
    fields.setdefault("ends_on", TODAY + timedelta(days=7))
    someone = person(full_name, **fields)
    open_due(now=NOW)
    return Departure.objects.get(person=someone)


def page_of(departure: Departure) -> str:
    departure.refresh_from_db()
    return link_path(departure)


def confirmation_path(address: str) -> str:
    """The link of the last confirmation mail to `address`."""
    message = Message.objects.filter(address=address, mailing__origin="mail:confirmation").order_by("-pk")[0]
    return message.link_path


def sentences(content: bytes) -> str:
    """What a page says, without its marks."""
    text = re.sub(r"<(script|style|template).*?</\1>", "", content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())
