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
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

_CHUNK = 1 << 18
# Excel's own 'from 1904' switch moves every plain number by four years: then numbers are not read as dates.
_FROM_1904 = (b'date1904="1"', b'date1904="true"', b"date1904='1'")
# No workbook needs a document type; entities hide bombs and files of the machine in it.
_DOCUMENT_TYPES = tuple(
    word.encode(encoding) for word in ("<!DOCTYPE", "<!ENTITY") for encoding in ("ascii", "utf-16-le", "utf-16-be")
)
_LONGEST_MARK = max(map(len, _DOCUMENT_TYPES + _FROM_1904))
# Pictures are not parsed, and an SVG may well have a document type.
_PICTURES = ("xl/media/", "pictures/", "thumbnails/", "media/")
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


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


def check_archive(path: str, *, most_bytes: int, most_entries: int) -> bool:
    """Inflate every entry once without keeping it, and refuse what is no sound workbook of a reasonable size.

    The sizes in the headers are not believed: bytes are counted as they come out. Returns whether plain numbers
    in date columns may be read as Excel's day numbers.
    """
    serials = True
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
                if name == "mimetype" and seen.startswith(_ODS):
                    kind = "ods"
                if name == "meta-inf/manifest.xml" and b"encryption-data" in seen:
                    raise Refused("password")
                tail = seen[-_LONGEST_MARK:]
    if not kind:
        raise Refused("binary")
    return serials


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


def numbered_rows(sheet: Any, *, most_columns: int, longest_cell: int) -> Iterator[tuple[int, list[str]]]:
    """Return the rows with something in them, numbered as the spreadsheet program numbers them."""
    if sheet.width > most_columns:
        raise Refused("too_many_columns")
    for number, values in enumerate(sheet.iter_rows(), start=1):
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
        serials = check_archive(path, most_bytes=order["most_bytes"], most_entries=order["most_entries"])
        try:
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
                rows = numbered_rows(
                    workbook.get_sheet_by_name(name),
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
