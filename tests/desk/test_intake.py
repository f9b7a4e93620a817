"""The Import pages, from the upload to the file of rejected rows."""

import io
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.roles import Role
from perennial.contact.actions import restrict
from perennial.contact.enums import RestrictionKind
from perennial.desk.intake import uploads
from perennial.intake import receiving
from perennial.intake.enums import ImportState
from perennial.intake.errors_file import folder
from perennial.intake.models import ImportRun, SourceColumn, SourceValue, StagedRow
from perennial.intake.reader.table import open_table
from perennial.kernel.clock import now as clock_now
from perennial.people.models import Person
from perennial.programme.models import Place
from tests import cast
from tests.cast import NOW
from tests.intake.files import write_xlsx

pytestmark = pytest.mark.django_db

GOOD = "Employee number;Full name;Last day\n1;Alice Winter;2026-10-14\n2;Bob Summer;2026-10-15\n"


@pytest.fixture
def client() -> Client:
    cast.programme()
    signed_in = Client()
    signed_in.force_login(cast.colleague(Role.HR))
    return signed_in


def bring(client: Client, content: str | bytes = GOOD, *, name: str = "leavers.csv", source: str = "hr") -> Any:
    data = content if isinstance(content, bytes) else content.encode()
    return client.post("/import/upload/", {"file": SimpleUploadedFile(name, data), "source": source})


def brought(client: Client, content: str | bytes = GOOD, *, name: str = "leavers.csv") -> ImportRun:
    answer = bring(client, content, name=name)
    assert answer.status_code == 302, answer.content
    return ImportRun.objects.get(key=answer["Location"].split("/")[-2])


def compared(client: Client, content: str | bytes = GOOD) -> ImportRun:
    run = brought(client, content)
    columns = {f"column-{position}": name for name, position in run.mapping.items()}
    assert client.post(f"/import/{run.key}/columns/", columns).status_code == 302
    run.refresh_from_db()
    return run


def page(client: Client, run: ImportRun) -> str:
    answer = client.get(f"/import/{run.key}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_empty_list_offers_a_file_to_start_from_in_four_languages(client: Client) -> None:
    text = client.get("/import/").content.decode()
    for language in ("en", "nl", "de", "ru"):
        for ending in ("csv", "xlsx"):
            path = f"/import/template/leavers-{language}.{ending}"
            assert path in text
            answer = client.get(path)
            assert answer["Content-Disposition"] == f'attachment; filename="leavers-{language}.{ending}"'
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert open_table(_saved(answer.content, ending)).header_row == 1
    assert client.get("/import/template/leavers-fr.csv").status_code == 404
    assert client.get("/import/template/passwd").status_code == 404


def _saved(content: bytes, ending: str) -> Path:
    path = folder() / f"template.{ending}"
    path.write_bytes(content)
    return path


def test_the_walk_from_upload_to_done(client: Client) -> None:
    run = brought(client, GOOD + "3;Charlie;\n")
    assert (run.state, run.source, run.started_by[:5]) == (ImportState.MAPPING, "hr", "user:")
    text = page(client, run)
    assert "is-recognised" in text
    assert "<q>Alice Winter</q>" in text
    run = compared(client, GOOD + "3;Charlie;\n")
    assert (run.state, run.created, run.rejected) == (ImportState.READY, 2, 1)
    text = page(client, run)
    assert "2 new, 0 changed, 0 unchanged, 1 not taken in" in text
    assert "There is neither a last day nor a status that we know." in text
    assert Person.objects.count() == 0
    assert client.post(f"/import/{run.key}/apply/").status_code == 302
    run.refresh_from_db()
    assert (run.state, Person.objects.count()) == (ImportState.DONE, 2)
    assert "2 departures were opened." in page(client, run)


def test_differences_read_like_a_change_log(client: Client) -> None:
    run = compared(client)
    client.post(f"/import/{run.key}/apply/")
    run = compared(client, GOOD.replace("2026-10-14", "2026-11-14").replace("2026-10-15", "2026-11-14"))
    alice = Person.objects.get(full_name="Alice Winter")
    text = " ".join(page(client, run).split())
    assert "<del>14 Oct 2026</del> became <ins>14 Nov 2026</ins>" in text
    assert f'<a href="/people/{alice.key}/">Alice Winter</a>: Last day' in text


def test_conflicts_stand_apart_from_cells_nobody_can_read(client: Client) -> None:
    run = compared(client)
    client.post(f"/import/{run.key}/apply/")
    contradicting = "1;Somebody Else;2001-01-31\n4;Zoe;2026-10-14\n4;Zoe;2026-10-15\n"
    run = compared(
        client, GOOD.replace("2026-10-15", "2026-11-15") + contradicting + "5;Yara;never\n6;Max;2026-10-14\n"
    )
    text = " ".join(page(client, run).split())
    told = (
        '<a href="#new">1 new</a>, <a href="#changed">1 changed: see what</a>, <a href="#conflicts">3 conflicts</a>, '
        '<a href="#rejected">1 row that cannot be taken in</a>; 1 unchanged.'
    )
    assert told in text
    conflicts, rest = text.split('id="conflicts"')[1].split('id="rejected"')
    assert conflicts.count("say different things of the same time") == 2
    assert "number was given out twice" in conflicts
    assert "“never” is not a date we can read." in rest
    client.post(f"/import/{run.key}/apply/")
    text = page(client, run)
    assert ('id="conflicts"' in text, 'id="rejected"' in text) == (True, True)


def test_changes_of_a_field_beyond_the_commonest_are_folded(client: Client) -> None:
    rows = [f"{n};Person Number{n};2026-10-14" for n in range(1, 9)]
    run = compared(client, "Employee number;Full name;Last day\n" + "\n".join(rows))
    client.post(f"/import/{run.key}/apply/")
    later = [row.replace("2026-10-14", f"2026-11-{n + 10}") for n, row in enumerate(rows)]
    run = compared(client, "Employee number;Full name;Last day\n" + "\n".join(later))
    text = " ".join(page(client, run).split())
    assert "Last day: 3 more changes" in text
    assert text.count("<del>14 Oct 2026</del>") == 8


def test_what_many_rows_change_alike_is_one_line(client: Client) -> None:
    rows = "".join(f"{n};Person Number{n};2026-10-14\n" for n in range(40))
    run = compared(client, "Employee number;Full name;Last day\n" + rows)
    client.post(f"/import/{run.key}/apply/")
    run = compared(client, "Employee number;Full name;Last day\n" + rows.replace("2026-10-14", "2027-01-31"))
    text = " ".join(page(client, run).split())
    assert "40 people: Last day <del>14 Oct 2026</del> became <ins>31 Jan 2027</ins>" in text


def test_a_doubtful_column_is_in_amber_and_a_wrong_one_can_be_changed(client: Client) -> None:
    run = brought(client, "Name;Datum\nAlice Winter;2026-10-14\n")
    text = page(client, run)
    assert text.count("is-doubtful") == 2
    refused = client.post(f"/import/{run.key}/columns/", {"column-0": "full_name", "column-1": ""})
    assert refused.status_code == 422
    assert "No column was recognised as the last day or the status." in refused.content.decode()
    twice = client.post(f"/import/{run.key}/columns/", {"column-0": "full_name", "column-1": "full_name"})
    assert twice.status_code == 422
    assert "“Name” is Full name already" in twice.content.decode()
    right = client.post(f"/import/{run.key}/columns/", {"column-0": "full_name", "column-1": "ends_on"})
    assert right.status_code == 302
    run.refresh_from_db()
    assert (run.state, run.created) == (ImportState.READY, 1)


def test_doubtful_dates_are_asked_on_the_page(client: Client) -> None:
    run = compared(client, "Full name;Last day\nAlice Winter;03/04/2026\n")
    assert (run.state, run.date_example) == (ImportState.MAPPING, "03/04/2026")
    text = page(client, run)
    assert "“03/04/2026” could be two days" in text
    columns = {"column-0": "full_name", "column-1": "ends_on"}
    assert client.post(f"/import/{run.key}/columns/", columns).status_code == 422
    assert client.post(f"/import/{run.key}/columns/", columns | {"date_order": "mdy"}).status_code == 302
    assert str(StagedRow.objects.get(run=run).ends_on) == "2026-03-04"


def test_encoding_and_separator_can_be_switched_with_a_preview(client: Client) -> None:
    run = brought(client, "Фамилия;Имя;Дата увольнения\nЗимина;Алиса;31.12.2026\n".encode("cp1251"))
    assert "Зимина" in page(client, run)
    wrong = client.post(f"/import/{run.key}/file/", {"encoding": "cp1252", "delimiter": ";", "source": "hr"})
    assert wrong.status_code == 302
    run.refresh_from_db()
    assert "Зимина" not in page(client, run)
    client.post(f"/import/{run.key}/file/", {"encoding": "cp1251", "delimiter": ";", "source": "hr-ru"})
    run.refresh_from_db()
    assert (run.encoding, run.source) == ("cp1251", "hr-ru")
    assert (
        client.post(f"/import/{run.key}/file/", {"encoding": "utf-8", "delimiter": ";", "source": "hr"}).status_code
        == 422
    )


def test_another_sheet_can_be_chosen(client: Client, tmp_path: Path) -> None:
    rows = [["Name", "Last day"], ["Alice Winter", "2026-10-14"]]
    path = write_xlsx(tmp_path / "l.xlsx", {"Old": rows, "New": [rows[0], ["Bob Summer", "2026-10-14"]]})
    run = brought(client, path.read_bytes(), name="l.xlsx")
    assert "Alice Winter" in page(client, run)
    client.post(f"/import/{run.key}/file/", {"sheet": "New", "source": "hr"})
    assert "Bob Summer" in page(client, run)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "The file is empty."), (b"\x89PNG\r\n", "not a table we can read"), (b"PK\x03\x04rubbish", "damaged")],
)
def test_what_is_no_list_is_refused_in_a_sentence(client: Client, content: bytes, sentence: str) -> None:
    before = set(folder().iterdir())
    answer = bring(client, content)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert (ImportRun.objects.count(), set(folder().iterdir())) == (0, before)


def test_without_a_file_the_page_says_so(client: Client) -> None:
    answer = client.post("/import/upload/", {"source": "hr"})
    assert (answer.status_code, "Choose a file first." in answer.content.decode()) == (422, True)


def test_a_file_over_the_limit_is_refused_in_a_sentence(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 200_000)
    answer = bring(client, b"x" * 400_000)
    assert answer.status_code == 422
    assert "The file is bigger than" in answer.content.decode()
    assert ImportRun.objects.count() == 0


def test_an_upload_without_the_forms_token_is_refused() -> None:
    cast.programme()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.colleague(Role.HR))
    answer = bring(strict)
    assert (answer.status_code, ImportRun.objects.count()) == (403, 0)


def test_the_rejected_rows_are_an_attachment(client: Client) -> None:
    run = compared(client, GOOD + "3;=Charlie;\n")
    answer = client.get(f"/import/{run.key}/rejected/")
    assert answer["Content-Disposition"] == 'attachment; filename="leavers-rejected.csv"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "'=Charlie" in text
    assert "neither a last day" in text


def test_without_rejected_rows_there_is_no_such_file(client: Client) -> None:
    run = compared(client)
    assert client.get(f"/import/{run.key}/rejected/").status_code == 404


def test_columns_joined_by_hand_are_proposed_the_next_time_and_shown_on_the_page_of_their_source(
    client: Client,
) -> None:
    strange = "Kol A;Kol B;Kol C\nAlice Winter;2026-10-14;x\n"
    run = brought(client, strange)
    assert "as last time" not in page(client, run)
    joined = {"column-0": "full_name", "column-1": "ends_on", "column-2": ""}
    assert client.post(f"/import/{run.key}/columns/", joined).status_code == 302
    again = brought(client, "Kol B;Kol D;Kol A\n2026-10-14;x;Alice Winter\n")
    assert again.mapping == {"ends_on": 0, "full_name": 2}
    text = page(client, again)
    assert (text.count("as last time"), text.count("new in this file")) == (2, 1)
    assert '<a href="/import/source/?name=hr">hr</a>' in text
    text = client.get("/import/source/?name=hr").content.decode()
    assert all(name in text for name in ("Kol A", "Kol B", "Kol C", "left out", f"/import/{run.key}/"))
    column = SourceColumn.objects.get(header="Kol A")
    answer = client.post("/import/source/forget/", {"name": "hr", "column": column.pk}, follow=True)
    assert "Forgotten." in answer.content.decode()
    assert "Kol A" not in answer.content.decode()
    assert client.post("/import/source/forget/", {"name": "hr", "column": column.pk}).status_code == 404
    assert client.post("/import/source/forget/", {"name": "hr", "column": "x"}).status_code == 400


def test_unknown_values_are_a_step_between_columns_and_differences(client: Client) -> None:
    Place.objects.create(name="Amsterdam")
    content = (
        "Full name;Last day;How it ended;Location\nAlice Winter;2026-10-14;<b>VO</b>;AMS-HQ\nBob;2026-10-14;;AMS-HQ\n"
    )
    run = compared(client, content)
    assert run.state == ImportState.MAPPING
    text = page(client, run)
    assert "What do these values mean?" in text
    assert "&lt;b&gt;VO&lt;/b&gt;" in text
    assert "2 rows" in text
    assert '<option value="Amsterdam">' in text
    assert re.search(r'aria-current="step"><span>Values', text)
    names = re.findall(r'name="(value-\w+)"', text)
    assert len(names) == 2
    wrong = client.post(f"/import/{run.key}/values/", {names[0]: "nonsense", names[1]: "x" * 301})
    assert (wrong.status_code, wrong.content.decode().count("field-errors")) == (422, 2)
    right = client.post(f"/import/{run.key}/values/", {names[0]: "resignation", names[1]: "Amsterdam"})
    assert right.status_code == 302
    run.refresh_from_db()
    assert (run.state, run.created) == (ImportState.READY, 2)
    assert sorted(StagedRow.objects.values_list("how_ended", "place")) == [
        ("", "Amsterdam"),
        ("resignation", "Amsterdam"),
    ]
    again = client.post(f"/import/{run.key}/values/", {}, follow=True)
    assert "has moved on in the meantime" in again.content.decode()
    text = client.get("/import/source/?name=hr").content.decode()
    assert all(word in text for word in ("AMS-HQ", "Amsterdam", "Resigned"))
    value = SourceValue.objects.get(text="AMS-HQ")
    client.post("/import/source/forget/", {"name": "hr", "value": value.pk})
    assert not SourceValue.objects.filter(pk=value.pk).exists()
    assert client.post("/import/source/forget/", {"name": "hr", "value": 1, "column": 1}).status_code == 400


def test_what_a_file_may_do_is_chosen_with_the_columns(client: Client) -> None:
    run = compared(client)
    client.post(f"/import/{run.key}/apply/")
    run = brought(client, GOOD.replace("2026-10-14", "2026-11-14") + "3;Charlie;2026-10-14\n")
    text = page(client, run)
    assert '<option value="add-and-update" selected>' in text
    assert '<option value="leave" selected>' in text
    columns = {f"column-{position}": name for name, position in run.mapping.items()}
    answer = client.post(f"/import/{run.key}/columns/", columns | {"mode": "everything", "empty_cells": "leave"})
    assert answer.status_code == 422
    client.post(f"/import/{run.key}/columns/", columns | {"mode": "add", "empty_cells": "clear"})
    run.refresh_from_db()
    assert (run.mode, run.empty_cells, run.created, run.left_alone) == ("add", "clear", 1, 1)
    text = page(client, run)
    assert "1 new, 0 changed, 2 unchanged, 0 not taken in; 1 left alone, as asked" in text
    assert '<option value="add" selected>' in text


@pytest.mark.parametrize("name", ["../x?y=1&z#", "<b>hr</b>", "a/b", "ä ö"])
def test_a_source_of_any_name_has_its_page(client: Client, name: str) -> None:
    bring(client, source=name)
    text = client.get("/import/").content.decode()
    links = re.findall(r'href="(/import/source/[^"]+)"', text)
    assert len(links) == 1
    answer = client.get(unescape(links[0]))
    assert (answer.status_code, answer.context["source"].name) == (200, name)
    assert "<b>hr" not in answer.content.decode()
    assert client.get("/import/source/?name=nobody").status_code == 404


@pytest.mark.parametrize("path", ["", "progress/", "rejected/"])
def test_a_foreign_key_looks_like_a_missing_one(client: Client, path: str) -> None:
    compared(client)
    assert client.get(f"/import/somebody-elses-key/{path}").status_code == 404


@pytest.mark.parametrize("path", ["file", "columns", "values", "apply", "cancel", "resume"])
def test_a_foreign_key_can_be_told_nothing(client: Client, path: str) -> None:
    assert client.post(f"/import/somebody-elses-key/{path}/").status_code == 404
    run = compared(client)
    assert client.get(f"/import/{run.key}/{path}/").status_code == 405


@pytest.mark.parametrize("role", [Role.LEADERSHIP, Role.RECRUITER, Role.EXIT_INTERVIEWER, Role.MEMBER])
def test_who_may_not_import_sees_and_changes_nothing(client: Client, role: Role) -> None:
    run = compared(client, GOOD + "3;Charlie;\n")
    other = Client()
    other.force_login(cast.colleague(role))
    for path in ("", f"{run.key}/", f"{run.key}/rejected/", f"{run.key}/progress/"):
        assert other.get(f"/import/{path}").status_code == 403
    assert other.post(f"/import/{run.key}/apply/").status_code == 403
    assert bring(other).status_code == 403
    assert Person.objects.count() == 0


def test_what_stands_in_a_file_is_shown_as_text(client: Client) -> None:
    run = compared(client, "Full name;Last day\n<script>alert(1)</script>;2026-10-14\n<b>x</b>;never\n")
    text = page(client, run)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<b>x</b>" not in text


def test_progress_is_told_in_numbers_and_the_page_comes_anew_when_it_is_over(client: Client) -> None:
    run = compared(client)
    over = client.get(f"/import/{run.key}/progress/")
    assert over["HX-Refresh"] == "true"
    ImportRun.objects.update(
        state=ImportState.APPLYING, progress_done=1, progress_total=2, worker="w", heartbeat_at=clock_now()
    )
    text = client.get(f"/import/{run.key}/progress/").content.decode()
    assert "1 of 2" in text
    assert "Go on from there" not in text
    assert f'hx-get="/import/{run.key}/progress/"' in page(client, run)
    ImportRun.objects.update(heartbeat_at=clock_now() - timedelta(minutes=2))
    assert "Go on from there" in client.get(f"/import/{run.key}/progress/").content.decode()
    assert client.post(f"/import/{run.key}/resume/").status_code == 302
    run.refresh_from_db()
    assert (run.state, Person.objects.count()) == (ImportState.DONE, 2)


def test_an_import_can_be_dropped_before_it_is_applied(client: Client) -> None:
    run = compared(client)
    stored = Path(run.stored_path)
    assert stored.stat().st_mode & 0o777 == 0o600
    client.post(f"/import/{run.key}/cancel/")
    run.refresh_from_db()
    assert (run.state, Person.objects.count(), StagedRow.objects.count()) == (ImportState.CANCELLED, 0, 0)
    assert not stored.exists()
    assert "Nothing was written." in page(client, run)


def test_what_is_applied_already_is_not_applied_again(client: Client) -> None:
    run = compared(client)
    client.post(f"/import/{run.key}/apply/")
    answer = client.post(f"/import/{run.key}/apply/", follow=True)
    assert "has moved on in the meantime" in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_a_constant_number_of_queries(client: Client, count: int) -> None:
    for number in range(count):
        receiving.receive_file(
            chunks=[GOOD.encode()], file_name=f"leavers-{number}.csv", source="hr", by="user:1", now=NOW
        )
    client.get("/import/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/import/").status_code == 200
    assert len(queries) == QUERIES_OF_THE_LIST, [query["sql"] for query in queries.captured_queries]


@pytest.mark.parametrize("count", [1, 3])
def test_the_differences_ask_a_constant_number_of_queries(client: Client, count: int) -> None:
    rows = "".join(f"{n};Person Number{n};2026-10-14\n{n + 100};;2026-10-14\n" for n in range(count))
    run = compared(client, "Employee number;Full name;Last day\n" + rows)
    page(client, run)
    with CaptureQueriesContext(connection) as queries:
        page(client, run)
    assert len(queries) == QUERIES_OF_THE_DIFFERENCES, [query["sql"] for query in queries.captured_queries]


def test_a_large_upload_goes_to_disk_as_it_comes(client: Client) -> None:
    rows = io.StringIO()
    rows.write("Employee number;Full name;Last day\n")
    for number in range(60_000):
        rows.write(f"{number};Person Number{number} of a long family name;2020-01-31\n")
    run = brought(client, rows.getvalue())
    assert Path(run.stored_path).stat().st_size == len(rows.getvalue())


# The programme, the user and the second factor, the count, the rows and the names of the sources.
QUERIES_OF_THE_LIST = 6
# The programme, the run, what was said of its columns (twice: known ones and left out ones), and what it would do: new
# and changed rows, conflicts and other rejected ones.
QUERIES_OF_THE_DIFFERENCES = 10


def test_an_import_is_undone_after_a_look_at_what_goes_and_what_stays(client: Client) -> None:
    run = compared(client)
    client.post(f"/import/{run.key}/apply/")
    page = client.get(f"/import/{run.key}/").content.decode()
    assert f'href="/import/{run.key}/undo/"' in page
    bob = Person.objects.get(full_name="Bob Summer")
    restrict(
        person=bob, kind=RestrictionKind.RESTRICTION, reason="other", starts_on=cast.TODAY, by="user:9", now=clock_now()
    )
    look = unescape(client.get(f"/import/{run.key}/undo/").content.decode())
    assert "1 person whom it brought goes." in look
    assert "1 person stays: contact with them was restricted since." in look
    assert f'<a href="/people/{bob.key}/">Bob Summer</a>' in look
    assert Person.objects.count() == 2
    assert client.post(f"/import/{run.key}/undo/")["Location"] == f"/import/{run.key}/"
    run.refresh_from_db()
    assert (run.state, list(Person.objects.all())) == (ImportState.UNDONE, [bob])
    after = unescape(client.get(f"/import/{run.key}/").content.decode())
    assert "1 person whom it had brought is gone." in after
    assert "1 person stays: contact with them was restricted since." in after
    assert "Undo this import" not in after
    assert client.get(f"/import/{run.key}/undo/").status_code == 302
    assert client.post(f"/import/{run.key}/undo/").status_code == 302
    assert client.get("/import/").status_code == 200
