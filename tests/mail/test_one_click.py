"""One click as RFC 8058 has it: a mail taken from a mail server's wire, judged and posted by somebody else's code.

`listunsub` reads the fields and makes the request; `http.client` sends it as it is, to the running server: without a
cookie, without following anything.
"""

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPMessage
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from listunsub import OneClickRequest, audit, choose, one_click_request, parse_header
from pytest_django.live_server_helper import LiveServer

from perennial.consent.models import LedgerEntry
from perennial.consent.queries import granted
from perennial.mail.send import send_due
from perennial.people.models import Person
from tests.cast import NOW, programme
from tests.mail.people import agreed, letter
from tests.mail.servers import ScriptedServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice(settings: Any) -> Iterator[Person]:
    """Agreed to two purposes, so that one can be seen to stay."""
    settings.BASE_URL = "https://alumni.employer.example"
    programme()
    return agreed(purposes=["personal", "newsletter"])


def fields_as_sent(server: ScriptedServer) -> tuple[list[str], list[str]]:
    """Both unsubscribe fields of the one mail that came over the wire, each as often as it stands there."""
    send_due(now=NOW, worker="w")
    [delivery] = server.deliveries
    return (
        [str(each) for each in delivery.mail.get_all("List-Unsubscribe", [])],
        [str(each) for each in delivery.mail.get_all("List-Unsubscribe-Post", [])],
    )


def sent(live_server: LiveServer, method: str, request: OneClickRequest) -> tuple[int, HTTPMessage, bytes]:
    """To our server instead of the proxy before it, which ends TLS; else as `request` says."""
    place, asked = urlsplit(live_server.url), urlsplit(request.url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=20)
    try:
        if method == "GET":
            connection.request("GET", asked.path)
        else:
            connection.request(method, asked.path, request.body, request.headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def withdrawals() -> int:
    return LedgerEntry.objects.filter(act="withdrawn").count()


def test_the_fields_as_sent_are_found_in_order(server: ScriptedServer, alice: Person) -> None:
    letter(alice)
    fields, posts = fields_as_sent(server)
    # Signing with DKIM is the mail server's part, so it is not asked for here (docs/operating.md).
    assert audit(fields, posts) == []
    header = parse_header(fields[0], strict=True)
    assert (len(header.https), len(header.mailto)) == (1, 1)
    action = choose(header, posts[0], dkim_verified=True)
    assert action is not None
    assert (action.kind, urlsplit(action.uri).query) == ("one-click", "")


def test_the_judge_can_find_fault(server: ScriptedServer, alice: Person) -> None:
    letter(alice)
    fields, _posts = fields_as_sent(server)
    codes = [each.code for each in audit([fields[0].replace("https:", "http:")], ["One-Click"], dkim_signatures=[])]
    assert codes == ["no-https", "invalid-post", "missing-dkim"]


@pytest.mark.parametrize("form", ["multipart", "urlencoded"])
def test_the_post_of_a_mail_program_stops_the_purpose_and_may_be_repeated(
    server: ScriptedServer, live_server: LiveServer, alice: Person, form: Literal["multipart", "urlencoded"]
) -> None:
    letter(alice)
    fields, _posts = fields_as_sent(server)
    request = one_click_request(parse_header(fields[0]).https[0], form=form)
    # Scanners fetch the address before anybody presses; that changes nothing.
    for _ in range(2):
        status, headers, _body = sent(live_server, "GET", request)
        assert (status, withdrawals()) == (200, 0)
    for _ in range(3):
        status, headers, body = sent(live_server, "POST", request)
        assert (status, body) == (200, b"")
        assert (headers.get_all("Set-Cookie"), headers.get("Location")) == (None, None)
        assert granted(person=alice) == {("newsletter", "email")}
        assert withdrawals() == 1
