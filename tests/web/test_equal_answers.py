"""Known and unknown get the same answer for the same work: statements, hashes, no mail before the answer has gone."""

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from perennial.accounts.roles import Role
from perennial.kernel.links import path_to
from perennial.kernel.purposes import Intent, Purpose
from perennial.kernel.tokens import LinkPurpose
from perennial.mail.compose import write
from perennial.mail.models import Message
from perennial.people.models import Person
from perennial.web import after, pace
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.portal.leavers import leaver, page_of, sentences

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


@dataclass
class Work:
    """What one request did before its answer went out, and what waits for afterwards."""

    answer: tuple[int, str, str]
    statements: list[str]
    hashes: int
    mails: int
    later: list[Callable[[], None]] = field(default_factory=list)

    def before(self) -> tuple[tuple[int, str, str], list[str], int, int, int]:
        """All that must be the same."""
        return self.answer, self.statements, self.hashes, self.mails, len(self.later)

    def finish(self) -> int:
        """Does what waits; how many mails there are then."""
        for deed in self.later:
            deed()
        return Message.objects.count()


@pytest.fixture(autouse=True)
def _house(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    settings.EMAIL_BACKEND = "perennial.mail.backend.QueueBackend"
    monkeypatch.setattr(pace, "FLOOR_SECONDS", 0)
    programme(owner=colleague())
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield
    cache.clear()


@pytest.fixture
def work_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Work]:
    def work(address: str, form: dict[str, str], *, hide: str = "") -> Work:
        cache.clear()
        Message.objects.all().delete()
        hashes: list[str] = []
        real = MD5PasswordHasher.encode

        def counted(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
            hashes.append(password)
            return real(hasher, password, salt)

        client = Client()
        # A session of its own and everything that is only read once.
        client.get("/account/sign-in/")
        later: list[Callable[[], None]] = []

        def held(_response: HttpResponse, deed: Callable[[], None]) -> None:
            later.append(deed)

        with monkeypatch.context() as patch, CaptureQueriesContext(connection) as queries:
            patch.setattr(MD5PasswordHasher, "encode", counted)
            patch.setattr(pace, "after_answer", held)
            patch.setattr("perennial.portal.leaver.views.after_answer", held)
            response = client.post(address, form)
        text = re.sub(r'value="[^"]*"|nonce="[^"]*"|hx-headers=\'[^\']*\'', "", response.content.decode())
        for secret in filter(None, (hide, address)):
            text = text.replace(secret, "X")
        # The shape of a statement, whatever it is asked for.
        statements = [
            re.sub(r"'(?:[^']|'')*'|\b\d+\b|\bs\d+_x\d+\b|_curs_\d+_sync_\d+", "?", query["sql"]) for query in queries
        ]
        answer = (response.status_code, response.get("Location", ""), text)
        return Work(answer, statements, len(hashes), Message.objects.count(), later)

    return work


def written_to_staff() -> tuple[str, str, str]:
    """The addresses of a colleague, of one who was disabled, and of nobody."""
    return (
        colleague(Role.HR).email,
        colleague(Role.EDITOR, is_active=False).email,
        "nobody@employer.example",
    )


def test_signing_in_does_the_same_for_everybody_who_is_not_let_in(work_of: Callable[..., Work]) -> None:
    known, disabled, unknown = (
        work_of("/account/sign-in/", {"login": email, "password": "wrong"}, hide=email) for email in written_to_staff()
    )
    assert known.before() == unknown.before() == disabled.before()
    assert (known.hashes, known.mails, known.later) == (1, 0, [])


@pytest.mark.parametrize("address", ["/account/sign-in/code/", "/account/password/reset/"])
def test_asking_for_mail_does_the_same_until_the_answer_has_gone(address: str, work_of: Callable[..., Work]) -> None:
    emails = written_to_staff()
    known, disabled, unknown = (work_of(address, {"email": email}, hide=email) for email in emails)
    assert known.before() == unknown.before() == disabled.before()
    assert (known.hashes, known.mails) == (0, 0)
    assert [unknown.finish(), disabled.finish(), known.finish()] == [0, 0, 1]
    assert Message.objects.get().address == emails[0]


def test_asking_for_a_fresh_link_does_the_same_until_the_answer_has_gone(work_of: Callable[..., Work]) -> None:
    known = leaver(ends_on=TODAY, private="alice@home.example")
    unknown = leaver("Bob Jansen", ends_on=TODAY)
    with time_machine.travel(NOW + timedelta(days=100), tick=False):
        first, second = (work_of(page_of(each), {"fresh": "yes"}) for each in (known, unknown))
        assert first.before() == second.before()
        assert (first.mails, len(first.later)) == (0, 1)
        assert [second.finish(), first.finish()] == [0, 1]


def _mail_to(someone: Person) -> Message:
    return write(
        person=someone,
        purpose=Purpose.NEWSLETTER,
        intent=Intent.NEUTRAL,
        subject="News",
        body="News",
        language="en",
        origin="test",
        by="test",
        now=NOW,
    )


@pytest.mark.parametrize("form", [{"List-Unsubscribe": "One-Click"}, {}, {"everything": "yes"}])
def test_unsubscribing_says_the_same_of_whoever_is_unknown(form: dict[str, str], work_of: Callable[..., Work]) -> None:
    """A link whose mail is gone, one that names none, one with another's secret: all are answered alike."""
    message = _mail_to(person(private="alice@home.example"))
    random = message.random
    links = [
        path_to(purpose=LinkPurpose.UNSUBSCRIBE, row=message.pk, random=random),
        path_to(purpose=LinkPurpose.UNSUBSCRIBE, row=10**9, random=random),
        path_to(purpose=LinkPurpose.UNSUBSCRIBE, row=message.pk, random="x" * len(random)),
    ]
    # The first request deletes the mail, as an erasure does.
    gone, none, foreign = (work_of(link, form) for link in links)
    assert gone.before() == none.before() == foreign.before()
    assert (gone.answer[0], gone.hashes, gone.mails) == (200, 0, 0)


def test_unsubscribing_by_one_click_says_the_same_whether_there_was_anything_to_stop(client: Client) -> None:
    message = _mail_to(person(private="alice@home.example"))
    link = path_to(purpose=LinkPurpose.UNSUBSCRIBE, row=message.pk, random=message.random)
    gone = path_to(purpose=LinkPurpose.UNSUBSCRIBE, row=10**9, random=message.random)
    answers = [client.post(address, {"List-Unsubscribe": "One-Click"}) for address in (link, link, gone)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, b"")}


def test_what_comes_after_an_answer_comes_in_its_language_and_its_failure_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said: list[str | None] = []
    response = HttpResponse("done")
    with translation.override("nl"):
        after.after_answer(response, lambda: said.append(translation.get_language()))
        after.after_answer(response, lambda: {}["nothing"])
    assert said == []
    for deed in response._resource_closers:  # type: ignore[attr-defined]
        with contextlib.suppress(KeyError):
            deed()
    assert said == ["nl"]
    assert "What was to be done after an answer failed" in caplog.text
    assert sentences(response.content) == "done"
