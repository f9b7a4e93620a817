"""The same document as a file: HTML that any word processor opens, data, or a table."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string

from perennial.desk.register.paper import Paper
from perennial.intake.values import disarm
from perennial.web.documents.pdf import pdf_of


def as_html(paper: Paper, *, name: str) -> HttpResponse:
    """One file without style, script or picture, to be read, edited and printed anywhere."""
    text = render_to_string("desk/register/file.html", {"paper": paper})
    return _file(text.encode(), "text/html; charset=utf-8", f"{name}.html")


def as_pdf(paper: Paper, *, name: str, foot: str, made_at: datetime) -> HttpResponse:
    """Tagged PDF, set from the texts as they are."""
    return _file(pdf_of(paper.document(foot=foot), made_at=made_at), "application/pdf", f"{name}.pdf")


def as_json(content: Any, *, name: str) -> HttpResponse:
    text = json.dumps(content, ensure_ascii=False, indent=2)
    return _file(text.encode(), "application/json", f"{name}.json")


def as_csv(head: Sequence[str], rows: Iterable[Sequence[str]], *, name: str) -> HttpResponse:
    """A table for a spreadsheet, in which no cell is a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(map(disarm, head))
    writer.writerows(map(disarm, row) for row in rows)
    return _file(text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", f"{name}.csv")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
