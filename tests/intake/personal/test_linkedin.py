"""LinkedIn's data export, whole and in single files."""

from pathlib import Path

import pytest

from perennial.intake.personal.limits import MAX_ROWS
from perennial.intake.personal.opening import read_export
from perennial.intake.personal.record import (
    Address,
    Certificate,
    Education,
    Language,
    Link,
    PartialDate,
    PersonalRecord,
    PositionHeld,
)
from perennial.intake.personal.refusals import Refusal
from tests.intake.personal.exports import HEADERS, archive, refused, table

PROFILE = table(
    "Profile.csv",
    {
        "First Name": "Alice",
        "Last Name": "van Dam",
        "Birth Date": "Mar 4",
        "Headline": "Hydrologist,\nnow and then a sailor",
        "Summary": "Said at length, and not taken over.",
        "Geo Location": "Utrecht, Netherlands",
        "Websites": "[PORTFOLIO:https://alice.example/a,b,BLOG:blog.example]",
    },
)
POSITIONS = table(
    "Positions.csv",
    {"Company Name": "Water & Co", "Title": "Lead", "Location": "Utrecht", "Started On": "Sep 2019"},
    {"Company Name": "Employer & Sons", "Title": "Analyst", "Started On": "2015", "Finished On": "Aug 2019"},
)
ADDRESSES = table(
    "Email Addresses.csv",
    {"Email Address": "Alice@Home.Example", "Confirmed": "Yes", "Primary": "Yes", "Updated On": "Not Available"},
    {"Email Address": "old@school.example", "Confirmed": "No", "Primary": "No"},
)
WHOLE = {
    "Profile.csv": PROFILE,
    "Positions.csv": POSITIONS,
    "Education.csv": table(
        "Education.csv",
        {"School Name": "TU Delft", "Degree Name": "MSc, Hydrology", "Start Date": "2009", "End Date": "2014"},
    ),
    "Skills.csv": table("Skills.csv", {"Name": "Hydrology"}, {"Name": "Python"}, {"Name": "hydrology"}),
    "Languages.csv": table("Languages.csv", {"Name": "Dutch", "Proficiency": "Native or bilingual proficiency"}),
    "Certifications.csv": table(
        "Certifications.csv",
        {"Name": "Skipper", "Url": "https://sail.example/1", "Authority": "Sail Board", "Started On": "May 2021"},
    ),
    "Email Addresses.csv": ADDRESSES,
}
RECORD = PersonalRecord(
    name="Alice van Dam",
    headline="Hydrologist, now and then a sailor",
    place="Utrecht, Netherlands",
    positions=(
        PositionHeld(company="Water & Co", title="Lead", place="Utrecht", since=PartialDate(2019, 9)),
        PositionHeld(company="Employer & Sons", title="Analyst", since=PartialDate(2015), until=PartialDate(2019, 8)),
    ),
    education=(
        Education(school="TU Delft", degree="MSc, Hydrology", since=PartialDate(2009), until=PartialDate(2014)),
    ),
    skills=("Hydrology", "Python"),
    languages=(Language(name="Dutch", level="Native or bilingual proficiency"),),
    certificates=(
        Certificate(name="Skipper", issuer="Sail Board", url="https://sail.example/1", since=PartialDate(2021, 5)),
    ),
    links=(
        Link(url="https://alice.example/a,b", label="Portfolio"),
        Link(url="https://blog.example", label="Blog"),
    ),
    addresses=(
        Address(address="alice@home.example", confirmed=True, primary=True),
        Address(address="old@school.example"),
    ),
)


def test_the_whole_export_is_read_and_the_rest_of_it_is_left_alone() -> None:
    others = {"Connections.csv": table("Connections.csv"), "Rich_Media.csv": b"\xff\x00", "Articles/x.html": "<html>"}
    assert read_export(archive(WHOLE | others)) == RECORD


def test_a_path_is_read_like_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "Basic_LinkedInDataExport_11-24-2026.zip"
    path.write_bytes(archive(WHOLE))
    assert read_export(path) == RECORD
    assert refused(tmp_path / "gone.zip").reason is Refusal.MISSING
    assert refused(tmp_path).reason is Refusal.MISSING


def test_the_files_may_lie_in_a_folder_and_in_any_order() -> None:
    inside = {f"Basic_LinkedInDataExport/{name}": WHOLE[name] for name in reversed(WHOLE)}
    assert read_export(archive(inside)) == RECORD


@pytest.mark.parametrize("missing", WHOLE)
def test_a_file_that_is_missing_or_empty_says_nothing(missing: str) -> None:
    less = {name: text for name, text in WHOLE.items() if name != missing}
    record = read_export(archive(less))
    assert record == read_export(archive(less | {missing: "\r\n"}))
    assert record != RECORD
    if missing != "Profile.csv":
        assert record == read_export(archive(less | {missing: HEADERS[missing] + "\n"}))


@pytest.mark.parametrize("name", WHOLE)
def test_one_file_alone_says_what_is_in_it(name: str) -> None:
    alone = read_export(WHOLE[name].encode())
    assert alone == read_export(archive({name: WHOLE[name]}))
    assert alone != PersonalRecord()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_saved_again_by_a_spreadsheet_is_still_read(encoding: str, delimiter: str) -> None:
    text = table("Positions.csv", {"Company Name": "Wäter, Cø; x", "Started On": "mrt 2020"}, delimiter=delimiter)
    held = PositionHeld(company="Wäter, Cø; x", since=PartialDate(2020, 3))
    assert read_export(text.encode(encoding)).positions == (held,)


def test_notes_above_the_header_are_passed_over() -> None:
    note = 'Notes:\r\n"When you look at this, you may notice, that a ""note"" stands here."\r\n\r\n'
    assert read_export((note + POSITIONS).encode()).positions == RECORD.positions
    assert read_export(archive({"Positions.csv": note + POSITIONS})).positions == RECORD.positions


def test_columns_may_come_in_any_order_with_others_among_them() -> None:
    text = "Finished On,Extra,Title,Started On,Company Name\n,x,Lead,Sep 2019,Water & Co\n"
    assert read_export(text.encode()).positions == (
        PositionHeld(company="Water & Co", title="Lead", since=PartialDate(2019, 9)),
    )


def test_a_row_may_stop_early_but_not_go_on_too_long() -> None:
    header = HEADERS["Positions.csv"]
    assert read_export(f"{header}\nWater\n".encode()).positions == (PositionHeld(company="Water"),)
    refusal = refused(f"{header}\nWater,,,,,,\nWater,,,,,,left over\n".encode())
    assert (refusal.reason, refusal.values["line"]) == (Refusal.TABLE, 3)


@pytest.mark.parametrize("name", ["Connections.csv", "Projects.csv"])
def test_what_is_about_others_or_unknown_to_us_is_not_taken_for_a_profile(name: str) -> None:
    assert refused(table(name).encode()).reason is Refusal.UNKNOWN
    assert refused(archive({name: table(name)})).reason is Refusal.UNKNOWN


def test_a_known_file_with_other_columns_is_refused_by_name() -> None:
    refusal = refused(archive(WHOLE | {"Positions.csv": "Bedrijf,Functie\nWater,Lead\n"}))
    assert refusal.reason is Refusal.COLUMNS
    assert "Positions.csv" in str(refusal)


def test_a_column_named_twice_is_refused() -> None:
    assert refused(f"{HEADERS['Positions.csv']},Title\n".encode()).reason is Refusal.COLUMNS


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Started On": "Spring 2019"}, Refusal.DATE),
        ({"Started On": "Sep 31, 2019"}, Refusal.DATE),
        ({"Finished On": "2019-13"}, Refusal.DATE),
        ({"Finished On": "Sep 19"}, Refusal.DATE),
        ({"Title": "x" * 301}, Refusal.TOO_LONG),
        ({"Title": "a\x07b"}, Refusal.CONTROL),
        ({"Company Name": "a\x00b"}, Refusal.CONTROL),
    ],
)
def test_one_cell_that_cannot_be_read_refuses_the_whole(cells: dict[str, str], reason: Refusal) -> None:
    text = table("Positions.csv", {"Company Name": "Water"}, {"Company Name": "Air"} | cells)
    assert refused(text.encode()).reason is reason
    assert refused(archive(WHOLE | {"Positions.csv": text})).reason is reason


def test_an_address_that_is_none_and_a_link_that_runs_are_refused() -> None:
    assert refused(table("Email Addresses.csv", {"Email Address": "a@b\nc"}).encode()).reason is Refusal.ADDRESS
    for page in ("javascript:alert(1)", "[OTHER:javascript:alert(1)]", "data:text/html,x", "https://a b.example"):
        assert refused(table("Profile.csv", {"Websites": page}).encode()).reason is Refusal.LINK


def test_rows_without_end_are_refused() -> None:
    assert len(read_export(table("Skills.csv", *[{"Name": f"s{n}"} for n in range(MAX_ROWS)]).encode()).skills) == 1000
    assert refused(("Name\n" + "x\n" * (MAX_ROWS + 1)).encode()).reason is Refusal.TOO_MANY


def test_quotation_marks_that_do_not_match_are_refused_with_the_line() -> None:
    refusal = refused(f'{HEADERS["Positions.csv"]}\nWater,,,,,\n"Air"x,,,,,\n'.encode())
    assert (refusal.reason, refusal.values["line"]) == (Refusal.TABLE, 3)
    assert refused(f'{HEADERS["Positions.csv"]}\n"Water,,,,,\n'.encode()).reason is Refusal.TABLE
