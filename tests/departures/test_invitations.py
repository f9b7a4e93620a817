"""Inviting leavers."""

from datetime import timedelta
from typing import Any

import pytest

from perennial.contact.actions import restrict, suppress
from perennial.contact.enums import RestrictionKind
from perennial.departures.actions import open_due
from perennial.departures.exit.answering import Answers, receive
from perennial.departures.invitations import (
    AlreadyAnsweredError,
    AlreadyInvitedError,
    InvitationRefusedError,
    NotInvitableError,
    change_draft,
    draft_invitations,
    hand_over,
    invite,
    link_path,
    send_fresh_link,
    take_invitation_back,
)
from perennial.departures.letters import invitation
from perennial.departures.models import Departure, RelationAnswer
from perennial.departures.queries import Numbers, View, board, numbers, to_invite, without_private_address
from perennial.departures.relation import Relation, leave
from perennial.kernel.tokens import LinkPurpose, open_token
from perennial.mail.models import Message
from perennial.mail.queue import MessageNotFailedError, approve, retry
from perennial.mail.send import send_due
from perennial.people.actions import add_address, correct_stint
from perennial.programme.enums import Stage
from tests.cast import NOW, TODAY, person, programme

pytestmark = pytest.mark.django_db
SENDER = {"by": "user:1", "sender_name": "Hanna Visser", "reply_to": "hanna@employer.example"}


def leaver(full_name: str = "Alice van Dam", private: str = "alice@home.example", **fields: Any) -> Departure:
    fields.setdefault("language", "en")
    someone = person(full_name, private=private, **fields)
    open_due(now=NOW)
    return Departure.objects.get(person=someone)


@pytest.mark.parametrize("language", ["en", "nl", "de", "ru"])
@pytest.mark.parametrize("days", [-3, 0, 3, None])
def test_the_letter_is_signed_by_a_person_and_promises_no_anonymity(language: str, days: int | None) -> None:
    programme()
    last_day = None if days is None else TODAY + timedelta(days=days)
    departure = leaver(ends_on=last_day, language=language, status="leaving")
    letter = invitation(departure=departure, programme=programme(), sender_name="Hanna Visser", today=TODAY)
    assert letter.language == language
    assert letter.body.count("{link}") == 1
    assert "Alice" in letter.subject
    assert "Hanna Visser\nEmployer & Sons" in letter.body
    assert "%(" not in letter.subject + letter.body
    for word in ("anonym", "аноним", "!"):
        assert word not in letter.body.lower()
    if language == "en":
        assert ("why you left" in letter.body, "why you are leaving" in letter.body) == (days == -3, days != -3)


def test_a_language_that_is_not_ours_becomes_the_programmes() -> None:
    departure = leaver(language="fr")
    letter = invitation(departure=departure, programme=programme(language="de"), sender_name="", today=TODAY)
    assert letter.language == "de"


def test_a_name_cannot_pass_for_the_link_nor_break_the_subject() -> None:
    departure = leaver("{link}\r\nBcc: x@y.example")
    letter = invitation(departure=departure, programme=programme(), sender_name="", today=TODAY)
    assert letter.body.count("{link}") == 1
    assert "\n" not in letter.subject


@pytest.mark.parametrize("people", [1, 3])
def test_drafting_takes_the_same_queries_for_one_and_for_three(people: int, django_assert_num_queries: Any) -> None:
    programme()
    for number in range(people):
        leaver(f"Leaver {number}", private=f"leaver{number}@home.example")
    with django_assert_num_queries(20):
        assert draft_invitations(now=NOW) == people


def test_drafting_again_drafts_nothing() -> None:
    programme()
    departure = leaver()
    assert draft_invitations(now=NOW) == 1
    assert draft_invitations(now=NOW) == 0
    departure.refresh_from_db()
    message = departure.invitation
    assert message is not None
    assert (message.state, message.link_path) == ("draft", link_path(departure))
    assert (message.mailing.sender_name, message.mailing.origin) == ("Carla Coordinator", "departures:invitation")


def test_nobody_is_drafted_who_cannot_or_need_not_be_written_to() -> None:
    programme()
    leaver("No address", private="")
    restricted, dead, handed = (
        leaver("R", "r@home.example"),
        leaver("D", "d@home.example"),
        leaver("H", "h@home.example"),
    )
    restrict(
        person=restricted.person,
        kind=RestrictionKind.RESTRICTION,
        reason="dispute",
        starts_on=TODAY,
        by="user:1",
        now=NOW,
    )
    suppress(address="d@home.example", reason="bounce", now=NOW)
    hand_over(departure=handed, by="user:1", now=NOW)
    assert draft_invitations(now=NOW) == 0
    for departure, rule in ((restricted, "restricted"), (dead, "suppressed")):
        with pytest.raises(InvitationRefusedError) as refused:
            invite(departure=departure, now=NOW, **SENDER)
        assert refused.value.rule == rule
    with pytest.raises(InvitationRefusedError):
        hand_over(departure=restricted, by="user:1", now=NOW)
    hand_over(departure=dead, by="user:1", now=NOW)


def test_a_private_address_is_used_only_if_it_was_given_for_this() -> None:
    programme()
    departure = leaver(private="", ends_on=TODAY - timedelta(days=1))
    add_address(person=departure.person, address="old@home.example", kind="private", source="hr", now=NOW)
    assert draft_invitations(now=NOW) == 0
    add_address(
        person=departure.person, address="old@home.example", kind="private", source="hr", given_on=TODAY, now=NOW
    )
    assert draft_invitations(now=NOW) == 1


def test_an_untouched_draft_follows_a_moved_day_and_a_touched_one_is_the_colleagues() -> None:
    programme()
    moved, touched = leaver(), leaver("Bob Jansen", "bob@home.example")
    draft_invitations(now=NOW)
    touched.refresh_from_db()
    assert touched.invitation is not None
    mailing = touched.invitation.mailing
    mailing.contents = {"en": {"subject": "Goodbye", "body": "{link}"}}
    mailing.save()
    for departure in (moved, touched):
        correct_stint(stint=departure.stint, ends_on=TODAY + timedelta(days=20), by="test", now=NOW)
    draft_invitations(now=NOW)
    bodies = {
        message.person.called: message.mailing.contents["en"]["body"]  # type: ignore[union-attr]
        for message in Message.objects.select_related("mailing", "person")
    }
    assert "4 October 2026 will be your last day" in bodies["Alice"]
    assert bodies["Bob"] == "{link}"


def test_an_untouched_draft_speaks_of_a_day_that_has_passed() -> None:
    programme()
    leaver(ends_on=TODAY)
    draft_invitations(now=NOW)
    draft_invitations(now=NOW + timedelta(days=1))
    message = Message.objects.select_related("mailing").get()
    assert "14 September 2026 was your last day" in message.mailing.contents["en"]["body"]


def test_sending_signs_an_untouched_draft_anew() -> None:
    programme()
    departure = leaver()
    draft_invitations(now=NOW)
    message = invite(departure=departure, now=NOW, **SENDER)
    assert (message.state, message.mailing.sender_name, message.mailing.reply_to) == (
        "queued",
        "Hanna Visser",
        "hanna@employer.example",
    )
    assert "Hanna Visser" in message.mailing.contents["en"]["body"]
    with pytest.raises(AlreadyInvitedError):
        invite(departure=departure, now=NOW, **SENDER)
    with pytest.raises(AlreadyInvitedError):
        hand_over(departure=departure, by="user:1", now=NOW)


def test_inviting_needs_no_draft() -> None:
    programme()
    message = invite(departure=leaver(), now=NOW, **SENDER)
    assert message.state == "queued"
    assert Message.objects.count() == 1


def test_in_preparation_nothing_is_drafted_or_sent() -> None:
    programme(Stage.PREPARATION)
    departure = leaver()
    assert draft_invitations(now=NOW) == 0
    with pytest.raises(InvitationRefusedError):
        invite(departure=departure, now=NOW, **SENDER)
    assert not send_fresh_link(departure=departure, now=NOW)
    assert Message.objects.count() == 0


def test_a_cancelled_departure_invites_nobody() -> None:
    programme()
    departure = leaver()
    Departure.objects.update(state="cancelled")
    with pytest.raises(NotInvitableError):
        invite(departure=departure, now=NOW, **SENDER)
    assert not send_fresh_link(departure=departure, now=NOW)


def test_a_fresh_link_ends_the_earlier_one_and_takes_a_draft_that_holds_it_along() -> None:
    programme()
    departure = leaver()
    draft_invitations(now=NOW)
    old = link_path(departure)
    assert send_fresh_link(departure=departure, now=NOW)
    departure.refresh_from_db()
    assert link_path(departure) != old
    assert not open_token(purpose=LinkPurpose.LEAVER, token=old.split("/")[2]).fits(departure.link_random)
    assert Message.objects.filter(state="draft").count() == 0
    draft_invitations(now=NOW)
    assert Message.objects.get(state="draft").link_path == link_path(departure)


def test_the_list_knows_who_waits_for_us_who_for_them_and_who_has_answered() -> None:
    programme()
    alice, bob = leaver(), leaver("Bob Jansen", "bob@home.example")
    leaver("Charlie Smit", private="", ends_on=TODAY + timedelta(days=2))
    invite(departure=alice, now=NOW, **SENDER)
    nothing = Relation(purposes=[], channels=[], frequency="", language="", private_email="", shown_in="en")
    receive(
        departure=bob,
        answers=Answers(),
        relation=nothing,
        submit=True,
        shown_in="en",
        ip=None,
        by="person:x",
        now=NOW,
    )
    assert numbers(day=TODAY) == Numbers(to_do=1, invited=1, answered=1)
    names = {view: [row.person.called for row in board(view=view, day=TODAY)] for view in View}
    assert names == {
        View.TO_DO: ["Charlie"],
        View.INVITED: ["Alice"],
        View.ANSWERED: ["Bob"],
        View.KEPT_OUT: [],
    }
    assert [row.person.called for row in to_invite(day=TODAY)] == ["Charlie"]
    in_the_week = without_private_address(first_day=TODAY, last_day=TODAY + timedelta(days=7))
    assert [row.person.called for row in in_the_week] == ["Charlie"]


# Answered before the invitation left


NOTHING = Relation(purposes=[], channels=[], frequency="", language="", private_email="", shown_in="en")


def answer(departure: Departure, *, relation: Relation | None = NOTHING, **said: Any) -> None:
    receive(
        departure=departure,
        answers=Answers(given=said),
        relation=relation,
        submit=False,
        shown_in="en",
        ip=None,
        by="person:x",
        now=NOW,
    )


def queued() -> Departure:
    departure = leaver()
    invite(departure=departure, now=NOW, **SENDER)
    return departure


def drafted() -> Departure:
    departure = leaver()
    draft_invitations(now=NOW)
    return departure


def failed() -> Departure:
    departure = queued()
    Message.objects.update(state="failed", not_before=None, done_at=NOW, last_error="550 no such user")
    return departure


WAYS = {
    "the relation": lambda departure: answer(departure),
    "a question": lambda departure: answer(departure, relation=None, recommend=9),
    "leaving entirely": lambda departure: leave(person=departure.person, by="person:x", now=NOW),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("waiting", [drafted, queued, failed])
def test_answering_or_leaving_withdraws_an_invitation_that_has_not_left(way: str, waiting: Any) -> None:
    programme()
    departure = waiting()
    WAYS[way](departure)
    assert Message.objects.get().state == "discarded"
    assert approve(message_ids=[Message.objects.get().pk], by="user:1", now=NOW) == 0
    with pytest.raises(MessageNotFailedError):
        retry(message_id=Message.objects.get().pk, by="user:1", now=NOW)
    assert draft_invitations(now=NOW) == 0
    assert send_due(now=NOW, worker="test").handled == 0
    with pytest.raises(AlreadyAnsweredError):
        invite(departure=departure, now=NOW, **SENDER)
    with pytest.raises(AlreadyAnsweredError):
        change_draft(departure=departure, subject="x", body="{link}", by="user:1", now=NOW)
    with pytest.raises(AlreadyAnsweredError):
        take_invitation_back(departure=departure, by="user:1", now=NOW)
    assert list(to_invite(day=TODAY)) == []


def test_leaving_entirely_answers_a_departure_that_stands_open() -> None:
    programme()
    departure = drafted()
    leave(person=departure.person, by="person:x", now=NOW)
    assert numbers(day=TODAY) == Numbers(to_do=0, invited=0, answered=1)


def test_who_agreed_and_leaves_later_did_agree_then() -> None:
    programme()
    departure = leaver()
    answer(
        departure,
        relation=Relation(
            purposes=["newsletter"], channels=[], frequency="", language="", private_email="", shown_in="en"
        ),
    )
    leave(person=departure.person, by="person:x", now=NOW)
    assert RelationAnswer.objects.get().agreed is True


def test_who_began_to_answer_has_the_link_and_is_not_to_be_invited() -> None:
    programme()
    answer(leaver(), relation=None, reason=["pay"])
    assert numbers(day=TODAY) == Numbers(to_do=0, invited=1, answered=0)
    assert draft_invitations(now=NOW) == 0


def test_a_letter_drafted_in_the_very_moment_of_the_answer_is_withdrawn_by_the_next_run() -> None:
    programme()
    departure = drafted()
    RelationAnswer.objects.create(departure=departure, submitted_at=NOW, agreed=False)
    Message.objects.update(state="queued", not_before=NOW)
    draft_invitations(now=NOW)
    assert Message.objects.get().state == "discarded"
