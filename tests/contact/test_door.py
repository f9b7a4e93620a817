"""The one door: each rule, their precedence, and one statement for everybody."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial.consent.actions import change_preferences, grant_request, request_consents, withdraw
from perennial.consent.enums import Means
from perennial.consent.models import ConsentState, LedgerEntry
from perennial.consent.topics import choose_topics
from perennial.contact.actions import lift, record_touch, restrict, suppress
from perennial.contact.door import Decision, Explanation, decide, decide_for_each, explain
from perennial.contact.enums import Direction, RestrictionKind, SuppressionScope, TouchKind, Verdict
from perennial.contact.models import Suppression
from perennial.contact.rules import RULES, rules_for
from perennial.contact.rules.rule import Question
from perennial.kernel.keys import fingerprint
from perennial.kernel.purposes import CONSENT_PURPOSES, Channel, Frequency, Purpose
from perennial.people.actions import add_address, correct_stint, verify_address
from perennial.people.models import Person
from perennial.programme.enums import Stage
from perennial.programme.models import Topic
from perennial.programme.topics import TopicOfOtherPurposeError, add_topic, retire_topic
from tests.cast import NOW, TODAY, exclude, person, programme
from tests.contact.crowd import SOMEONE, Someone, deciding, expected, write_down

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def alice() -> Person:
    """Left today, agreed to personal notes by e-mail, confirmed the address: the door says yes."""
    programme()
    someone = person("Alice van Dam", private="alice@home.example")
    agree(someone, "personal")
    return someone


def agree(someone: Person, *purposes: str, channels: Any = ("email",), at: datetime = NOW) -> None:
    address = someone.addresses.earliest("pk")
    verify_address(address=address, by="test", now=at)
    request = request_consents(
        person=someone, address=address, purposes=purposes, channels=channels, language="nl", by="test", now=at
    )
    grant_request(request=request, ip=None, by="test", now=at)


def ask(someone: Person, purpose: Purpose = Purpose.PERSONAL, *, at: datetime = NOW, **more: Any) -> Decision:
    [decision] = decide(people=Person.objects.filter(pk=someone.pk), purpose=purpose, now=at, **more)
    return decision


def told(someone: Person, rule: str, purpose: Purpose = Purpose.PERSONAL, **more: Any) -> tuple[bool, str]:
    """What the explanation says of one rule; it must agree with the decision."""
    explanation = explain(person=someone, purpose=purpose, now=more.pop("at", NOW), **more)
    [line] = [line for line in explanation.rules if line.rule == rule]
    return line.passed, str(line.sentence)


def touch(someone: Person, at: datetime, **more: Any) -> None:
    fields: dict[str, Any] = {"direction": Direction.OURS, "kind": TouchKind.MAIL, "purpose": Purpose.PERSONAL}
    record_touch(person=someone, at=at, origin=f"test:{at.isoformat()}", **{**fields, **more})


def test_the_door_says_yes_and_which_address_to_use(alice: Person) -> None:
    assert ask(alice) == Decision(alice.pk, Verdict.YES, "", None, alice.addresses.get().pk)


def test_every_rule_that_passes_says_why(alice: Person) -> None:
    explanation = explain(person=alice, purpose=Purpose.PERSONAL, now=NOW)
    assert (explanation.verdict, explanation.rule, explanation.until) == (Verdict.YES, "", None)
    assert [(line.rule, line.passed, str(line.sentence), line.deciding) for line in explanation.rules] == [
        ("consent", True, "Agreed to 'Personal notes' by e-mail on 14 September 2026.", False),
        ("stage", True, "The programme is live.", False),
        ("excluded", True, "Is welcome in the programme.", False),
        ("decided", True, "Nothing was decided that speaks against it.", False),
        ("audience", True, "The programme is meant for this person too.", False),
        ("objected", True, "Has not asked to be left alone.", False),
        ("restricted", True, "Contact is not restricted.", False),
        ("no_address", True, "There is an address that may be used for this.", False),
        ("suppressed", True, "No mail to this person has come back.", False),
        ("frequency", True, "Wish: 'At most once a quarter'. Nothing has been sent yet.", False),
        ("not_now", True, "Has not asked for a pause.", False),
        ("quiet_hours", True, "It is not night: we write between 8 and 20 o'clock.", False),
    ]


def test_without_consent_the_answer_is_no(alice: Person) -> None:
    assert ask(alice, Purpose.EVENTS) == Decision(alice.pk, Verdict.NO, "consent", None, None)
    assert told(alice, "consent", Purpose.EVENTS) == (False, "Has not agreed to 'Gatherings' by e-mail.")


def test_a_withdrawn_consent_is_told_with_its_day_where_the_programme_lives(alice: Person) -> None:
    just_after_midnight = datetime(2026, 9, 20, 22, 30, tzinfo=UTC)
    withdraw(person=alice, means=Means.ONE_CLICK, by="test", now=just_after_midnight)
    assert ask(alice, at=just_after_midnight + DAY).rule == "consent"
    assert told(alice, "consent", at=just_after_midnight + DAY) == (
        False,
        "Withdrew 'Personal notes' by e-mail on 21 September 2026.",
    )


def test_consent_for_one_channel_is_none_for_another(alice: Person) -> None:
    assert ask(alice, channel=Channel.PHONE).rule == "consent"
    agree(alice, "personal", channels=["phone"])
    assert ask(alice, channel=Channel.PHONE) == Decision(alice.pk, Verdict.NO, "no_address", None, None)
    assert told(alice, "no_address", channel=Channel.PHONE) == (
        False,
        "There is nothing on file to reach this person by phone.",
    )
    assert ask(alice).verdict is Verdict.YES


def test_in_preparation_nothing_leaves_not_even_service(alice: Person) -> None:
    programme(Stage.PREPARATION)
    assert ask(alice).rule == ask(alice, Purpose.SERVICE).rule == "stage"
    assert told(alice, "stage") == (False, "The programme is still being prepared; nothing leaves yet.")


def test_in_soft_launch_only_the_test_group_is_reached(alice: Person) -> None:
    bob = person("Bob Stone", private="bob@home.example")
    agree(bob, "personal")
    programme(Stage.SOFT_LAUNCH)
    restrict(person=bob, kind=RestrictionKind.TEST_GROUP, reason="trial", starts_on=TODAY, by="user:1", now=NOW)
    assert {each.person_id: each.rule for each in decide_all()} == {alice.pk: "stage", bob.pk: ""}
    assert told(alice, "stage") == (False, "The programme is being tried out with a small group first.")
    assert told(bob, "stage") == (True, "The programme is being tried out, and this person takes part in that.")
    assert ask(bob, Purpose.SERVICE).verdict is Verdict.YES


def decide_all(purpose: Purpose = Purpose.PERSONAL, at: datetime = NOW) -> list[Decision]:
    return decide(people=Person.objects.all(), purpose=purpose, now=at)


def test_who_is_excluded_is_not_written_to_until_the_day_after_the_last(alice: Person) -> None:
    exclusion = exclude(alice, review_on=TODAY + 5 * DAY, ends_on=TODAY + 10 * DAY)
    decision = ask(alice)
    until = datetime(2026, 9, 24, 22, 0, tzinfo=UTC)
    assert decision == Decision(alice.pk, Verdict.NO, "excluded", until, None)
    assert told(alice, "excluded") == (
        False,
        "Is not in the programme, by a decision of the employer that can be asked about.",
    )
    assert ask(alice, at=until - timedelta(hours=4)).rule == "excluded"
    assert ask(alice, at=until + timedelta(hours=9)).verdict is Verdict.YES
    # An invitation to say why one leaves is for everybody.
    assert ask(alice, Purpose.SERVICE).verdict is Verdict.YES
    lift(restriction=exclusion, by="user:1", now=NOW)
    assert ask(alice).verdict is Verdict.YES


def test_a_restriction_without_end_is_no_and_with_an_end_later(alice: Person) -> None:
    def limit(**more: Any) -> Any:
        return restrict(
            person=alice,
            kind=RestrictionKind.RESTRICTION,
            reason="cool-off",
            starts_on=TODAY,
            by="user:1",
            now=NOW,
            **more,
        )

    limit(ends_on=TODAY + 3 * DAY)
    until = datetime(2026, 9, 17, 22, 0, tzinfo=UTC)
    assert ask(alice) == Decision(alice.pk, Verdict.LATER, "restricted", until, None)
    assert ask(alice, at=until + timedelta(hours=9)).verdict is Verdict.YES
    for_good = limit()
    assert ask(alice) == Decision(alice.pk, Verdict.NO, "restricted", None, None)
    assert told(alice, "restricted") == (False, "Contact is restricted for now.")
    lift(restriction=for_good, by="user:1", now=NOW)
    assert ask(alice).verdict is Verdict.LATER


@pytest.mark.parametrize(
    ("field", "value", "stops"),
    [
        ("purpose", "personal", True),
        ("purpose", "events", False),
        ("starts_on", TODAY + DAY, False),
        ("ends_on", TODAY, True),
        ("ends_on", TODAY - DAY, False),
    ],
)
def test_a_restriction_holds_for_its_purpose_and_its_days(alice: Person, field: str, value: Any, stops: bool) -> None:
    fields: dict[str, Any] = {"starts_on": TODAY - 5 * DAY, field: value}
    restrict(person=alice, kind=RestrictionKind.RESTRICTION, reason="cool-off", by="user:1", now=NOW, **fields)
    assert (ask(alice).rule == "restricted") is stops


def test_the_reason_of_a_restriction_is_never_told_at_the_door(alice: Person) -> None:
    restrict(
        person=alice, kind=RestrictionKind.RESTRICTION, reason="works council", starts_on=TODAY, by="user:1", now=NOW
    )
    sentences = [str(line.sentence) + str(line.change) for line in explanation_of(alice).rules]
    assert "works council" not in " ".join(sentences)


def explanation_of(someone: Person, purpose: Purpose = Purpose.PERSONAL, at: datetime = NOW) -> Explanation:
    return explain(person=someone, purpose=purpose, now=at)


def test_an_address_that_was_not_confirmed_is_not_used(alice: Person) -> None:
    alice.addresses.all().delete()
    add_address(person=alice, address="new@home.example", kind="private", source="x", given_on=TODAY, now=NOW)
    add_address(person=alice, address="alice@employer.example", kind="business", source="x", now=NOW)
    assert ask(alice) == Decision(alice.pk, Verdict.NO, "no_address", None, None)
    assert told(alice, "no_address") == (False, "There is no private address that was confirmed from its mailbox.")
    assert told(alice, "suppressed")[0]


def test_of_several_confirmed_addresses_the_one_confirmed_last_is_used(alice: Person) -> None:
    newer = add_address(person=alice, address="new@home.example", kind="private", source="x", now=NOW)
    verify_address(address=newer, by="test", now=NOW + DAY)
    assert ask(alice, at=NOW + DAY).address_id == newer.pk


def test_mail_that_came_back_is_another_sentence_than_no_address(alice: Person) -> None:
    suppress(address="Alice@Home.example", reason="refused by the mail server", now=NOW)
    assert ask(alice) == Decision(alice.pk, Verdict.NO, "suppressed", None, None)
    assert told(alice, "suppressed") == (False, "Mail to this address came back, so we no longer use it.")
    assert told(alice, "no_address")[0]
    assert ask(alice, Purpose.SERVICE).rule == "suppressed"
    other = add_address(person=alice, address="other@home.example", kind="private", source="x", now=NOW)
    verify_address(address=other, by="test", now=NOW)
    assert ask(alice).address_id == other.pk


def test_an_address_that_came_back_is_dead_for_everybody_who_has_it(alice: Person) -> None:
    bob = person("Bob Stone", private="alice@home.example")
    suppress(address="alice@home.example", reason="refused", now=NOW)
    assert [each.state for each in (alice.addresses.get(), bob.addresses.get())] == ["dead", "dead"]


def test_a_former_fingerprint_key_still_finds_the_address_to_suppress(settings: Any, alice: Person) -> None:
    settings.PERENNIAL_FINGERPRINT_KEYS = ("a key that is new", *settings.PERENNIAL_FINGERPRINT_KEYS)
    suppress(address="alice@home.example", reason="refused", now=NOW)
    assert ask(alice).rule == "suppressed"


def test_a_mark_of_erasure_does_not_stop_mail(alice: Person) -> None:
    suppress(address="alice@home.example", reason="erased", now=NOW, scope=SuppressionScope.ERASED)
    assert ask(alice).verdict is Verdict.YES
    suppress(address="alice@home.example", reason="refused", now=NOW)
    suppress(address="alice@home.example", reason="refused", now=NOW)
    assert list(Suppression.objects.order_by("pk").values_list("fingerprint", "scope")) == [
        (fingerprint("alice@home.example"), SuppressionScope.ERASED),
        (fingerprint("alice@home.example"), SuppressionScope.MAIL),
    ]


@pytest.mark.parametrize(
    ("wish", "days"), [("monthly", 30), ("quarterly", 91), ("twice_a_year", 182), ("only_personal", 30)]
)
def test_the_budget_follows_the_wish(alice: Person, wish: str, days: int) -> None:
    change_preferences(person=alice, frequency=wish, by="test", now=NOW)
    touch(alice, NOW)
    until = NOW + timedelta(days=days)
    assert ask(alice, at=until - timedelta(minutes=1)) == Decision(alice.pk, Verdict.LATER, "frequency", until, None)
    assert ask(alice, at=until).verdict is Verdict.YES
    label = Frequency(wish).label
    assert told(alice, "frequency", at=NOW + 5 * DAY) == (False, f"Wish: '{label}'. The last was only 5 days ago.")
    assert told(alice, "frequency", at=until + DAY) == (True, f"Wish: '{label}'. The last was {days + 1} days ago.")


def test_who_never_said_how_often_is_written_to_once_a_quarter_at_most(alice: Person) -> None:
    touch(alice, NOW)
    assert ask(alice, at=NOW + 90 * DAY).until == NOW + 91 * DAY


def test_who_wants_only_personal_notes_gets_no_news_however_long_ago_the_last_was(alice: Person) -> None:
    agree(alice, "newsletter")
    change_preferences(person=alice, frequency="only_personal", by="test", now=NOW)
    touch(alice, NOW - DAY)
    assert ask(alice, Purpose.NEWSLETTER) == Decision(alice.pk, Verdict.NO, "frequency", None, None)
    assert told(alice, "frequency", Purpose.NEWSLETTER) == (
        False,
        "Wish: 'Only personal notes'. This is something else.",
    )
    assert ask(alice).verdict is Verdict.LATER


@pytest.mark.parametrize(
    "more",
    [
        {"direction": Direction.THEIRS},
        {"purpose": Purpose.SERVICE},
        {"at": NOW + timedelta(minutes=1)},
    ],
)
def test_what_does_not_count_against_the_budget(alice: Person, more: dict[str, Any]) -> None:
    touch(alice, more.pop("at", NOW), **more)
    assert ask(alice).verdict is Verdict.YES


def test_everything_that_needs_consent_shares_one_budget(alice: Person) -> None:
    agree(alice, "newsletter")
    touch(alice, NOW - DAY, purpose=Purpose.NEWSLETTER, kind=TouchKind.CALL)
    assert ask(alice).rule == "frequency"


def test_a_pause_ends_on_the_day_that_was_named(alice: Person) -> None:
    change_preferences(person=alice, not_now_until=date(2026, 10, 25), by="test", now=NOW)
    until = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
    assert ask(alice) == Decision(alice.pk, Verdict.LATER, "not_now", until, None)
    assert told(alice, "not_now") == (False, "Asked not to be contacted before 25 October 2026.")
    assert ask(alice, at=until + timedelta(hours=10)).verdict is Verdict.YES


def test_service_asks_the_short_list_and_nothing_else(alice: Person) -> None:
    bob = person("Bob Stone", ends_on=TODAY - 30 * DAY, private="bob@home.example")
    exclude(bob)
    change_preferences(person=bob, not_now_until=TODAY + 90 * DAY, by="test", now=NOW)
    touch(bob, NOW)
    at_night = datetime(2026, 9, 14, 23, 0, tzinfo=UTC)
    assert ask(bob, Purpose.SERVICE, at=at_night).verdict is Verdict.YES
    rules = explanation_of(bob, Purpose.SERVICE, at_night).rules
    assert [line.rule for line in rules] == ["stage", "restricted", "no_address", "suppressed"]
    restrict(person=bob, kind=RestrictionKind.RESTRICTION, reason="cool-off", starts_on=TODAY, by="u", now=NOW)
    assert ask(bob, Purpose.SERVICE).rule == "restricted"


@pytest.mark.parametrize(
    ("ends_on", "status", "serves"),
    [
        (TODAY, "unknown", True),
        (TODAY - DAY, "unknown", False),
        (TODAY - DAY, "active", False),
        (TODAY + 60 * DAY, "left", True),
        (None, "active", True),
        (None, "leaving", True),
        (None, "left", False),
        (None, "unknown", False),
    ],
)
def test_a_business_address_serves_until_the_last_day(ends_on: Any, status: str, serves: bool) -> None:
    programme()
    bob = person("Bob Stone", ends_on=ends_on, status=status)
    business = add_address(person=bob, address="bob@employer.example", kind="business", source="x", now=NOW)
    decision = ask(bob, Purpose.SERVICE)
    assert (decision.rule, decision.address_id) == (("", business.pk) if serves else ("no_address", None))


def test_for_service_the_business_address_comes_first_then_the_confirmed_private_one(alice: Person) -> None:
    given = add_address(person=alice, address="a@home.example", kind="private", source="x", given_on=TODAY, now=NOW)
    assert ask(alice, Purpose.SERVICE).address_id == alice.addresses.get(state="verified").pk
    business = add_address(person=alice, address="alice@employer.example", kind="business", source="x", now=NOW)
    assert ask(alice, Purpose.SERVICE).address_id == business.pk
    correct_stint(stint=alice.stints.get(), ends_on=TODAY - DAY, by="test", now=NOW)
    suppress(address="alice@home.example", reason="refused", now=NOW)
    assert ask(alice, Purpose.SERVICE).address_id == given.pk


def test_a_private_address_that_was_not_given_for_this_does_not_serve() -> None:
    programme()
    bob = person("Bob Stone", ends_on=TODAY - DAY)
    add_address(person=bob, address="bob@home.example", kind="private", source="upload", now=NOW)
    assert ask(bob, Purpose.SERVICE).rule == "no_address"
    assert told(bob, "no_address", Purpose.SERVICE) == (
        False,
        "There is no address that may be used: a business address serves until the last day, "
        "a private one only if it was given for this.",
    )
    # Where the address is known already, everything but the address is asked.
    assert ask(bob, Purpose.SERVICE, address_given=True).verdict is Verdict.YES


@pytest.mark.parametrize(
    ("local", "quiet", "until"),
    [
        ("2026-09-14T19:59", (20, 8), None),
        ("2026-09-14T20:00", (20, 8), "2026-09-15T08:00"),
        ("2026-09-15T07:59", (20, 8), "2026-09-15T08:00"),
        ("2026-09-15T08:00", (20, 8), None),
        ("2026-09-14T12:30", (12, 14), "2026-09-14T14:00"),
        ("2026-09-14T03:00", (0, 0), None),
        ("2026-09-14T22:00", (22, 22), None),
        ("2026-12-31T23:30", (23, 1), "2027-01-01T01:00"),
        # The night in which the clock goes forward is an hour shorter, the one in which it goes back an hour longer.
        ("2027-03-27T23:00", (20, 8), "2027-03-28T08:00"),
        ("2026-10-24T23:00", (20, 8), "2026-10-25T08:00"),
        # Half past two does not exist that night; three o'clock is when it would have been.
        ("2027-03-28T01:00", (0, 2), "2027-03-28T03:00"),
    ],
)
def test_at_night_the_answer_is_later_in_the_morning(
    alice: Person, local: str, quiet: tuple[int, int], until: str | None
) -> None:
    row = programme(quiet_from=quiet[0], quiet_until=quiet[1])
    zone = Question(Purpose.PERSONAL, Channel.EMAIL, NOW, row).zone
    at = datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)
    decision = ask(alice, at=at)
    wanted = datetime.fromisoformat(until).replace(tzinfo=zone).astimezone(UTC) if until else None
    assert (decision.rule, decision.until) == (("quiet_hours", wanted) if wanted else ("", None))
    if wanted:
        assert ask(alice, at=wanted).verdict is Verdict.YES
        assert told(alice, "quiet_hours", at=at)[1].startswith("It is night: we write between")


def test_a_programme_without_quiet_hours_says_so(alice: Person) -> None:
    programme(quiet_from=0, quiet_until=0)
    assert told(alice, "quiet_hours") == (True, "The programme has no quiet hours.")


def test_no_comes_before_later_and_the_first_of_the_list_before_the_next(alice: Person) -> None:
    night = datetime(2026, 9, 14, 23, 0, tzinfo=UTC)
    steps = [
        (lambda: None, "later", "quiet_hours"),
        (lambda: change_preferences(person=alice, not_now_until=TODAY + 9 * DAY, by="t", now=NOW), "later", "not_now"),
        (lambda: touch(alice, NOW), "later", "frequency"),
        (lambda: limited(ends_on=TODAY + DAY), "later", "restricted"),
        (lambda: suppress(address="alice@home.example", reason="x", now=NOW), "no", "suppressed"),
        (lambda: alice.addresses.all().update(verified_at=None), "no", "no_address"),
        (lambda: limited(), "no", "restricted"),
        (lambda: exclude(alice), "no", "excluded"),
        (lambda: programme(Stage.PREPARATION), "no", "stage"),
        (lambda: withdraw(person=alice, means=Means.ONE_CLICK, by="t", now=NOW), "no", "consent"),
    ]

    def limited(**more: Any) -> None:
        fields = {"kind": RestrictionKind.RESTRICTION, "reason": "x", "starts_on": TODAY, "by": "u", "now": NOW}
        restrict(person=alice, **{**fields, **more})

    for happens, verdict, rule in steps:
        happens()
        decision = ask(alice, at=night)
        assert (decision.verdict, decision.rule) == (verdict, rule)
        [mark] = [line for line in explanation_of(alice, at=night).rules if line.deciding]
        assert mark.rule == rule
        assert str(mark.change) != ""


def test_every_rule_is_listed_once_and_service_asks_a_part_of_them(alice: Person) -> None:
    codes = [rule.code for rule in RULES]
    assert codes == [
        "consent",
        "stage",
        "excluded",
        "decided",
        "audience",
        "objected",
        "restricted",
        "no_address",
        "suppressed",
        "topics",
        "frequency",
        "not_now",
        "quiet_hours",
    ]
    for purpose in CONSENT_PURPOSES:
        question = Question(purpose, Channel.EMAIL, NOW, programme())
        assert rules_for(question) == tuple(rule for rule in RULES if rule.code != "topics")
        assert rules_for(replace(question, topic=Topic())) == RULES


@pytest.mark.parametrize("many", [1, 40])
def test_the_door_is_one_statement_for_any_number_of_people(many: int, django_assert_num_queries: Any) -> None:
    programme()
    for number in range(many):
        write_down(Someone(agreed={"personal": True}), number)
    for purpose in (Purpose.PERSONAL, Purpose.NEWSLETTER, Purpose.SERVICE):
        # The programme's row, and the statement.
        with django_assert_num_queries(2):
            assert len(decide_all(purpose)) == many


@pytest.mark.parametrize("many", [1, 3])
def test_for_one_person_many_purposes_are_one_statement(
    many: int, alice: Person, django_assert_num_queries: Any
) -> None:
    purposes = [Purpose.PERSONAL, Purpose.NEWSLETTER, Purpose.SERVICE][:many]
    row = programme()
    with django_assert_num_queries(1):
        decisions = decide_for_each(person=alice, purposes=purposes, now=NOW, programme=row)
    assert decisions == {purpose: ask(alice, purpose) for purpose in purposes}
    assert decide_for_each(person=alice, purposes=[], now=NOW) == {}


def test_the_crowd_that_is_asked_about_is_the_crowd_that_is_answered(alice: Person) -> None:
    bob = person("Bob Stone")
    person("Charlie Day")
    asked = Person.objects.filter(pk__in=[alice.pk, bob.pk]).order_by("-full_name")
    decisions = decide(people=asked, purpose=Purpose.PERSONAL, now=NOW)
    assert {each.person_id: each.verdict for each in decisions} == {alice.pk: Verdict.YES, bob.pk: Verdict.NO}
    assert decide(people=Person.objects.none(), purpose=Purpose.PERSONAL, now=NOW) == []


def test_asking_changes_nothing(alice: Person) -> None:
    with CaptureQueriesContext(connection) as queries:
        ask(alice)
        explanation_of(alice)
    assert [query["sql"] for query in queries if not query["sql"].startswith(("SELECT", "DECLARE"))] == []
    assert LedgerEntry.objects.count() == ConsentState.objects.count() == 1


MOMENTS = st.integers(0, 47).map(lambda hours: NOW + timedelta(hours=hours))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    crowd=st.lists(SOMEONE, min_size=1, max_size=3),
    purpose=st.sampled_from([Purpose.PERSONAL, Purpose.NEWSLETTER, Purpose.SERVICE]),
    stage=st.sampled_from(Stage),
    quiet=st.sampled_from([(20, 8), (12, 14), (0, 0)]),
    at=MOMENTS,
)
def test_for_anybody_decision_explanation_and_prose_agree(
    db: None, crowd: list[Someone], purpose: Purpose, stage: Stage, quiet: tuple[int, int], at: datetime
) -> None:
    Person.objects.all().delete()
    Suppression.objects.all().delete()
    programme(stage, quiet_from=quiet[0], quiet_until=quiet[1])
    people = [write_down(someone, number) for number, someone in enumerate(crowd)]
    decisions = {each.person_id: each for each in decide_all(purpose, at)}
    for someone, row in zip(crowd, people, strict=True):
        answers = expected(someone, purpose=purpose, stage=stage, quiet=quiet, at=at)
        decision = decisions[row.pk]
        assert (decision.verdict, decision.rule, decision.until) == deciding(answers)
        explanation = explain(person=row, purpose=purpose, now=at)
        assert (explanation.verdict, explanation.rule, explanation.until) == deciding(answers)
        assert {line.rule: line.passed for line in explanation.rules} == {
            rule: verdict == "yes" for rule, (verdict, _until) in answers.items()
        }
        assert [line.rule for line in explanation.rules if line.deciding] == [decision.rule] * bool(decision.rule)
        assert decide_for_each(person=row, purposes=[purpose], now=at) == {purpose: decision}
        if decision.verdict is Verdict.YES:
            address = row.addresses.get(pk=decision.address_id)
            assert address.state != "dead"


def topic(name: str = "What we make", purpose: Purpose = Purpose.PERSONAL) -> Topic:
    return add_topic(purpose=purpose, names={"en": name}, by="test", now=NOW)


def test_what_somebody_would_rather_not_read_about_does_not_come_and_the_rest_does(alice: Person) -> None:
    makes, people = topic(), topic("Who came and went")
    choose_topics(person=alice, shown=[makes.pk, people.pk], wanted=[people.pk], by="test", now=NOW)
    assert ask(alice, topic=makes) == Decision(alice.pk, Verdict.NO, "topics", None, None)
    assert ask(alice, topic=people).verdict is Verdict.YES
    assert ask(alice).verdict is Verdict.YES
    assert told(alice, "topics", topic=makes) == (False, "Would rather not read about 'What we make'.")
    assert told(alice, "topics", topic=people) == (True, "Has nothing against reading about 'Who came and went'.")


def test_a_new_topic_reaches_who_agreed_and_one_retired_stays_refused(alice: Person) -> None:
    makes = topic()
    choose_topics(person=alice, shown=[makes.pk], wanted=[], by="test", now=NOW)
    assert ask(alice, topic=topic("Something new")).verdict is Verdict.YES
    retire_topic(topic=makes, by="test", now=NOW)
    assert ask(alice, topic=makes).rule == "topics"
    choose_topics(person=alice, shown=[makes.pk], wanted=[makes.pk], by="test", now=NOW)
    assert ask(alice, topic=makes).verdict is Verdict.YES


def test_agreeing_to_a_topic_is_agreeing_to_nothing_else(alice: Person) -> None:
    assert ask(alice, Purpose.EVENTS, topic=topic(purpose=Purpose.EVENTS)).rule == "consent"


def test_a_topic_of_another_purpose_is_refused_rather_than_passed_over(alice: Person) -> None:
    with pytest.raises(TopicOfOtherPurposeError):
        ask(alice, topic=topic(purpose=Purpose.EVENTS))


def test_one_persons_topics_are_nobody_elses(alice: Person) -> None:
    bob = person("Bob de Wit", private="bob@home.example")
    agree(bob, "personal")
    makes = topic()
    choose_topics(person=alice, shown=[makes.pk], wanted=[], by="test", now=NOW)
    with CaptureQueriesContext(connection) as queries:
        decisions = decide(people=Person.objects.all(), purpose=Purpose.PERSONAL, now=NOW, topic=makes)
    assert {each.person_id: each.verdict for each in decisions} == {alice.pk: Verdict.NO, bob.pk: Verdict.YES}
    assert len([each for each in queries.captured_queries if "people_person" in each["sql"]]) == 1
