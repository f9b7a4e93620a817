"""The file to start from, as XLSX and CSV, in four languages: our column names and two invented leavers."""

import csv
import io
from collections.abc import Mapping
from datetime import date

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from perennial.intake.columns import DATE_FIELDS, Field
from perennial.intake.values import disarm
from perennial.intake.words.template import HEADERS

LANGUAGES = tuple(HEADERS)

# Shown in the sheet's notes: what each column is for, where its name does not say it.
_NOTES: Mapping[Field, Promise] = {
    Field.FULL_NAME: _("Needed: this, or a last name."),
    Field.ENDS_ON: _("Needed: this, or a status. Any date from the past or ahead, as 2026-03-31."),
    Field.EMPLOYEE_NUMBER: _("The safest way to know the same person again in the next file."),
    Field.PRIVATE_EMAIL: _("Kept but not used, unless the next column says when it was given for staying in touch."),
    Field.PRIVATE_EMAIL_GIVEN_ON: _("The day on which the person gave the address for staying in touch."),
    Field.HOW_ENDED: _(
        "Resignation, dismissal, redundancy, end of contract, retirement, death, mutual agreement or other."
    ),
    Field.CONTRACT_KIND: _("Employee, temporary, freelancer, intern, retiree or other."),
}

_EXAMPLES: Mapping[str, tuple[Mapping[Field, str | date], ...]] = {
    "en": (
        {
            Field.FULL_NAME: "Alice Winter",
            Field.FIRST_NAME: "Alice",
            Field.LAST_NAME: "Winter",
            Field.STATUS: "leaving",
            Field.HOW_ENDED: "resignation",
            Field.CONTRACT_KIND: "employee",
            Field.TITLE: "Engineer",
            Field.DEPARTMENT: "Bridges",
            Field.PLACE: "Leeds",
        },
        {
            Field.FULL_NAME: "Bob Summer",
            Field.FIRST_NAME: "Bob",
            Field.LAST_NAME: "Summer",
            Field.STATUS: "left",
            Field.HOW_ENDED: "end of contract",
            Field.CONTRACT_KIND: "temporary",
            Field.TITLE: "Planner",
            Field.DEPARTMENT: "Roads",
            Field.PLACE: "York",
        },
    ),
    "nl": (
        {
            Field.FULL_NAME: "Alice van der Winter",
            Field.FIRST_NAME: "Alice",
            Field.PREFIX: "van der",
            Field.LAST_NAME: "Winter",
            Field.STATUS: "vertrekt",
            Field.HOW_ENDED: "eigen verzoek",
            Field.CONTRACT_KIND: "vast",
            Field.TITLE: "Ingenieur",
            Field.DEPARTMENT: "Bruggen",
            Field.PLACE: "Utrecht",
        },
        {
            Field.FULL_NAME: "Bob Zomer",
            Field.FIRST_NAME: "Bob",
            Field.LAST_NAME: "Zomer",
            Field.STATUS: "uit dienst",
            Field.HOW_ENDED: "einde contract",
            Field.CONTRACT_KIND: "tijdelijk",
            Field.TITLE: "Planner",
            Field.DEPARTMENT: "Wegen",
            Field.PLACE: "Zwolle",
        },
    ),
    "de": (
        {
            Field.FULL_NAME: "Alice von Winter",
            Field.FIRST_NAME: "Alice",
            Field.PREFIX: "von",
            Field.LAST_NAME: "Winter",
            Field.STATUS: "scheidet aus",
            Field.HOW_ENDED: "Eigenkündigung",
            Field.CONTRACT_KIND: "unbefristet",
            Field.TITLE: "Ingenieurin",
            Field.DEPARTMENT: "Brücken",
            Field.PLACE: "Köln",
        },
        {
            Field.FULL_NAME: "Bob Sommer",
            Field.FIRST_NAME: "Bob",
            Field.LAST_NAME: "Sommer",
            Field.STATUS: "ausgeschieden",
            Field.HOW_ENDED: "Vertragsende",
            Field.CONTRACT_KIND: "befristet",
            Field.TITLE: "Planer",
            Field.DEPARTMENT: "Straßen",
            Field.PLACE: "Bonn",
        },
    ),
    "ru": (
        {
            Field.FULL_NAME: "Алиса Зимина",
            Field.FIRST_NAME: "Алиса",
            Field.LAST_NAME: "Зимина",
            Field.STATUS: "увольняется",
            Field.HOW_ENDED: "собственное желание",
            Field.CONTRACT_KIND: "постоянный",
            Field.TITLE: "Инженер",
            Field.DEPARTMENT: "Мосты",
            Field.PLACE: "Казань",
        },
        {
            Field.FULL_NAME: "Боб Летов",
            Field.FIRST_NAME: "Боб",
            Field.LAST_NAME: "Летов",
            Field.STATUS: "уволен",
            Field.HOW_ENDED: "истечение срока",
            Field.CONTRACT_KIND: "срочный договор",
            Field.TITLE: "Плановик",
            Field.DEPARTMENT: "Дороги",
            Field.PLACE: "Тверь",
        },
    ),
}


def _examples(*, language: str, today: date) -> list[dict[Field, str | date]]:
    """Return two rows that would open a departure each, were they real: one leaves next month, one left last month."""
    addresses = ("alice", "bob")
    days = (date.fromordinal(today.toordinal() + 30), date.fromordinal(today.toordinal() - 30))
    return [
        {
            **example,
            Field.EMPLOYEE_NUMBER: str(1001 + position),
            Field.BUSINESS_EMAIL: f"{address}@company.example",
            Field.PRIVATE_EMAIL: f"{address}@home.example",
            Field.PRIVATE_EMAIL_GIVEN_ON: date.fromordinal(today.toordinal() - 40),
            Field.STARTS_ON: date(2019 + position, 9, 1),
            Field.ENDS_ON: day,
            Field.MANAGER: "Charlie",
            Field.LANGUAGE: language,
        }
        for position, (example, address, day) in enumerate(zip(_EXAMPLES[language], addresses, days, strict=True))
    ]


def csv_template(*, language: str, today: date) -> bytes:
    """Return the template as CSV: UTF-8 with its mark and semicolons, which spreadsheet programs open rightly."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADERS[language].values())
    for row in _examples(language=language, today=today):
        cells = (row.get(field, "") for field in HEADERS[language])
        writer.writerow([cell.isoformat() if isinstance(cell, date) else disarm(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def xlsx_template(*, language: str, today: date) -> bytes:
    """Return the template as XLSX, with date columns that are dates and a note on the columns that need one."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book, override(language):
        sheet = book.add_worksheet("Perennial")
        bold = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        text = book.add_format({"num_format": "@"})
        for column, (field, name) in enumerate(HEADERS[language].items()):
            # A text format keeps the leading zeros of employee numbers that are pasted in.
            sheet.set_column(column, column, max(14, len(name) + 2), day if field in DATE_FIELDS else text)
            sheet.write_string(0, column, name, bold)
            if field in _NOTES:
                sheet.write_comment(0, column, str(_NOTES[field]))
        for line, row in enumerate(_examples(language=language, today=today), start=1):
            for column, field in enumerate(HEADERS[language]):
                cell = row.get(field, "")
                if isinstance(cell, date):
                    sheet.write_datetime(line, column, cell, day)
                elif cell:
                    sheet.write_string(line, column, disarm(cell), text)
        sheet.freeze_panes(1, 0)
    return out.getvalue()
