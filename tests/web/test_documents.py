"""Printed documents: texts stand in them as they are, whatever they hold, and an independent reader finds them."""

import io
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from pypdf import PdfReader

from perennial.web.documents import pdf
from perennial.web.documents.blocks import Document, Facts, Heading, Letter, Quote, Table, Text
from perennial.web.documents.pdf import pdf_of

MADE = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
HOSTILE = {
    "code": '#import "/etc/passwd": * #read("/etc/passwd") #panic("x")',
    "markup": "= *bold* _it_ `raw` $x^2$ @label <label> // no comment /* none */ - + ~ \\ \\u{41}",
    "quotes": '"\'«»„“”‘’ \\" \\n }) ] } "',
    "cyrillic": "Съешь же ещё этих мягких французских булок, ёЁъЪ",
    "accents": "Łódź Çelebi Ďakuji Ņā Straße Ȋon Œuvre ﬁn",
}


def read(file: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(file))


def text_of(file: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(file).pages).split())


def printed(*blocks: Any, title: str = "Proof") -> bytes:
    return pdf_of(Document(title, "en", blocks=blocks), made_at=MADE)


@pytest.mark.parametrize("what", ["code", "markup", "quotes", "cyrillic"])
def test_a_text_is_no_markup_wherever_it_stands(what: str) -> None:
    text = HOSTILE[what]
    blocks = [Heading(text), Text(text), Quote(text, "ru"), Letter(text, "ru"), Facts([(text, text)])]
    said = text_of(printed(*blocks, Table([text], [[text]]), title=text))
    assert said.replace(" ", "").count(text.replace(" ", "")) == 9


def test_letters_of_our_languages_are_shown_as_they_are() -> None:
    assert "Łódź Çelebi Ďakuji Ņā Straße" in text_of(printed(Text(HOSTILE["accents"])))


def test_what_turns_the_writing_or_hides_is_shown_by_its_code() -> None:
    said = text_of(printed(Text("invoice\u202efdp.exe \u2066x\u2069 a\u200bb \x00 \x1b[31m \ud800")))
    assert said == ("Proof invoice[U+202E]fdp.exe [U+2066]x[U+2069] a[U+200B]b [U+0000] [U+001B][31m [U+D800] 1 / 1")


def test_writing_from_right_to_left_is_there() -> None:
    assert "שלום" in text_of(printed(Text("שלום עולם")))


def test_what_no_font_has_is_named_by_its_code_and_the_rest_stays() -> None:
    said = text_of(printed(Text("漢字 😀 and Łódź, Привет")))
    assert "[U+6F22][U+5B57] [U+1F600] and Łódź, Привет" in said


def test_three_hundred_letters_without_a_space_stay_on_the_page() -> None:
    file = printed(Text("x" * 300), Facts([("Name", "y" * 300)]), Table(["a", "b"], [["z" * 300, "w"]]))
    lines = [line for page in read(file).pages for line in page.extract_text().splitlines()]
    for letter in "xyz":
        assert sum(line.count(letter) for line in lines) == 300
        assert max(line.count(letter) for line in lines) <= 120


def test_a_reader_that_speaks_finds_language_title_and_structure() -> None:
    root = read(printed(Heading("Part"), Table(["a"], [["b"]]))).trailer["/Root"]
    assert root["/Lang"] == "en"
    assert bool(root["/MarkInfo"]["/Marked"])
    assert "/StructTreeRoot" in root
    assert bool(root["/ViewerPreferences"]["/DisplayDocTitle"])
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


def test_every_page_has_its_number_and_the_foot() -> None:
    document = Document("Proof", "en", foot="Employer & Sons", blocks=[Text("word " * 40) for _ in range(60)])
    pages = [page.extract_text() for page in read(pdf_of(document, made_at=MADE)).pages]
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in page
        assert "Employer & Sons" in page


def test_the_same_document_of_the_same_moment_is_the_same_file() -> None:
    assert printed(Text("once")) == printed(Text("once"))


def test_the_compiler_sees_the_template_and_nothing_else() -> None:
    assert [path.name for path in pdf.FOLDER.iterdir()] == ["house.typ"]


def test_a_page_is_made_while_one_waits() -> None:
    printed(Text("warm"))
    began = time.perf_counter()
    printed(*(Text("word " * 30) for _ in range(100)))
    assert time.perf_counter() - began < 2
