"""Records of legitimate interest: versions, which stand, and what does not begin without one."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from perennial.audit.models import Event
from perennial.privacy.register.processings import PROCESSINGS, Ground
from perennial.programme.actions import change_stage
from perennial.programme.enums import BEGIN_WITH_THE_PROGRAMME, Interest, Stage
from perennial.programme.interests import (
    AlreadyWeighedError,
    NoRecordError,
    ReviewUnfitError,
    StepMissingError,
    records_of,
    require_records,
    standings,
    write_record,
)
from perennial.programme.models import InterestRecord
from perennial.programme.queries import current
from tests.cast import NOW, TODAY, programme, weighed
from tests.guards import lifted

pytestmark = pytest.mark.django_db

WRITTEN: dict[str, Any] = {
    "processing": "exit",
    "interest": "We learn what could be better.",
    "necessity": "Nobody has to answer.",
    "balancing": "Figures are of groups.",
    "prevails": True,
    "decided_by": "The board",
    "decided_on": TODAY,
    "review_on": TODAY + timedelta(days=365),
    "by": "user:1",
    "now": NOW,
}


@pytest.fixture(autouse=True)
def _without_records() -> None:
    programme(Stage.PREPARATION)
    with lifted(connection):
        InterestRecord.objects.all().delete()


def test_the_list_is_what_the_register_puts_on_legitimate_interest() -> None:
    on_interest = [each for each in PROCESSINGS if each.ground is Ground.INTEREST]
    assert [each.code for each in on_interest] == Interest.values
    assert [str(each.title) for each in on_interest] == [str(each.label) for each in Interest]


def test_a_record_is_written_in_versions_and_the_latest_holds() -> None:
    write_record(**WRITTEN)
    second = write_record(**{**WRITTEN, "prevails": False})
    with CaptureQueriesContext(connection) as queries:
        found = {each.processing: each for each in standings(on=TODAY)}
    assert len(queries) == 1
    assert list(found) == list(Interest)
    assert (found[Interest.EXIT].record, found[Interest.EXIT].stands) == (second, False)
    assert found[Interest.RECORD].record is None
    assert [row.version for row in records_of(processing="exit")] == [2, 1]
    assert [event.details for event in Event.objects.order_by("pk")] == [
        {"processing": "exit", "version": 1, "prevails": True},
        {"processing": "exit", "version": 2, "prevails": False},
    ]


def test_a_first_record_is_refused_where_somebody_was_faster() -> None:
    write_record(**WRITTEN, first=True)
    with pytest.raises(AlreadyWeighedError):
        write_record(**WRITTEN, first=True)
    assert (InterestRecord.objects.count(), Event.objects.count()) == (1, 1)


def test_it_stands_past_its_day_and_is_to_be_looked_at_again() -> None:
    write_record(**WRITTEN)
    for days, due in ((364, False), (365, True)):
        found = next(each for each in standings(on=TODAY + timedelta(days=days)) if each.processing == Interest.EXIT)
        assert (found.stands, found.review_is_due) == (True, due)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"interest": " "}, StepMissingError),
        ({"necessity": ""}, StepMissingError),
        ({"balancing": "x" * 10_001}, StepMissingError),
        ({"decided_by": "\n"}, StepMissingError),
        ({"decided_on": TODAY + timedelta(days=1)}, ReviewUnfitError),
        ({"review_on": TODAY}, ReviewUnfitError),
        ({"review_on": TODAY + timedelta(days=1099)}, ReviewUnfitError),
        ({"processing": "kitchen"}, ValueError),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        write_record(**{**WRITTEN, **changes})
    assert (InterestRecord.objects.count(), Event.objects.count()) == (0, 0)


def test_no_version_is_given_twice_and_no_step_is_empty_in_the_database() -> None:
    weighed(Interest.EXIT).save()
    for fields in ({}, {"version": 2, "balancing": ""}, {"version": 2, "review_on": TODAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            weighed(Interest.EXIT, **fields).save()


def test_the_programme_does_not_begin_before_its_records_stand() -> None:
    for each in BEGIN_WITH_THE_PROGRAMME[1:]:
        write_record(**{**WRITTEN, "processing": each})
    with pytest.raises(NoRecordError) as refused:
        change_stage(stage="live", by="user:1", now=NOW)
    assert refused.value.missing == (Interest.RECORD,)
    assert current().stage == Stage.PREPARATION
    write_record(**{**WRITTEN, "processing": Interest.RECORD})
    assert change_stage(stage="live", by="user:1", now=NOW).stage == Stage.LIVE


def test_whoever_goes_back_needs_no_record() -> None:
    programme(Stage.LIVE)
    with lifted(connection):
        InterestRecord.objects.all().delete()
    assert change_stage(stage="soft-launch", by="user:1", now=NOW).stage == Stage.SOFT_LAUNCH
    with pytest.raises(NoRecordError):
        change_stage(stage="live", by="user:1", now=NOW)
    assert change_stage(stage="preparation", by="user:1", now=NOW).stage == Stage.PREPARATION


def test_a_record_that_says_no_does_not_let_anything_begin() -> None:
    write_record(**{**WRITTEN, "processing": Interest.DECISIONS, "prevails": False})
    with pytest.raises(NoRecordError, match="decisions"):
        require_records(Interest.DECISIONS)
