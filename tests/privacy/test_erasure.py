"""Erasure: personal data is planted everywhere, and nothing but keys, codes and fingerprints is left."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from perennial.audit.models import Event
from perennial.consent.enums import Act, Means
from perennial.consent.models import ConsentRequest, Evidence, LedgerEntry
from perennial.consent.queries import replayed
from perennial.contact.actions import record_touch, restrict, suppress
from perennial.contact.enums import Direction, RestrictionKind, SuppressionScope, TouchKind
from perennial.contact.erased import identities
from perennial.contact.models import Suppression
from perennial.departures.actions import open_due
from perennial.departures.audience.actions import Asked, choose_person, decide_audience
from perennial.departures.enums import AudienceMode
from perennial.departures.exit.answering import Answers, receive
from perennial.departures.models import AnswerGroup, Departure, ExitAnswers
from perennial.departures.relation import Relation, change_relation
from perennial.intake.columns import Field
from perennial.intake.enums import ImportState, Outcome
from perennial.intake.errors_file import folder
from perennial.intake.models import ImportRun, SourceColumn, SourceValue, StagedChange, StagedRow
from perennial.intake.receiving import receive_file
from perennial.intake.remembering import remember_columns, remember_values
from perennial.intake.running import mapping_of
from perennial.intake.steps import choose_columns
from perennial.kernel.keys import fingerprint
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.confirmation import confirm, forget_unconfirmed
from perennial.mail.models import Mailing, Message
from perennial.mail.queue import approve
from perennial.operate.tick import tick
from perennial.outreach.models import Enrolment, StepOutcome
from perennial.people.actions import add_address, correct_stint
from perennial.people.elsewhere import add_position
from perennial.people.models import Company, Person, Provenance, Skill
from perennial.people.skills import set_skills
from perennial.privacy.actions import erase
from tests.cast import NOW, TODAY, person, programme

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# Nothing else in the database may hold these by chance.
NAME, GIVEN, FAMILY = "Xaviera Quixwood", "Xaviera", "Quixwood"
NEEDLES = (
    GIVEN,
    FAMILY,
    "xquix",
    "QX-998877",
    "192.0.2.77",
    "The canteen closes at noon",
    "Grandmaster of Dredging",
    "Zebedee Overmanager",
)


def tables() -> list[str]:
    return [name for name in connection.introspection.table_names() if name != "django_migrations"]


def found_in(needle: str) -> set[str]:
    """Every table.column, of whatever type, that holds `needle` in any case."""
    places = set()
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')  # noqa: S608
            for column in [column[0] for column in cursor.description]:
                cursor.execute(
                    f'SELECT COUNT(*) FROM "{table}" WHERE UPPER(CAST("{column}" AS TEXT)) LIKE %s',  # noqa: S608
                    [f"%{needle.upper()}%"],
                )
                if cursor.fetchone()[0]:
                    places.add(f"{table}.{column}")
    return places


def token_of(message: Message) -> str:
    return message.link_path.split("/")[2]


def answer(departure: Departure, *, address: str, at: Any, ip: str = "192.0.2.77", recommend: int = 9) -> None:
    receive(
        departure=departure,
        answers=Answers(given={"reason": ["pay"], "improve": "The canteen closes at noon", "recommend": recommend}),
        relation=Relation(
            purposes=["personal", "events"],
            channels=["email", "phone"],
            frequency="monthly",
            language="en",
            private_email=address,
            shown_in="en",
        ),
        submit=True,
        shown_in="en",
        ip=ip,
        by=f"person:{departure.person.key}",
        now=at,
    )


def planted() -> Person:
    """Somebody who went all the way: invited, answered, confirmed, written to, imported, corrected, restricted."""
    someone = person(
        NAME,
        language="en",
        private="xquix@home.example",
        title="Grandmaster of Dredging",
        manager="Zebedee Overmanager",
        employee_number="QX-998877",
        starts_on=date(2015, 1, 1),
    )
    add_address(person=someone, address="xquix@employer.example", kind="business", source="upload", now=NOW)
    correct_stint(stint=someone.stints.get(), how_ended="retirement", by="user:1", now=NOW)
    add_position(
        person=someone, company="Quixwood Dredging", domain="quixwood.example", source="typed", by="user:1", now=NOW
    )
    set_skills(person=someone, names=["Quixwood's method", "Python"], source="typed", by="user:1", now=NOW)
    tick(now=NOW, worker="test")
    departure = Departure.objects.get()
    answer(departure, address="xquix@new.example", at=NOW)
    tick(now=NOW, worker="test")
    confirmation = Message.objects.get(mailing__origin="mail:confirmation")
    confirm(token=token_of(confirmation), ip="192.0.2.77", now=NOW + DAY)
    restrict(
        person=someone,
        kind=RestrictionKind.RESTRICTION,
        reason="other",
        purpose="vacancies",
        starts_on=TODAY,
        by="user:1",
        now=NOW,
    )
    decide_audience(asked=Asked(mode=AudienceMode.LIST), by="user:1", now=NOW)
    choose_person(person=someone, welcome=False, by="user:1", now=NOW)
    record_touch(
        person=someone,
        at=NOW,
        direction=Direction.THEIRS,
        kind=TouchKind.CALL,
        purpose=Purpose.PERSONAL,
        origin="test",
        intent=Intent.NEUTRAL,
        summary="Quixwood called about the canteen",
    )
    tick(now=NOW + 14 * DAY, worker="test")
    approve(
        message_ids=list(Message.objects.values_list("pk", flat=True)),
        by="user:1",
        now=NOW + 14 * DAY,
    )
    tick(now=NOW + 14 * DAY, worker="test")
    # And a request that waits for confirmation.
    change_relation(
        person=someone,
        relation=Relation(
            purposes=["personal", "events", "newsletter"],
            channels=["email"],
            frequency="",
            language="en",
            private_email="",
            shown_in="en",
        ),
        not_now_until=False,
        ip="192.0.2.77",
        by=f"person:{someone.key}",
        now=NOW + 15 * DAY,
    )
    return someone


def staged(someone: Person) -> tuple[ImportRun, Path]:
    """Two imports: one that rejected a row about the person, with its file, and one that waits to be applied."""
    path = folder() / "leavers-rejected-test.csv"
    path.write_text("Quixwood;Xaviera;no last day", encoding="utf-8")
    done = ImportRun.objects.create(
        source="upload",
        file_name="leavers.csv",
        state=ImportState.DONE,
        errors_path=str(path),
        rejected=1,
        started_by="user:1",
        created_at=NOW,
    )
    StagedRow.objects.create(
        run=done, number=2, outcome=Outcome.REJECTED, reason="no", cells=["Quixwood", "Xaviera", "QX-998877"]
    )
    StagedRow.objects.create(run=done, number=3, outcome=Outcome.REJECTED, reason="no", cells=["Stone", "Bob"])
    ready = ImportRun.objects.create(
        source="test", file_name="more.csv", state=ImportState.READY, started_by="user:1", created_at=NOW
    )
    fields: dict[str, Any] = {"run": ready, "outcome": Outcome.CHANGED, "number": 2}
    StagedRow.objects.create(**fields, full_name=NAME, person_ref=someone.pk, private_email="xquix@home.example")
    StagedChange.objects.create(run=ready, number=2, field="full_name", before="Xaviera Quix", after=NAME)
    StagedRow.objects.create(**{**fields, "number": 3}, employee_number="QX-998877")
    return done, path


@pytest.fixture(autouse=True)
def house(settings: Any, tmp_path: Path) -> None:
    settings.PERENNIAL_DATA_DIR = tmp_path
    programme()


def test_after_erasure_no_column_of_any_table_holds_a_trace(django_capture_on_commit_callbacks: Any) -> None:
    someone = planted()
    done, path = staged(someone)
    before = {needle: found_in(needle) for needle in NEEDLES}
    # What could leak stands there first, in every module.
    assert {place.split("_")[0] for place in before[FAMILY]} >= {"people", "mail", "contact", "intake"}
    assert "consent_evidence.ip" in before["192.0.2.77"]
    assert {"people_company.name", "people_company.domain", "people_skill.name", "people_person.search_text"} <= before[
        FAMILY
    ]
    assert Provenance.objects.count() == 1
    assert {"consent_evidence.address", "people_emailaddress.address", "mail_message.address"} <= before["xquix"]
    assert Enrolment.objects.count() == StepOutcome.objects.count() == ExitAnswers.objects.count() == 1
    assert ConsentRequest.objects.filter(confirmed_at=None).count() == 1
    # Encrypted, so that no search of ours could find it.
    assert before["The canteen closes at noon"] == set()

    with django_capture_on_commit_callbacks(execute=True):
        erase(person=someone, by="user:1", now=NOW + 20 * DAY)

    assert {needle: places for needle in NEEDLES if (places := found_in(needle))} == {}
    assert not path.exists()
    done.refresh_from_db()
    assert done.errors_path == ""
    assert list(StagedRow.objects.values_list("cells", flat=True)) == [["Stone", "Bob"]]
    assert Person.objects.count() == Message.objects.count() == Mailing.objects.count() == 0
    assert Departure.objects.count() == ExitAnswers.objects.count() == Evidence.objects.count() == 0
    assert Provenance.objects.count() == 0


def test_a_company_and_a_skill_stay_while_they_tell_of_others_or_of_us() -> None:
    someone, bob = person(NAME), person("Bob Stone")
    for who, company in ((someone, "Acme"), (bob, "Acme"), (someone, "Own Ltd"), (someone, "Client Ltd")):
        add_position(person=who, company=company, source="typed", by="user:1", now=NOW)
    Company.objects.filter(name="Client Ltd").update(relation="client")
    set_skills(person=someone, names=["SQL", "Chess"], source="typed", by="user:1", now=NOW)
    set_skills(person=bob, names=["sql"], source="typed", by="user:1", now=NOW)
    erase(person=someone, by="user:1", now=NOW)
    assert list(Company.objects.values_list("name", flat=True)) == ["Acme", "Client Ltd"]
    assert list(Skill.objects.values_list("name", flat=True)) == ["SQL"]
    assert list(bob.skills.values_list("skill__name", flat=True)) == ["SQL"]


def test_the_ledger_stays_and_says_that_nothing_is_agreed_any_more() -> None:
    someone = planted()
    rows = list(LedgerEntry.objects.order_by("pk").values())
    erase(person=someone, by="user:1", now=NOW + 20 * DAY)
    kept = list(LedgerEntry.objects.order_by("pk").values())
    assert kept[: len(rows)] == rows
    added = kept[len(rows) :]
    assert {(row["act"], row["means"], row["by"]) for row in added} == {(Act.WITHDRAWN, Means.ERASURE, "user:1")}
    # By phone it was withdrawn before.
    assert [(row["purpose"], row["channel"]) for row in added] == [("events", "email"), ("personal", "email")]
    assert replayed(person_key=someone.key) == set()


def test_fingerprints_stay_and_tell_a_returning_row_and_nothing_else() -> None:
    someone = planted()
    texts = set(identities(someone))
    assert len(texts) == 5  # three addresses, a number, a name with its days
    suppress(address="xquix@home.example", reason="refused by the mail server", now=NOW)
    erase(person=someone, by="user:1", now=NOW + 20 * DAY)
    marks = Suppression.objects.filter(scope=SuppressionScope.ERASED)
    assert {mark.fingerprint for mark in marks} == {fingerprint(text) for text in texts}
    assert {mark.reason for mark in marks} == {"erased"}
    # That mail came back is known on.
    assert Suppression.objects.filter(scope=SuppressionScope.MAIL).count() == 1


def test_the_audit_trail_says_who_erased_and_never_held_a_personal_word() -> None:
    someone = planted()
    assert {needle for needle in NEEDLES if any("audit" in place for place in found_in(needle))} == set()
    events = Event.objects.count()
    erase(person=someone, by="user:7", now=NOW + 20 * DAY)
    assert Event.objects.count() > events
    event = Event.objects.get(deed="privacy.erased")
    assert (event.by, event.subject_kind, event.subject_key, event.details) == ("user:7", "person", someone.key, {})


def test_others_keep_everything_they_have() -> None:
    bob = person("Bob Stone", private="bob@home.example", employee_number="7")
    open_due(now=NOW)
    record_touch(
        person=bob,
        at=NOW,
        direction=Direction.THEIRS,
        kind=TouchKind.CALL,
        purpose=Purpose.PERSONAL,
        origin="test",
    )
    tick(now=NOW, worker="test")
    before = rows_of(bob)
    someone = person(NAME, private="xquix@home.example")
    erase(person=someone, by="user:1", now=NOW)
    assert rows_of(bob) == before


def rows_of(someone: Person) -> list[Any]:
    related: Iterable[Any] = (
        someone.addresses,
        someone.stints,
        someone.departures,
        someone.touches,
        someone.messages,
        someone.enrolments,
    )
    return [list(rows.order_by("pk").values()) for rows in related] + [Mailing.objects.count()]


def test_published_counts_stay_when_somebody_in_them_is_erased() -> None:
    people = [person(f"Person {number}", private=f"person{number}@home.example") for number in range(5)]
    open_due(now=NOW)
    for someone, recommend in zip(people, (10, 9, 9, 8, 0), strict=True):
        answer(Departure.objects.get(person=someone), address=f"{someone.pk}@new.example", at=NOW, recommend=recommend)
    group = AnswerGroup.objects.get()
    assert (group.promoters, group.passives, group.detractors) == (3, 1, 1)
    erase(person=people[0], by="user:1", now=NOW)
    group.refresh_from_db()
    assert (group.promoters, group.members.count()) == (3, 4)


def test_an_address_nobody_confirmed_is_forgotten_with_the_mail_that_went_there() -> None:
    someone = person(NAME, language="en", private="first@home.example")
    open_due(now=NOW)
    answer(Departure.objects.get(), address="stranger@elsewhere.example", at=NOW)
    tick(now=NOW, worker="test")
    assert "mail_message.address" in found_in("stranger")
    assert forget_unconfirmed(now=NOW + 6 * DAY) == 0
    assert "mail_message.address" in found_in("stranger")
    assert forget_unconfirmed(now=NOW + 7 * DAY) == 1
    assert found_in("stranger") == set()
    assert list(someone.addresses.values_list("address", flat=True)) == ["first@home.example"]


def test_a_confirmed_address_keeps_the_mail_that_asked() -> None:
    person(NAME, language="en")
    open_due(now=NOW)
    answer(Departure.objects.get(), address="xquix@new.example", at=NOW)
    tick(now=NOW, worker="test")
    mail = Message.objects.get(mailing__origin="mail:confirmation")
    confirm(token=token_of(mail), ip=None, now=NOW + DAY)
    forget_unconfirmed(now=NOW + 30 * DAY)
    assert Message.objects.filter(pk=mail.pk).exists()


def test_what_was_taken_for_a_column_or_a_value_goes_too() -> None:
    someone = person(NAME)
    said = {"by": "user:1", "now": NOW}
    remember_columns(source="hr", header=[NAME, "4711", GIVEN], mapping={}, **said)
    remember_columns(source="hr", header=["Last day"], mapping={}, by="user:1", now=NOW + DAY)
    meanings = {
        (Field.STATUS, f"Mrs {NAME}"): "",
        (Field.STATUS, "gone"): "left",
        (Field.PLACE, "HQ"): f"Desk of {NAME}",
    }
    remember_values(source="hr", meanings=meanings, **said)
    assert found_in("Quixwood") >= {
        "intake_sourcecolumn.header",
        "intake_sourcevalue.text",
        "intake_sourcevalue.meaning",
    }
    erase(person=someone, by="user:1", now=NOW)
    assert found_in("Quixwood") == set()
    # The row of a file without column names, and with it the number that stood in it.
    assert list(SourceColumn.objects.values_list("header", flat=True)) == ["Last day"]
    assert list(SourceValue.objects.values_list("text", flat=True)) == ["gone"]


@pytest.mark.parametrize("state", [ImportState.DONE, ImportState.MAPPING])
def test_a_row_that_was_taken_for_the_names_of_columns_goes_with_its_file(state: ImportState) -> None:
    someone = person("Alice van Dam")
    run = received(compared=False)
    other = received(compared=False)
    ImportRun.objects.filter(pk=run.pk).update(state=state, header=["4711", "Dam, Alice van", "alice@employer.example"])
    ImportRun.objects.filter(pk=other.pk).update(state=ImportState.DONE)
    erase(person=someone, by="user:1", now=NOW)
    run.refresh_from_db()
    other.refresh_from_db()
    assert run.header == []
    assert other.header == ["Employee number", "Full name", "Business e-mail", "Last day"]


HEADER = "Employee number,Full name,Business e-mail,Last day\n"


def received(*, compared: bool) -> ImportRun:
    """An uploaded list that speaks of Alice and waits to be applied."""
    lines = "7,Alice van Dam,alice@employer.example,2026-10-01\n8,Bob Stone,bob@employer.example,2026-10-01\n"
    run = receive_file(chunks=[(HEADER + lines).encode()], file_name="list.csv", source="hr", by="user:1", now=NOW)
    if compared:
        choose_columns(run=run, mapping=mapping_of(run), by="user:1", now=NOW)
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("compared", [True, False])
def test_a_list_that_waits_to_be_applied_goes_with_the_person_it_speaks_of(
    compared: bool, django_capture_on_commit_callbacks: Any
) -> None:
    programme()
    alice = person("Alice van Dam", employee_number="7")
    run = received(compared=compared)
    file = Path(run.stored_path)
    assert "Alice" in file.read_text()
    with django_capture_on_commit_callbacks(execute=True):
        erase(person=alice, by="user:1", now=NOW)
    run.refresh_from_db()
    assert (run.state, run.stored_path) == (ImportState.CANCELLED, "")
    assert not file.exists()
    assert not StagedRow.objects.filter(run=run).exists()


def test_a_row_about_somebody_erased_is_refused_and_nothing_it_says_is_kept() -> None:
    programme()
    alice = person("Alice van Dam", employee_number="7")
    add_address(person=alice, address="alice@employer.example", kind="business", source="hr", now=NOW)
    erase(person=alice, by="user:1", now=NOW)
    run = received(compared=True)
    rejected = StagedRow.objects.get(run=run, outcome="rejected")
    assert "It stays erased" in rejected.reason
    assert (rejected.full_name, rejected.business_email, rejected.employee_number, rejected.cells) == ("", "", "", None)
