"""A program of its own that reads one workbook under hard limits and writes its rows to standard output.

Workbooks come from strangers: zip bombs, sheets that claim a cell in the last corner, broken XML. So they are opened
only here, in a child process with a ceiling on memory and processor time, no secrets in its environment and no right to
write a file. It imports nothing of ours: `reader.py` starts it by path, with Python's isolated mode.

Output: frames of four bytes length (big endian) and JSON, each a list whose first item names it:
`["sheets", names, serials]`, `["look", sheet, rows]`, `["rows", rows]`, `["error", reason, number]`, `["end"]`;
a row is `[number, cells]` and every cell is text.
"""

import json
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO
from xml.parsers import expat

_CHUNK = 1 << 18
# Excel's own 'from 1904' switch moves every plain number by four years: then numbers are not read as dates.
_FROM_1904 = (b'date1904="1"', b'date1904="true"', b"date1904='1'")
# No workbook needs a document type; entities hide bombs and files of the machine in it.
_DOCUMENT_TYPES = tuple(
    word.encode(encoding) for word in ("<!DOCTYPE", "<!ENTITY") for encoding in ("ascii", "utf-16-le", "utf-16-be")
)
# Pictures are not parsed, and an SVG may well have a document type.
_PICTURES = ("xl/media/", "pictures/", "thumbnails/", "media/")
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_SPANNED = b"number-rows-spanned"

_LONGEST_MARK = max(map(len, (*_DOCUMENT_TYPES, *_FROM_1904, _SPANNED)))

# First and last cell of a merged range, each as row and column from 0.
Merged = tuple[tuple[int, int], tuple[int, int]]


class Refused(Exception):  # noqa: N818
    def __init__(self, reason: str, number: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.number = number


def limit(*, memory: int, seconds: int) -> None:
    for kind, ceiling in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (ceiling if hard == resource.RLIM_INFINITY else min(ceiling, hard), hard))


def check_archive(path: str, *, most_bytes: int, most_entries: int) -> tuple[bool, bool]:
    """Inflate every entry once without keeping it, and refuse what is no sound workbook of a reasonable size.

    The sizes in the headers are not believed: bytes are counted as they come out. Returns whether plain numbers
    in date columns may be read as Excel's day numbers, and whether an ODS may have cells merged over rows.
    """
    serials = True
    spanned = False
    kind = ""
    left = most_bytes
    with open(path, "rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
            raise Refused("broken") from None
        if len(entries) > most_entries:
            raise Refused("too_big")
        for entry in entries:
            name = entry.filename.casefold()
            if entry.flag_bits & 0x1:
                raise Refused("password")
            if name == "xl/workbook.bin":
                raise Refused("old_workbook")
            if name == "xl/workbook.xml" or (name.startswith("xl/worksheets/") and not kind):
                kind = "xlsx"
            parsed = not name.startswith(_PICTURES)
            tail = b""
            for piece in _inflated(file, entry):
                left -= len(piece)
                if left < 0:
                    raise Refused("too_big")
                if not parsed:
                    continue
                seen = tail + piece
                if any(mark in seen for mark in _DOCUMENT_TYPES):
                    raise Refused("document_type")
                if name == "xl/workbook.xml" and any(mark in seen for mark in _FROM_1904):
                    serials = False
                if name == "content.xml" and _SPANNED in seen:
                    spanned = True
                if name == "mimetype" and seen.startswith(_ODS):
                    kind = "ods"
                if name == "meta-inf/manifest.xml" and b"encryption-data" in seen:
                    raise Refused("password")
                tail = seen[-_LONGEST_MARK:]
    if not kind:
        raise Refused("binary")
    return serials, spanned and kind == "ods"


def _inflated(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    file.seek(entry.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise Refused("broken")
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    file.seek(name_length + extra_length, 1)
    remaining = entry.compress_size
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused("broken")
    stream = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    while remaining > 0:
        packed = file.read(min(_CHUNK, remaining))
        if not packed:
            raise Refused("broken")
        remaining -= len(packed)
        if stream is None:
            yield packed
            continue
        while packed:
            try:
                piece = stream.decompress(packed, _CHUNK)
            except zlib.error:
                raise Refused("broken") from None
            yield piece
            packed = stream.unconsumed_tail
        if stream.eof:
            return


def cell_text(value: Any) -> str:
    """Return a cell as text: whole numbers without '.0', days in ISO form."""
    if type(value) is float:
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    if type(value) is bool:
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def merged_of_ods(path: str) -> dict[str, list[Merged]]:
    """Return the cells merged over several rows, by sheet: the library tells them of XLSX only.

    Expat streams; entities cannot come, since document types were refused before.
    """
    found: dict[str, list[Merged]] = {}
    sheet: list[Merged] = []
    depth = row = column = repeated = 0

    def number(attributes: dict[str, str], name: str) -> int:
        text = attributes.get(_TABLE + name, "1")
        return int(text) if text.isdecimal() and len(text) < 9 else 1

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, row, column, repeated, sheet
        if name == _TABLE + "table":
            depth += 1
            if depth == 1:
                row, sheet = 0, found.setdefault(attributes.get(_TABLE + "name", ""), [])
        elif depth != 1:
            # A table within a cell is none of the sheet's.
            return
        elif name == _TABLE + "table-row":
            column, repeated = 0, number(attributes, "number-rows-repeated")
        elif name in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
            rows = number(attributes, "number-rows-spanned")
            if rows > 1:
                sheet.append(((row, column), (row + rows - 1, column)))
            column += number(attributes, "number-columns-repeated")

    def end(name: str) -> None:
        nonlocal depth, row
        if name == _TABLE + "table":
            depth -= 1
        elif name == _TABLE + "table-row" and depth == 1:
            row += repeated

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as content:
        try:
            parser.ParseFile(content)
        except expat.ExpatError:
            raise Refused("broken") from None
    return found


def filled(sheet: Any, merged: Sequence[Merged]) -> Iterator[tuple[list[Any], bool]]:
    """Return the rows of a sheet and whether they had something in them; a cell merged over rows stands in each.

    Over columns it stays in the first: a title over a whole table is no value of every column.
    """
    left = sheet.start[1] if sheet.start else 0
    begins: dict[int, list[tuple[int, int]]] = {}
    for (first, column), (last, _right) in merged:
        if last > first and 0 <= column - left < sheet.width:
            begins.setdefault(first, []).append((column - left, last))
    running: dict[int, tuple[int, Any]] = {}
    for at, values in enumerate(sheet.iter_rows()):
        holds = any(value != "" and not (type(value) is str and value.isspace()) for value in values)
        if holds:
            for column, (last, value) in running.items():
                if at <= last and values[column] == "":
                    values[column] = value
        running = {column: each for column, each in running.items() if each[0] > at}
        for column, last in begins.get(at, ()):
            running[column] = (last, values[column])
        yield values, holds


def numbered_rows(
    sheet: Any, *, merged: Sequence[Merged], most_columns: int, longest_cell: int
) -> Iterator[tuple[int, list[str]]]:
    """Return the rows with something in them, numbered as the spreadsheet program numbers them."""
    if sheet.width > most_columns:
        raise Refused("too_many_columns")
    rows = filled(sheet, merged) if merged else ((values, True) for values in sheet.iter_rows())
    for number, (values, holds) in enumerate(rows, start=1):
        if not holds:
            continue
        cells = [value if type(value) is str else cell_text(value) for value in values]
        joined = "".join(cells)
        if not joined or joined.isspace():
            continue
        if len(joined) > longest_cell and any(len(cell) > longest_cell for cell in cells):
            raise Refused("cell_too_long", number)
        yield number, cells


def run(path: str, order: dict[str, Any], out: BinaryIO) -> None:
    import python_calamine

    def send(*message: Any) -> None:
        body = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
        out.write(struct.pack(">I", len(body)) + body)

    try:
        serials, spanned = check_archive(path, most_bytes=order["most_bytes"], most_entries=order["most_entries"])
        try:
            merged = merged_of_ods(path) if spanned else {}
            workbook = python_calamine.CalamineWorkbook.from_path(path)
            kinds = (python_calamine.SheetTypeEnum.WorkSheet, python_calamine.SheetTypeEnum.MacroSheet)
            sheets = [
                sheet.name
                for sheet in workbook.sheets_metadata
                if sheet.typ in kinds and sheet.visible == python_calamine.SheetVisibleEnum.Visible
            ]
            send("sheets", sheets, serials)
            wanted = order["sheet"]
            if wanted is not None and wanted not in sheets:
                raise Refused("no_sheet")
            for name in [wanted] if wanted is not None else sheets[: order["most_sheets"]]:
                sheet = workbook.get_sheet_by_name(name)
                rows = numbered_rows(
                    sheet,
                    merged=merged.get(name) or sheet.merged_cell_ranges or (),
                    most_columns=order["most_columns"],
                    longest_cell=order["longest_cell"],
                )
                batch: list[tuple[int, list[str]]] = []
                size = 0
                for row in rows:
                    batch.append(row)
                    size += sum(map(len, row[1]))
                    if order["look"] and len(batch) >= order["look"]:
                        break
                    if not order["look"] and (len(batch) >= 500 or size > _CHUNK):
                        send("rows", batch)
                        batch, size = [], 0
                if order["look"]:
                    send("look", name, batch)
                    # Whoever reads may have seen enough: let them, before the next sheet is unpacked.
                    out.flush()
                elif batch:
                    send("rows", batch)
            send("end")
        except python_calamine.PasswordError:
            raise Refused("password") from None
        except python_calamine.CalamineError:
            raise Refused("broken") from None
    except Refused as refusal:
        send("error", refusal.reason, refusal.number)
    except MemoryError:
        send("error", "too_big", 0)
    except BrokenPipeError:
        raise
    except BaseException as failure:  # noqa: BLE001 - the parser's panics are no Exception; this is the process's edge
        send("error", "too_big" if "capacity" in str(failure) else "broken", 0)
    out.flush()


def main() -> None:
    path, order_text = sys.argv[1:3]
    order = json.loads(order_text)
    limit(memory=order["memory"], seconds=order["seconds"])
    try:
        run(path, order, sys.stdout.buffer)
    except BrokenPipeError:
        # The reader has seen enough.
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
