"""Log lines hold no secrets."""

import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from perennial.accounts.roles import Role
from perennial.kernel.links import PATHS, path_to
from perennial.kernel.tokens import LinkPurpose
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
