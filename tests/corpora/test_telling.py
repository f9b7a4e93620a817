"""Naughty strings through the letter that tells what was changed: into its draft, its mail and its headers."""

from collections import Counter
from email import message_from_bytes, policy

import pytest
from django.db import transaction

from perennial.accounts.models import User
from perennial.departures.models import ThemeAction
from perennial.departures.telling.actions import begin, write_down
from perennial.mail.compose import words
from perennial.mail.models import Message
from perennial.mail.render import render
from tests.cast import NOW, programme
from tests.corpora.naughty import NAUGHTY
from tests.departures.test_telling import BY, done_action, hears, went_out

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_no_text_breaks_a_letter(subtests: pytest.Subtests) -> None:
    carla = programme().owner
    assert carla is not None
    hears("Alice")
    action = done_action()
    for text in NAUGHTY:
        # In the same house for each: nobody has been told anything yet.
        with subtests.test(repr(text)), transaction.atomic():
            sound(text, action, carla)
            transaction.set_rollback(True)


def sound(text: str, action: ThemeAction, carla: User) -> None:
    telling = begin(action_ids=[action.pk], by=carla, now=NOW)
    content = {"subject": f"We did {text}"[:250], "body": f"You said\r\n\r\n{text}"}
    telling = went_out(carla, write_down(key=telling.key, contents={"en": content}, **BY))
    message = Message.objects.select_related("mailing").get(mailing=telling.mailing)
    raw = render(message, reveal=True).as_bytes(boundary="=-x")
    mail = message_from_bytes(raw, policy=policy.default)
    names = [name.lower() for name in mail]
    assert max(Counter(names).values()) == 1
    assert "bcc" not in names
    assert (mail["Subject"], telling.contents["en"]) == (telling.contents["en"]["subject"], words(**content))
    assert not {"\r", "\n"} & set(mail["Subject"])
    assert "\r" not in telling.contents["en"]["body"]
