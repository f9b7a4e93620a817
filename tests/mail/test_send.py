"""The door is asked again when a message is sent; what it says is done, for each person apart."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from perennial.consent.actions import change_preferences, withdraw
from perennial.consent.enums import Means
from perennial.contact.actions import restrict, suppress
from perennial.contact.enums import RestrictionKind
from perennial.contact.models import Touch
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail import asking, send
from perennial.mail.actions import send_test
from perennial.mail.enums import Priority
from perennial.mail.models import Lease, Mailing, Message
from perennial.mail.queries import how_many_due, outbox, skipped, stuck
from perennial.mail.queue import approve
from perennial.mail.send import send_due
from perennial.people.models import Person
from perennial.programme.enums import Stage
from tests.cast import NOW, TODAY, exclude, person, programme
from tests.mail.people import agreed, fresh, letter, letters
from tests.mail.servers import ScriptedServer

pytestmark = pytest.mark.django_db
NIGHT = NOW.replace(hour=20)


@pytest.fixture(autouse=True)
def _live() -> None:
    programme()


def test_kept_mail_is_the_same_as_sent_but_nothing_leaves() -> None:
    message = letter(agreed())
    report = send_due(now=NOW, worker="w")
    assert (report.kept, report.sent, report.handled) == (1, 0, 1)
    held = fresh(message)
    assert (held.state, held.address, held.done_at, held.not_before) == ("kept", "alice@home.example", NOW, None)
    assert list(Touch.objects.filter(kind="mail").values_list("origin", "summary", "purpose", "channel")) == [
        (f"message:{message.pk}", "How are you?", "personal", "email")
    ]
    assert Lease.objects.count() == 0


def test_a_withdrawn_consent_stops_a_queued_mail(server: ScriptedServer) -> None:
    someone = agreed()
    message = letter(someone)
    withdraw(person=someone, means=Means.PREFERENCES, by="test", now=NOW)
    report = send_due(now=NOW, worker="w")
    assert report.skipped == {"consent": 1}
    assert (fresh(message).state, fresh(message).skip_rule) == ("skipped", "consent")
    assert server.deliveries == []
    assert Touch.objects.filter(kind="mail").count() == 0
    assert list(skipped()) == [message]


def test_each_is_decided_for_itself() -> None:
    ann, bob, cor, dee = (agreed(name, f"{name}@home.example") for name in ("ann", "bob", "cor", "dee"))
    for each in (ann, bob, cor, dee):
        letter(each)
    exclude(bob)
    suppress(address="cor@home.example", reason="bounce", now=NOW)
    change_preferences(person=dee, not_now_until=TODAY + timedelta(days=10), by="test", now=NOW)
    report = send_due(now=NOW, worker="w")
    assert (report.kept, report.skipped, report.postponed) == (1, {"excluded": 1, "suppressed": 1}, 1)
    assert dict(Message.objects.values_list("recipient_name", "state")) == {
        "ann": "kept",
        "bob": "skipped",
        "cor": "skipped",
        "dee": "queued",
    }


def test_at_night_mail_waits_for_the_morning_and_then_goes() -> None:
    message = letter(agreed(), now=NIGHT)
    assert send_due(now=NIGHT, worker="w").postponed == 1
    held = fresh(message)
    assert (held.state, held.skip_rule) == ("queued", "quiet_hours")
    assert held.not_before is not None
    assert held.not_before > NIGHT
    assert how_many_due(now=NIGHT) == 0
    assert send_due(now=held.not_before, worker="w").kept == 1
    assert fresh(message).skip_rule == ""


def test_two_letters_to_one_person_do_not_slip_through_together() -> None:
    someone = agreed()
    one, other = letter(someone), letter(someone)
    report = send_due(now=NOW, worker="w")
    assert (report.kept, report.postponed) == (1, 1)
    assert fresh(one).state == "kept"
    assert (fresh(other).state, fresh(other).skip_rule) == ("queued", "frequency")


def test_in_preparation_nothing_leaves_but_test_mail(server: ScriptedServer) -> None:
    programme(Stage.PREPARATION)
    letter(agreed())
    letter(person("Bob", private="bob@home.example"), purpose=Purpose.SERVICE)
    send_test(to="carla@employer.example", by="user:1", now=NOW)
    report = send_due(now=NOW, worker="w")
    assert (report.sent, report.skipped) == (1, {"stage": 2})
    assert [each.recipient for each in server.deliveries] == ["carla@employer.example"]


def test_a_mail_with_an_address_of_its_own_goes_there_and_the_door_is_asked_for_the_rest() -> None:
    someone = person(private="alice@home.example")
    message = letter(someone, purpose=Purpose.SERVICE, address="other@home.example")
    assert send_due(now=NOW, worker="w").kept == 1
    assert fresh(message).address == "other@home.example"
    restrict(person=someone, kind=RestrictionKind.RESTRICTION, reason="article18", starts_on=TODAY, by="t", now=NOW)
    stopped = letter(someone, purpose=Purpose.SERVICE, address="other@home.example")
    assert send_due(now=NOW, worker="w").skipped == {"restricted": 1}
    assert fresh(stopped).state == "skipped"


def test_what_needs_consent_and_lost_its_person_does_not_go() -> None:
    message = letter(None, purpose=Purpose.SERVICE, address="carla@employer.example")
    Mailing.objects.filter(pk=message.mailing_id).update(purpose=Purpose.NEWSLETTER)
    assert send_due(now=NOW, worker="w").skipped == {asking.NO_PERSON: 1}


def test_when_the_door_cannot_answer_nothing_is_sent_and_everything_goes_back(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DoorBrokenError(Exception):
        pass

    def broken(**_: object) -> None:
        raise DoorBrokenError

    messages = letters(3)
    monkeypatch.setattr(asking, "decide", broken)
    with pytest.raises(DoorBrokenError):
        send_due(now=NOW, worker="w")
    assert server.deliveries == []
    assert {(fresh(each).state, fresh(each).leased_by, fresh(each).not_before) for each in messages} == {
        ("queued", "", NOW)
    }
    assert Lease.objects.count() == 0
    monkeypatch.undo()
    assert send_due(now=NOW, worker="w").handled == 3


def test_a_person_the_door_says_nothing_about_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    letter(agreed())
    monkeypatch.setattr(asking, "decide", lambda **_: [])
    assert send_due(now=NOW, worker="w").skipped == {asking.NO_PERSON: 1}


def test_a_message_that_cannot_be_rendered_fails_alone(server: ScriptedServer) -> None:
    people = [agreed(name, f"{name}@home.example") for name in ("ann", "bob", "cor")]
    _, poisoned, _ = (letter(each) for each in people)
    Mailing.objects.filter(pk=poisoned.mailing_id).update(contents={"en": {"subject": "no body"}})
    report = send_due(now=NOW, worker="w")
    assert (report.sent, report.failed) == (2, 1)
    assert fresh(poisoned).state == "failed"
    assert "cannot be made into a mail" in fresh(poisoned).last_error
    assert list(stuck(now=NOW)) == [poisoned]
    assert list(stuck(now=NOW + timedelta(days=15))) == []


def test_urgent_mail_goes_first_then_in_turn(server: ScriptedServer) -> None:
    ordinary = [letter(agreed(f"{at}", f"{at}@home.example")) for at in range(2)]
    send_test(to="carla@employer.example", by="user:1", now=NOW)
    assert [each.priority for each in ordinary] == [Priority.ORDINARY] * 2
    send_due(now=NOW, worker="w")
    assert [each.recipient for each in server.deliveries] == [
        "carla@employer.example",
        "0@home.example",
        "1@home.example",
    ]


def test_a_limit_and_a_purpose_are_kept_to() -> None:
    letters(3)
    letter(person("Bob", private="bob@home.example"), purpose=Purpose.SERVICE)
    assert send_due(now=NOW, worker="w", limit=2).kept == 2
    assert send_due(now=NOW, worker="w", purpose="service").kept == 1
    assert send_due(now=NOW, worker="w").kept == 1
    assert send_due(now=NOW, worker="w").handled == 0


def test_drafts_and_what_was_put_aside_stay_where_they_are() -> None:
    draft = letter(agreed(), state="draft")
    assert send_due(now=NOW, worker="w").handled == 0
    assert list(outbox()) == []
    approve(message_ids=[draft.pk], by="user:1", now=NOW)
    assert send_due(now=NOW, worker="w").kept == 1
    assert list(outbox()) == [draft]
    assert list(outbox(state="kept", purpose="personal")) == [draft]
    assert list(outbox(state="sent")) == []


def test_asked_to_stop_a_worker_gives_back_what_it_has_not_begun(server: ScriptedServer) -> None:
    letters(5)
    report = send_due(now=NOW, worker="w", stopping=lambda: len(server.deliveries) >= 2)
    assert (report.sent, len(server.deliveries)) == (2, 2)
    assert list(Message.objects.order_by("pk").values_list("state", "leased_by")) == [
        ("sent", ""),
        ("sent", ""),
        ("queued", ""),
        ("queued", ""),
        ("queued", ""),
    ]
    assert send_due(now=NOW, worker="w").sent == 3


def test_the_door_is_asked_anew_when_its_answer_is_old(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    letters(3)
    asked: list[int] = []
    decide = asking.decide

    def counted(**question: Any) -> Any:
        asked.append(question["people"].count())
        return decide(**question)

    monkeypatch.setattr(asking, "decide", counted)
    monkeypatch.setattr(send, "ANSWER_HOLDS_SECONDS", 0.0)
    assert send_due(now=NOW, worker="w").sent == 3
    assert asked == [3, 2, 1]
    assert len(server.deliveries) == 3


def test_a_batch_takes_the_same_statements_for_one_and_for_many(django_assert_num_queries: Any) -> None:
    for count in (1, 3):
        Person.objects.all().delete()
        letters(count)
        # Two claims, the second of which finds nothing; on PostgreSQL each stands in line with a statement of its own.
        with django_assert_num_queries(28 if connection.vendor == "postgresql" else 26):
            assert send_due(now=NOW, worker="w").kept == count


def test_a_service_letter_is_not_counted_against_the_budget() -> None:
    someone = agreed()
    letter(someone, purpose=Purpose.SERVICE, intent=Intent.NEUTRAL)
    assert send_due(now=NOW, worker="w").kept == 1
    letter(someone)
    assert send_due(now=NOW, worker="w").kept == 1
