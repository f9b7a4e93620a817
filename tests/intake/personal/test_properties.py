"""What holds for every export: written out and read back it is the same, and its texts are clean lines."""

import unicodedata
from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.intake.personal.opening import read_export
from perennial.intake.personal.record import PartialDate, PersonalRecord
from perennial.intake.personal.refusals import UnreadableExport
from perennial.intake.personal.values import iso_date, line, once_each, partial_date, web_address
from tests.intake.personal.exports import archive, resume, table

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), max_size=60).map(line)
years = st.integers(1900, 2100)
dates = st.one_of(
    st.builds(PartialDate, years),
    st.builds(PartialDate, years, st.integers(1, 12)),
    st.builds(PartialDate, years, st.integers(1, 12), st.integers(1, 28)),
)
optional_dates = st.none() | dates


def said(day: PartialDate | None) -> str:
    """As LinkedIn writes it: 'Sep 2019' or '2019'; a day it does not have."""
    if day is None:
        return ""
    return f"{MONTHS[day.month - 1]} {day.year}" if day.month else str(day.year)


def without_day(day: PartialDate | None) -> PartialDate | None:
    return day and PartialDate(day.year, day.month)


def every_text(part: Any) -> list[str]:
    if isinstance(part, str):
        return [part]
    if isinstance(part, tuple):
        return [text for item in part for text in every_text(item)]
    if is_dataclass(part):
        return [text for field in fields(part) for text in every_text(getattr(part, field.name))]
    return []


def is_clean(text: str) -> bool:
    return (
        text == " ".join(text.split()) == unicodedata.normalize("NFC", text)
        and len(text) <= 2000
        and not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text)
        and not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
    )


@settings(deadline=None)
@given(
    st.lists(st.tuples(texts, texts, texts, optional_dates, optional_dates), max_size=5), st.lists(texts, max_size=5)
)
def test_what_linkedin_would_write_is_read_back(jobs: list[Any], skills: list[str]) -> None:
    jobs = [job for job in jobs if any(job)]
    written = [
        {
            "Company Name": company,
            "Title": title,
            "Description": f"{title}\n\n{company}",
            "Location": place,
            "Started On": said(since),
            "Finished On": said(until),
        }
        for company, title, place, since, until in jobs
        if company or title or place or since or until
    ]
    record = read_export(
        archive(
            {
                "Positions.csv": table("Positions.csv", *written),
                "Skills.csv": table("Skills.csv", *[{"Name": skill} for skill in skills]),
            }
        )
    )
    assert [(held.company, held.title, held.place, held.since, held.until) for held in record.positions] == [
        (company, title, place, without_day(since), without_day(until)) for company, title, place, since, until in jobs
    ]
    assert record.skills == once_each(skills)


@settings(deadline=None)
@given(
    texts,
    texts,
    st.lists(st.tuples(texts, texts, optional_dates, optional_dates), max_size=5),
    st.lists(texts, max_size=5),
)
def test_what_a_resume_says_is_read_back(name: str, label: str, jobs: list[Any], keywords: list[str]) -> None:
    record = read_export(
        resume(
            basics={"name": name, "label": label},
            work=[
                {"name": company, "position": title, "startDate": str(since or ""), "endDate": until and str(until)}
                for company, title, since, until in jobs
            ],
            skills=[{"keywords": keywords}],
        )
    )
    assert (record.name, record.headline) == (name, label)
    assert [(held.company, held.title, held.since, held.until) for held in record.positions] == jobs
    assert record.skills == once_each(keywords)


json_parts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
names = st.sampled_from(["name", "label", "url", "email", "profiles", "location", "position", "startDate", "keywords"])
entries = st.dictionaries(names, st.text(max_size=30) | json_parts, max_size=4)


@settings(deadline=None)
@given(st.fixed_dictionaries({"basics": entries, "work": st.lists(entries, max_size=3), "skills": json_parts}))
def test_whatever_a_resume_says_its_record_is_clean_or_it_is_refused(properties: dict[str, Any]) -> None:
    try:
        record = read_export(resume(**properties))
    except UnreadableExport:
        return
    assert isinstance(record, PersonalRecord)
    assert all(map(is_clean, every_text(record)))
    assert all(link.url.startswith(("http://", "https://")) for link in record.links)


@settings(deadline=None)
@given(dates)
def test_a_partial_date_is_read_back_from_how_it_is_written(day: PartialDate) -> None:
    assert iso_date(str(day)) == partial_date(str(day)) == day
    assert partial_date(said(day)) == without_day(day)
    if day.day and day.month:
        assert partial_date(f"{MONTHS[day.month - 1]} {day.day}, {day.year}") == day
        assert partial_date(f"{day.day} {MONTHS[day.month - 1].lower()}. {day.year}") == day
        assert partial_date(f"{day.month:02}/{day.year}") == PartialDate(day.year, day.month)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_a_text_is_no_date_or_one_of_our_time(text: str) -> None:
    for read in (iso_date, partial_date):
        try:
            day = read(text)
        except UnreadableExport:
            continue
        assert day is None or 1900 <= day.year <= 2100


@settings(deadline=None)
@given(st.text(max_size=60) | st.text("javascript:alert(1)/\\@.ab?#[]%", max_size=40))
def test_a_link_is_a_page_of_the_web_or_refused(text: str) -> None:
    try:
        url = web_address(text)
    except UnreadableExport:
        return
    assert url == "" or url.startswith(("http://", "https://"))
    assert web_address(url) == url


def test_months_are_told_apart_in_every_language() -> None:
    for text, month in [
        ("août 2019", 8),
        ("märz 2020", 3),
        ("сентября 2019", 9),
        ("enero de 2020", 1),
        ("set 2019", 9),
    ]:
        read = partial_date(text)
        assert read is not None
        assert read.month == month
    assert partial_date("Present") is None
    assert partial_date("heden") is None
