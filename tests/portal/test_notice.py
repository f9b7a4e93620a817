"""The privacy notice."""

import pytest
from django.test import Client

from tests.cast import programme
from tests.portal.leavers import leaver, page_of, sentences

pytestmark = pytest.mark.django_db


def test_it_says_in_which_language_it_is_where_that_is_another(client: Client) -> None:
    programme(language="nl", privacy_notice="Wij bewaren wat je ons vertelt.")
    page = client.get("/privacy/", {"lang": "de"}).content.decode()
    assert "in einer Sprache" in page
    assert "Niederländisch" in page
    assert '<div class="letter" lang="nl" dir="auto"><p>Wij bewaren wat je ons vertelt.</p>' in page
    page = client.get("/privacy/", {"lang": "nl"}).content.decode()
    assert "in één taal" not in page


def test_there_is_a_way_back_to_the_page_that_led_there_and_to_no_other_site(client: Client) -> None:
    back = f"{page_of(leaver())}?step=relation"
    answer = client.get("/privacy/", headers={"Referer": f"http://testserver{back}"})
    assert f'<a href="{back}">' in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    for elsewhere in (
        "",
        "https://evil.example/leaver/x/",
        "http://testserver/privacy/",
        "http://testserver//evil.example",
    ):
        answer = client.get("/privacy/", headers={"Referer": elsewhere})
        assert "use the back button" in sentences(answer.content)
        assert "evil" not in answer.content.decode()
