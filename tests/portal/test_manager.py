"""The manager's page: their own steps, without an account."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.departures.actions import review_person
from perennial.departures.farewell.actions import skip_step
from perennial.departures.farewell.handing_out import take_over
from perennial.departures.farewell.manager import manager_path
from perennial.departures.farewell.privacy import forget_served
from perennial.departures.models import ChecklistTemplate, Departure, Farewell, FarewellStep
from perennial.departures.relation import leave
from perennial.mail.models import Mailing, Message
from perennial.operate.tick import tick
from perennial.people.actions import correct_stint
from perennial.privacy.actions import erase
from perennial.programme.enums import Stage
from tests.cast import NOW, TODAY, colleague, exclude, person, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_nine() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def departure() -> Departure:
    """Somebody who leaves in ten days with the whole farewell."""
    programme()
    return leaver()


def leaver(name: str = "Alice van Dam") -> Departure:
    someone = person(name, ends_on=TODAY + 10 * DAY, private=f"{name.split()[0].lower()}@home.example")
    review_person(person=someone, now=NOW)
    found = Departure.objects.get(person=someone)
    FarewellStep.objects.filter(departure=found).delete()
    Farewell.objects.filter(departure=found).update(template=ChecklistTemplate.objects.get(code="full"))
    take_over(farewells=Farewell.objects.filter(departure=found).values_list("pk", flat=True))
    return found


def page(departure: Departure) -> str:
    return manager_path(Farewell.objects.get(departure=departure))


def step(departure: Departure, kind: str = "thanks") -> FarewellStep:
    return FarewellStep.objects.get(departure=departure, kind=kind)


@pytest.fixture
def hr(settings: Any) -> Client:
    settings.PERENNIAL_DEMO = True
    client = Client()
    client.force_login(colleague(Role.HR, name="Hanna Visser"))
    return client


def told(hr: Client, departure: Departure, **more: str) -> Any:
    sent = {"email": "Mara@Employer.example", "language": "en", **more}
    return hr.post(f"/departures/{departure.key}/manager/", sent, follow=True)


def test_it_shows_the_name_the_last_day_and_the_managers_own_steps_and_nothing_else(
    client: Client, departure: Departure
) -> None:
    said = sentences(client.get(page(departure)).content)
    assert "Saying goodbye to Alice van Dam" in said
    assert "Alice van Dam: the last day is 24 September 2026." in said
    for words in ("Recommendation on LinkedIn", "Personal thanks from the manager", "Farewell moment with a speech"):
        assert words in said
    for words in ("Exit conversation", "Flowers", "Key ring", "home.example", "resign", "Planner", "consent"):
        assert words not in said
    assert "By 24 September 2026" in said


def test_looking_changes_nothing_and_nobody_keeps_the_page(client: Client, departure: Departure) -> None:
    before = (list(FarewellStep.objects.values()), list(Farewell.objects.values()))
    answer = client.get(page(departure))
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("no-store", "noindex")
    assert client.head(page(departure)).status_code == 200
    assert (list(FarewellStep.objects.values()), list(Farewell.objects.values())) == before


def test_done_not_done_with_the_reason_and_undone(client: Client, departure: Departure) -> None:
    thanks, speech = step(departure), step(departure, "farewell_moment")
    answer = client.post(page(departure), {"step": thanks.pk, "done": "1"}, follow=True)
    assert "Thank you, that is noted." in sentences(answer.content)
    client.post(page(departure), {"step": speech.pk, "not": "1", "reason": "Alice would rather not"})
    settled = FarewellStep.objects.exclude(state="open").order_by("kind").values_list("kind", "state", "settled_by")
    by = f"manager:{departure.key}"
    assert list(settled) == [("farewell_moment", "skipped", by), ("thanks", "done", by)]
    client.post(page(departure), {"step": thanks.pk, "undo": "1"})
    assert step(departure).state == "open"


def test_a_reason_is_asked_for_in_place(client: Client, departure: Departure) -> None:
    answer = client.post(page(departure), {"step": step(departure).pk, "not": "1", "reason": " "})
    assert answer.status_code == 422
    assert "Please say in a few words why not." in sentences(answer.content)
    assert step(departure).state == "open"


def test_a_step_that_is_not_the_managers_is_not_settled_here(client: Client, departure: Departure) -> None:
    bob = leaver("Bob Jansen")
    for foreign in (step(departure, "box"), step(departure, "flowers"), step(bob)):
        answer = client.post(page(departure), {"step": foreign.pk, "done": "1"}, follow=True)
        assert "This step is not on the list any more." in sentences(answer.content)
    client.post(page(departure), {"step": "x; drop", "done": "1"})
    assert not FarewellStep.objects.exclude(state="open").exists()


def test_whoever_comes_second_is_told(client: Client, departure: Departure) -> None:
    client.post(page(departure), {"step": step(departure).pk, "done": "1"})
    answer = client.post(page(departure), {"step": step(departure).pk, "done": "1"}, follow=True)
    assert "Somebody was there before you" in sentences(answer.content)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", "Afscheid nemen van Alice van Dam"),
        ("de", "Abschied von Alice van Dam"),
        ("ru", "Прощание: Alice van Dam"),
    ],
)
def test_it_speaks_four_languages(client: Client, departure: Departure, language: str, words: str) -> None:
    assert words in sentences(client.get(page(departure), {"lang": language}).content)
    programme(language=language)
    assert words in sentences(client.get(page(departure)).content)


def test_the_link_ends_with_the_departure_and_when_it_is_ended(
    client: Client, departure: Departure, hr: Client
) -> None:
    link = page(departure)
    hr.post(f"/departures/{departure.key}/manager/end/")
    assert client.get(link).status_code == 410
    assert client.post(link, {"step": step(departure).pk, "done": "1"}).status_code == 410
    link = page(departure)
    assert client.get(link).status_code == 200
    correct_stint(stint=departure.stint, ends_on=None, by="test", now=NOW)
    review_person(person=departure.person, now=NOW)
    assert client.get(link).status_code == 410
    assert step(departure).state == "open"
    assert client.get(link[:-3] + "x/").status_code == 404


def test_whoever_is_excluded_is_nobodys_to_say_goodbye_to(client: Client, departure: Departure) -> None:
    exclude(departure.person)
    assert client.get(page(departure)).status_code == 410


def test_hr_sends_the_link_once_and_ends_it(departure: Departure, hr: Client, client: Client) -> None:
    answer = told(hr, departure)
    assert "The mail to the manager is on its way." in sentences(answer.content)
    message = Message.objects.get(mailing__origin=f"farewell:manager/{departure.key}")
    assert (message.person, message.address, message.state) == (None, "mara@employer.example", "queued")
    assert (message.mailing.sender_name, message.mailing.reply_to) == ("Hanna Visser", "hr@employer.example")
    content = message.mailing.contents["en"]
    assert content["subject"] == "Saying goodbye to Alice van Dam: your part"
    assert "Dear Mara Smit," in content["body"]
    assert message.link_path == page(departure)
    assert "went to mara@employer.example on 14 September 2026" in sentences(answer.content)
    assert "The manager has the link already." in sentences(told(hr, departure).content)
    assert Message.objects.filter(mailing__origin=f"farewell:manager/{departure.key}").count() == 1
    hr.post(f"/departures/{departure.key}/manager/end/")
    assert Farewell.objects.get().manager_email == ""
    assert client.get(message.link_path).status_code == 410
    told(hr, departure, email="joost@employer.example", language="nl")
    assert Message.objects.get(address="joost@employer.example").language == "nl"


def test_what_cannot_be_sent_is_said(departure: Departure, hr: Client) -> None:
    assert told(hr, departure, email="nobody").status_code == 422
    programme(stage=Stage.PREPARATION)
    assert "nothing leaves the house" in sentences(told(hr, departure).content)
    programme()
    FarewellStep.objects.filter(owner="manager").update(owner="hr")
    assert "No step of this farewell waits for the manager." in sentences(told(hr, departure).content)
    assert not Message.objects.filter(address="mara@employer.example").exists()


def test_the_sheet_has_the_steps_the_days_and_three_sentences(departure: Departure, hr: Client) -> None:
    Farewell.objects.update(manager_language="de")
    answer = hr.get(f"/departures/{departure.key}/manager/sheet/")
    said = sentences(answer.content)
    assert "Persönlicher Dank der Führungskraft, bis 24. September 2026" in said
    assert 'lang="de"' in answer.content.decode()
    assert 'class="qr"' in answer.content.decode()
    assert "Austrittsgespräch" not in said
    exclude(departure.person)
    assert hr.get(f"/departures/{departure.key}/manager/sheet/").status_code == 302


def test_a_manager_who_has_done_everything_gets_no_sheet(departure: Departure, hr: Client) -> None:
    page = f"/departures/{departure.key}/"
    assert f"{page}manager/sheet/" in hr.get(page).content.decode()
    FarewellStep.objects.filter(owner="manager").update(state="done", settled_at=NOW, settled_by="mara")
    assert f"{page}manager/sheet/" not in hr.get(page).content.decode()
    answer = hr.get(f"{page}manager/sheet/", follow=True)
    assert "No step of this farewell waits for the manager." in sentences(answer.content)


def test_the_address_and_the_mails_go_when_the_departure_is_over(departure: Departure, hr: Client) -> None:
    told(hr, departure)
    forget_served(now=NOW)
    assert Farewell.objects.get().manager_email == "mara@employer.example"
    Departure.objects.update(state="closed")
    forget_served(now=NOW)
    assert Farewell.objects.get().manager_email == ""
    assert not Mailing.objects.filter(origin__startswith="farewell:").exists()


def test_erasure_takes_what_was_written_to_the_manager(departure: Departure, hr: Client) -> None:
    told(hr, departure)
    bob = leaver("Bob Jansen")
    told(hr, bob)
    erase(person=departure.person, by="user:1", now=NOW)
    assert not any("Alice" in str(contents) for contents in Mailing.objects.values_list("contents", flat=True))
    assert Mailing.objects.filter(origin=f"farewell:manager/{bob.key}").count() == 1
    assert list(Farewell.objects.values_list("departure", flat=True)) == [bob.pk]


def test_leaving_the_programme_leaves_the_farewell_to_the_manager(client: Client, departure: Departure) -> None:
    """Whoever wants no mail may still be thanked in person."""
    leave(person=departure.person, by="person", now=NOW)
    assert client.get(page(departure)).status_code == 200


def test_what_hr_settled_is_told_without_the_reason_and_is_not_the_managers_to_undo(
    client: Client, departure: Departure
) -> None:
    said = "She asked that the manager keeps away"
    skip_step(step=step(departure, "farewell_moment"), reason=said, by="user:1", now=NOW)
    skip_step(step=step(departure), reason="No time", by=f"manager:{departure.key}", now=NOW)
    shown = client.get(page(departure)).content
    assert said not in sentences(shown)
    assert "No time" in sentences(shown)
    assert shown.count(b'name="undo"') == 1
    client.post(page(departure), {"step": step(departure, "farewell_moment").pk, "undo": "1"})
    client.post(page(departure), {"step": step(departure).pk, "undo": "1"})
    assert (step(departure, "farewell_moment").state, step(departure).state) == ("skipped", "open")


def mails(departure: Departure) -> Any:
    return Message.objects.filter(mailing__origin=f"farewell:manager/{departure.key}")


def test_ending_the_link_takes_the_mails_with_it(departure: Departure, hr: Client) -> None:
    told(hr, departure)
    hr.post(f"/departures/{departure.key}/manager/end/")
    assert not Mailing.objects.filter(origin__startswith="farewell:").exists()


def test_after_an_erasure_no_letter_in_the_audit_trail_names_the_departure(departure: Departure, hr: Client) -> None:
    told(hr, departure)
    written = Event.objects.filter(deed="mail.written")
    assert [event.details for event in written] == [{"origins": {"farewell:manager": 1}}]
    key = departure.key
    erase(person=departure.person, by="user:1", now=NOW)
    assert not Event.objects.filter(details__icontains=key).exists()


def test_a_mail_that_was_just_being_sent_goes_afterwards(departure: Departure, hr: Client) -> None:
    bob, carol = leaver("Bob Jansen"), leaver("Carol Smit")
    for each in (departure, bob, carol):
        told(hr, each)
    Message.objects.filter(mailing__origin__startswith="farewell:").update(state="sending")
    erase(person=departure.person, by="user:1", now=NOW)
    hr.post(f"/departures/{bob.key}/manager/end/")
    assert mails(departure).exists()
    forget_served(now=NOW)
    assert mails(departure).exists()
    Message.objects.filter(state="sending").update(state="sent", not_before=None)
    forget_served(now=NOW)
    assert list(Mailing.objects.values_list("origin", flat=True)) == [f"farewell:manager/{carol.key}"]


def test_erasure_of_a_manager_who_is_on_file_takes_the_address(departure: Departure, hr: Client) -> None:
    told(hr, departure)
    told(hr, leaver("Bob Jansen"), email="joost@employer.example")
    erase(person=person("Mara Smit", private="mara@employer.example"), by="user:1", now=NOW)
    known = Farewell.objects.order_by("pk").values_list("manager_email", "manager_written_at")
    assert list(known) == [("", None), ("joost@employer.example", NOW)]
    assert list(Message.objects.values_list("address", flat=True)) == ["joost@employer.example"]


def test_a_link_that_ended_with_the_departure_does_not_come_back(
    client: Client, departure: Departure, hr: Client
) -> None:
    told(hr, departure)
    link = page(departure)
    for ends_on, status in ((None, "active"), (TODAY + 9 * DAY, "leaving")):
        correct_stint(stint=departure.stint, ends_on=ends_on, status=status, by="test", now=NOW)
        review_person(person=departure.person, now=NOW)
        forget_served(now=NOW)
        assert client.get(link).status_code == 410
    assert client.get(page(departure)).status_code == 200


@pytest.mark.parametrize("excluded", [True, False])
def test_a_mail_in_the_queue_does_not_leave_for_whoever_is_excluded_or_stays(
    departure: Departure, hr: Client, excluded: bool
) -> None:
    told(hr, departure)
    bob = leaver("Bob Jansen")
    told(hr, bob)
    if excluded:
        exclude(departure.person)
    else:
        correct_stint(stint=departure.stint, ends_on=None, status="active", by="test", now=NOW)
    tick(now=NOW + timedelta(minutes=10), worker="test")
    assert not mails(departure).exists()
    assert Farewell.objects.get(departure=departure).manager_written_at is None
    assert [mail.state for mail in mails(bob)] == ["kept"]


def test_what_has_arrived_stays_known_while_somebody_is_excluded(departure: Departure, hr: Client) -> None:
    told(hr, departure)
    tick(now=NOW, worker="test")
    exclude(departure.person)
    tick(now=NOW, worker="test")
    assert [mail.state for mail in mails(departure)] == ["kept"]
    assert Farewell.objects.get().manager_email == "mara@employer.example"
