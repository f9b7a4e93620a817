"""Naughty strings in what is printed."""

import io
from datetime import UTC, datetime

from pypdf import PdfReader

from perennial.web.documents.blocks import Document, Facts, Text
from perennial.web.documents.pdf import pdf_of
from tests.corpora.naughty import NAUGHTY


def test_every_naughty_string_is_printed_and_none_stops_the_printing() -> None:
    blocks = [block for text in NAUGHTY for block in (Text(text), Facts([(text, text)]))]
    file = pdf_of(Document("Proof", "en", blocks=blocks), made_at=datetime(2026, 9, 14, tzinfo=UTC))
    said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages)
    assert len(NAUGHTY) > 400
    assert said.replace(" ", "").count("DROPTABLEusers") >= 3
