"""Naughty strings in every field of many people, on every page of the desk that shows them.

They are shown as the text they are, and a page is made of exactly the elements and attributes that it is made of when
everybody is called Harmless.
"""

import csv
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from python_calamine import CalamineWorkbook

from perennial.accounts.roles import Role
from perennial.contact.actions import record_touch
from perennial.contact.enums import Direction, TouchKind
from perennial.departures.actions import open_due
from perennial.departures.invitations import draft_invitations
from perennial.departures.models import Departure
from perennial.intake.models import ImportRun
from perennial.intake.values import is_blank, undisarm
from perennial.kernel.purposes import Intent, Purpose
from perennial.kernel.text import search_text, sort_name_from
from perennial.mail.compose import in_letter
from perennial.mail.models import Message
from perennial.mail.queue import approve
from perennial.mail.render import render
from perennial.mail.send import send_due
from perennial.outreach.queries import letters
from perennial.people.directory import Filters, matching
from perennial.people.models import Company, Person, PersonSkill, Position, Skill, Stint
from perennial.programme.models import Department, Place
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.corpora.naughty import NAUGHTY, is_refused, normal
from tests.corpora.reading import Made, made_of, scripts, texts
from tests.desk.walkers import draft_letters, leaver

pytestmark = pytest.mark.django_db

# As they are kept, each once in any case, so that as many departments come of them as of harmless ones.
TEXTS = list(
    {normal(text).casefold(): normal(text) for text in NAUGHTY if not is_refused(text) and normal(text)}.values()
)
DAY = timedelta(days=1)


def packed(strings: Sequence[str]) -> list[str]:
    """The same strings in as few names as hold them, so that few pages are needed to see them all."""
    names = [""]
    for text in strings:
        if len(names[-1]) + len(text) >= 300:
            names.append("")
        names[-1] = f"{names[-1]} {text}".strip()
    return names


@pytest.fixture
def desk(client: Client, settings: Any) -> Iterator[Client]:
    settings.PERENNIAL_DEMO = True
    with time_machine.travel(NOW, tick=False):
        programme()
        client.force_login(colleague(Role.COORDINATOR, email="carla.now@employer.example"))
        yield client


@pytest.fixture(autouse=True)
def _all_on_one_page(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "people.views.directory",
        "people.views.companies",
        "departures.views",
        "letters.views",
        "outbox.views",
        "intake.views",
    ):
        monkeypatch.setattr(f"perennial.desk.{name}.PAGE", 10_000)
    monkeypatch.setattr("perennial.desk.people.views.person.TIMELINE", 10_000)
    monkeypatch.setattr("perennial.desk.today.views.OF_A_KIND", 10_000)
    monkeypatch.setattr("perennial.intake.errors_file.SHOWN_REJECTS", 10_000)
    monkeypatch.setattr("perennial.intake.staging.SHOWN_REJECTS", 10_000)
    for name in ("SHOWN_NEW", "SHOWN_CHANGES", "SHOWN_REJECTED"):
        monkeypatch.setattr(f"perennial.intake.queries.{name}", 10_000)


def read(desk: Client, path: str) -> str:
    answer = desk.get(path)
    assert answer.status_code == 200, path
    html: str = answer.content.decode()
    return html


def compared(desk: Client, build: Any, *paths: Any, strings: Sequence[str] = TEXTS) -> list[str]:
    """The pages with naughty strings, having seen that with harmless ones they are made of the same."""
    with transaction.atomic():
        context = build([f"Harmless {at}" for at in range(len(strings))])
        plain = [read(desk, path(context) if callable(path) else path) for path in paths]
        transaction.set_rollback(True)
    context = build(strings)
    naughty = [read(desk, path(context) if callable(path) else path) for path in paths]
    for one, other in zip(naughty, plain, strict=True):
        assert differences(made_of(one), made_of(other)) == ({}, {})
        assert sorted(scripts(one)) == sorted(scripts(other))
    return naughty


def differences(one: Made, other: Made) -> tuple[dict[Any, int], dict[Any, int]]:
    return dict(one - other), dict(other - one)


def everybody(strings: Sequence[str]) -> None:
    """A person for each string, who has it in every field."""
    people = [
        Person(
            full_name=text,
            called=text,
            sort_name=sort_name_from(text),
            search_text=search_text(text),
            created_at=NOW,
            updated_at=NOW,
        )
        for text in strings
    ]
    Person.objects.bulk_create(people)
    Stint.objects.bulk_create(stints_of(people, strings))


def stints_of(people: Sequence[Person], strings: Sequence[str]) -> list[Stint]:
    departments = Department.objects.bulk_create([Department(name=text) for text in strings])
    places = Place.objects.bulk_create([Place(name=text) for text in strings])
    return [
        Stint(
            person=someone,
            source=text[:60],
            employee_number=text[:100],
            title=text,
            manager=text,
            department=department,
            place=place,
            ends_on=TODAY + 20 * DAY,
            starts_on=TODAY - at * DAY,
            created_at=NOW,
            updated_at=NOW,
        )
        for at, someone, text, department, place in zip(count(), people, strings, departments, places, strict=False)
    ]


def test_the_list_of_people_shows_each_text_as_it_is(desk: Client) -> None:
    columns = "&".join(f"column={name}" for name in ("title", "department", "place", "employee_number"))
    (page,) = compared(desk, everybody, f"/people/?{columns}")
    assert sorted(texts(page, "tbody th a")) == sorted(TEXTS)
    for label in ("Job title", "Department", "Location"):
        assert sorted(texts(page, f'td[data-label="{label}"]')) == sorted(TEXTS)
    assert sorted(texts(page, 'td[data-label="Employee number"]')) == sorted(
        " ".join(text[:100].split()) for text in TEXTS
    )


def test_departures_and_today_show_each_name_as_it_is(desk: Client) -> None:
    def build(strings: Sequence[str]) -> None:
        everybody(strings)
        open_due(now=NOW)

    listed, _today = compared(desk, build, "/departures/", "/")
    shown = " ".join(texts(listed, "main"))
    assert [text for text in TEXTS if text not in shown] == []


def test_departments_and_places_are_listed_as_they_are_called(desk: Client) -> None:
    for page in compared(desk, everybody, "/organisation/", "/organisation/places/"):
        shown = " ".join(texts(page, "main"))
        assert [text for text in TEXTS if text not in shown] == []


def test_one_person_may_have_every_text_in_every_field(desk: Client) -> None:
    def build(strings: Sequence[str]) -> Person:
        someone = person("Alice van Dam")
        Stint.objects.bulk_create(stints_of([someone] * len(strings), strings))
        for at, text in enumerate(strings):
            record_touch(
                person=someone,
                at=NOW - at * DAY,
                direction=Direction.OURS,
                kind=TouchKind.CALL,
                purpose=Purpose.PERSONAL,
                intent=Intent.NEUTRAL,
                origin=f"test:{at}",
                summary=text,
            )
        return someone

    (page,) = compared(desk, build, lambda someone: f"/people/{someone.key}/")
    shown = " ".join(texts(page, "main"))
    # As title, department, place and manager, and in what was noted of a call.
    assert [text for text in TEXTS if shown.count(text) < 5] == []


def working_elsewhere(strings: Sequence[str]) -> Person:
    """A person who has worked at a company of each name, with that title, and knows how to do what is called so."""
    someone = person("Alice van Dam")
    stamps: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
    companies = Company.objects.bulk_create(
        [Company(name=text, name_key=text.casefold(), **stamps) for text in strings]
    )
    Position.objects.bulk_create(
        [Position(person=someone, company=each, title=each.name, source="typed", **stamps) for each in companies]
    )
    # Of long ones only one begins alike in its first hundred characters.
    names = {text[:100].strip().casefold(): text[:100].strip() for text in strings}
    skills = Skill.objects.bulk_create([Skill(name=name, name_key=key) for key, name in names.items()])
    PersonSkill.objects.bulk_create(
        [PersonSkill(person=someone, skill=skill, source="typed", created_at=NOW) for skill in skills]
    )
    return someone


def test_jobs_elsewhere_and_skills_are_shown_as_they_are_called(desk: Client) -> None:
    about, companies = compared(
        desk, working_elsewhere, lambda someone: f"/people/{someone.key}/", "/people/companies/"
    )
    shown = " ".join(texts(about, "main"))
    # As company, as title, and as a skill.
    assert [text for text in TEXTS if shown.count(text) < 2 or shown.count(text[:100].strip()) < 3] == []
    listed = " ".join(texts(companies, "main"))
    assert [text for text in TEXTS if text not in listed] == []


# What could be taken for markup or for a placeholder, of strings that differ in an escaped byte only one.
MARKUP = {re.sub(r"(?:\\x[0-9A-F]{2})+", "", text): text for text in TEXTS if re.search("[<>&\"'`{}%]", text)}
NAMES = packed(list(MARKUP.values()))


@pytest.fixture
def walked(desk: Client) -> dict[str, dict[str, str]]:
    """People with a letter and an invitation in draft, by name the pages about each; the first is called Harmless."""
    pages: dict[str, dict[str, str]] = {}
    for at, name in enumerate(["Harmless", *NAMES]):
        someone = leaver(name, private=f"p{at}@home.example", ends_on=TODAY - 14 * DAY, manager=name, title=name)
        Person.objects.filter(pk=someone.pk).update(called=name)
        # The smaller pages about every third: all say the name in the same two places.
        about = ("", "why/", "correct/", "erase/") if at % 3 == 0 else ("",)
        pages[name] = {each: f"/people/{someone.key}/{each}" for each in about}
        departure = f"/departures/{Departure.objects.get(person=someone).key}/"
        pages[name] |= {"departure": departure, "sheet": f"{departure}sheet/"}
    draft_letters(at=NOW)
    draft_invitations(now=NOW)
    for letter in letters().select_related("person"):
        pages[letter.person.full_name]["letter"] = f"/letters/{letter.pk}/"
    return pages


@pytest.mark.slow
def test_every_page_about_one_person_shows_the_name_as_it_is(desk: Client, walked: dict[str, dict[str, str]]) -> None:
    plain = {page: read(desk, path) for page, path in walked.pop("Harmless").items()}
    assert len(walked) == len(NAMES) > 15
    for name, paths in walked.items():
        assert paths.keys() <= plain.keys()
        for page, path in paths.items():
            html = read(desk, path)
            assert differences(made_of(html), made_of(plain[page])) == ({}, {}), path
            assert scripts(html) == scripts(plain[page])
            # In a letter a name is no place for a link and leads nowhere.
            assert name in " ".join(texts(html, "h1, .lead, .page-head")) or page == "departure", path
            assert name in texts(html, "title")[0] or page in ("correct/", "erase/"), path


def test_letters_and_their_mails_hold_the_name_as_text(desk: Client, walked: dict[str, dict[str, str]]) -> None:
    shown = " ".join(texts(read(desk, "/letters/"), "main"))
    assert [name for name in walked if name not in shown] == []
    ids = list(letters().values_list("pk", flat=True))
    approve(message_ids=ids, by="test", now=NOW, sender_name='"><b>Carla', reply_to="carla@employer.example")
    assert send_due(now=NOW, worker="test").kept == len(walked)
    shown = " ".join(texts(read(desk, "/outbox/"), "main"))
    assert [name for name in walked if f"How are you, {in_letter(name)}?"[:250] not in shown] == []
    plain, *mails = Message.objects.filter(pk__in=ids).select_related("mailing").order_by("pk")
    page = read(desk, f"/outbox/{plain.pk}/")
    mail = parsed(plain)
    assert len(mails) == len(NAMES)
    for message, name in zip(mails, NAMES, strict=True):
        looked_at = read(desk, f"/outbox/{message.pk}/")
        assert differences(made_of(looked_at), made_of(page)) == ({}, {})
        assert scripts(looked_at) == scripts(page)
        made = parsed(message)
        assert made.keys() == mail.keys()
        assert made["Subject"] == f"How are you, {in_letter(name)}?"[:250].strip()
        assert [made[header] for header in ("From", "Reply-To")] == [mail[header] for header in ("From", "Reply-To")]
        assert (made["To"].addresses[0].addr_spec, len(made["To"].addresses)) == (message.address, 1)
        html = part(made, "html")
        assert differences(made_of(html), made_of(part(mail, "html"))) == ({}, {})
        assert texts(html, "p")[0] == f"Dear {in_letter(name)},"
        assert " ".join(part(made, "plain").split()).startswith(f"Dear {in_letter(name)}, Two weeks")


def parsed(message: Message) -> EmailMessage:
    """The mail as the standard library's parser reads it."""
    content = render(message, reveal=True).as_bytes(boundary="=_b")
    made = message_from_bytes(content, policy=policy.default)
    assert isinstance(made, EmailMessage)
    assert made.defects == []
    return made


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert isinstance(found, EmailMessage)
    content: str = found.get_content()
    return content


def test_an_export_holds_each_text_as_text(desk: Client, tmp_path: Path) -> None:
    everybody(TEXTS)
    columns = ["title", "department", "place", "employee_number"]
    wanted = sorted([text, text, text, text, text[:100].strip()] for text in TEXTS)
    for kind in ("csv", "xlsx"):
        answer = desk.post("/people/export/", {"column": columns, "format": kind})
        path = tmp_path / f"people.{kind}"
        path.write_bytes(b"".join(answer.streaming_content))
        if kind == "csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.reader(file))
        else:
            rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
            with zipfile.ZipFile(path) as book:
                sheet = book.read("xl/worksheets/sheet1.xml").decode()
            assert not re.search("<(?:f|hyperlink)[ >]", sheet)
        # What a spreadsheet could run has an apostrophe before it, and that is all that was added.
        assert [cell for row in rows for cell in row if str(cell).lstrip()[:1] in tuple("=+-@＝＋－＠")] == []
        assert sorted([undisarm(cell).strip() for cell in row] for row in rows[1:]) == wanted


def test_whoever_bears_a_text_is_found_by_it(desk: Client) -> None:
    everybody(TEXTS)
    missed = []
    for text in TEXTS:
        found = matching(Filters(text=text[:200]), among=Person.objects.all()).values_list("full_name", flat=True)
        if text not in found:
            missed.append(text)
    assert missed == []


def test_an_import_shows_each_text_as_it_is_before_and_after(desk: Client) -> None:
    def build(strings: Sequence[str]) -> str:
        names = ["Alice van Dam"] * len(strings)
        bring(desk, names, [f"Before {at}" for at in range(len(strings))], step="apply")
        return bring(desk, names, strings, step="columns")

    # A dash or 'n/a' in a cell leaves what was there.
    said = [text for text in TEXTS if not is_blank(text)]
    (page,) = compared(desk, build, lambda key: f"/import/{key}/", strings=said)
    shown = " ".join(texts(page, "main"))
    assert [text for at, text in enumerate(said) if f"Before {at} became {normal(text)}" not in shown] == []


def test_an_import_shows_each_row_that_is_not_taken_in_as_it_is(desk: Client) -> None:
    def build(strings: Sequence[str]) -> str:
        return bring(desk, list(strings), strings, days=["no day"] * len(strings), step="apply")

    (page,) = compared(desk, build, lambda key: f"/import/{key}/")
    shown = " ".join(texts(page, "main"))
    # A long one is cut here; the file of rejected rows has it whole.
    assert [text for text in TEXTS if text[:120].strip() not in shown] == []


def bring(desk: Client, names: list[str], titles: Sequence[str], *, step: str, days: list[str] | None = None) -> str:
    """Uploads a list and goes as far as a step; returns the key of the import."""
    file = StringIO()
    rows = zip(count(1), names, titles, days or ["2026-10-14"] * len(names))
    csv.writer(file, delimiter=";").writerows([["Employee number", "Full name", "Job title", "Last day"], *rows])
    upload = SimpleUploadedFile("leavers.csv", file.getvalue().encode())
    answer = desk.post("/import/upload/", {"file": upload, "source": "hr"})
    assert answer.status_code == 302, texts(answer.content.decode(), ".field-errors")
    key: str = answer["Location"].split("/")[-2]
    run = ImportRun.objects.get(key=key)
    for done in ("columns", "apply"):
        answers = {f"column-{position}": name for name, position in run.mapping.items()} if done == "columns" else {}
        assert desk.post(f"/import/{key}/{done}/", answers).status_code == 302
        if done == step:
            break
    return key
