"""JSON Resume, as its schema 1.0.0 has it."""

import json
from typing import Any

import pytest

from perennial.intake.personal.opening import read_export
from perennial.intake.personal.record import (
    Address,
    Certificate,
    Education,
    Language,
    Link,
    PartialDate,
    PersonalRecord,
    PositionHeld,
)
from perennial.intake.personal.refusals import Refusal
from tests.intake.personal.exports import refused, resume

WHOLE: dict[str, Any] = {
    "$schema": "https://raw.example/schema.json",
    "basics": {
        "name": "Jurriën de Boer",
        "label": "Baker",
        "image": "javascript:never looked at",
        "email": "J@Boer.example",
        "url": "https://boer.example",
        "summary": "Said at length.",
        "location": {"city": "Leeuwarden", "countryCode": "NL", "region": "Fryslân"},
        "profiles": [{"network": "GitHub", "username": "jb", "url": "https://github.example/jb"}, {"network": "X"}],
    },
    "work": [
        {"name": "Oven", "position": "Baker", "location": "Leeuwarden", "startDate": "2019-09", "highlights": ["x"]},
        {"company": "Mill", "position": "Miller", "startDate": "2015", "endDate": "2019-08-31"},
    ],
    "education": [
        {"institution": "Bakery School", "area": "Bread", "studyType": "MBO", "startDate": "2011", "endDate": "2013-06"}
    ],
    "skills": [{"name": "Baking", "level": "Master", "keywords": ["Rye", "Spelt"]}, {"name": "rye"}],
    "languages": [{"language": "Frisian", "fluency": "Native"}],
    "certificates": [{"name": "Hygiene", "date": "2020-02-29", "issuer": "Board", "url": "https://board.example/h"}],
    "meta": {"version": "v1.0.0"},
}


def test_a_whole_resume_is_read() -> None:
    assert read_export(resume(**WHOLE)) == PersonalRecord(
        name="Jurriën de Boer",
        headline="Baker",
        place="Leeuwarden, Fryslân",
        positions=(
            PositionHeld(company="Oven", title="Baker", place="Leeuwarden", since=PartialDate(2019, 9)),
            PositionHeld(company="Mill", title="Miller", since=PartialDate(2015), until=PartialDate(2019, 8, 31)),
        ),
        education=(
            Education(
                school="Bakery School",
                degree="MBO",
                field="Bread",
                since=PartialDate(2011),
                until=PartialDate(2013, 6),
            ),
        ),
        skills=("Baking", "Rye", "Spelt"),
        languages=(Language(name="Frisian", level="Native"),),
        certificates=(
            Certificate(name="Hygiene", issuer="Board", url="https://board.example/h", since=PartialDate(2020, 2, 29)),
        ),
        links=(Link(url="https://boer.example"), Link(url="https://github.example/jb", label="GitHub")),
        addresses=(Address(address="j@boer.example", primary=True),),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_does_no_harm(encoding: str) -> None:
    text = json.dumps(WHOLE, ensure_ascii=False)
    assert read_export(text.encode(encoding)) == read_export(resume(**WHOLE))


def test_every_section_may_be_missing_empty_or_null() -> None:
    assert read_export(resume(basics=None)) == PersonalRecord()
    assert read_export(resume(basics={}, work=[], skills=None)) == PersonalRecord()
    assert read_export(resume(work=[{"name": "Oven", "endDate": ""}])).positions == (PositionHeld(company="Oven"),)
    for section in WHOLE:
        read_export(resume(**{name: part for name, part in WHOLE.items() if name != section}))


@pytest.mark.parametrize(
    ("properties", "place"),
    [
        ({"basics": []}, "basics"),
        ({"basics": {"name": 7}}, "basics.name"),
        ({"basics": {"profiles": {}}}, "basics.profiles"),
        ({"basics": {"location": "Leeuwarden"}}, "basics.location"),
        ({"work": {}}, "work"),
        ({"work": [{}, "Oven"]}, "work[1]"),
        ({"work": [{"startDate": 2019}]}, "work[0].startDate"),
        ({"skills": [{"keywords": "Rye"}]}, "skills[0].keywords"),
        ({"skills": [{"keywords": ["Rye", 1]}]}, "skills[0].keywords"),
        ({"languages": [{"language": True}]}, "languages[0].language"),
    ],
)
def test_a_property_of_another_kind_is_refused_with_its_place(properties: dict[str, Any], place: str) -> None:
    refusal = refused(resume(**properties))
    assert (refusal.reason, refusal.values["text"]) == (Refusal.SHAPE, place)


@pytest.mark.parametrize(
    "text", ["2019-9", "2019-00", "2019-02-30", "0019", "20190901", "Sep 2019", "２０１９", "2019Z"]
)
def test_a_date_the_schema_does_not_know_is_refused(text: str) -> None:
    assert refused(resume(work=[{"name": "Oven", "startDate": text}])).reason is Refusal.DATE


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[]", Refusal.UNKNOWN),
        ("{}", Refusal.UNKNOWN),
        ('{"name": "not a resume"}', Refusal.UNKNOWN),
        ('{"basics": {}', Refusal.NOT_JSON),
        ('{"basics": {"name": "a\nb"}}', Refusal.NOT_JSON),
        ("{'basics': {}}", Refusal.NOT_JSON),
        ('{"basics": {}, "basics": {}}', Refusal.SAID_TWICE),
        ('{"basics": {"name": "a", "na\\u006de": "b"}}', Refusal.SAID_TWICE),
        ('{"basics": {"x": NaN}}', Refusal.NUMBER),
        ('{"basics": {"x": -Infinity}}', Refusal.NUMBER),
        ('{"basics": {"x": ' + "9" * 100_000 + "}}", Refusal.NUMBER),
        ('{"basics": {"x": 1e999}}', Refusal.NUMBER),
        ('{"basics": ' + "[" * 100_000 + "]" * 100_000 + "}", Refusal.TOO_DEEP),
        ('{"basics": ' + '{"a":' * 100_000, Refusal.TOO_DEEP),
        ('{"basics": {"name": "\\ud800"}}', Refusal.CONTROL),
        ('{"basics": {"name": "a\\u0000b"}}', Refusal.CONTROL),
        ('{"basics": {"name": "a\\u001bb"}}', Refusal.CONTROL),
        ('{"basics": {"url": "javascript:alert(1)"}}', Refusal.LINK),
        ('{"basics": {"email": "not an address"}}', Refusal.ADDRESS),
        ('{"basics": {"label": "' + "x" * 301 + '"}}', Refusal.TOO_LONG),
        ('{"work": [' + ",".join(["{}"] * 1001) + "]}", Refusal.TOO_MANY),
        ('{"a": "' + '\\"' * 500_000, Refusal.NOT_JSON),
    ],
    ids=lambda part: part[:30] if isinstance(part, str) else None,
)
def test_a_resume_that_means_harm_is_refused_with_one_sentence(content: str, reason: Refusal) -> None:
    assert refused(content.encode()).reason is reason


def test_invisible_signs_of_layout_are_dropped_and_joiners_stay() -> None:
    name = "Ali\u202ece \u2066van\u2069 Dam\ufeff"
    assert read_export(resume(basics={"name": name})).name == "Alice van Dam"
    assert read_export(resume(basics={"name": "نمی\u200cخواهم"})).name == "نمی\u200cخواهم"
