"""The line under Today that says which keys do something."""

from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string

from tests.portal.leavers import sentences


def keys(*items: dict[str, str]) -> str:
    page = render_to_string("web/components/keys.html", {"items": [SimpleNamespace(**item) for item in items]})
    return sentences(page.encode())


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([{"action_url": "/x/"}], "j k move Enter open Keys are on Keys are off"),
        ([{"action_url": "/x/"}, {"later_url": "/y/"}], "j k move Enter open s later Keys are on Keys are off"),
        (
            [{"action_url": "/x/", "done_url": "/y/", "later_url": "/z/"}],
            "j k move Enter open e done s later Keys are on Keys are off",
        ),
    ],
)
def test_only_keys_that_do_something_are_shown(items: list[dict[str, str]], said: str) -> None:
    assert keys(*items).strip() == said
