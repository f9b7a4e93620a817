"""Column names in four languages are recognised, and doubt is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.intake.columns import LABELS, Field
from perennial.intake.recognising import Certainty, _key, contested, header_score, proposed, recognise, settled
from perennial.intake.words.headers import CERTAIN, DOUBTFUL
from perennial.intake.words.template import HEADERS


def one(header: str) -> tuple[Field | None, Certainty]:
    (recognition,) = recognise([header])
    return recognition.field, recognition.certainty


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Last day", Field.ENDS_ON),
        ("Termination Date", Field.ENDS_ON),
        ("Last day of work", Field.ENDS_ON),
        ("Datum uit dienst", Field.ENDS_ON),
        ("DATUM_UIT_DIENST", Field.ENDS_ON),
        ("Austrittsdatum", Field.ENDS_ON),
        ("Letzter Arbeitstag", Field.ENDS_ON),
        ("Дата увольнения", Field.ENDS_ON),
        ("Hire Date", Field.STARTS_ON),
        ("Datum in dienst", Field.STARTS_ON),
        ("Eintritt", Field.STARTS_ON),
        ("Дата приёма", Field.STARTS_ON),
        ("Дата приема", Field.STARTS_ON),
        ("Personalnummer", Field.EMPLOYEE_NUMBER),
        ("Personal-Nr.", Field.EMPLOYEE_NUMBER),
        ("PERNR", Field.EMPLOYEE_NUMBER),
        ("Mdw. code", Field.EMPLOYEE_NUMBER),
        ("Табельный номер", Field.EMPLOYEE_NUMBER),
        ("Таб. №", Field.EMPLOYEE_NUMBER),
        ("Employee ID", Field.EMPLOYEE_NUMBER),
        ("Tussenvoegsel", Field.PREFIX),
        ("Roepnaam", Field.CALLED),
        ("firstName", Field.FIRST_NAME),
        ("Medewerker: Achternaam", Field.LAST_NAME),
        ("Employee's last name", Field.LAST_NAME),
        ("ФИО", Field.FULL_NAME),
        ("E-mail werk", Field.BUSINESS_EMAIL),
        ("Zakelijk e-mailadres *", Field.BUSINESS_EMAIL),
        ("E-Mail geschaeftlich", Field.BUSINESS_EMAIL),
        ("EMAIL PRIVÉ", Field.PRIVATE_EMAIL),
        ("E-mail (personal)", Field.PRIVATE_EMAIL),
        ("Личная почта", Field.PRIVATE_EMAIL),
        ("Kündigungsgrund", Field.HOW_ENDED),
        ("Kuendigungsgrund", Field.HOW_ENDED),
        ("Основание увольнения", Field.HOW_ENDED),
        ("Führungskraft", Field.MANAGER),
        ("Вид занятости", Field.CONTRACT_KIND),
        ("Last day (dd-mm-yyyy)", Field.ENDS_ON),
        ("Abteilung", Field.DEPARTMENT),
        ("Standplaats", Field.PLACE),
        ("Должность", Field.TITLE),
        ("Correspondentietaal", Field.LANGUAGE),
    ],
)
def test_a_name_that_means_one_thing_is_certain(header: str, field: Field) -> None:
    assert one(header) == (field, Certainty.CERTAIN)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Name", Field.FULL_NAME),
        ("E-Mail", Field.BUSINESS_EMAIL),
        ("Datum", Field.ENDS_ON),
        ("Kündigungsdatum", Field.ENDS_ON),
        ("Our own last working day", Field.ENDS_ON),
        ("Код", Field.EMPLOYEE_NUMBER),
        ("Reason", Field.HOW_ENDED),
    ],
)
def test_a_name_that_could_mean_two_things_is_doubtful(header: str, field: Field) -> None:
    assert one(header) == (field, Certainty.DOUBTFUL)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Notes",
        "Geboortedatum",
        "Date of birth",
        "Manager e-mail",
        "E-mail (manager)",
        "Manager employee number",
        "Probezeit Ende",
        "Einddatum proeftijd",
        "Partner last name",
        "Leave balance",
        "IBAN",
        "alice@company.example",
        "Last day " * 40,
    ],
)
def test_what_is_not_ours_is_left_alone(header: str) -> None:
    assert one(header) == (None, Certainty.NONE)


def test_two_columns_that_claim_one_field_are_both_doubtful() -> None:
    found = recognise(["Full name", "Termination date", "Last day of work"])
    assert [(each.field, each.certainty) for each in found] == [
        (Field.FULL_NAME, Certainty.CERTAIN),
        (Field.ENDS_ON, Certainty.DOUBTFUL),
        (Field.ENDS_ON, Certainty.DOUBTFUL),
    ]
    assert settled(found) == {Field.FULL_NAME: 0}
    assert proposed(found) == {Field.FULL_NAME: 0}
    assert contested(found) == {Field.ENDS_ON: [1, 2]}


def test_a_doubtful_column_gives_way_to_a_certain_one() -> None:
    found = recognise(["E-mail", "Zakelijk e-mailadres"])
    assert [(each.field, each.certainty) for each in found] == [
        (None, Certainty.NONE),
        (Field.BUSINESS_EMAIL, Certainty.CERTAIN),
    ]


def test_a_bare_e_mail_column_is_never_taken_for_a_private_address() -> None:
    assert {one(header)[0] for header in ("Email", "E-mail address", "Mail", "почта")} == {Field.BUSINESS_EMAIL}


def test_name_beside_a_first_name_is_the_family_name() -> None:
    found = recognise(["Name", "Vorname"])
    assert [each.field for each in found] == [Field.LAST_NAME, Field.FIRST_NAME]
    assert found[0].certainty == Certainty.DOUBTFUL
    assert proposed(found) == {Field.LAST_NAME: 0, Field.FIRST_NAME: 1}


@pytest.mark.parametrize("language", ["en", "nl", "de", "ru"])
def test_our_own_column_names_are_recognised_all_together(language: str) -> None:
    names = list(HEADERS[language].values())
    assert settled(recognise(names)) == {field: position for position, field in enumerate(HEADERS[language])}
    assert set(HEADERS[language]) == set(Field)


def test_every_field_has_a_label_and_names_in_all_scripts() -> None:
    assert set(LABELS) == set(Field) == set(CERTAIN)
    for names in CERTAIN.values():
        assert any("а" <= letter <= "я" for letter in names)


def test_no_name_is_claimed_by_two_fields() -> None:
    owners: dict[str, set[Field]] = {}
    for names in (CERTAIN, DOUBTFUL):
        for field, block in names.items():
            for name in block.split(";"):
                if name.strip():
                    owners.setdefault(_key(name), set()).add(field)
    assert {name: fields for name, fields in owners.items() if len(fields) > 1} == {}


def test_a_header_scores_higher_than_what_stands_below_and_above_it() -> None:
    assert header_score(["Uitstroom 2025", "", ""]) == 0
    assert header_score(["Achternaam", "Voornaam", "Datum uit dienst"]) == 3
    assert header_score(["Vries", "Jan", "31-12-2025"]) == 0


@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_header_is_answered_for_every_column(headers: list[str]) -> None:
    found = recognise(headers)
    assert [each.header for each in found] == headers
    assert all((each.field is None) == (each.certainty is Certainty.NONE) for each in found)


@given(st.sampled_from(Field), st.sampled_from(["en", "nl", "de", "ru"]), st.sampled_from([" ", "_", "-", ".", ""]))
def test_case_and_punctuation_make_no_difference(field: Field, language: str, joint: str) -> None:
    header = HEADERS[language][field].replace(" ", joint)
    assert one(header.lower()) == one(header.upper()) == (field, Certainty.CERTAIN)
