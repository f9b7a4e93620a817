"""How it ended sets the tone: of letters, of the day on which one may be invited, of silence after a death."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial.audit.models import Event
from perennial.consent.models import LedgerEntry
from perennial.contact.models import Touch
from perennial.departures.actions import open_due, review_person
from perennial.departures.endings import (
    NoDayNeededError,
    NotYetInvitableError,
    Tone,
    greeting,
    set_invite_from,
    tone_of,
    waiting_for_their_day,
)
from perennial.departures.enums import DepartureState, Outcome
from perennial.departures.exit.questionnaire import asked_of, published
from perennial.departures.invitations import change_draft, draft_invitations, hand_over, invite
from perennial.departures.letters import invitation
from perennial.departures.models import Departure
from perennial.departures.queries import to_invite
from perennial.departures.reconciliation import reconcile
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.operate.tick import tick
from perennial.outreach.models import StepOutcome
from perennial.people.actions import add_stint, correct_stint
from perennial.people.enums import HowEnded
from tests.cast import NOW, TODAY, person, programme
from tests.desk.walkers import leaver as agreeing_leaver
from tests.examples import examples

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SENDER = {"by": "user:1", "sender_name": "Hanna Visser", "reply_to": "hanna@employer.example"}
SOBER = (HowEnded.REDUNDANCY, HowEnded.DISMISSAL)
# What a letter after redundancy or dismissal must not say, in any of the four languages.
CHEERFUL = ("door stays open", "deur blijft", "Tür bleibt", "Дверь", "glad", "blij", "freuen", "рады")
WHY = ("why you", "waarom je", "waarom ben je", "warum Sie", "почему Вы")


def departure(how_ended: HowEnded | str = "", **fields: Any) -> Departure:
    fields.setdefault("language", "en")
    fields.setdefault("ends_on", TODAY + 10 * DAY)
    someone = person(private="alice@home.example", how_ended=how_ended, status="leaving", **fields)
    open_due(now=NOW)
    return Departure.objects.get(person=someone)


def letter(row: Departure) -> str:
    text = invitation(departure=row, programme=programme(), sender_name="Hanna Visser", today=TODAY)
    assert text.body.count("{link}") == 1
    return f"{text.subject}\n{text.body}"


@pytest.mark.parametrize("language", ["en", "nl", "de", "ru"])
@pytest.mark.parametrize("days", [-3, 10, None])
def test_each_ending_has_words_of_its_own_and_none_cheers_after_redundancy_or_dismissal(
    language: str, days: int | None
) -> None:
    programme()
    last_day = None if days is None else TODAY + timedelta(days=days)
    said: dict[str, str] = {}
    for ending in HowEnded:
        if ending is HowEnded.DEATH:
            continue
        row = departure(ending, language=language, ends_on=last_day)
        said[ending] = letter(row)
        assert "%(" not in said[ending]
        assert "!" not in said[ending]
        assert ending.value not in said[ending].casefold()
        if not asks_why(row):
            assert [words for words in WHY if words in said[ending]] == []
    usual = said[HowEnded.RESIGNATION]
    assert any(words in usual for words in WHY)
    assert said[HowEnded.OTHER] == said[HowEnded.MUTUAL_AGREEMENT] == usual
    assert len(set(said.values())) == 5
    for ending in SOBER:
        assert [word for word in CHEERFUL if word in said[ending]] == []


def test_only_who_may_have_chosen_is_asked_why() -> None:
    programme()
    asked = {ending: asks_why(departure(ending)) for ending in HowEnded if ending is not HowEnded.DEATH}
    assert [ending for ending, why in asked.items() if not why] == ["dismissal", "redundancy", "retirement"]


def asks_why(row: Departure) -> bool:
    """Whether this leaver is asked why they leave."""
    questions = asked_of(version=published(), how_ended=row.stint.how_ended, gone=False, language="en")
    return "reason" in [question.code for question in questions]


@pytest.mark.parametrize("language", ["nl", "de", "ru"])
def test_the_page_greets_in_the_tone_and_in_the_language_of_the_leaver(language: str) -> None:
    for tone, gone in product(Tone, [True, False]):
        told = {}
        for spoken in ("en", language):
            with translation.override(spoken):
                told[spoken] = greeting(tone=tone, called="Alice", organisation="Employer", gone=gone)
        assert told["en"][1] != told[language][1]
        assert told["en"][2] != told[language][2]
        assert "%(" not in "".join(told[language])


def test_after_redundancy_nobody_is_invited_before_hr_has_set_a_day_and_it_has_come() -> None:
    programme()
    row = departure(HowEnded.REDUNDANCY)
    assert draft_invitations(now=NOW) == 0
    assert list(waiting_for_their_day(day=TODAY)) == [row]
    assert list(to_invite(day=TODAY)) == []
    for refused in (
        lambda: invite(departure=row, now=NOW, **SENDER),
        lambda: hand_over(departure=row, by="user:1", now=NOW),
        lambda: change_draft(departure=row, subject="A", body="{link}", by="user:1", now=NOW),
    ):
        with pytest.raises(NotYetInvitableError) as caught:
            refused()
        assert caught.value.invite_from is None
    set_invite_from(departure=row, day=TODAY + 5 * DAY, by="user:1", now=NOW)
    with pytest.raises(NotYetInvitableError) as caught:
        invite(departure=row, now=NOW + 4 * DAY, **SENDER)
    assert caught.value.invite_from == TODAY + 5 * DAY
    assert draft_invitations(now=NOW + 4 * DAY) == 0
    assert draft_invitations(now=NOW + 5 * DAY) == 1
    assert list(waiting_for_their_day(day=TODAY + 5 * DAY)) == []
    assert [each.pk for each in to_invite(day=TODAY + 5 * DAY)] == [row.pk]
    assert invite(departure=row, now=NOW + 5 * DAY, **SENDER).state == MessageState.QUEUED
    assert Event.objects.get(deed="departures.invite_from_set").details == {"day": "2026-09-19"}


def test_what_was_drafted_or_waits_to_be_sent_is_taken_back_when_the_record_says_redundancy() -> None:
    programme()
    row = departure()
    assert draft_invitations(now=NOW) == 1
    message = invite(departure=row, now=NOW, **SENDER)
    correct_stint(stint=row.stint, how_ended=HowEnded.REDUNDANCY, by="user:1", now=NOW)
    review_person(person=row.person, now=NOW)
    message.refresh_from_db()
    row.refresh_from_db()
    assert (message.state, row.invitation) == (MessageState.DISCARDED, None)
    assert draft_invitations(now=NOW) == 0
    # And a day that is moved ahead takes back what was drafted for the earlier one.
    set_invite_from(departure=row, day=TODAY, by="user:1", now=NOW)
    assert draft_invitations(now=NOW) == 1
    set_invite_from(departure=row, day=TODAY + DAY, by="user:1", now=NOW)
    assert draft_invitations(now=NOW) == 0
    row.refresh_from_db()
    assert row.invitation is None


def test_only_after_redundancy_does_a_day_have_to_be_set() -> None:
    programme()
    for ending in HowEnded:
        if ending in (HowEnded.DEATH, HowEnded.REDUNDANCY):
            continue
        with pytest.raises(NoDayNeededError):
            set_invite_from(departure=departure(ending), day=TODAY, by="user:1", now=NOW)
    row = departure(HowEnded.REDUNDANCY)
    Departure.objects.filter(pk=row.pk).update(state=DepartureState.CLOSED)
    with pytest.raises(NoDayNeededError):
        set_invite_from(departure=row, day=TODAY, by="user:1", now=NOW)


def test_who_waits_for_a_day_stands_under_not_yet_in_the_reconciliation() -> None:
    programme()
    departure(HowEnded.REDUNDANCY, ends_on=TODAY - DAY)
    found = reconcile(first_day=TODAY - 30 * DAY, last_day=TODAY, now=NOW, tells_death=True)
    assert {outcome: many for outcome, many in found.outcomes.items() if many} == {Outcome.NOT_YET: 1}


def test_a_death_on_one_of_two_stints_calls_off_what_waits_about_the_other() -> None:
    programme()
    row = departure()
    assert draft_invitations(now=NOW) == 1
    add_stint(
        person=row.person,
        source="test",
        employee_number="2",
        ends_on=TODAY,
        how_ended=HowEnded.DEATH,
        by="test",
        now=NOW,
    )
    open_due(now=NOW)
    row.refresh_from_db()
    assert (row.state, row.invitation) == (DepartureState.CANCELLED, None)
    assert Departure.objects.count() == 1
    assert Message.objects.get().state == MessageState.DISCARDED


@pytest.mark.slow
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    last_day=st.one_of(st.none(), st.integers(-130, 130)),
    died_after=st.integers(0, 100),
    another_stint=st.booleans(),
    walks=st.lists(st.integers(1, 60), min_size=1, max_size=4),
)
def test_nothing_is_ever_written_by_itself_about_somebody_who_died(
    last_day: int | None, died_after: int, another_stint: bool, walks: list[int]
) -> None:
    """Whatever stood open before, from the day the death is on file no periodic action writes or sends anything."""
    with transaction.atomic():
        _walk_past_a_death(last_day, died_after, another_stint, walks)
        transaction.set_rollback(True)


def _walk_past_a_death(last_day: int | None, died_after: int, another_stint: bool, walks: list[int]) -> None:
    programme()
    ends_on: date | None = None if last_day is None else TODAY + timedelta(days=last_day)
    someone = agreeing_leaver(ends_on=ends_on, status="leaving")
    moment = NOW
    tick(now=moment, worker="test")
    moment += timedelta(days=died_after)
    tick(now=moment, worker="test")
    stint = someone.stints.get()
    if another_stint:
        add_stint(
            person=someone,
            source="test",
            employee_number="2",
            ends_on=TODAY - 400 * DAY,
            how_ended=HowEnded.DEATH,
            by="test",
            now=moment,
        )
    else:
        correct_stint(stint=stint, how_ended=HowEnded.DEATH, by="test", now=moment)
    # The first look takes back what waits.
    tick(now=moment, worker="test")
    assert not Message.objects.filter(state__in=[MessageState.DRAFT, MessageState.QUEUED]).exists()
    before = _written()
    for days in walks:
        moment += timedelta(days=days)
        tick(now=moment, worker="test")
        assert _written() == before
    assert [row.state for row in Departure.objects.all()] in ([], [DepartureState.CANCELLED])


def _written() -> dict[str, Any]:
    """All that anybody could read, or that would lead to it."""
    return {
        "messages": sorted(Message.objects.values_list("pk", "state")),
        "touches": Touch.objects.count(),
        "steps": sorted(StepOutcome.objects.filter(state="drafted").values_list("pk", "message_id")),
        "consents": LedgerEntry.objects.count(),
        "departures": sorted(Departure.objects.values_list("pk", "state", "invitation_id")),
    }


def test_the_tone_of_an_ending_nobody_recorded_is_the_usual_one() -> None:
    programme()
    assert tone_of(departure()) is Tone.USUAL
