"""Country policy as dated data, and the terms that are set over it."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from perennial.audit.models import Event
from perennial.kernel.terms import Term, Unit
from perennial.programme.enums import DataKind, Marketing, Topic
from perennial.programme.keeping import (
    NoTimeToAnswerError,
    TermUnfitError,
    TooSoonError,
    WhyMissingError,
    set_term,
)
from perennial.programme.models import RetentionTerm
from perennial.programme.policy import Policies, PolicyFileError, policy_of, read_rules, shipped
from tests.cast import NOW, TODAY, programme

pytestmark = pytest.mark.django_db

RULE = {"from": "2020-01-01", "what": "own_document", "value": True, "source": "A law."}
IN_A_WEEK = TODAY + timedelta(days=7)


def file_of(*rules: Any, **more: Any) -> str:
    return json.dumps({"country": "NL", "rules": list(rules), **more})


@pytest.fixture(autouse=True)
def _set_up() -> None:
    programme()


def set_(country: str = "EU", kind: str = "inactive", term: Term | None = None, **more: Any) -> RetentionTerm:
    asked: dict[str, Any] = {"why": "The works council asked for it.", "starts_on": IN_A_WEEK, **more}
    return set_term(country=country, kind=kind, term=term, by="user:1", now=NOW, **asked)


def test_what_is_shipped_is_sound_and_names_a_source_for_each_rule() -> None:
    rules = shipped()
    assert {rule.country for rule in rules} == {"EU", "NL", "DE", "RU"}
    assert all(len(rule.source) > 8 for rule in rules)
    assert {rule.what for rule in rules} == {*Topic, *DataKind}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "nl.json"),
        ("[]", "expected a country and its rules"),
        (file_of(RULE, more=1), "expected a country and its rules"),
        (json.dumps({"country": "DE", "rules": []}), "expected the country of that name"),
        (file_of(RULE | {"until": "2021-01-01"}), "rule 1: expected from, source, value, what"),
        (file_of({key: RULE[key] for key in ("from", "what", "value")}), "rule 1: expected"),
        (file_of(RULE | {"source": " "}), "names no source"),
        (file_of(RULE | {"from": "2020-02-30"}), "rule 1"),
        (file_of(RULE | {"from": 2020}), "rule 1"),
        (file_of(RULE | {"what": "mood"}), "mood"),
        (file_of(RULE | {"value": 1}), "true or false"),
        (file_of(RULE | {"what": "document_language", "value": "fr"}), "a language that we speak"),
        (file_of(RULE | {"what": "marketing", "value": "sometimes"}), "sometimes"),
        (file_of(RULE | {"what": "answer", "value": {"amount": 0, "unit": "days"}}), "no term"),
        (file_of(RULE | {"what": "answer", "value": {"amount": 1, "unit": "weeks"}}), "weeks"),
        (file_of(RULE | {"what": "answer", "value": {"amount": 1}}), "an amount and a unit"),
        (file_of(RULE | {"what": "answer", "value": None}), "an amount and a unit"),
        (file_of(RULE | {"what": "retention.mood", "value": None}), "mood"),
        (file_of(RULE | {"what": "co_determination", "value": "wor_27"}), "a list"),
        (file_of(RULE, RULE | {"from": "2019-01-01", "what": "phone", "value": "consent_first"}), "stands first"),
        (file_of(RULE, RULE), "say the same thing"),
        ('{"country": "NL", "country": "NL", "rules": []}', "said twice"),
    ],
)
def test_a_file_that_says_anything_else_is_refused(text: str, says: str) -> None:
    assert read_rules("nl.json", file_of(RULE))
    with pytest.raises(PolicyFileError, match=r"nl\.json") as refused:
        read_rules("nl.json", text)
    assert says in str(refused.value)


def test_the_rule_in_force_is_the_latest_that_has_begun() -> None:
    def phone(on: date) -> Any:
        return policy_of("NL", on=on).topics[Topic.PHONE].value

    assert phone(date(2021, 6, 30)) == Marketing.CONSENT_FIRST
    assert phone(date(2026, 6, 30)) == Marketing.CONSENT_OR_CUSTOMER
    assert phone(date(2026, 7, 1)) == Marketing.CONSENT_FIRST


def test_a_country_says_only_what_differs() -> None:
    everywhere, nl, ru = (policy_of(code, on=TODAY) for code in ("", "NL", "RU"))
    assert everywhere.answer == nl.answer == policy_of("AT", on=TODAY).answer == Term(1, Unit.MONTHS)
    assert ru.answer == Term(10, Unit.WORKING_DAYS)
    assert ru.answer_extended == Term(15, Unit.WORKING_DAYS)
    assert nl.topics[Topic.ANSWER].country == "EU"
    assert nl.topics[Topic.MARKETING].country == "NL"
    assert (nl.first_written_here, ru.first_written_here) == (False, True)
    assert not policy_of("RU", on=date(2025, 6, 30)).first_written_here
    assert (ru.own_document, policy_of("RU", on=date(2025, 8, 31)).own_document) == (True, False)
    assert Topic.STOP_PUBLISHING in ru.topics
    assert Topic.STOP_PUBLISHING not in nl.topics


def test_proof_is_kept_from_the_end_of_what_it_proves() -> None:
    assert policy_of("NL", on=TODAY).evidence_until(ended_on=date(2024, 2, 29)) == date(2027, 2, 28)
    assert policy_of("NL", on=TODAY).kept_for(DataKind.AUDIT) is None


def test_a_term_set_for_a_country_holds_there_from_its_day_on() -> None:
    set_("NL", term=Term(26, Unit.MONTHS))
    before, after = policy_of("NL", on=IN_A_WEEK - timedelta(days=1)), policy_of("NL", on=IN_A_WEEK)
    assert before.kept_for(DataKind.INACTIVE) == Term(30, Unit.MONTHS)
    assert after.kept_for(DataKind.INACTIVE) == Term(26, Unit.MONTHS)
    held = after.retention[DataKind.INACTIVE]
    assert (held.by, held.source, held.shipped) == ("user:1", "The works council asked for it.", Term(30, Unit.MONTHS))
    assert policy_of("DE", on=IN_A_WEEK).kept_for(DataKind.INACTIVE) == Term(30, Unit.MONTHS)
    event = Event.objects.get(deed="programme.term_set")
    assert event.details == {"kind": "inactive", "amount": 26, "unit": "months", "starts_on": IN_A_WEEK.isoformat()}


def test_a_term_set_for_everywhere_yields_to_what_a_country_says_itself() -> None:
    set_(kind="evidence", term=Term(2, Unit.MONTHS))
    assert policy_of("NL", on=IN_A_WEEK).kept_for(DataKind.EVIDENCE) == Term(2, Unit.MONTHS)
    assert policy_of("DE", on=IN_A_WEEK).kept_for(DataKind.EVIDENCE) == Term(36, Unit.MONTHS)


def test_a_term_goes_back_to_what_is_shipped() -> None:
    set_("NL", term=Term(31, Unit.MONTHS), starts_on=TODAY)
    set_("NL", term=None, starts_on=IN_A_WEEK)
    held = policy_of("NL", on=IN_A_WEEK).retention[DataKind.INACTIVE]
    assert (held.value, held.by) == (Term(30, Unit.MONTHS), "")
    assert RetentionTerm.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"kind": "audit", "term": Term(1, Unit.MONTHS)}, TermUnfitError),
        ({"kind": "mood", "term": Term(1, Unit.MONTHS)}, TermUnfitError),
        ({"term": Term(121, Unit.MONTHS)}, TermUnfitError),
        ({"term": Term(5, Unit.WORKING_DAYS)}, TermUnfitError),
        ({"term": Term(26, Unit.MONTHS), "why": " "}, WhyMissingError),
        ({"term": Term(26, Unit.MONTHS), "starts_on": IN_A_WEEK - timedelta(days=1)}, TooSoonError),
        ({"term": Term(31, Unit.MONTHS), "starts_on": TODAY - timedelta(days=1)}, TooSoonError),
        ({"term": Term(31, Unit.MONTHS), "starts_on": date(2010, 1, 1)}, TooSoonError),
        ({"term": Term(24, Unit.MONTHS)}, NoTimeToAnswerError),
        ({"kind": "inactive_asked", "term": Term(30, Unit.MONTHS)}, NoTimeToAnswerError),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(changes: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        set_(**changes)
    assert not RetentionTerm.objects.exists()
    assert not Event.objects.filter(deed="programme.term_set").exists()


def test_time_to_answer_is_kept_where_another_term_begins_later() -> None:
    set_("NL", kind="inactive_asked", term=Term(28, Unit.MONTHS), starts_on=IN_A_WEEK + timedelta(days=30))
    with pytest.raises(NoTimeToAnswerError):
        set_(term=Term(26, Unit.MONTHS))


def test_a_longer_term_may_begin_today() -> None:
    set_(term=Term(36, Unit.MONTHS), starts_on=TODAY)
    assert policy_of("", on=TODAY).kept_for(DataKind.INACTIVE) == Term(36, Unit.MONTHS)
    assert Policies(on=TODAY).version() == f"2026-07-01/{RetentionTerm.objects.get().pk}"
