"""Cells are read as what they are, doubt is asked about, and what goes out is harmless."""

import csv
import io
import unicodedata
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from perennial.intake.values import (
    CONTRACT_KIND,
    HOW_ENDED,
    LANGUAGE,
    STATUS,
    ContractKind,
    DateOrder,
    DateReader,
    HowEnded,
    Language,
    OrderEvidence,
    StintStatus,
    TextReader,
    UnreadableValue,
    date_order,
    disarm,
    email_address,
    employee_number,
    is_blank,
    person_name,
    plain_text,
    undisarm,
)

LAST = date(2025, 12, 31)


def read(text: str, order: DateOrder = DateOrder.AMBIGUOUS, *, serials: bool = False) -> date | None:
    return DateReader(order=order, serials=serials).read(text)


# --- dates


@pytest.mark.parametrize(
    "text",
    [
        "2025-12-31",
        "2025/12/31",
        "2025.12.31",
        "20251231",
        "31-12-2025",
        "31.12.2025",
        "31/12/2025",
        "31 12 2025",
        "31. 12. 2025",
        "12/31/2025",
        "31122025",
        "31-12-25",
        "31.12.25",
        "12/31/25",
        " 31-12-2025 ",
        "2025-12-31T00:00:00",
        "2025-12-31T00:00:00Z",
        "2025-12-31 00:00:00+01:00",
        "2025-12-31 08:30:00.000",
        "31.12.2025 0:00",
        "31.12.2025, 17:00 Uhr",
        "12/31/2025 12:00:00 AM",
        "31 December 2025",
        "31st of December, 2025",
        "December 31, 2025",
        "Dec 31st 2025",
        "Wed, 31 Dec 2025",
        "31-Dec-25",
        "31 december 2025",
        "31 dec. 2025",
        "woensdag 31 december 2025",
        "31. Dezember 2025",
        "31-Dez-2025",
        "Mittwoch, den 31. Dezember 2025",
        "31 декабря 2025 г.",
        "31 дек. 2025",
        "31.12.2025 г.",
        "2025 December 31",
    ],
)
def test_a_date_that_means_one_day_needs_no_order(text: str) -> None:
    assert read(text) == LAST


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1 mrt 2026", date(2026, 3, 1)),
        ("1 mei 2026", date(2026, 5, 1)),
        ("1. März 2026", date(2026, 3, 1)),
        ("1. Maerz 2026", date(2026, 3, 1)),
        ("1 мая 2026", date(2026, 5, 1)),
        ("29-02-2024", date(2024, 2, 29)),
        ("05/05/2026", date(2026, 5, 5)),
        ("31-12-49", date(2049, 12, 31)),
        ("31-12-50", date(1950, 12, 31)),
        ("99-12-31", date(1999, 12, 31)),
    ],
)
def test_other_plain_dates(text: str, day: date) -> None:
    assert read(text) == day


@pytest.mark.parametrize("text", ["01/02/2026", "1-2-26", "03.04.2026", "01022026"])
def test_a_date_that_could_be_two_days_is_read_by_the_order_of_its_column(text: str) -> None:
    day_first, month_first = read(text, DateOrder.DMY), read(text, DateOrder.MDY)
    assert day_first is not None
    assert month_first is not None
    assert (day_first.day, day_first.month) == (month_first.month, month_first.day)
    with pytest.raises(UnreadableValue, match="could be two days"):
        read(text)


def test_a_date_against_the_order_of_its_column_is_refused_and_an_iso_date_never_is() -> None:
    with pytest.raises(UnreadableValue, match="does not fit the order"):
        read("12/31/2025", DateOrder.DMY)
    with pytest.raises(UnreadableValue, match="does not fit the order"):
        read("31/12/2025", DateOrder.MDY)
    assert {read("2025-12-31", order) for order in DateOrder} == {LAST}


@pytest.mark.parametrize(
    "text",
    [
        "31-02-2025",
        "2025-13-01",
        "32 December 2025",
        "December 2025",
        "2025",
        "45657",
        "tomorrow",
        "31 Foo 2025",
        "31-12-2025 or later",
        "1-1-0025",
        "1-1-3025",
        "٣١-١٢-٢٠٢٥٥",
        "²-1-2025",
        "²² December ²²",
        "1" * 500,
        "=DATE(2025,12,31)",
    ],
)
def test_what_is_no_date_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(UnreadableValue) as caught:
        read(text, DateOrder.DMY)
    assert str(caught.value).endswith("is not a date we can read.")
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "-",
        "n/a",
        "n.v.t.",
        "нет",
        "9999-12-31",
        "31.12.9999",
        "31-12-9999 00:00",
        "00.00.0000",
        "unbefristet",
    ],
)
def test_no_date_and_for_ever_are_none(text: str) -> None:
    assert read(text) is None


def test_a_plain_number_is_a_day_only_where_the_file_is_a_workbook() -> None:
    assert read("46022", serials=True) == date(2025, 12, 31)
    assert read("46022.75", serials=True) == date(2025, 12, 31)
    with pytest.raises(UnreadableValue):
        read("46022")


@pytest.mark.parametrize(
    ("column", "order"),
    [
        ([], DateOrder.YMD),
        (["", "x", "2025-12-31"], DateOrder.YMD),
        (["01-02-2025", "31-12-2025"], DateOrder.DMY),
        (["01/02/2025", "12/31/2025"], DateOrder.MDY),
        (["01/02/2025", "03/04/2025"], DateOrder.AMBIGUOUS),
        (["01/02/2025", "2025-12-31"], DateOrder.AMBIGUOUS),
        (["31/12/2025", "12/31/2025"], DateOrder.AMBIGUOUS),
        (["01.02.2025"], DateOrder.DMY),
        (["01.02.2025", "12.31.2025"], DateOrder.MDY),
        (["05/05/2025"], DateOrder.DMY),
        (["1-2-25", "31-1-25"], DateOrder.DMY),
        (["1 May 2025", "31 Dec 2025"], DateOrder.YMD),
        (["45000", "46022"], DateOrder.YMD),
    ],
)
def test_the_order_is_decided_over_the_whole_column(column: list[str], order: DateOrder) -> None:
    assert date_order(column, serials=True) == order
    assert date_order(column * 3 + column[::-1], serials=True) == order


def test_the_evidence_keeps_an_example_to_ask_about() -> None:
    evidence = OrderEvidence()
    for text in ("2025-01-01", "05/05/2025", "03/04/2025"):
        evidence.see(text)
    assert (evidence.order, evidence.example) == (DateOrder.AMBIGUOUS, "03/04/2025")


days = st.dates(date(1950, 1, 1), date(2049, 12, 31))


@given(st.lists(days, min_size=1, max_size=20), st.sampled_from(["-", "/", " "]), st.booleans())
def test_a_column_is_read_back_whenever_its_order_could_be_told(column: list[date], mark: str, american: bool) -> None:
    shape = mark.join(("%m", "%d", "%Y") if american else ("%d", "%m", "%Y"))
    texts = [day.strftime(shape) for day in column]
    order = date_order(texts)
    told = any(day.day > 12 for day in column)
    same = all(day.day == day.month for day in column)
    expected = (DateOrder.MDY if american else DateOrder.DMY) if told else DateOrder.AMBIGUOUS
    assert order == (DateOrder.DMY if same else expected)
    if order is not DateOrder.AMBIGUOUS:
        reader = DateReader(order=order)
        assert [reader.read(text) for text in texts] == column


@given(days, st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d %B %Y", "%B %d, %Y", "%d-%b-%y", "%Y/%m/%d"]))
def test_these_shapes_mean_the_same_under_every_order(day: date, shape: str) -> None:
    assert {read(day.strftime(shape), order) for order in DateOrder} == {day}


@given(st.text(max_size=40), st.sampled_from(DateOrder), st.booleans())
def test_any_text_is_a_day_or_nothing_or_a_refusal(text: str, order: DateOrder, serials: bool) -> None:
    try:
        day = read(text, order, serials=serials)
    except UnreadableValue as refusal:
        day = None
        assert str(refusal)  # noqa: PT017 - either outcome is right, and each is looked at
    assert day is None or 1900 <= day.year <= 2100


# --- addresses, names and text


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("alice@company.example", "alice@company.example"),
        (" Alice.Winter+x@Company.EXAMPLE ", "alice.winter+x@company.example"),
        ("mailto:bob@home.example", "bob@home.example"),
        ("<bob@home.example>", "bob@home.example"),
        ("o'brien@a-b.example", "o'brien@a-b.example"),
        ("bob@büro.example", "bob@xn--bro-hoa.example"),
        ("'-bob@home.example", "-bob@home.example"),
        ("", ""),
        ("-", ""),
        ("n.v.t.", ""),
    ],
)
def test_an_address_is_read(text: str, address: str) -> None:
    assert email_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "alice",
        "alice@",
        "@company.example",
        "alice@company",
        "alice@@company.example",
        "alice@company..example",
        ".alice@company.example",
        "alice@-company.example",
        "alice@company.example\r\nBcc: bob@home.example",
        "alice@company.example\n",
        "\nalice@company.example",
        "alice@company.example\x00",
        "alice@company.example\u2028",
        "alice\u00a0@company.example",
        "alice\u200b@company.example",
        "ali ce@company.example",
        "alice@company.example, bob@home.example",
        "алиса@company.example",
        "alice@[127.0.0.1]",
        "Alice <alice@company.example>",
        f"{'a' * 65}@company.example",
        f"alice@{'a' * 250}.example",
        f"alice@{'ü' * 250}.example",
        "alice@ü..example",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UnreadableValue) as caught:
        email_address(text)
    assert "\n" not in str(caught.value)
    assert "\r" not in str(caught.value)


@given(st.text(max_size=60))
def test_an_address_that_is_accepted_has_nothing_in_it_that_could_split_a_header(text: str) -> None:
    try:
        address = email_address(text)
    except UnreadableValue:
        return
    assert address.isascii()
    assert address.isprintable()
    assert " " not in address
    assert address == address.lower()
    assert email_address(address) == address


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Alice   Winter ", "Alice Winter"),
        ("Alice\u00a0Winter", "Alice Winter"),
        ("Zoe\u0308", "Zoë"),
        ("Пётр Ильич", "Пётр Ильич"),
        ("محمد علي", "محمد علي"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("'t Hart", "'t Hart"),
        ("A" * 300, "A" * 300),
        ("'=Alice", "=Alice"),
        ("=1+A1", "=1+A1"),
        ("\ufeffBob", "Bob"),
        ("", ""),
        ("-", ""),
    ],
)
def test_a_name_is_read(text: str, name: str) -> None:
    assert person_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "Alice\nWinter",
        "Alice\r\nBcc: x",
        "Alice\tWinter",
        "Al\x07ice",
        "Alice\u2028",
        "\u202eecilA",
        "Zoë\n",
        "A" * 301,
        "12",
    ],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(UnreadableValue):
        person_name(text)


@given(st.text(max_size=80))
def test_text_that_is_accepted_stays_as_it_is_and_has_one_line(text: str) -> None:
    try:
        plain = plain_text(text)
    except UnreadableValue:
        return
    assert not any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in plain)
    assert plain == plain.strip()
    assert "  " not in plain
    assume(undisarm(plain) == plain)
    assert plain_text(plain) == plain


def test_repeated_texts_are_read_once() -> None:
    reader = TextReader(longest=10)
    first = reader.read("  Bridges ")
    assert reader.read("  Bridges ") is first
    assert (first, reader.read("n/a")) == ("Bridges", "")
    with pytest.raises(UnreadableValue, match="at most 10 characters"):
        reader.read("Bridges and roads")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12345", "12345"),
        ("12345.0", "12345"),
        ("00042", "00042"),
        (" A-17 ", "A-17"),
        ("-", ""),
        ("", ""),
        ("12.5", "12.5"),
    ],
)
def test_an_employee_number_stays_text(text: str, number: str) -> None:
    assert employee_number(text) == number


def test_a_refusal_shows_a_short_and_harmless_piece_of_the_cell() -> None:
    with pytest.raises(UnreadableValue) as caught:
        plain_text("x\n" * 500)
    assert "x\N{REPLACEMENT CHARACTER}x" in str(caught.value)
    assert len(str(caught.value)) < 130


# --- codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Resignation", HowEnded.RESIGNATION),
        ("Ontslag op eigen verzoek", HowEnded.RESIGNATION),
        ("Eigenkündigung", HowEnded.RESIGNATION),
        ("По собственному желанию", HowEnded.RESIGNATION),
        ("Dismissal - performance", HowEnded.DISMISSAL),
        ("Ontslag", HowEnded.DISMISSAL),
        ("Arbeitgeberkündigung", HowEnded.DISMISSAL),
        ("Voluntary redundancy", HowEnded.REDUNDANCY),
        ("betriebsbedingte Kündigung", HowEnded.REDUNDANCY),
        ("Сокращение штата", HowEnded.REDUNDANCY),
        ("END_OF_CONTRACT", HowEnded.END_OF_CONTRACT),
        ("Einde contract (van rechtswege)", HowEnded.END_OF_CONTRACT),
        ("Vertragsende", HowEnded.END_OF_CONTRACT),
        ("Pensioen", HowEnded.RETIREMENT),
        ("Выход на пенсию", HowEnded.RETIREMENT),
        ("Overleden", HowEnded.DEATH),
        ("Tod", HowEnded.DEATH),
        ("Ontslag met wederzijds goedvinden", HowEnded.MUTUAL_AGREEMENT),
        ("Aufhebungsvertrag", HowEnded.MUTUAL_AGREEMENT),
        ("Увольнение по соглашению сторон", HowEnded.MUTUAL_AGREEMENT),
        ("Went fishing", HowEnded.OTHER),
        ("niet vrijwillig", HowEnded.OTHER),
        ("", None),
        ("n/a", None),
    ],
)
def test_how_it_ended_is_recognised(text: str, code: HowEnded | None) -> None:
    assert HOW_ENDED.read(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Full-time employee", ContractKind.EMPLOYEE),
        ("Vast dienstverband", ContractKind.EMPLOYEE),
        ("unbefristet", ContractKind.EMPLOYEE),
        ("Бессрочный", ContractKind.EMPLOYEE),
        ("Vollzeit, befristet", ContractKind.TEMPORARY),
        ("Tijdelijk (fulltime)", ContractKind.TEMPORARY),
        ("срочный договор", ContractKind.TEMPORARY),
        ("ZZP'er", ContractKind.FREELANCER),
        ("Договор ГПХ", ContractKind.FREELANCER),
        ("Stagiair", ContractKind.INTERN),
        ("Werkstudent", ContractKind.INTERN),
        ("Стажёр", ContractKind.INTERN),
        ("Gepensioneerd", ContractKind.RETIREE),
        ("Mascot", ContractKind.OTHER),
        (" ", None),
    ],
)
def test_the_kind_of_contract_is_recognised(text: str, code: ContractKind | None) -> None:
    assert CONTRACT_KIND.read(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Active", StintStatus.ACTIVE),
        ("in dienst", StintStatus.ACTIVE),
        ("Работает", StintStatus.ACTIVE),
        ("Notice period", StintStatus.LEAVING),
        ("Actief - opgezegd", StintStatus.LEAVING),
        ("scheidet aus", StintStatus.LEAVING),
        ("увольняется", StintStatus.LEAVING),
        ("Uit dienst", StintStatus.LEFT),
        ("ausgeschieden", StintStatus.LEFT),
        ("Уволен", StintStatus.LEFT),
        ("niet actief", StintStatus.LEFT),
        ("purple", StintStatus.UNKNOWN),
        ("", None),
    ],
)
def test_the_status_is_recognised(text: str, code: StintStatus | None) -> None:
    assert STATUS.read(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nl", Language.NL),
        ("nl-BE", Language.NL),
        ("Niederländisch", Language.NL),
        ("de_DE", Language.DE),
        ("Duits", Language.DE),
        ("русский", Language.RU),
        ("R", Language.RU),
        ("English (UK)", Language.EN),
        ("French", None),
        ("", None),
    ],
)
def test_the_language_is_recognised(text: str, code: Language | None) -> None:
    assert LANGUAGE.read(text) == code


def test_no_word_means_two_codes() -> None:
    """The first would win in silence; the words of each vocabulary are counted against its blocks."""
    for vocabulary in (HOW_ENDED, CONTRACT_KIND, STATUS, LANGUAGE):
        assert vocabulary.claimed_twice == frozenset()


@given(st.text(max_size=60))
def test_any_word_is_answered(text: str) -> None:
    assert (STATUS.read(text) is None) == is_blank(text) or STATUS.find(text) is not None


# --- cells out


@pytest.mark.parametrize(
    "cell", ["=1+1", "+31612345678", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "\u00a0=1"]
)
def test_a_cell_that_could_be_a_formula_is_disarmed_and_read_back(cell: str) -> None:
    assert disarm(cell) == f"'{cell}"
    assert undisarm(disarm(cell)) == cell


@pytest.mark.parametrize("cell", ["", "Alice", "'t Hart", "1-2", "a=b", "0042", " Bob"])
def test_a_harmless_cell_stays_as_it_is(cell: str) -> None:
    assert disarm(cell) == cell
    assert undisarm(cell) == cell


@given(st.text(max_size=30))
def test_no_cell_leaves_as_a_formula_and_all_come_back(cell: str) -> None:
    out = disarm(cell)
    assert not out.lstrip().startswith(("=", "+", "-", "@"))
    assert not out.startswith(("\t", "\r", "\n"))
    if not (cell.startswith("'") and undisarm(cell) != cell):
        assert undisarm(out) == cell
    file = io.StringIO()
    csv.writer(file).writerow([out])
    assert file.getvalue().lstrip('"')[:1] not in ("=", "+", "-", "@")
