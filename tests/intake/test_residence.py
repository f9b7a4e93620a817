"""Where people live: read from lists, and residents of a country in which nothing may be written down first."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from perennial.accounts.roles import Role
from perennial.intake.models import ImportRun, StagedRow
from perennial.people.actions import add_person, correct_person
from perennial.people.models import Person, Provenance
from perennial.people.residence import ResidenceRefusedError
from perennial.programme.models import Place
from tests import cast
from tests.cast import NOW
from tests.intake.bringing import counted, reasons, take_in_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]

HEADER = "Employee number;Full name;Private e-mail;Business e-mail;Last day;Location;{country}\n"
PLANTED = ("Zaplanova", "9917733", "zaplanova", "Planted Square")


@pytest.fixture
def bring(tmp_path: Path) -> Any:
    def take(*rows: str, country: str = "Country of residence", **asked: Any) -> Any:
        path = tmp_path / "list.csv"
        path.write_text(HEADER.format(country=country) + "\n".join(rows) + "\n", encoding="utf-8")
        return take_in_file(path, **asked)

    return take


def row_of(country: str, *, place: str = "Planted Square", number: str = "9917733") -> str:
    return f"{number};Olga Zaplanova;zaplanova@home.example;o.zaplanova@work.example;2026-10-14;{place};{country}"


def planted_anywhere() -> list[str]:
    """Every place of the database where a planted text stands, whatever kind of column."""
    found = []
    for model in apps.get_models():
        for values in model._base_manager.values():
            found += [
                f"{model.__name__}.{name}" for name, value in values.items() for each in PLANTED if each in str(value)
            ]
    return found


@pytest.mark.parametrize(
    ("header", "cell", "code"),
    [
        ("Country of residence", "NL", "NL"),
        ("Woonland", "België", "BE"),
        ("Wohnsitzland", "Niederlande", "NL"),
        ("Страна проживания", "Германия", "DE"),
        ("Residence country", "USA", "US"),
        ("Country of residence", "", ""),
        ("Country of residence", "-", ""),
    ],
)
def test_the_country_of_residence_is_read_in_four_languages(bring: Any, header: str, cell: str, code: str) -> None:
    assert counted(bring(row_of(cell), country=header)) == (1, 0, 0, 0)
    assert Person.objects.get().country == code


def test_a_country_changes_by_the_feed_and_says_who_said_it(bring: Any) -> None:
    bring(row_of("NL"))
    assert counted(bring(row_of("BE"))) == (0, 1, 0, 0)
    assert counted(bring(row_of("BE"))) == (0, 0, 1, 0)
    assert counted(bring(row_of(""))) == (0, 0, 1, 0)
    person = Person.objects.get()
    assert person.country == "BE"
    assert Provenance.objects.get(person=person, field="country").source == "hr"


@pytest.mark.parametrize("cell", ["RU", "Russia", "Россия", "Российская Федерация", "rusland", "RUS"])
def test_of_somebody_who_lives_in_russia_nothing_is_kept(bring: Any, cell: str) -> None:
    result = bring(
        row_of(cell), row_of("NL", number="1").replace("Olga Zaplanova", "Alice").replace("zaplanova", "alice")
    )
    assert counted(result) == (1, 0, 0, 1)
    [reason] = reasons(result)
    assert "Row 2: data of people who live in this country" in reason
    text = Path(result.errors_file).read_text(encoding="utf-8-sig")
    assert not any(each in text for each in PLANTED)
    assert [each for each in planted_anywhere() if not each.startswith("Place.")] == []


def test_the_search_for_planted_texts_finds_them_where_they_are(bring: Any) -> None:
    bring(row_of("NL"))
    assert {"Person.full_name", "Stint.employee_number", "EmailAddress.address", "Place.name"} <= set(
        planted_anywhere()
    )


def test_a_mistake_in_such_a_row_is_not_kept_either(bring: Any) -> None:
    result = bring("9917733;;not an address;;soon;Planted Square;RU", "9917733;Olga Zaplanova;;;;;Rusia")
    assert counted(result) == (0, 0, 0, 2)
    assert planted_anywhere() == []
    assert "none that we know" in reasons(result)[1]


def test_whoever_works_there_lives_there_unless_somebody_says_otherwise(bring: Any) -> None:
    Place.objects.create(name="Planted Square", country="Россия")
    assert counted(bring(row_of(""))) == (0, 0, 0, 1)
    assert not Person.objects.exists()
    assert counted(bring(row_of("", place="Moscow, Russia").replace("Moscow, Russia", "Russia"))) == (0, 0, 0, 1)
    assert counted(bring(row_of("NL"))) == (1, 0, 0, 0)
    # It is on file now where she lives.
    assert counted(bring(row_of(""))) == (0, 0, 1, 0)


def test_somebody_on_file_is_not_moved_there_by_a_feed(bring: Any) -> None:
    bring(row_of("NL"))
    assert counted(bring(row_of("RU"))) == (0, 0, 0, 1)
    assert Person.objects.get().country == "NL"


def test_an_installation_that_stands_there_takes_them_in(bring: Any, settings: Any) -> None:
    settings.PERENNIAL_STANDS_IN = ("RU",)
    assert counted(bring(row_of("RU"))) == (1, 0, 0, 0)
    assert Person.objects.get().country == "RU"


def test_nobody_is_typed_in_or_moved_there(settings: Any) -> None:
    someone = cast.person()
    with pytest.raises(ResidenceRefusedError):
        add_person(full_name="Olga Zaplanova", country="RU", source="test", by="test", now=NOW)
    asked = {"full_name": someone.full_name, "called": "Alice", "language": "nl", "by": "test", "now": NOW}
    for country in ("RU", "XX"):
        with pytest.raises(ResidenceRefusedError):
            correct_person(person=someone, country=country, **asked)
    assert planted_anywhere() == []
    settings.PERENNIAL_STANDS_IN = ("RU",)
    assert correct_person(person=someone, country="RU", **asked).country == "RU"


def test_the_desk_says_why(client: Client) -> None:
    client.force_login(cast.colleague(email="hr.residence@employer.example", role=Role.HR))
    sent = {"full_name": "Olga Zaplanova", "country": "RU", "status": "left", "ends_on": "2026-08-30"}
    answer = client.post("/people/new/", sent)
    assert answer.status_code == 422
    assert "installation that stands there" in answer.content.decode()
    assert planted_anywhere() == []
    someone = cast.person()
    page = f"/people/{someone.key}/correct/"
    assert (
        client.post(
            page, {"full_name": "Olga Zaplanova", "called": "Olga", "language": "nl", "country": "RU"}
        ).status_code
        == 422
    )
    assert (
        client.post(page, {"full_name": "Alice", "called": "Alice", "language": "nl", "country": "BE"}).status_code
        == 302
    )
    assert Person.objects.get().country == "BE"
    assert "Belgium" in client.get(f"/people/{someone.key}/").content.decode()


def test_no_file_of_such_an_import_stays_in_our_folder(bring: Any) -> None:
    bring(row_of("RU"))
    assert not StagedRow.objects.exclude(full_name="").exists()
    assert {run.stored_path for run in ImportRun.objects.filter(owns_file=True)} <= {""}
