"""The template is a file we read ourselves without a question, in every language."""

from datetime import date
from pathlib import Path

import pytest

from perennial.intake.codes import CONTRACT_KIND, HOW_ENDED, LANGUAGE, STATUS
from perennial.intake.columns import Field
from perennial.intake.dates import DateOrder, date_order
from perennial.intake.enums import Language
from perennial.intake.reader.table import Kind, open_table
from perennial.intake.recognising import settled
from perennial.intake.template import LANGUAGES, csv_template, xlsx_template
from perennial.intake.values import email_address, person_name
from perennial.intake.words.template import HEADERS
from perennial.people.enums import ContractKind, HowEnded, StintStatus

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.WORKBOOK])
def test_a_template_is_read_back_without_a_question(tmp_path: Path, language: str, kind: Kind) -> None:
    path = tmp_path / "template"
    make = csv_template if kind is Kind.TEXT else xlsx_template
    path.write_bytes(make(language=language, today=TODAY))
    table = open_table(path)
    assert (table.kind, table.encoding_guessed, table.header_row) == (kind, False, 1)
    positions = settled(table.recognitions)
    assert positions == {field: position for position, field in enumerate(HEADERS[language])}
    rows = [{field: row.cells[position] for field, position in positions.items()} for row in table.rows()]
    assert [row[Field.ENDS_ON] for row in rows] == ["2026-03-31", "2026-01-30"]
    assert date_order(row[Field.STARTS_ON] for row in rows) == DateOrder.YMD
    assert [HOW_ENDED.find(row[Field.HOW_ENDED]) for row in rows] == [HowEnded.RESIGNATION, HowEnded.END_OF_CONTRACT]
    assert [STATUS.find(row[Field.STATUS]) for row in rows] == [StintStatus.LEAVING, StintStatus.LEFT]
    assert [CONTRACT_KIND.find(row[Field.CONTRACT_KIND]) for row in rows] == [
        ContractKind.EMPLOYEE,
        ContractKind.TEMPORARY,
    ]
    assert {LANGUAGE.find(row[Field.LANGUAGE]) for row in rows} == {Language(language)}
    assert [email_address(row[Field.PRIVATE_EMAIL]) for row in rows] == ["alice@home.example", "bob@home.example"]
    assert all(person_name(row[Field.FULL_NAME]) for row in rows)
