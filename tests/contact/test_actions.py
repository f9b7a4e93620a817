"""Touches, the timeline, restrictions, and what tells that somebody was erased."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from perennial.audit.models import Event
from perennial.consent.actions import grant_request, request_consents, withdraw
from perennial.consent.enums import Means
from perennial.contact.actions import (
    NewTouch,
    RestrictionDatesError,
    lift,
    record_touch,
    record_touches,
    restrict,
    suppress,
)
from perennial.contact.enums import Direction, RestrictionKind, SuppressionScope, TouchKind
from perennial.contact.erased import address_identity, identities, name_identity, number_identity
from perennial.contact.models import Touch
from perennial.contact.queries import balance, suppressed, timeline, touched_this_month
from perennial.kernel.purposes import Channel, Intent, Purpose
from perennial.people.models import Person
from tests.cast import NOW, TODAY, person, programme

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def write(someone: Person, origin: str = "test:1", at: datetime = NOW, **more: Any) -> None:
    fields: dict[str, Any] = {"direction": Direction.OURS, "kind": TouchKind.MAIL, "purpose": Purpose.PERSONAL}
    record_touch(person=someone, at=at, origin=origin, **{**fields, **more})


def test_a_contact_is_written_down_once_whoever_says_so_again() -> None:
    alice, bob = person(), person("Bob Stone")
    write(alice, intent=Intent.GIVE, channel=Channel.EMAIL, summary="How are you,\r\nAlice? " + "x" * 400)
    write(alice, at=NOW + HOUR, summary="another story")
    write(bob)
    row = Touch.objects.get(person=alice)
    assert (row.at, row.intent, row.channel, row.origin) == (NOW, "give", "email", "test:1")
    assert row.summary == ("How are you, Alice? " + "x" * 400)[:300]
    assert Touch.objects.count() == 2


def test_somebody_erased_meanwhile_does_not_take_the_others_touches_along() -> None:
    alice, bob = person(), person("Bob Stone")
    gone = bob.pk
    bob.delete()
    with transaction.atomic():
        record_touches(
            NewTouch(
                person_id=pk,
                at=NOW,
                direction=Direction.OURS,
                kind=TouchKind.MAIL,
                purpose=Purpose.PERSONAL,
                origin="message:1",
            )
            for pk in (gone, alice.pk)
        )
        connection.check_constraints()
    assert list(Touch.objects.values_list("person", flat=True)) == [alice.pk]
    record_touches([])


def test_the_timeline_tells_touches_and_consent_in_one_query_newest_first() -> None:
    programme()
    alice = person(private="alice@home.example")
    write(alice, summary="Your last day")
    request = request_consents(
        person=alice,
        address=alice.addresses.get(),
        purposes=["personal"],
        channels=["phone"],
        language="nl",
        by="p",
        now=NOW,
    )
    grant_request(request=request, ip=None, by="p", now=NOW + HOUR)
    write(alice, "test:2", NOW + 2 * HOUR, direction=Direction.THEIRS, kind=TouchKind.CALL)
    withdraw(person=alice, means=Means.ONE_CLICK, by="p", now=NOW + 3 * HOUR)
    write(person("Bob Stone"), "test:3")
    with CaptureQueriesContext(connection) as queries:
        entries = timeline(person=alice)
    assert len(queries) == 1
    assert [(entry.at, entry.direction, entry.kind, entry.purpose, entry.channel) for entry in entries] == [
        (NOW + 3 * HOUR, "theirs", "consent_withdrawn", "personal", "phone"),
        (NOW + 2 * HOUR, "theirs", "call", "personal", ""),
        (NOW + HOUR, "theirs", "consent_granted", "personal", "phone"),
        (NOW, "ours", "mail", "personal", ""),
    ]
    assert entries[-1].summary == "Your last day"
    assert [entry.kind for entry in timeline(person=alice, until=NOW + HOUR)] == ["consent_granted", "mail"]
    assert len(timeline(person=alice, limit=3)) == 3


def test_the_balance_counts_what_we_gave_and_asked_service_aside() -> None:
    alice = person()
    write(alice, "1", intent=Intent.GIVE)
    write(alice, "2", intent=Intent.GIVE)
    write(alice, "3", intent=Intent.ASK)
    write(alice, "4", intent=Intent.ASK, purpose=Purpose.SERVICE)
    write(alice, "5", intent=Intent.ASK, direction=Direction.THEIRS)
    assert balance(person=alice) == {"give": 2, "ask": 1, "neutral": 0}
    assert balance(person=person("Bob Stone")) == {"give": 0, "ask": 0, "neutral": 0}


def test_the_month_begins_where_the_programme_lives() -> None:
    programme()
    alice = person()
    first_minute = datetime(2026, 8, 31, 22, 0, tzinfo=UTC)
    write(alice, "1", first_minute, intent=Intent.GIVE)
    write(alice, "2", first_minute - timedelta(minutes=1), intent=Intent.GIVE)
    write(alice, "3", NOW + HOUR, intent=Intent.ASK)
    write(person("Bob Stone"), "4", NOW, intent=Intent.ASK)
    month = touched_this_month(now=NOW)
    assert (month.people, month.gave, month.asked) == (2, 1, 1)


def test_a_restriction_is_recorded_and_lifted_with_a_trace_and_its_row_stays() -> None:
    alice = person()
    row = restrict(
        person=alice, kind=RestrictionKind.RESTRICTION, reason="cool_off", starts_on=TODAY, by="user:3", now=NOW
    )
    lift(restriction=row, by="user:4", now=NOW + HOUR)
    lift(restriction=row, by="user:5", now=NOW + 2 * HOUR)
    row.refresh_from_db()
    assert row.lifted_at == NOW + HOUR
    assert list(Event.objects.filter(deed__startswith="contact.").order_by("pk").values_list("deed", "by")) == [
        ("contact.restricted", "user:3"),
        ("contact.restriction_lifted", "user:4"),
    ]


def test_a_restriction_does_not_end_before_it_starts() -> None:
    alice = person()
    with pytest.raises(RestrictionDatesError):
        restrict(
            person=alice,
            kind=RestrictionKind.RESTRICTION,
            reason="x",
            starts_on=TODAY,
            ends_on=TODAY - timedelta(days=1),
            by="user:3",
            now=NOW,
        )


def test_suppressed_addresses_are_known_over_a_turned_key_and_by_scope(settings: Any) -> None:
    suppress(address="alice@home.example", reason="refused", now=NOW)
    suppress(address="bob@home.example", reason="erased", now=NOW, scope=SuppressionScope.ERASED)
    settings.PERENNIAL_FINGERPRINT_KEYS = ("new", *settings.PERENNIAL_FINGERPRINT_KEYS)
    asked = ["alice@home.example", "bob@home.example", "charlie@home.example"]
    assert suppressed(asked) == {"alice@home.example"}
    assert suppressed(asked, scope=SuppressionScope.ERASED) == {"bob@home.example"}
    assert suppressed([]) == set()


def test_a_person_could_come_back_by_address_number_and_name_with_days() -> None:
    alice = person("Zoë Peeters", private="zoe@home.example", employee_number="007", starts_on=date(2020, 1, 1))
    assert sorted(identities(alice)) == sorted(
        [
            address_identity("zoe@home.example"),
            number_identity("test", "007"),
            name_identity("zoe  PEETERS", date(2020, 1, 1), TODAY),
        ]
    )


def test_a_name_without_any_day_is_shared_by_too_many_to_be_kept() -> None:
    assert list(identities(person("Jan de Vries", ends_on=None))) == []
