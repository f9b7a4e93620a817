"""What somebody asked for is answered, where we would not write by ourselves."""

import pytest

from perennial.contact.actions import restrict
from perennial.contact.door import decide
from perennial.contact.enums import RestrictionKind, Verdict
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.compose import write
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.mail.send import send_due
from perennial.people.actions import verify_address
from perennial.people.models import Person
from perennial.programme.enums import Stage
from tests.cast import NOW, TODAY, person, programme

pytestmark = pytest.mark.django_db


def alice() -> Person:
    someone = person("Alice van Dam", private="alice@home.example")
    verify_address(address=someone.addresses.get(), by="test", now=NOW)
    return someone


def service(someone: Person, *, answer: bool) -> Message:
    return write(
        person=someone,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject="What you asked",
        body="Here it is.",
        language="en",
        origin="test",
        by="test",
        now=NOW,
        answer=answer,
    )


@pytest.mark.parametrize("stage", [Stage.PREPARATION, Stage.SOFT_LAUNCH, Stage.LIVE])
@pytest.mark.parametrize("restricted", [True, False])
def test_an_answer_is_sent_at_every_stage_and_to_whom_we_do_not_write(stage: Stage, restricted: bool) -> None:
    programme(stage)
    someone = alice()
    if restricted:
        restrict(
            person=someone,
            kind=RestrictionKind.RESTRICTION,
            reason="own_wish",
            starts_on=TODAY,
            by="user:1",
            now=NOW,
        )
    ours, answered = service(someone, answer=False), service(someone, answer=True)
    for _turn in range(2):  # at most one message of a person is in hand at a time
        send_due(now=NOW, worker="w")
    ours.refresh_from_db()
    answered.refresh_from_db()
    stopped = restricted or stage is not Stage.LIVE
    assert ours.state == (MessageState.SKIPPED if stopped else MessageState.KEPT)
    assert answered.state == MessageState.KEPT


def test_an_answer_still_needs_an_address_and_never_makes_what_needs_consent_pass() -> None:
    programme()
    nobody = person("Bob Nowhere")
    someone = alice()
    people = Person.objects.filter(pk__in=[nobody.pk, someone.pk])
    said = {row.person_id: row for row in decide(people=people, purpose=Purpose.SERVICE, now=NOW, answer=True)}
    assert (said[nobody.pk].rule, said[someone.pk].verdict) == ("no_address", Verdict.YES)
    said = {row.person_id: row for row in decide(people=people, purpose=Purpose.NEWSLETTER, now=NOW, answer=True)}
    assert {row.rule for row in said.values()} == {"consent"}
