"""When terms end: known cases, and what holds of all."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.kernel.terms import Term, TermError, Unit, is_working_day, months_after, next_working_day

DAYS = st.dates(date(2018, 5, 25), date(2034, 12, 31))
# The first to ask for a country reads its holidays: half a second where others work too.
UNTIMED = settings(deadline=None)
COUNTRIES = st.sampled_from(["", "NL", "DE", "RU", "ZZ"])
MONTH = Term(1, Unit.MONTHS)
EXTENDED = Term(3, Unit.MONTHS)


@pytest.mark.parametrize(
    ("received", "country", "last"),
    [
        # The example of the EDPB's guidelines 01/2022, 157: of the 5th of March until the 5th of April.
        (date(2024, 3, 5), "NL", date(2024, 4, 5)),
        # No 30th or 31st in February: its last day, in a leap year and in another. 28 February 2027 is a Sunday.
        (date(2024, 1, 31), "NL", date(2024, 2, 29)),
        (date(2023, 1, 31), "NL", date(2023, 2, 28)),
        (date(2023, 1, 30), "NL", date(2023, 2, 28)),
        (date(2027, 1, 31), "NL", date(2027, 3, 1)),
        # From a short month to a longer one it is the day of the same number, not the last.
        (date(2024, 2, 29), "", date(2024, 3, 29)),
        (date(2023, 8, 31), "NL", date(2023, 10, 2)),
        # Over the turn of the year; New Year's Day is a holiday everywhere here.
        (date(2024, 12, 1), "NL", date(2025, 1, 2)),
        # Good Friday is a holiday in both (in the Netherlands by the Algemene termijnenwet, 3(2)); then Easter follows.
        (date(2026, 3, 3), "NL", date(2026, 4, 7)),
        (date(2026, 3, 3), "DE", date(2026, 4, 7)),
        (date(2026, 3, 3), "RU", date(2026, 4, 3)),
        # The Day of German Unity, a Friday, is an ordinary day elsewhere.
        (date(2025, 9, 3), "NL", date(2025, 10, 3)),
        (date(2025, 9, 3), "DE", date(2025, 10, 6)),
        # King's Day on a Monday, 27 April 2026; the 26th is a Sunday.
        (date(2026, 3, 26), "NL", date(2026, 4, 28)),
        (date(2026, 3, 26), "", date(2026, 4, 27)),
    ],
)
def test_a_month_from_receipt_ends_as_the_regulation_says(received: date, country: str, last: date) -> None:
    assert MONTH.last_day(received_on=received, country=country) == last


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (date(2026, 11, 30), date(2027, 3, 1)),  # 28 February 2027 is a Sunday
        (date(2026, 1, 31), date(2026, 4, 30)),
        # Counted from receipt, not from the day to which the first month was moved.
        (date(2023, 8, 31), date(2023, 11, 30)),
    ],
)
def test_the_extension_counts_from_receipt_too(received: date, last: date) -> None:
    assert EXTENDED.last_day(received_on=received, country="NL") == last


@pytest.mark.parametrize(
    ("received", "amount", "last"),
    [
        # The day itself does not count.
        (date(2025, 2, 3), 1, date(2025, 2, 4)),
        (date(2025, 2, 3), 10, date(2025, 2, 17)),
        # Russia, 2025: the 1st to the 4th of May off (the 2nd moved from January), the 8th to the 11th too.
        (date(2025, 4, 30), 1, date(2025, 5, 5)),
        (date(2025, 4, 30), 4, date(2025, 5, 12)),
        # The New Year holidays last until the 8th of January; 31 December 2024 was off, 28 December was worked.
        (date(2024, 12, 26), 2, date(2024, 12, 28)),
        (date(2024, 12, 26), 3, date(2025, 1, 9)),
        # The 1st of November 2025, a Saturday, was worked for the 3rd.
        (date(2025, 10, 31), 1, date(2025, 11, 1)),
        (date(2025, 10, 31), 2, date(2025, 11, 5)),
    ],
)
def test_working_days_are_counted_as_the_russian_calendar_has_them(received: date, amount: int, last: date) -> None:
    assert Term(amount, Unit.WORKING_DAYS).last_day(received_on=received, country="RU") == last


@UNTIMED
@given(DAYS, st.integers(1, 36), COUNTRIES)
def test_a_term_in_months_ends_on_a_working_day_and_never_early(received: date, months: int, country: str) -> None:
    last = Term(months, Unit.MONTHS).last_day(received_on=received, country=country)
    plain = months_after(received, months)
    assert last >= plain
    assert is_working_day(last, country=country)
    assert not any(is_working_day(plain + timedelta(days=n), country=country) for n in range((last - plain).days))
    assert plain.day == received.day or (plain + timedelta(days=1)).day == 1


@UNTIMED
@given(DAYS, st.integers(1, 40), COUNTRIES)
def test_a_term_in_working_days_holds_as_many(received: date, amount: int, country: str) -> None:
    last = Term(amount, Unit.WORKING_DAYS).last_day(received_on=received, country=country)
    between = [received + timedelta(days=n) for n in range(1, (last - received).days + 1)]
    assert sum(is_working_day(day, country=country) for day in between) == amount
    assert is_working_day(last, country=country)


@UNTIMED
@given(DAYS, DAYS, st.integers(1, 36), st.sampled_from([Unit.MONTHS, Unit.DAYS]), COUNTRIES)
def test_what_comes_later_is_never_due_sooner(one: date, other: date, amount: int, unit: Unit, country: str) -> None:
    first, second = sorted((one, other))
    term = Term(amount, unit)
    assert term.last_day(received_on=first, country=country) <= term.last_day(received_on=second, country=country)


@UNTIMED
@given(DAYS, st.integers(1, 36), st.sampled_from([Unit.MONTHS, Unit.DAYS]))
def test_the_beginning_of_a_term_is_the_last_day_of_which_it_is_over(end: date, amount: int, unit: Unit) -> None:
    term = Term(amount, unit)
    begin = term.begin(end=end)
    assert term.end(start=begin) <= end
    assert term.end(start=begin + timedelta(days=1)) > end


@UNTIMED
@given(DAYS, COUNTRIES)
def test_the_next_working_day_is_at_most_twelve_days_away(day: date, country: str) -> None:
    assert day <= next_working_day(day, country=country) <= day + timedelta(days=12)


@pytest.mark.parametrize(
    ("amount", "unit"), [(0, Unit.DAYS), (-1, Unit.MONTHS), (True, Unit.DAYS), (1, "days"), (1.5, Unit.DAYS)]
)
def test_no_term_is_empty_or_in_an_unknown_unit(amount: object, unit: object) -> None:
    with pytest.raises(TermError):
        Term(amount, unit)  # type: ignore[arg-type]


def test_a_term_in_working_days_has_no_end_without_a_country() -> None:
    term = Term(3, Unit.WORKING_DAYS)
    with pytest.raises(TermError):
        term.end(start=date(2026, 1, 1))
    with pytest.raises(TermError):
        term.begin(end=date(2026, 1, 1))
