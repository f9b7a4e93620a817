"""Companies, positions and skills: joined by name or domain, found by the search, gone without a trace."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.audit.models import Event
from perennial.people.actions import refresh_search_text
from perennial.people.directory import Filters, matching
from perennial.people.elsewhere import (
    CompanyKnownError,
    CompanyNameMissingError,
    DomainUnusableError,
    PositionDatesError,
    add_position,
    correct_company,
    correct_position,
    find_or_add_company,
    join_companies,
    normal_domain,
    remove_company,
    remove_position,
)
from perennial.people.models import Company, Person, Position, Provenance, Skill
from perennial.people.skills import SkillsUnusableError, set_skills, skills_in
from tests.cast import NOW, person

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"by": "user:3", "now": NOW}


def position(someone: Person, company: str = "Acme", **fields: Any) -> Position:
    return add_position(person=someone, company=company, source="typed", **BY, **fields)


def found(text: str) -> list[str]:
    return sorted(each.full_name for each in matching(Filters(text=text), among=Person.objects.order_by()))


# Domains


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("acme.example", "acme.example"),
        (" HTTPS://www.Acme.Example:8443/about?x=1#y ", "acme.example"),
        ("//acme.example/", "acme.example"),
        ("acme.example.", "acme.example"),
        ("www2.acme.example", "www2.acme.example"),
        ("büro.example", "büro.example"),
        ("xn--bro-hoa.example", "büro.example"),
        ("алиса.example", "алиса.example"),
    ],
)
def test_a_domain_is_kept_in_one_way_of_writing(typed: str, kept: str) -> None:
    assert normal_domain(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("acme", "acme..example", "-acme.example", "a b.example", "acme.example\r\nX: y", "http://", "192.0.2.7"),
        *("x" * 64 + ".example", "[::1", "http://[bad", "a@b", "javascript:alert(1)", "a." * 130 + "example"),
    ],
)
def test_what_is_no_domain_is_refused(typed: str) -> None:
    with pytest.raises(DomainUnusableError):
        normal_domain(typed)


@given(st.text(max_size=40))
def test_a_domain_once_kept_is_kept_as_it_is(typed: str) -> None:
    try:
        kept = normal_domain(typed)
    except DomainUnusableError:
        return
    assert normal_domain(kept) == kept


# Companies


def test_a_company_is_one_by_its_name_in_any_case_or_by_its_domain() -> None:
    acme = find_or_add_company(name=" ACME  Ltd", **BY)
    assert (acme.name, acme.relation) == ("ACME Ltd", "none")
    assert find_or_add_company(name="Acme ltd", domain="www.acme.example", **BY) == acme
    assert find_or_add_company(name="Acme Holding", domain="https://acme.example", **BY) == acme
    assert find_or_add_company(name="Acme Holding", **BY) != acme
    # It keeps the domain it has.
    assert find_or_add_company(name="acme LTD", domain="other.example", **BY) == acme
    acme.refresh_from_db()
    assert acme.domain == "acme.example"
    assert list(Event.objects.order_by("pk").values_list("deed", flat=True)) == [
        *("people.company_added", "people.company_corrected", "people.company_added")
    ]


@pytest.mark.parametrize("name", ["", " ", "\x00", "x" * 301])
def test_a_company_needs_a_name(name: str) -> None:
    with pytest.raises(CompanyNameMissingError):
        find_or_add_company(name=name, **BY)


def test_a_company_that_takes_the_name_or_domain_of_another_is_that_one() -> None:
    acme, other = find_or_add_company(name="Acme", domain="acme.example", **BY), find_or_add_company(name="Zeta", **BY)
    for name, domain in (("ACME", ""), ("Zeta", "acme.example")):
        with pytest.raises(CompanyKnownError) as refused:
            correct_company(company=other, name=name, domain=domain, relation="client", **BY)
        assert refused.value.other == acme
    other.refresh_from_db()
    assert (other.name, other.domain, other.relation) == ("Zeta", "", "none")


def test_a_renamed_company_is_found_by_its_new_name_only() -> None:
    alice = person("Alice van Dam")
    company = position(alice).company
    correct_company(company=company, name="Zeta Works", domain="zeta.example", relation="client", **BY)
    assert (found("zeta"), found("acme")) == (["Alice van Dam"], [])
    assert Event.objects.filter(deed="people.company_corrected").get().details == {
        "fields": ["domain", "name", "relation"]
    }


def test_two_companies_become_one_that_knows_what_both_knew() -> None:
    alice, bob = person("Alice van Dam"), person("Bob Stone")
    position(alice, "Acme")
    position(bob, "Acme Ltd", domain="acme.example")
    short, long = Company.objects.order_by("name")
    correct_company(company=long, name="Acme Ltd", domain="acme.example", relation="client", **BY)
    kept = join_companies(company=long, into=short, **BY)
    assert (kept.name, kept.domain, kept.relation) == ("Acme", "acme.example", "client")
    assert list(Company.objects.all()) == [kept]
    assert set(Position.objects.values_list("person", "company")) == {(alice.pk, kept.pk), (bob.pk, kept.pk)}
    assert (found("acme"), found("ltd")) == (["Alice van Dam", "Bob Stone"], [])
    with pytest.raises(Company.DoesNotExist):
        join_companies(company=long, into=short, **BY)
    with pytest.raises(Company.DoesNotExist):
        join_companies(company=short, into=short, **BY)


def test_a_company_where_somebody_works_is_not_removed() -> None:
    company = position(person()).company
    assert remove_company(company=company, **BY) is False
    Position.objects.all().delete()
    assert remove_company(company=company, **BY) is True
    assert Company.objects.count() == 0


# Positions


def test_a_position_is_added_corrected_and_removed_with_a_trace_and_the_search_follows() -> None:
    alice = person("Alice van Dam")
    row = position(alice, "Acmee", title="Geologist", starts_on=date(2026, 10, 1))
    assert (row.source, row.added_by, found("acmee geolog")) == ("typed", "user:3", ["Alice van Dam"])
    correct_position(position=row, company="Acme", title="Geologist", **BY)
    assert (found("acmee"), found("acme")) == ([], ["Alice van Dam"])
    # The slip is gone; who corrected which field is on file.
    assert list(Company.objects.values_list("name", flat=True)) == ["Acme"]
    assert list(Provenance.objects.values_list("position", "field", "source")) == [(row.pk, "company", "user:3")]
    correct_position(position=row, company="ACME", title="Geologist", **BY)
    remove_position(position=row, **BY)
    assert (found("acme"), Company.objects.count()) == ([], 0)
    deeds = Event.objects.filter(deed__startswith="people.position").order_by("pk").values_list("deed", "subject_key")
    assert list(deeds) == [(f"people.position_{deed}", alice.key) for deed in ("added", "corrected", "removed")]


def test_a_position_does_not_end_before_it_starts() -> None:
    alice = person()
    with pytest.raises(PositionDatesError):
        position(alice, starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 1))
    row = position(alice, starts_on=date(2026, 2, 1))
    with pytest.raises(PositionDatesError):
        correct_position(position=row, company="Acme", ends_on=date(2026, 1, 1), **BY)


# Skills


def test_skills_are_read_from_commas_and_lines_each_once() -> None:
    assert skills_in("SQL, sql;  Plain\r\nlanguage,\n, Python 3 ") == ["SQL", "Plain", "language", "Python 3"]
    for text in ("x" * 101, ",".join(map(str, range(51)))):
        with pytest.raises(SkillsUnusableError):
            skills_in(text)


def test_who_keeps_a_skill_keeps_who_said_so_and_what_nobody_has_goes() -> None:
    alice = person("Alice van Dam")
    set_skills(person=alice, names=["SQL", "Chess"], source="typed", **BY)
    set_skills(person=alice, names=["sql", "Python"], source="typed", by="user:4", now=NOW)
    said = set(alice.skills.values_list("skill__name", "added_by"))
    assert said == {("SQL", "user:3"), ("Python", "user:4")}
    assert set(Skill.objects.values_list("name", flat=True)) == {"SQL", "Python"}
    assert (found("python"), found("chess")) == (["Alice van Dam"], [])
    events = Event.objects.filter(deed="people.skills_changed").order_by("pk")
    assert [event.details for event in events] == [{"added": 2, "removed": 0}, {"added": 1, "removed": 1}]
    set_skills(person=alice, names=["SQL", "Python"], source="typed", **BY)
    assert events.count() == 2


def test_the_search_text_is_the_same_whichever_way_it_was_written() -> None:
    alice = person("Zoë Ångström", title="Planner", private="zoe@home.example")
    position(alice, "Müller & Söhne", title="Lead")
    set_skills(person=alice, names=["Straßenbau"], source="typed", **BY)
    alice.refresh_from_db()
    before = alice.search_text
    assert all(word in before.split() for word in ("mueller", "strassenbau", "lead"))
    refresh_search_text(person=alice)
    assert alice.search_text == before


def test_names_whose_letters_become_three_each_are_kept_at_their_full_length() -> None:
    alice = person()
    # Casefolded these are 'ffi' and, of the other, a letter with two marks on it.
    for letter in ("\ufb03", "\u0390"):
        set_skills(person=alice, names=[letter * 100], source="typed", **BY)
        assert Skill.objects.get().name_key == (letter * 100).casefold()
        company = find_or_add_company(name=letter * 300, **BY)
        assert company.name_key == (letter * 300).casefold()
        assert len(company.name_key) == 900
        assert correct_company(company=company, name="Acme " + letter * 295, domain="", relation="client", **BY)
        assert remove_company(company=company, **BY) is True
