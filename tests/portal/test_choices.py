"""The page of choices: topics, pauses, what a visit changed, taking it back, and a link in other hands."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from perennial.consent.models import ConsentRequest, Preference, UnwantedTopic
from perennial.consent.queries import granted
from perennial.contact.actions import record_touch, suppress
from perennial.contact.enums import Direction, TouchKind
from perennial.kernel.purposes import Purpose
from perennial.mail.models import Message
from perennial.mail.send import send_due
from perennial.people.actions import add_address
from perennial.people.models import EmailAddress, Person
from perennial.programme.models import Topic
from perennial.programme.topics import add_topic, retire_topic
from tests.cast import NOW, TODAY
from tests.mail.people import fresh, letter
from tests.portal.leavers import confirmation_path, sentences
from tests.portal.test_preferences import HTMX, agree, alumna, at_once, page_of, ticked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def topic(name: str, purpose: Purpose = Purpose.NEWSLETTER) -> Topic:
    return add_topic(purpose=purpose, names={"en": name, "nl": f"{name} (nl)"}, by="test", now=NOW)


def shown(client: Client, someone: Person) -> str:
    found = re.search(r'name="topics-shown" value="([^"]*)"', client.get(page_of(someone)).content.decode())
    return found[1] if found else ""


def unwanted() -> set[int]:
    return set(UnwantedTopic.objects.values_list("topic_id", flat=True))


def test_topics_stand_under_what_was_agreed_to_in_the_readers_language(client: Client) -> None:
    someone = alumna("newsletter")
    topic("Projects")
    topic("Reunions", Purpose.EVENTS)
    retire_topic(topic=topic("Canteen"), by="test", now=NOW)
    said = sentences(client.get(page_of(someone)).content)
    assert "Projects" in said
    assert "Reunions" not in said
    assert "Canteen" not in said
    assert "Projects (nl)" in sentences(client.get(page_of(someone) + "?lang=nl").content)


def test_what_is_unticked_does_not_come_from_then_on_and_what_is_new_does(client: Client) -> None:
    someone = alumna("newsletter")
    projects, people = topic("Projects"), topic("People")
    ids = shown(client, someone)
    new = topic("Something new")
    answer = client.post(
        page_of(someone), ticked("newsletter", **{"topics-newsletter": [str(people.pk)], "topics-shown": ids})
    )
    # It came after the page was opened, so nobody said anything about it.
    assert unwanted() == {projects.pk}
    said = sentences(client.get(answer["Location"]).content)
    assert "Not about: Projects." in said
    for about, state in ((projects, "skipped"), (people, "kept")):
        message = letter(someone, purpose=Purpose.NEWSLETTER, topic=about)
        send_due(now=NOW, worker="w")
        assert (fresh(message).state, fresh(message).skip_rule) == (state, "topics" if state == "skipped" else "")
    client.post(
        page_of(someone),
        ticked(
            "newsletter",
            **{"topics-newsletter": [str(each.pk) for each in (projects, people, new)], "topics-shown": ids},
        ),
    )
    assert unwanted() == set()


def test_a_page_that_showed_no_topics_says_nothing_about_them(client: Client) -> None:
    someone = alumna("newsletter")
    topic("Projects")
    client.post(page_of(someone), ticked("newsletter"))
    assert unwanted() == set()


def test_a_topic_retired_meanwhile_is_passed_over(client: Client) -> None:
    someone = alumna("newsletter")
    gone, stays = topic("Gone"), topic("Stays")
    ids = shown(client, someone)
    retire_topic(topic=gone, by="test", now=NOW)
    answer = client.post(
        page_of(someone), ticked("newsletter", **{"topics-newsletter": [str(gone.pk)], "topics-shown": ids})
    )
    assert (answer.status_code, unwanted()) == (302, {stays.pk})


def test_topics_save_themselves_with_a_script(client: Client) -> None:
    someone = alumna("newsletter")
    projects = topic("Projects")
    sent = at_once("newsletter", **{"topics-shown": str(projects.pk)})
    answer = client.post(page_of(someone), sent, headers=HTMX)
    assert unwanted() == {projects.pk}
    assert "Not about: Projects." in sentences(answer.content)


@pytest.mark.parametrize(
    ("months", "until"), [("3", date(2026, 12, 14)), ("6", date(2027, 3, 14)), ("12", date(2027, 9, 14))]
)
def test_a_pause_takes_one_press_and_so_does_its_end(client: Client, months: str, until: date) -> None:
    someone = alumna("newsletter")
    answer = client.post(page_of(someone), ticked("newsletter", pause=months), follow=True)
    assert Preference.objects.get().not_now_until == until
    assert "Nothing before" in sentences(answer.content)
    assert "Write to me again" in sentences(answer.content)
    # Whatever stands in the field of the day.
    answer = client.post(
        page_of(someone), ticked("newsletter", pause="end", not_now_until=until.isoformat()), follow=True
    )
    assert Preference.objects.get().not_now_until is None
    assert "The pause is over." in sentences(answer.content)
    assert granted(person=someone) == {("newsletter", "email")}


def test_a_pause_lasts_two_years_at_most(client: Client) -> None:
    someone = alumna("newsletter")
    for day, status in (("2028-09-14", 302), ("2028-09-15", 422)):
        assert client.post(page_of(someone), ticked("newsletter", not_now_until=day)).status_code == status
    assert Preference.objects.get().not_now_until == date(2028, 9, 14)


def test_since_when_and_by_whom_is_said(client: Client) -> None:
    said = sentences(client.get(page_of(alumna("newsletter"))).content)
    assert "Agreed to on 14 September 2026, by e-mail." in said
    assert "Employer &amp; Sons Long Street 1" in said
    assert "To have it erased" in said


def test_what_a_visit_changed_is_told_and_taken_back(client: Client) -> None:
    someone = alumna("newsletter", "events")
    projects = topic("Projects")
    before = ticked("newsletter", "events", frequency="quarterly", language="en")
    client.post(page_of(someone), before)
    assert Preference.objects.get().before is None
    answer = client.post(
        page_of(someone),
        ticked("newsletter", frequency="monthly", language="de", pause="3", **{"topics-shown": str(projects.pk)}),
    )
    said = sentences(client.get(answer["Location"] + "&lang=en").content)
    for sentence in (
        "Ended: Gatherings.",
        "Not about: Projects.",
        "How often: At most once a month.",
        "Language: Deutsch.",
        "Nothing before 14 December 2026.",
    ):
        assert sentence in said
    answer = client.post(page_of(someone), {"undo": "yes"})
    assert answer["Location"].endswith("saved=asked")
    preference = Preference.objects.select_related("person").get()
    assert (preference.frequency, preference.not_now_until, preference.person.language) == ("quarterly", None, "en")
    assert unwanted() == set()
    # What ended comes back as everything does: by a button in the mail.
    assert granted(person=someone) == {("newsletter", "email")}
    client.post(confirmation_path("alice@home.example"))
    assert granted(person=someone) == {("newsletter", "email"), ("events", "email")}


def test_a_change_is_taken_back_once_and_within_the_hour(client: Client) -> None:
    someone = alumna("newsletter")
    client.post(page_of(someone), ticked("newsletter", frequency="monthly"))
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert client.post(page_of(someone), {"undo": "yes"})["Location"].endswith("saved=late")
        assert "Take this back" not in sentences(client.get(page_of(someone) + "?saved=yes").content)
    assert Preference.objects.get().frequency == "monthly"
    assert client.post(page_of(someone), {"undo": "yes"})["Location"].endswith("saved=back")
    assert client.post(page_of(someone), {"undo": "yes"})["Location"].endswith("saved=late")
    assert Preference.objects.get().frequency == "quarterly"


def test_leaving_can_be_taken_back_by_confirming_again(client: Client) -> None:
    someone = alumna("newsletter", "events")
    answer = client.post(page_of(someone), {"leave": "yes"}, follow=True)
    assert "Ended: News, Gatherings." in sentences(answer.content)
    client.post(page_of(someone), {"undo": "yes"})
    assert granted(person=someone) == set()
    client.post(confirmation_path("alice@home.example"))
    assert granted(person=someone) == {("newsletter", "email"), ("events", "email")}


def test_taken_back_is_what_held_and_not_every_purpose_by_every_way(client: Client) -> None:
    someone = alumna("newsletter")
    agree(someone, someone.addresses.get(), ("personal",), ("phone",))
    before = granted(person=someone)
    client.post(page_of(someone), {"leave": "yes"})
    assert granted(person=someone) == set()
    client.post(page_of(someone), {"undo": "yes"})
    asked = ConsentRequest.objects.get(confirmed_at=None).consents.values_list("purpose", "channel")
    assert set(asked) == before == {("newsletter", "email"), ("personal", "phone")}


def test_what_was_newly_asked_is_taken_back_before_it_is_confirmed(client: Client) -> None:
    someone = alumna("newsletter")
    client.post(page_of(someone), ticked("newsletter", "events"))
    assert client.post(page_of(someone), {"undo": "yes"})["Location"].endswith("saved=back")
    assert ConsentRequest.objects.filter(confirmed_at=None).count() == 0


SECRETS = [
    # The whole of it: three letters stand in many a random part of a link.
    "van Dam",
    "alice@home.example",
    "alice@employer.example",
    "home.example",
    "News in autumn",
    "+31 6 1",
]
FORMS = [
    {},
    {"leave": "yes"},
    {"undo": "yes"},
    {"link": "fresh"},
    {"pause": "3", "channel": "email", "not_now_until": ""},
    {"consent-newsletter": "yes", "consent-events": "yes", "channel": "email", "not_now_until": ""},
    {"consent-newsletter": "yes", "channel": "email", "private_email": "mallory@home2.example"},
    {"consent-newsletter": "yes", "channel": "email", "not_now_until": "never"},
    {"erase": "yes"},
    {"copy": "yes"},
    {"full_name": "Mallory", "called": "Mallory"},
]


@pytest.mark.parametrize("sent", FORMS)
@pytest.mark.parametrize("language", ["en", "nl", "de", "ru"])
def test_who_holds_somebody_elses_link_learns_and_does_nothing_beyond_their_choices(
    client: Client, sent: dict[str, str], language: str
) -> None:
    """Planted first: a full name, addresses, what a letter said, a colleague's note."""
    someone = alumna("newsletter", full_name="Alice van Dam", language=language)
    add_address(
        person=someone, address="alice@employer.example", kind="business", source="test", given_on=TODAY, now=NOW
    )
    for kind, summary in ((TouchKind.MAIL, "News in autumn"), (TouchKind.CALL, "On +31 6 1")):
        record_touch(
            person=someone,
            at=NOW,
            direction=Direction.OURS,
            kind=kind,
            purpose=Purpose.NEWSLETTER,
            origin=f"test:{kind}",
            summary=summary,
        )
    link = page_of(someone)
    before = (someone.full_name, someone.called, set(EmailAddress.objects.filter(verified_at__isnull=False)))
    path = f"{link}?lang={language}"
    answers = [client.get(path)]
    if sent:
        answers += [client.post(path, sent, follow=True), client.post(path, sent, headers=HTMX)]
        answers += [client.get(path)]
    for answer in answers:
        page = answer.content.decode()
        assert [secret for secret in SECRETS if secret in page] == []
        # Every form of the page leads back to it, and none asks for more than what it shows.
        assert set(re.findall(r'<form[^>]* action="([^"?]*)', page)) <= {link, "/language/", ""}
    someone = Person.objects.get()
    after = (someone.full_name, someone.called, set(EmailAddress.objects.filter(verified_at__isnull=False)))
    assert after == before
    # Whatever was sent goes to the owner; but for the confirmation at a new address, which alone grants nothing.
    to = set(Message.objects.values_list("address", flat=True))
    assert to <= {"alice@home.example", "mallory@home2.example"}
    if "private_email" in sent:
        client.post(confirmation_path("mallory@home2.example"))
        message = letter(someone, purpose=Purpose.NEWSLETTER)
        send_due(now=NOW, worker="w")
        assert fresh(message).address in ("alice@home.example", "")


def test_a_fresh_link_goes_to_the_address_on_file_and_ends_the_old_one(client: Client) -> None:
    someone = alumna("newsletter", language="nl")
    old = page_of(someone)
    answer = client.post(f"{old}?lang=en", {"link": "fresh"})
    said = sentences(answer.content)
    assert answer.status_code == 200
    assert "a•••@h•••.example" in said
    new = page_of(someone)
    assert new != old
    message = Message.objects.get()
    assert (message.address, message.language, message.link_path) == ("alice@home.example", "nl", new)
    assert new not in answer.content.decode()
    assert client.get(old).status_code == 404
    assert client.post(old, {"leave": "yes"}).status_code == 404
    assert client.get(new).status_code == 200
    assert granted(person=someone) == {("newsletter", "email")}


def test_without_an_address_that_works_the_link_stays_as_it_is(client: Client) -> None:
    someone = alumna("newsletter")
    suppress(address="alice@home.example", reason="bounce", now=NOW)
    link = page_of(someone)
    answer = client.post(link, {"link": "fresh"})
    assert (answer.status_code, Message.objects.count()) == (422, 0)
    assert "this link stays as it is" in sentences(answer.content)
    assert page_of(someone) == link


def test_fresh_links_fill_nobodys_mailbox(client: Client) -> None:
    someone = alumna("newsletter")
    for _ in range(7):
        client.post(page_of(someone), {"link": "fresh"})
    assert Message.objects.count() == 5
    assert client.get(page_of(someone)).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_topics_cost_the_page_no_more_statements_for_many(
    client: Client, django_assert_max_num_queries: object, count: int
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    someone = alumna("newsletter")
    for at in range(count):
        topic(f"Topic {at}")
    client.get(page_of(someone))
    with CaptureQueriesContext(connection) as queries:
        client.get(page_of(someone))
    assert len(queries) == STATEMENTS


STATEMENTS = 29
