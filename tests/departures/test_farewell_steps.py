"""When a step is due, and what becomes of it: done, skipped, undone."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as PropertyCase

from perennial.audit.models import Event
from perennial.contact.enums import TouchKind
from perennial.contact.models import Touch
from perennial.departures.actions import review_person
from perennial.departures.farewell.actions import (
    AlreadyGivenError,
    FarewellOverError,
    FlowersNotAgreedError,
    ReasonMissingError,
    StepOpenError,
    StepSettledError,
    do_step,
    reopen_step,
    skip_step,
)
from perennial.departures.farewell.enums import Anchor, StepKind, StepState
from perennial.departures.farewell.handing_out import take_over
from perennial.departures.farewell.queries import (
    costs_of,
    late_steps,
    next_steps,
    nothing_personal,
    standing_steps,
    with_due,
    with_late_steps,
)
from perennial.departures.models import ChecklistStep, ChecklistTemplate, Departure, Farewell, FarewellStep
from perennial.kernel.clock import local_date
from perennial.people.actions import correct_stint
from perennial.people.models import Stint
from tests.cast import NOW, TODAY, exclude, person, programme
from tests.examples import examples

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def leaver(name: str = "Alice van Dam", *, code: str = "full", **fields: Any) -> Departure:
    """Somebody who leaves in twenty days by the checklist of that code."""
    programme()
    fields.setdefault("ends_on", TODAY + 20 * DAY)
    someone = person(name, **fields)
    review_person(person=someone, now=NOW)
    departure = Departure.objects.get(person=someone)
    FarewellStep.objects.filter(departure=departure).delete()
    Farewell.objects.filter(departure=departure).update(template=ChecklistTemplate.objects.get(code=code))
    take_over(farewells=Farewell.objects.filter(departure=departure).values_list("pk", flat=True))
    return departure


def step(departure: Departure, kind: str) -> FarewellStep:
    return FarewellStep.objects.get(departure=departure, kind=kind)


def due(departure: Departure, kind: str) -> date | None:
    found: date | None = with_due(FarewellStep.objects.filter(departure=departure)).get(kind=kind).due_on
    return found


def agree(departure: Departure, first_day: date | None, *, at: datetime = NOW) -> None:
    agreed_at = at if first_day else None
    Farewell.objects.filter(departure=departure).update(first_day_on=first_day, flowers_agreed_at=agreed_at)


def test_a_step_is_due_so_many_days_from_the_last_day_and_moves_with_it() -> None:
    departure = leaver()
    assert (due(departure, "exit_conversation"), due(departure, "door_open")) == (TODAY + 13 * DAY, TODAY + 21 * DAY)
    correct_stint(stint=Stint.objects.get(), ends_on=TODAY + 30 * DAY, by="test", now=NOW)
    assert (due(departure, "exit_conversation"), due(departure, "door_open")) == (TODAY + 23 * DAY, TODAY + 31 * DAY)


def test_nobody_is_late_with_what_they_could_not_know() -> None:
    departure = leaver(ends_on=TODAY - DAY)
    assert due(departure, "exit_conversation") == TODAY
    assert late_steps(day=TODAY).count() == 0
    assert late_steps(day=TODAY + DAY).filter(kind="exit_conversation").count() == 1
    assert list(with_late_steps(day=TODAY + DAY)) == [departure]


def test_without_a_last_day_nothing_that_depends_on_it_is_due() -> None:
    departure = leaver(code="redundancy", ends_on=None, status="leaving", how_ended="redundancy")
    assert (due(departure, "other"), due(departure, "thanks")) == (TODAY + 3 * DAY, None)
    assert next_steps(departures=[departure], day=TODAY)[departure.pk].kind == "other"


def test_flowers_are_due_only_once_the_leaver_has_agreed() -> None:
    departure = leaver()
    assert due(departure, "flowers") is None
    with pytest.raises(FlowersNotAgreedError):
        do_step(step=step(departure, "flowers"), by="user:1", now=NOW)
    agree(departure, TODAY + 40 * DAY)
    assert due(departure, "flowers") == TODAY + 38 * DAY
    agree(departure, None)
    assert due(departure, "flowers") is None


def test_nobody_gets_flowers_twice_for_the_same_first_day_whichever_departure_asks() -> None:
    departure = leaver()
    second = Stint.objects.create(
        person=departure.person, source="other", ends_on=TODAY + 5 * DAY, created_at=NOW, updated_at=NOW
    )
    review_person(person=departure.person, now=NOW)
    other = Departure.objects.get(stint=second)
    Farewell.objects.filter(departure=other).update(template=ChecklistTemplate.objects.get(code="full"))
    take_over(farewells=Farewell.objects.filter(departure=other).values_list("pk", flat=True))
    for each in (departure, other):
        agree(each, TODAY + 40 * DAY)
    do_step(step=step(departure, "flowers"), by="user:1", now=NOW)
    assert due(departure, "flowers") == TODAY + 38 * DAY
    assert due(other, "flowers") is None
    with pytest.raises(AlreadyGivenError):
        do_step(step=step(other, "flowers"), by="user:1", now=NOW)
    assert Touch.objects.filter(kind=TouchKind.GIFT).count() == 1
    # Another first day is another occasion.
    agree(other, TODAY + 400 * DAY)
    do_step(step=step(other, "flowers"), by="user:1", now=NOW)
    assert Touch.objects.filter(kind=TouchKind.GIFT).count() == 2


def test_a_gift_stands_in_the_history_and_an_undo_takes_it_out_again() -> None:
    departure = leaver()
    agree(departure, TODAY + 40 * DAY)
    flowers = do_step(step=step(departure, "flowers"), by="user:1", now=NOW, cost=Decimal("24.95"), currency="eur")
    touch = Touch.objects.get(kind=TouchKind.GIFT)
    assert (touch.direction, touch.purpose, touch.intent) == ("ours", "service", "give")
    assert touch.origin == f"gift:flowers/{(TODAY + 40 * DAY).isoformat()}"
    # The leaver names another day since: the undo still finds what it wrote.
    agree(departure, TODAY + 50 * DAY)
    reopen_step(step=flowers, by="user:1", now=NOW)
    assert not Touch.objects.filter(kind=TouchKind.GIFT).exists()
    assert due(departure, "flowers") == TODAY + 48 * DAY


def test_what_it_cost_is_summed_by_currency() -> None:
    departure = leaver()
    do_step(step=step(departure, "box"), by="user:1", now=NOW, cost=Decimal("30.10"), currency="EUR")
    do_step(step=step(departure, "key_ring"), by="user:1", now=NOW, cost=Decimal("4.95"), currency="EUR")
    do_step(step=step(departure, "thanks"), by="user:1", now=NOW, cost=Decimal("8"), currency="CHF")
    assert costs_of(departure=departure) == [("CHF", Decimal("8.00")), ("EUR", Decimal("35.05"))]


def test_a_step_is_settled_once_and_each_deed_is_recorded_without_a_personal_word() -> None:
    departure = leaver()
    thanks = step(departure, "thanks")
    with pytest.raises(ReasonMissingError):
        skip_step(step=thanks, reason="  ", by="user:1", now=NOW)
    skipped = skip_step(step=thanks, reason="Alice would rather not", by="user:1", now=NOW)
    assert (skipped.state, skipped.reason, skipped.settled_by) == ("skipped", "Alice would rather not", "user:1")
    with pytest.raises(StepSettledError):
        do_step(step=thanks, by="user:1", now=NOW)
    with pytest.raises(StepSettledError):
        skip_step(step=thanks, reason="again", by="user:1", now=NOW)
    reopened = reopen_step(step=thanks, by="user:2", now=NOW)
    assert (reopened.state, reopened.reason, reopened.settled_by, reopened.settled_at) == ("open", "", "", None)
    with pytest.raises(StepOpenError):
        reopen_step(step=thanks, by="user:1", now=NOW)
    events = Event.objects.filter(deed__startswith="departures.step_").order_by("pk")
    assert [(event.deed, event.by, event.details) for event in events] == [
        ("departures.step_skipped", "user:1", {"kind": "thanks", "step": thanks.pk}),
        ("departures.step_reopened", "user:2", {"kind": "thanks", "step": thanks.pk}),
    ]


def test_where_the_farewell_is_over_nothing_is_settled() -> None:
    departure = leaver()
    exclude(departure.person)
    with pytest.raises(FarewellOverError):
        do_step(step=step(departure, "thanks"), by="user:1", now=NOW)
    other = leaver("Bob Jansen")
    correct_stint(stint=other.stint, ends_on=None, by="test", now=NOW)
    review_person(person=other.person, now=NOW)
    with pytest.raises(FarewellOverError):
        skip_step(step=step(other, "thanks"), reason="Because", by="user:1", now=NOW)


def test_whoever_goes_soon_with_nothing_personal_is_pointed_out() -> None:
    departure = leaver(ends_on=TODAY + 14 * DAY, code="starter")
    assert list(nothing_personal(day=TODAY)) == []
    for each in FarewellStep.objects.filter(departure=departure):
        skip_step(step=each, reason="No time", by="user:1", now=NOW)
    leaver("Far away", ends_on=TODAY + 15 * DAY, code="starter")
    FarewellStep.objects.exclude(departure=departure).update(kind=StepKind.OTHER, title="Hand in the laptop")
    assert list(nothing_personal(day=TODAY)) == [departure]
    reopen_step(step=step(departure, "thanks"), by="user:1", now=NOW)
    assert list(nothing_personal(day=TODAY)) == []
    # On the last day it may still happen; a plan that lies behind is none.
    FarewellStep.objects.filter(departure=departure).update(offset_days=-3)
    assert list(nothing_personal(day=TODAY + 12 * DAY)) == [departure, Departure.objects.exclude(pk=departure.pk).get()]
    do_step(step=step(departure, "thanks"), by="user:1", now=NOW)
    assert departure not in nothing_personal(day=TODAY + 12 * DAY)


def test_a_call_or_a_gift_is_something_personal_and_service_mail_is_not() -> None:
    departure = leaver(ends_on=TODAY + 3 * DAY, code="starter")
    FarewellStep.objects.all().delete()
    for kind, purpose, out in (("mail", "service", True), ("mail", "personal", False), ("call", "service", False)):
        Touch.objects.all().delete()
        Touch.objects.create(
            person=departure.person, at=NOW, direction="ours", kind=kind, purpose=purpose, origin=f"{kind}/{purpose}"
        )
        assert (departure in nothing_personal(day=TODAY)) == out, (kind, purpose)
    exclude(departure.person)
    Touch.objects.all().delete()
    assert list(nothing_personal(day=TODAY)) == []


DEEDS = st.one_of(
    st.tuples(st.just("last_day"), st.one_of(st.none(), st.integers(-10, 60))),
    st.tuples(st.just("first_day"), st.one_of(st.none(), st.integers(-10, 90))),
    st.tuples(st.sampled_from(["do", "skip", "reopen"]), st.integers(0, 8)),
    st.tuples(st.just("wait"), st.integers(1, 20)),
)


class AnyOrder(PropertyCase):
    """Whatever days move and whatever is done, skipped and undone, in any order."""

    @settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(DEEDS, max_size=25))
    def test_no_step_is_due_before_its_day_is_known_and_what_is_settled_stays(
        self, deeds: list[tuple[str, int | None]]
    ) -> None:
        departure = leaver()
        notice = ChecklistStep.objects.filter(template__code="redundancy", kind="other").get()
        FarewellStep.objects.create(
            departure=departure, template_step=notice, kind="other", title="Ask", owner="hr", anchor="notice",
            offset_days=3,
        )  # fmt: skip
        rows = list(FarewellStep.objects.order_by("pk"))
        at, settled = NOW, {}
        for deed, what in deeds:
            if deed == "wait":
                assert what is not None
                at += what * DAY
            elif deed == "last_day":
                ends_on = None if what is None else local_date(at=at, time_zone="Europe/Amsterdam") + what * DAY
                correct_stint(stint=Stint.objects.get(), ends_on=ends_on, by="test", now=at)
                review_person(person=departure.person, now=at)
            elif deed == "first_day":
                agree(departure, None if what is None else TODAY + what * DAY, at=at)
            else:
                assert what is not None
                self._settle(rows[what], deed, at, settled)
            self._check(settled)

    def _settle(self, row: FarewellStep, deed: str, at: datetime, settled: dict[int, Any]) -> None:
        try:
            if deed == "do":
                do_step(step=row, by="user:1", now=at)
            elif deed == "skip":
                skip_step(step=row, reason="Because", by="user:1", now=at)
            else:
                reopen_step(step=row, by="user:1", now=at)
        except (FarewellOverError, StepSettledError, StepOpenError, FlowersNotAgreedError):
            return
        if deed == "reopen":
            del settled[row.pk]
        else:
            settled[row.pk] = FarewellStep.objects.filter(pk=row.pk).values().get()

    def _check(self, settled: dict[int, Any]) -> None:
        departure = Departure.objects.select_related("stint", "farewell").get()
        farewell = departure.farewell
        known = {
            Anchor.NOTICE: departure.opened_at.astimezone(UTC).date(),
            Anchor.LAST_DAY: departure.stint.ends_on,
            Anchor.FIRST_DAY: farewell.first_day_on if farewell.flowers_agreed_at else None,
        }
        opened = local_date(at=departure.opened_at, time_zone="Europe/Amsterdam")
        for each in with_due(FarewellStep.objects.all()):
            anchor = known[Anchor(each.anchor)]
            if anchor is None:
                assert each.due_on is None
            elif each.due_on is not None:
                since = local_date(at=farewell.flowers_agreed_at or NOW, time_zone="Europe/Amsterdam")
                knew = since if each.anchor == Anchor.FIRST_DAY else opened
                assert each.due_on == max(anchor + each.offset_days * DAY, knew)
        assert {row["id"]: row for row in FarewellStep.objects.exclude(state=StepState.OPEN).values()} == settled
        standing = standing_steps(day=TODAY).filter(state=StepState.OPEN)
        assert departure.state in ("open", "question") or not standing.exists()
