"""What proves a consent: every entry, with all that is needed, for as long as it is needed and no longer."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from perennial.audit.models import Event
from perennial.consent.actions import add_to_request, drop_unconfirmed, grant_request, request_consents, withdraw
from perennial.consent.enums import Means
from perennial.consent.evidence import drop_expired_evidence
from perennial.consent.models import ConsentRequest, Evidence, LedgerEntry, Proving
from perennial.consent.queries import proofs_of, wording_for
from perennial.people.actions import remove_address
from perennial.people.models import Person
from perennial.programme.models import Place, RetentionTerm
from tests.cast import NOW, person, programme

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PAGE, MAILBOX = "192.0.2.6", "192.0.2.7"


@pytest.fixture
def alice() -> Person:
    programme()
    return person("Alice van Dam", private="alice@home.example")


def ask(someone: Person, *purposes: str, at: datetime = NOW, **more: Any) -> ConsentRequest:
    return request_consents(
        person=someone,
        address=someone.addresses.get(),
        purposes=purposes,
        channels=more.pop("channels", ()),
        language="nl",
        ip=PAGE,
        by="p",
        now=at,
        **more,
    )


def press(request: ConsentRequest, at: datetime = NOW) -> list[LedgerEntry]:
    return grant_request(request=request, ip=MAILBOX, by="p", now=at)


def stop(someone: Person, *purposes: str, at: datetime = NOW) -> None:
    withdraw(person=someone, means=Means.PREFERENCES, by="p", now=at, purposes=purposes or None)


def ends() -> list[date | None]:
    return list(Evidence.objects.filter(kind="request").order_by("pk").values_list("expires_on", flat=True))


def test_evidence_holds_where_it_came_from_and_the_ledger_does_not(alice: Person) -> None:
    request = ask(alice, "personal")
    press(request)
    assert list(Evidence.objects.order_by("pk").values_list("kind", "ip", "address", "request")) == [
        ("request", PAGE, "alice@home.example", request.pk),
        ("confirmation", MAILBOX, "alice@home.example", request.pk),
    ]
    stored = " ".join(str(value) for value in LedgerEntry.objects.values().get().values())
    assert "192.0.2" not in stored
    assert "alice" not in stored.casefold().replace(alice.key.casefold(), "")


def test_every_entry_of_a_confirmed_request_is_proved_and_not_the_first_alone(alice: Person) -> None:
    entries = press(ask(alice, "personal", "events", channels=["email", "phone"]))
    assert len(entries) == 4
    for proof in proofs_of(person=alice):
        assert [row.kind for row in proof.evidence] == ["request", "confirmation"]


def test_what_was_ticked_is_kept_word_for_word(alice: Person) -> None:
    request = ask(alice, "personal", frequency="monthly")
    add_to_request(request=request, purposes=["events"], channels=["phone"], ip=PAGE, by="p", now=NOW)
    first, second = [json.loads(row.content) for row in Evidence.objects.order_by("pk")]
    wording = wording_for(purpose="personal", language="nl")
    assert first == {
        "language": "nl",
        "frequency": "monthly",
        "ticked": [
            {
                "purpose": "personal",
                "channel": "email",
                "text": wording.text,
                "version": 1,
                "sha256": wording.sha256,
            }
        ],
    }
    assert [(row["purpose"], row["channel"]) for row in second["ticked"]] == [("events", "phone")]


def test_as_long_as_an_agreement_holds_its_proof_has_no_end(alice: Person) -> None:
    press(ask(alice, "personal"))
    assert ends() == [None]
    assert drop_expired_evidence(now=NOW + 3650 * DAY) == 0


def test_its_time_runs_from_the_end_of_the_agreement_and_not_from_its_beginning(alice: Person) -> None:
    press(ask(alice, "personal", "events"))
    later = NOW + 1000 * DAY
    stop(alice, "personal", at=later)
    # The same press proves what still holds.
    assert ends() == [None]
    stop(alice, "events", at=later + 10 * DAY)
    assert ends() == [date(2032, 6, 20)]
    assert drop_expired_evidence(now=datetime(2032, 6, 20, 12, tzinfo=NOW.tzinfo)) == 0
    assert drop_expired_evidence(now=datetime(2032, 6, 21, 12, tzinfo=NOW.tzinfo)) == 2
    assert Evidence.objects.count() == Proving.objects.count() == 0
    assert LedgerEntry.objects.count() == 4
    assert Event.objects.get(deed="consent.evidence_expired").details == {"rows": 2}


def test_what_a_newer_confirmation_proves_the_older_need_not_prove_for_ever(alice: Person) -> None:
    press(ask(alice, "personal"))
    press(ask(alice, "personal", at=NOW + 400 * DAY), NOW + 400 * DAY)
    assert ends() == [date(2030, 10, 19), None]


def sixty_months_in(country: str) -> None:
    RetentionTerm.objects.create(
        country=country,
        kind="evidence",
        amount=60,
        unit="months",
        why="calls",
        starts_on=NOW.date(),
        by="t",
        created_at=NOW,
    )


def test_the_programmes_own_term_holds(alice: Person) -> None:
    sixty_months_in("EU")
    press(ask(alice, "personal"))
    stop(alice)
    assert ends() == [date(2031, 9, 14)]


def test_the_term_is_that_of_the_country_whose_law_holds_for_the_person(alice: Person) -> None:
    sixty_months_in("DE")
    alice.stints.update(place=Place.objects.create(name="Werk 2", country="Deutschland"))
    press(ask(alice, "personal"))
    stop(alice)
    assert ends() == [date(2031, 9, 14)]


def test_what_nobody_confirmed_goes_with_its_request(alice: Person) -> None:
    ask(alice, "personal")
    ask(alice, "events")
    assert Evidence.objects.count() == 1
    drop_unconfirmed(now=NOW + 7 * DAY)
    assert Evidence.objects.count() == 0


def test_an_address_taken_off_the_record_takes_no_proof_with_it(alice: Person) -> None:
    press(ask(alice, "personal"))
    remove_address(address=alice.addresses.get(), by="user:1", now=NOW)
    [proof] = proofs_of(person=alice)
    assert [(row.kind, row.address) for row in proof.evidence] == [
        ("request", "alice@home.example"),
        ("confirmation", "alice@home.example"),
    ]


def test_an_address_taken_off_before_the_press_takes_what_waited_with_it(alice: Person) -> None:
    ask(alice, "personal")
    remove_address(address=alice.addresses.get(), by="user:1", now=NOW)
    assert ConsentRequest.objects.count() == Evidence.objects.count() == 0
