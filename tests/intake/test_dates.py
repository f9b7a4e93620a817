"""Dates are read as what they are, and where they could be two days somebody is asked."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.intake.dates import DateOrder, DateReader, OrderEvidence, date_order
from perennial.intake.values import UnreadableValue
from perennial.intake.words.dates import MONTHS_BY_LANGUAGE

LAST = date(2025, 12, 31)


def read(text: str, order: DateOrder = DateOrder.AMBIGUOUS, *, serials: bool = False) -> date | None:
    return DateReader(order=order, serials=serials).read(text)


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


SHAPES = ["%d-%m-%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%d", "%d %B %Y", "%d/%m/%y"]
cells = st.builds(date.strftime, days, st.sampled_from(SHAPES)) | st.sampled_from(
    ["", "-", "n/a", "soon", "31-31-2025"]
)


@given(st.lists(cells, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_a_column_does_not_hang_on_the_order_of_its_rows(column: list[str], chance: Random) -> None:
    shuffled = [*column, *column[:3]]
    chance.shuffle(shuffled)
    assert date_order(shuffled) == date_order(column)


@given(st.lists(cells, max_size=12), cells)
def test_one_more_date_may_bring_doubt_or_end_it_but_turns_no_order_round(column: list[str], more: str) -> None:
    before, after = date_order(column), date_order([*column, more])
    evidence = OrderEvidence()
    for cell in column:
        evidence.see(cell)
    if evidence.contradicts_itself:
        assert after is DateOrder.AMBIGUOUS
    if {before, after} == {DateOrder.DMY, DateOrder.MDY}:
        # Dots mean day first only until a date denies it.
        assert after is DateOrder.MDY
        assert any("." in cell or cell[:2] == cell[3:5] for cell in column)


@given(days, st.sampled_from(["-", "/", ".", " "]))
def test_what_could_be_two_days_is_never_guessed_at(day: date, mark: str) -> None:
    text = day.strftime(f"%d{mark}%m{mark}%Y")
    if day.day > 12 or day.day == day.month:
        assert read(text, DateOrder.DMY) == read(text) == day
    else:
        turned = read(text, DateOrder.MDY)
        assert turned == date(day.year, day.day, day.month) != read(text, DateOrder.DMY) == day
        with pytest.raises(UnreadableValue, match="could be two days"):
            read(text)


@given(
    days, st.sampled_from(MONTHS_BY_LANGUAGE), st.sampled_from(["{} {} {}", "{}. {} {} г.", "{}-{}-{}", "{} {}, {}"])
)
def test_a_month_written_in_any_of_our_languages_needs_no_order(day: date, months: str, shape: str) -> None:
    text = shape.format(day.day, months.split()[day.month - 1], day.year)
    assert {read(written, order) for order in DateOrder for written in (text, f"  {text.upper()} ")} == {day}


@given(st.text(max_size=40), st.sampled_from(DateOrder))
def test_white_space_around_a_date_says_nothing(text: str, order: DateOrder) -> None:
    def told(written: str) -> date | str | None:
        try:
            return read(written, order)
        except UnreadableValue:
            return "refused"

    assert told(text) == told(f" \t{text}\n")
