"""Log lines hold no secrets."""

import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from perennial.accounts.roles import Role
from perennial.kernel.keys import new_random
from perennial.kernel.links import PATHS, path_to
from perennial.kernel.tokens import LinkPurpose, sign
from perennial.operate.logs import DiscreetFormatter
from tests.cast import colleague, programme


def line(message: str, *args: Any, exc_info: Any = None) -> str:
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, message, args, exc_info)
    return DiscreetFormatter("{message}", style="{").format(record)


@pytest.mark.parametrize("purpose", LinkPurpose)
def test_a_line_names_the_page_and_hides_the_token(purpose: LinkPurpose) -> None:
    path = path_to(purpose=purpose, row=7, random="a-secret-random")
    page = PATHS[purpose].replace("<token>", "(hidden)")
    assert line("%s: %s", "Not Found", f"{path}?lang=nl") == f"Not Found: /{page}?lang=nl"


def test_the_link_to_a_new_password_is_hidden_too() -> None:
    said = line("Not Found: %s", "/account/password/reset/key/7-abc-0123456789/")
    assert said == "Not Found: /account/password/reset/key/(hidden)/"


def test_a_traceback_hides_it_as_well() -> None:
    path = path_to(purpose=LinkPurpose.LEAVER, row=7, random="a-secret-random")
    try:
        raise ValueError(f"<WSGIRequest: GET '{path}'>")
    except ValueError as error:
        said = line("Internal Server Error", exc_info=(ValueError, error, error.__traceback__))
    assert "<WSGIRequest: GET '/leaver/(hidden)/'>" in said
    assert "a-secret-random" not in said.split("Traceback", 1)[1]


def test_a_refused_page_is_one_line_without_a_traceback() -> None:
    try:
        raise PermissionDenied
    except PermissionDenied as error:
        refusal = (PermissionDenied, error, error.__traceback__)
    assert line("Forbidden (Permission denied): %s", "/team/", exc_info=refusal) == (
        "Forbidden (Permission denied): /team/"
    )


@pytest.mark.django_db
def test_django_logs_a_refusal_as_this_formatter_expects(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    programme()
    client.force_login(colleague(Role.LEADERSHIP))
    assert client.get("/team/").status_code == 403
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    assert record.exc_info is not None
    assert "Traceback" not in DiscreetFormatter("{message}", style="{").format(record)


def test_other_addresses_stay_as_they_are() -> None:
    assert line("Not Found: %s", "/people/abc/confirmed/") == "Not Found: /people/abc/confirmed/"


@pytest.mark.parametrize("purpose", LinkPurpose)
def test_a_token_is_hidden_wherever_it_stands(purpose: LinkPurpose) -> None:
    token = sign(purpose=purpose, row=7, random=new_random())
    said = line("could not read %s, asked from https://alumni.example/elsewhere?next=%s", token, token)
    assert said == "could not read (hidden), asked from https://alumni.example/elsewhere?next=(hidden)"


def test_what_a_database_says_of_somebody_is_hidden() -> None:
    said = line('DETAIL:  Key (email)=(fenna@home.example) already exists; "zoë@дом.рф" too, from=a.b+c@d.example.')
    assert said == 'DETAIL:  Key (email)=((address)) already exists; "(address)" too, from=(address).'


def test_versions_and_times_are_no_secrets() -> None:
    said = line("Perennial 0.1.0 on 127.0.0.1:8000 at 2026-09-14T09:00:00.123456+00:00, Python 3.11.7")
    assert said == "Perennial 0.1.0 on 127.0.0.1:8000 at 2026-09-14T09:00:00.123456+00:00, Python 3.11.7"


@pytest.mark.django_db
def test_a_page_that_fails_writes_no_token_password_or_address_into_the_log(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme()
    token = sign(purpose=LinkPurpose.INVITE, row=7, random=new_random())
    address, password = "fenna@home.example", "a-password-that-nobody-may-read"

    def fails(**given: Any) -> None:
        raise ValueError(f"{given} of {address}")

    monkeypatch.setattr("perennial.accounts.queries.invited", fails)
    client.raise_request_exception = False
    assert client.post(f"/welcome/{token}/", {"password": password}).status_code == 500
    formatter = DiscreetFormatter("{message}", style="{")
    plain = "\n".join(logging.Formatter().format(record) for record in caplog.records)
    said = "\n".join(formatter.format(record) for record in caplog.records)
    assert token in plain
    assert address in plain
    assert "ValueError" in said
    assert [secret for secret in (token, address, password) if secret in said] == []


@pytest.mark.django_db
def test_nobody_writes_a_line_of_their_own_into_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    programme()
    client.get("/there-is%0a2026-09-14%20ERROR%20root%20invented/")
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    assert "\n" not in DiscreetFormatter("{message}", style="{").format(record)
