"""Makes the files the intake tests read: spreadsheets, and archives that no honest program would write."""

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P

Cell = str | int | float | bool | date | None


def write_xlsx(path: Path, sheets: dict[str, Sequence[Sequence[Cell]]], *, from_1904: bool = False) -> Path:
    with xlsxwriter.Workbook(path, {"date_1904": from_1904, "strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "dd-mm-yyyy"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, (date, datetime)):
                        sheet.write_datetime(line, column, cell, day)
                    elif isinstance(cell, str):
                        sheet.write_string(line, column, cell)
                    elif cell is not None:
                        sheet.write(line, column, cell)
    return path


# Rows of one column, from 0, that are one cell: first and last of them, and the column.
Merge = tuple[int, int, int]


def write_merged(path: Path, rows: Sequence[Sequence[str]], merges: Sequence[Merge]) -> Path:
    """Write texts into an XLSX or an ODS, by the name of `path`; of merged cells only the first keeps its text."""
    covered = {(line, column) for first, last, column in merges for line in range(first + 1, last + 1)}
    if path.suffix == ".xlsx":
        with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
            sheet = book.add_worksheet("Leavers")
            for first, last, column in merges:
                sheet.merge_range(first, column, last, column, "")
            for line, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell and (line, column) not in covered:
                        sheet.write_string(line, column, cell)
        return path
    spans = {(first, column): last - first + 1 for first, last, column in merges}
    document = OpenDocumentSpreadsheet()
    table = Table(name="Leavers")
    for line, row in enumerate(rows):
        made = TableRow()
        for column, text in enumerate(row):
            if (line, column) in covered:
                made.addElement(CoveredTableCell())
                continue
            span = spans.get((line, column), 1)
            cell = TableCell(valuetype="string", **({"numberrowsspanned": span} if span > 1 else {}))
            if text:
                cell.addElement(P(text=text))
            made.addElement(cell)
        table.addElement(made)
    document.spreadsheet.addElement(table)
    document.save(str(path))
    return path


def write_ods(path: Path, rows: Sequence[Sequence[Cell]]) -> Path:
    document = OpenDocumentSpreadsheet()
    table = Table(name="Leavers")
    for row in rows:
        line = TableRow()
        for value in row:
            if isinstance(value, date):
                cell = TableCell(valuetype="date", datevalue=value.isoformat())
            elif isinstance(value, (int, float)):
                cell = TableCell(valuetype="float", value=str(value))
            elif value:
                cell = TableCell(valuetype="string")
                cell.addElement(P(text=value))
            else:
                cell = TableCell()
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(str(path))
    return path


CONTENT_TYPES = b"""<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"""
ROOT_RELATIONS = b"""<?xml version="1.0"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>
</Relationships>"""
WORKBOOK = b"""<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
<sheet name="Leavers" sheetId="1" r:id="rId1"/></sheets></workbook>"""
WORKBOOK_RELATIONS = b"""<?xml version="1.0"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>
</Relationships>"""
SHEET_HEAD = b"""<?xml version="1.0"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"""
SHEET_TAIL = b"</sheetData></worksheet>"


def text_cell(reference: str, text: str) -> bytes:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'.encode()


def parts(sheet: bytes) -> dict[str, bytes]:
    """Return the entries of a workbook written by hand, around the XML of its one sheet."""
    return {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": ROOT_RELATIONS,
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": WORKBOOK_RELATIONS,
        "xl/worksheets/sheet1.xml": sheet,
    }


def write_parts(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def deflated_blanks(gigabytes: int) -> bytes:
    """Return a deflate stream of a sheet with so many gigabytes of white space in it, made in a second.

    A block ended by a full flush refers to nothing before it, so one block can be repeated.
    """
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    out = io.BytesIO()
    out.write(stream.compress(SHEET_HEAD) + stream.flush(zlib.Z_FULL_FLUSH))
    block = zlib.compressobj(9, zlib.DEFLATED, -15)
    blanks = block.compress(b" " * (1 << 26)) + block.flush(zlib.Z_FULL_FLUSH)
    out.write(blanks * (16 * gigabytes))
    end = zlib.compressobj(9, zlib.DEFLATED, -15)
    out.write(end.compress(SHEET_TAIL) + end.flush(zlib.Z_FINISH))
    return out.getvalue()


def write_bomb(path: Path, *, gigabytes: int, claimed_size: int | None = None) -> Path:
    """Write an XLSX whose sheet inflates to so many gigabytes; its headers may claim any size."""
    bodies = {
        name: (zlib.compress(content, 9, -15), len(content), zlib.crc32(content))
        for name, content in parts(b"").items()
    }
    true_size = gigabytes << 30
    claimed = min(true_size, 0xFFFFFFFE) if claimed_size is None else claimed_size
    bodies["xl/worksheets/sheet1.xml"] = (deflated_blanks(gigabytes), claimed, 0)
    directory = b""
    with path.open("wb") as file:
        for name, (packed, size, crc) in bodies.items():
            encoded = name.encode()
            common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, crc, len(packed), size, len(encoded), 0)
            directory += b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, file.tell())
            directory += encoded
            file.write(b"PK\x03\x04" + common + encoded + packed)
        start = file.tell()
        file.write(directory)
        count = len(bodies)
        file.write(b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), start, 0))
    return path
