"""Writes the exports that the tests read, from the published column names and schema; nobody's own is copied here."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from perennial.intake.personal.opening import read_export
from perennial.intake.personal.refusals import UnreadableExport

HEADERS = {
    "Profile.csv": "First Name,Last Name,Maiden Name,Address,Birth Date,Headline,Summary,Industry,Zip Code,"
    "Geo Location,Twitter Handles,Websites,Instant Messengers",
    "Positions.csv": "Company Name,Title,Description,Location,Started On,Finished On",
    "Education.csv": "School Name,Start Date,End Date,Notes,Degree Name,Activities",
    "Skills.csv": "Name",
    "Languages.csv": "Name,Proficiency",
    "Certifications.csv": "Name,Url,Authority,Started On,Finished On,License Number",
    "Email Addresses.csv": "Email Address,Confirmed,Primary,Updated On",
    "Connections.csv": "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
    "Projects.csv": "Title,Description,Url,Started On,Finished On",
}


def table(name: str, *rows: Mapping[str, str], delimiter: str = ",") -> str:
    """A file of the export with LinkedIn's columns; a row names only the cells with something in them."""
    columns = HEADERS[name].split(",")
    assert all(set(row) <= set(columns) for row in rows)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([columns, *([row.get(column, "") for column in columns] for row in rows)])
    return out.getvalue()


def archive(files: Mapping[str, str | bytes] | Sequence[tuple[str, str | bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in files.items() if isinstance(files, Mapping) else files:
            written.writestr(name, content)
    return out.getvalue()


def resume(**properties: Any) -> bytes:
    return json.dumps(properties).encode()


def refused(content: Any) -> UnreadableExport:
    """The refusal of an export, whose sentence is one and is whole."""
    with pytest.raises(UnreadableExport) as caught:
        read_export(content)
    sentence = caught.value.sentence
    assert sentence == str(caught.value)
    assert "%(" not in sentence
    assert sentence.isprintable()
    return caught.value
