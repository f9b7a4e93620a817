"""Archives that no honest program would write, and files that are no export at all."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial.intake.personal.limits import MAX_ARCHIVE_BYTES, MAX_ENTRIES, MAX_FILE_BYTES
from perennial.intake.personal.opening import read_export
from perennial.intake.personal.refusals import Refusal, UnreadableExport
from tests.intake.files import write_bomb
from tests.intake.personal.exports import archive, refused, table
from tests.intake.personal.test_linkedin import RECORD, WHOLE

SKILLS = table("Skills.csv", {"Name": "Rye"})


def test_a_bomb_is_refused_while_it_is_unpacked() -> None:
    blanks = b"Name\n" + b" " * (64 * 1024**2)
    assert refused(archive({"Skills.csv": blanks})).reason is Refusal.TOO_BIG


def test_many_files_that_are_each_small_enough_may_not_be_too_big_together() -> None:
    padded = {name: text.encode() + b"\n" * (MAX_FILE_BYTES - 2000) for name, text in WHOLE.items()}
    assert refused(archive(padded)).reason is Refusal.TOO_BIG


@pytest.mark.parametrize("claimed", [5, 100 * 1024**2])
def test_the_sizes_in_the_headers_are_not_believed(claimed: int) -> None:
    content = bytearray(archive({"Skills.csv": b"Name\n" + b"x" * (MAX_FILE_BYTES * 2)}))
    directory = content.index(b"PK\x01\x02")
    content[22:26] = content[directory + 24 : directory + 28] = struct.pack("<I", claimed)
    assert refused(bytes(content)).reason in (Refusal.TOO_BIG, Refusal.BROKEN_ARCHIVE)


def test_a_bomb_in_a_file_we_do_not_know_is_never_unpacked(tmp_path: Path) -> None:
    # Eight gigabytes of blanks in a sheet; nothing of ours is in the archive.
    assert refused(write_bomb(tmp_path / "bomb.zip", gigabytes=8)).reason is Refusal.UNKNOWN


@pytest.mark.parametrize(
    "name",
    [
        "../Skills.csv",
        "/etc/Skills.csv",
        "a/../../Skills.csv",
        "C:\\Skills.csv",
        "..\\Skills.csv",
        "\\\\host\\Skills.csv",
    ],
)
def test_a_name_that_leads_out_of_the_archive_is_refused(name: str) -> None:
    assert refused(archive([("Skills.csv", SKILLS), (name, SKILLS)])).reason is Refusal.OUTSIDE


def test_the_same_file_twice_is_refused() -> None:
    assert refused(archive([("Skills.csv", SKILLS), ("a/SKILLS.CSV", SKILLS)])).reason is Refusal.TWICE


def test_an_archive_in_an_archive_is_refused_with_what_to_do() -> None:
    refusal = refused(archive({"export.zip": archive(WHOLE)}))
    assert refusal.reason is Refusal.ARCHIVE_INSIDE
    assert "unpack it" in str(refusal)
    # Under a name we know it is no text.
    assert refused(archive({"Skills.csv": archive(WHOLE)})).reason in (Refusal.ENCODING, Refusal.COLUMNS)


def test_an_encrypted_archive_is_refused() -> None:
    content = bytearray(archive({"Skills.csv": SKILLS}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(content)).reason is Refusal.PASSWORD


def test_an_archive_with_entries_without_end_is_refused() -> None:
    assert refused(archive([(f"{n}.txt", b"") for n in range(MAX_ENTRIES + 1)])).reason is Refusal.TOO_BIG


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_method_of_packing_is_counted_alike(method: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as written:
        written.writestr("Skills.csv", b"Name\n" + b" " * (2 * MAX_FILE_BYTES))
    assert refused(out.getvalue()).reason is Refusal.TOO_BIG


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Refusal.EMPTY),
        (b"\xef\xbb\xbf \r\n", Refusal.EMPTY),
        (b"PK\x05\x06" + b"\0" * 18, Refusal.UNKNOWN),
        (b"PK\x03\x04", Refusal.BROKEN_ARCHIVE),
        (b"%PDF-1.7\n", Refusal.PDF),
        (b"\x89PNG\r\n\x1a\n\0\0\0", Refusal.ENCODING),
        (b"<!doctype html><html></html>", Refusal.UNKNOWN),
        ("Name\nMüller\n".encode("cp1252"), Refusal.ENCODING),
        (b"\xff\xfeN\x00\x00\xd8", Refusal.ENCODING),
        (b"Name\n" + b"x\n" * MAX_FILE_BYTES, Refusal.TOO_BIG),
        (b"PK\x03\x04" + b"\0" * MAX_ARCHIVE_BYTES, Refusal.TOO_BIG),
    ],
    ids=lambda part: str(part[:12]),
)
def test_what_is_no_export_is_refused_with_one_sentence(content: bytes, reason: Refusal) -> None:
    assert refused(content).reason is reason


def test_a_file_too_big_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.zip"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    assert refused(path).reason is Refusal.TOO_BIG


SOUND = archive(WHOLE)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_archive_is_read_whole_or_refused_whole(damages: list[tuple[int, int]]) -> None:
    content = bytearray(SOUND)
    for place, byte in damages:
        content[place] = byte
    try:
        record = read_export(bytes(content))
    except UnreadableExport:
        return
    # A name that was changed makes a file unknown; what is still taken is what was said.
    for part in ("name", "headline", "positions", "education", "skills", "languages", "certificates", "addresses"):
        assert getattr(record, part) in (getattr(RECORD, part), type(getattr(RECORD, part))())


@settings(deadline=None)
@given(st.integers(0, len(SOUND)))
def test_an_archive_cut_off_is_refused(length: int) -> None:
    if length < len(SOUND):
        with pytest.raises(UnreadableExport):
            read_export(SOUND[:length])


@settings(deadline=None)
@given(st.binary(max_size=2000) | st.text(max_size=500).map(str.encode))
def test_any_bytes_are_a_record_or_a_refusal(content: bytes) -> None:
    for head in (b"", b"PK\x03\x04", b'{"basics":', b"Name\n"):
        assert sentence_about(head + content).isprintable()


def sentence_about(content: bytes) -> str:
    try:
        read_export(content)
    except UnreadableExport as refusal:
        return str(refusal)
    return ""
