"""The page of preferences."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from perennial import web
from perennial.consent.actions import grant_request, request_consents
from perennial.consent.models import ConsentRequest, Preference
from perennial.consent.queries import granted, preference_of
from perennial.contact.actions import record_touch
from perennial.contact.enums import Direction, TouchKind
from perennial.kernel.links import path_to
from perennial.kernel.purposes import Purpose
from perennial.kernel.tokens import LinkPurpose, sign
from perennial.mail.models import Message
from perennial.people.actions import add_address, verify_address
from perennial.people.models import Person
from tests.cast import NOW, TODAY, person, programme
from tests.portal.leavers import confirmation_path, sentences

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def alumna(*purposes: str, channels: tuple[str, ...] = ("email",), **fields: Any) -> Person:
    """Alice, who agreed to `purposes` from her private address."""
    programme()
    someone = person(language=fields.pop("language", "en"), **fields)
    address = add_address(
        person=someone, address="alice@home.example", kind="private", source="leaver", given_on=TODAY, now=NOW
    )
    if purposes:
        agree(someone, address, purposes, channels)
    return someone


def agree(someone: Person, address: Any, purposes: tuple[str, ...], channels: tuple[str, ...]) -> None:
    request = request_consents(
        person=someone, address=address, purposes=purposes, channels=channels, language="en", by="test", now=NOW
    )
    grant_request(request=request, ip=None, by="test", now=NOW)
    verify_address(address=address, by="test", now=NOW)


def page_of(someone: Person) -> str:
    row = preference_of(person=someone)
    return path_to(purpose=LinkPurpose.PREFERENCES, row=row.pk, random=row.link_random)


def ticked(*purposes: str, **more: Any) -> dict[str, Any]:
    return {**{f"consent-{purpose}": "yes" for purpose in purposes}, "channel": ["email"], "not_now_until": "", **more}


def at_once(*purposes: str, **more: Any) -> dict[str, Any]:
    """What a switch that saves itself sends: everything but what is typed."""
    sent = ticked(*purposes, **more)
    del sent["not_now_until"]
    return sent


def test_everything_stands_on_one_page(client: Client) -> None:
    someone = alumna("newsletter")
    page = client.get(page_of(someone)).content.decode()
    assert 'name="consent-newsletter" value="yes"' in page or 'name="consent-newsletter"' in page
    assert page.count("checked") == 4  # the news, e-mail, the frequency, the language
    said = sentences(page.encode())
    assert "Your choices, Alice" in said
    assert "Leave entirely" in said
    assert "a•••@h•••.example" in said


def test_what_is_switched_off_ends_at_once(client: Client) -> None:
    someone = alumna("newsletter", "events")
    answer = client.post(page_of(someone), ticked("events"))
    assert answer["Location"] == f"{page_of(someone)}?saved=yes"
    assert granted(person=someone) == {("events", "email")}
    assert Message.objects.count() == 0
    assert "Saved" in sentences(client.get(answer["Location"]).content)


def test_what_is_switched_on_waits_for_the_second_mail(client: Client) -> None:
    someone = alumna("events")
    answer = client.post(page_of(someone), ticked("events", "newsletter"))
    assert answer["Location"] == f"{page_of(someone)}?saved=asked"
    assert granted(person=someone) == {("events", "email")}
    assert "Waits for you to press the button" in sentences(client.get(page_of(someone)).content)
    client.post(confirmation_path("alice@home.example"))
    assert granted(person=someone) == {("events", "email"), ("newsletter", "email")}


def test_saving_again_while_it_waits_sends_no_second_mail_and_keeps_what_waits(client: Client) -> None:
    someone = alumna("events")
    client.post(page_of(someone), ticked("events", "newsletter"))
    client.post(page_of(someone), ticked("events", "newsletter"))
    assert Message.objects.count() == 1
    client.post(page_of(someone), ticked("events", "newsletter", "surveys"))
    assert sorted(ConsentRequest.objects.get(confirmed_at=None).consents.values_list("purpose", flat=True)) == [
        "newsletter",
        "surveys",
    ]


def test_switches_moved_one_by_one_are_confirmed_by_one_mail(client: Client) -> None:
    someone = alumna("events")
    for purposes in (("newsletter",), ("newsletter", "surveys"), ("newsletter", "surveys", "vacancies")):
        client.post(page_of(someone), at_once("events", *purposes), headers=HTMX)
    assert Message.objects.count() == 1
    link = confirmation_path("alice@home.example")
    assert "Tell me about openings" in sentences(client.get(link).content)
    client.post(link)
    assert {purpose for purpose, _channel in granted(person=someone)} == {
        "events",
        "newsletter",
        "surveys",
        "vacancies",
    }


def test_what_is_switched_on_a_day_later_gets_a_mail_of_its_own(client: Client) -> None:
    someone = alumna("events")
    client.post(page_of(someone), at_once("events", "newsletter"), headers=HTMX)
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        client.post(page_of(someone), at_once("events", "newsletter", "surveys"), headers=HTMX)
    assert Message.objects.count() == 2


def test_a_switch_that_saves_itself_leaves_what_is_typed_alone(client: Client) -> None:
    someone = alumna("newsletter")
    client.post(page_of(someone), ticked("newsletter", not_now_until="2027-03-01"))
    answer = client.post(page_of(someone), at_once("newsletter", frequency="monthly"), headers=HTMX)
    page = answer.content.decode()
    preference = Preference.objects.get()
    assert (preference.frequency, preference.not_now_until) == ("monthly", date(2027, 3, 1))
    assert page.count("hx-preserve") == 2
    answer = client.post(page_of(someone), ticked("newsletter"), headers=HTMX)
    # Only the address, which that form did not speak of.
    assert answer.content.decode().count("hx-preserve") == 1


def test_each_control_saves_itself_and_without_script_there_is_a_button(client: Client) -> None:
    someone = alumna("newsletter")
    page = client.get(page_of(someone)).content.decode()
    at_once, typed = page.split('id="at-once"')[1].split('name="private_email"')
    assert 'hx-trigger="change"' in at_once
    for name in ("consent-newsletter", "channel", "frequency", "language"):
        assert f'name="{name}"' in at_once
    assert '<div class="actions no-script"><button class="btn btn-primary">Save</button></div>' in typed
    said = sentences(page.encode())
    assert "What you switch off ends the moment it is saved." in said
    assert said.index("Leave What you got from us") < said.index("News")


def test_what_needs_another_look_is_where_the_browser_goes(client: Client) -> None:
    programme()
    someone = person(language="en")
    for headers in ({}, HTMX):
        answer = client.post(page_of(someone), ticked("newsletter"), headers=headers)
        assert answer.status_code == 422
        field = answer.content.decode().split('name="private_email"')[1].split(">")[0]
        assert "autofocus" in field


def test_what_waits_can_be_dropped(client: Client) -> None:
    someone = alumna("events")
    client.post(page_of(someone), ticked("events", "newsletter"))
    client.post(page_of(someone), ticked("events"))
    assert client.post(confirmation_path("alice@home.example")).status_code == 410
    assert granted(person=someone) == {("events", "email")}


def test_saving_the_page_as_it_is_changes_nothing(client: Client) -> None:
    someone = alumna("newsletter")
    agree(someone, someone.addresses.get(), ("personal",), ("phone",))
    before = granted(person=someone)
    client.post(page_of(someone), ticked("newsletter", "personal", channel=["email", "phone"]))
    assert granted(person=someone) == before
    assert Message.objects.count() == 0


def test_a_channel_taken_away_ends_for_everything(client: Client) -> None:
    someone = alumna("newsletter", "personal", channels=("email", "phone"))
    client.post(page_of(someone), ticked("newsletter", "personal"))
    assert granted(person=someone) == {("newsletter", "email"), ("personal", "email")}


def test_frequency_language_and_pause_hold_at_once(client: Client) -> None:
    someone = alumna("newsletter")
    client.post(page_of(someone), ticked("newsletter", frequency="monthly", language="de", not_now_until="2027-03-01"))
    preference = Preference.objects.get()
    assert (preference.frequency, preference.not_now_until) == ("monthly", date(2027, 3, 1))
    assert Person.objects.get().language == "de"
    client.post(page_of(someone), {"consent-newsletter": "yes", "channel": "email"})
    assert Preference.objects.get().not_now_until == date(2027, 3, 1)
    client.post(page_of(someone), ticked("newsletter"))
    assert Preference.objects.get().not_now_until is None


@pytest.mark.parametrize(
    ("value", "sentence"),
    [("soon", "We could not read this day."), ((TODAY - timedelta(days=1)).isoformat(), "This day has come already.")],
)
def test_a_pause_that_makes_no_sense_is_told(client: Client, value: str, sentence: str) -> None:
    someone = alumna("newsletter")
    answer = client.post(page_of(someone), ticked(not_now_until=value))
    assert (answer.status_code, sentence in sentences(answer.content)) == (422, True)
    assert granted(person=someone) == {("newsletter", "email")}


def test_leaving_takes_one_press(client: Client) -> None:
    someone = alumna("newsletter", "events")
    client.post(page_of(someone), ticked("newsletter", "events", "surveys"))
    answer = client.post(page_of(someone), {"leave": "yes"}, follow=True)
    assert granted(person=someone) == set()
    assert ConsentRequest.objects.filter(confirmed_at=None).count() == 0
    assert "You have left" in sentences(answer.content)


def test_htmx_gets_the_form_alone_and_a_quiet_saved(client: Client) -> None:
    someone = alumna("newsletter")
    answer = client.post(page_of(someone), ticked(), headers=HTMX)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert page.lstrip().startswith('<form id="choices"')
    assert "<html" not in page
    assert "Saved" in sentences(answer.content)
    assert "checked" not in page.split('name="channel"')[0]


def test_what_came_and_why_is_told_without_a_colleagues_notes(client: Client) -> None:
    someone = alumna("newsletter")
    for kind, summary, direction in (
        (TouchKind.MAIL, "News in autumn", Direction.OURS),
        (TouchKind.CALL, "sounded tired", Direction.OURS),
        (TouchKind.NOTE, "wants more pay", Direction.OURS),
    ):
        record_touch(
            person=someone,
            at=NOW,
            direction=direction,
            kind=kind,
            purpose=Purpose.NEWSLETTER,
            origin=f"test:{kind}",
            summary=summary,
        )
    said = sentences(client.get(page_of(someone)).content)
    # Who holds the link may be somebody else: that a mail came, and what for, but none of its words.
    assert "Mail, News" in said
    assert "News in autumn" not in said
    assert "Call, News" in said
    assert "sounded tired" not in said
    assert "wants more pay" not in said
    assert "Agreed to" in said


def test_what_was_agreed_to_and_is_no_longer_offered_can_still_be_ended(client: Client) -> None:
    someone = alumna("surveys")
    programme(purposes=["newsletter"])
    assert 'name="consent-surveys"' in client.get(page_of(someone)).content.decode()
    client.post(page_of(someone), ticked())
    assert granted(person=someone) == set()


def test_other_links_open_nothing(client: Client) -> None:
    someone = alumna("newsletter")
    row = preference_of(person=someone)
    good = page_of(someone).split("/")[2]
    stale = sign(purpose=LinkPurpose.PREFERENCES, row=row.pk, random="x" * 32)
    foreign = sign(purpose=LinkPurpose.UNSUBSCRIBE, row=row.pk, random=row.link_random)
    for wrong in (good[:-1], stale, foreign, "x"):
        assert client.get(f"/preferences/{wrong}/").status_code == 404
        assert client.post(f"/preferences/{wrong}/", {"leave": "yes"}).status_code == 404
    assert granted(person=someone) == {("newsletter", "email")}


def test_the_page_needs_its_own_form() -> None:
    someone = alumna("newsletter")
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(page_of(someone), {"leave": "yes"}).status_code == 403
    assert granted(person=someone) == {("newsletter", "email")}


def test_the_name_of_the_organisation_is_not_broken_in_mid_word() -> None:
    css = (Path(web.__file__).parent / "static/perennial/house.css").read_text(encoding="utf-8")
    assert ".portal-head { flex-wrap: wrap; }" in css
    assert ".portal-head .brand-name { min-width: 0; overflow-wrap: break-word; }" in css


def test_htmx_sets_no_style_attribute_which_our_policy_forbids(client: Client) -> None:
    page = client.get(page_of(alumna())).content.decode()
    assert '"attributesToSettle": ["class"]' in page
