"""Mail servers that are down, slow, refuse, and hang up: nothing is lost, and one bad recipient fails alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from perennial.contact.models import Suppression, Touch
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail import send, smtp
from perennial.mail.actions import send_test
from perennial.mail.compose import write
from perennial.mail.enums import MessageState
from perennial.mail.models import Lease, Message
from perennial.mail.outcome import PAUSES
from perennial.mail.send import send_due
from perennial.people.models import EmailAddress
from tests.cast import NOW, programme
from tests.mail.people import agreed, fresh, letter, letters
from tests.mail.servers import Script, ScriptedServer

pytestmark = pytest.mark.django_db
Served = Callable[[Script], ScriptedServer]
BAD = "bad@home.example"
# How a server may be: with and without taking several commands at once.
ONE_BY_ONE: tuple[str, ...] = ("SIZE 10000000",)
TOGETHER: tuple[str, ...] = ("PIPELINING", "SIZE 10000000")


@pytest.fixture(autouse=True)
def _live() -> None:
    programme()


def states() -> dict[str, str]:
    """The state of each message by the name of its recipient."""
    return dict(Message.objects.values_list("recipient_name", "state"))


def three_with_a_bad_one_in_the_middle() -> list[Message]:
    people = [agreed("Ann", "ann@home.example"), agreed("Bad", BAD), agreed("Cor", "cor@home.example")]
    return [letter(each) for each in people]


@pytest.mark.parametrize("extensions", [ONE_BY_ONE, TOGETHER])
def test_many_mails_go_over_one_connection_each_to_one_recipient(served: Served, extensions: tuple[str, ...]) -> None:
    server = served(Script(extensions=extensions))
    letters(12)
    report = send_due(now=NOW, worker="w")
    assert report.sent == 12
    assert server.connections == 1
    assert [each.recipient for each in server.deliveries] == [f"person{at}@home.example" for at in range(12)]
    assert {each.sender for each in server.deliveries} == {"alumni@employer.example"}
    assert set(Message.objects.values_list("state", "leased_by", "not_before")) == {("sent", "", None)}
    assert Lease.objects.count() == 0
    assert Touch.objects.filter(kind="mail", purpose="personal", intent="give", direction="ours").count() == 12


@pytest.mark.usefixtures("nobody_there")
def test_a_server_that_is_down_costs_no_message_its_place_or_an_attempt() -> None:
    message = letter(agreed())
    report = send_due(now=NOW, worker="w")
    assert report.sent == 0
    assert "cannot be reached" in report.trouble
    held = fresh(message)
    assert (held.state, held.attempts, held.not_before, held.leased_by) == ("queued", 0, NOW, "")
    assert held.last_error == report.trouble
    assert Touch.objects.filter(kind="mail").count() == 0


def test_what_waited_for_a_server_that_was_down_goes_when_it_is_back(nobody_there: None, served: Served) -> None:
    message = letter(agreed())
    send_due(now=NOW, worker="w")
    server = served(Script())
    assert send_due(now=NOW, worker="w").sent == 1
    assert [each.recipient for each in server.deliveries] == ["alice@home.example"]
    assert (fresh(message).state, fresh(message).last_error) == ("sent", "")


@pytest.mark.parametrize("banner", ["554 5.3.2 no service", "421 4.3.2 shutting down"])
def test_a_server_that_refuses_to_talk_costs_nothing(served: Served, banner: str) -> None:
    served(Script(banner=banner))
    message = letter(agreed())
    assert "refuses to talk to us" in send_due(now=NOW, worker="w").trouble
    assert (fresh(message).state, fresh(message).attempts) == ("queued", 0)


@pytest.mark.parametrize("reply", ["550 5.7.1 sender not allowed", "530 5.7.0 sign in first", "451 4.3.0 later"])
def test_a_refusal_of_our_own_address_stops_the_run_and_blames_no_message(served: Served, reply: str) -> None:
    server = served(Script(sender=reply))
    letters(3)
    report = send_due(now=NOW, worker="w")
    assert reply in report.trouble
    assert set(Message.objects.values_list("state", "attempts")) == {("queued", 0)}
    assert server.deliveries == []
    assert Suppression.objects.count() == 0


@pytest.mark.parametrize("extensions", [ONE_BY_ONE, TOGETHER])
@pytest.mark.parametrize(
    "reply", ["550 5.1.1 no such user", "550 no such user", "553 5.1.3 bad address", "550 5.2.1 mailbox disabled"]
)
def test_a_recipient_refused_for_good_fails_alone_and_is_suppressed(
    served: Served, reply: str, extensions: tuple[str, ...]
) -> None:
    server = served(Script(rcpt={BAD: reply}, extensions=extensions))
    _, bad, _ = three_with_a_bad_one_in_the_middle()
    report = send_due(now=NOW, worker="w")
    assert (report.sent, report.failed, report.trouble) == (2, 1, "")
    assert states() == {"Ann": "sent", "Bad": "failed", "Cor": "sent"}
    assert reply in fresh(bad).last_error
    assert [each.recipient for each in server.deliveries] == ["ann@home.example", "cor@home.example"]
    assert server.connections == 1
    assert EmailAddress.objects.get(address=BAD).state == "dead"
    assert Suppression.objects.count() == 1
    assert Touch.objects.filter(kind="mail").count() == 2


@pytest.mark.parametrize("reply", ["550 5.7.1 policy", "554 5.7.26 not authenticated", "550 5.3.4 too big"])
def test_a_refusal_that_is_not_about_the_address_does_not_suppress_it(served: Served, reply: str) -> None:
    served(Script(rcpt={BAD: reply}))
    three_with_a_bad_one_in_the_middle()
    assert send_due(now=NOW, worker="w").failed == 1
    assert EmailAddress.objects.get(address=BAD).state == "verified"
    assert Suppression.objects.count() == 0


@pytest.mark.parametrize("reply", ["450 4.2.0 greylisted", "452 4.2.2 full", "552 5.2.2 full", "552 mailbox full"])
def test_a_recipient_put_off_waits_alone_and_is_tried_again(served: Served, reply: str) -> None:
    server = served(Script(rcpt={BAD: reply}))
    _, bad, _ = three_with_a_bad_one_in_the_middle()
    report = send_due(now=NOW, worker="w")
    assert (report.sent, report.retried) == (2, 1)
    held = fresh(bad)
    assert (held.state, held.attempts, held.not_before) == ("queued", 1, NOW + timedelta(minutes=1))
    server.script.rcpt.clear()
    assert send_due(now=NOW, worker="w").sent == 0
    assert send_due(now=NOW + timedelta(minutes=1), worker="w").sent == 1
    assert Suppression.objects.count() == 0


def test_after_the_last_pause_it_has_failed_and_a_human_may_try_again(served: Served) -> None:
    served(Script(rcpt={"*": "450 4.2.0 greylisted"}))
    message = letter(agreed())
    at = NOW
    for pause in PAUSES:
        assert send_due(now=at, worker="w").retried == 1
        at += pause
        # The night and the weekend are not our subject here.
        Message.objects.filter(pk=message.pk).update(not_before=NOW)
    assert send_due(now=NOW, worker="w").failed == 1
    assert fresh(message).state == "failed"


def test_a_sign_in_code_is_not_tried_for_days(served: Served) -> None:
    served(Script(rcpt={"*": "450 4.2.0 greylisted"}))
    message = write(
        person=None,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject="Code",
        body="123456",
        language="en",
        origin="accounts",
        by="system",
        now=NOW,
        address="carla@employer.example",
    )
    for minutes in (0, 1, 6):
        send_due(now=NOW + timedelta(minutes=minutes), worker="w")
    assert fresh(message).state == "failed"


def test_a_refused_content_fails_without_suppressing_unless_it_names_the_address(served: Served) -> None:
    served(Script(content={BAD: "554 5.6.0 we do not like it", "cor@home.example": "550 5.1.1 no such user"}))
    three_with_a_bad_one_in_the_middle()
    report = send_due(now=NOW, worker="w")
    assert (report.sent, report.failed) == (1, 2)
    assert dict(EmailAddress.objects.values_list("address", "state")) == {
        "ann@home.example": "verified",
        BAD: "verified",
        "cor@home.example": "dead",
    }


def test_a_test_mail_to_a_wrong_address_suppresses_nobody(served: Served) -> None:
    served(Script(rcpt={"*": "550 5.1.1 no such user"}))
    message = send_test(to="crala@employer.example", by="user:1", now=NOW)
    assert send_due(now=NOW, worker="w").failed == 1
    assert fresh(message).state == "failed"
    assert Suppression.objects.count() == 0


@pytest.mark.parametrize("moment", ["rcpt", "data"])
@pytest.mark.parametrize("extensions", [ONE_BY_ONE, TOGETHER])
def test_a_drop_before_the_final_dot_delays_that_mail_alone(
    served: Served, moment: str, extensions: tuple[str, ...]
) -> None:
    server = served(Script(drop={BAD: moment}, drops=1, extensions=extensions))
    _, bad, _ = three_with_a_bad_one_in_the_middle()
    first = send_due(now=NOW, worker="w")
    assert first.trouble == ""
    # A matter of microseconds: whether the first answer was read before the reset (a new connection at once or a
    # minute later), and whether the body had left before it (uncertain).
    assert fresh(bad).state in ("queued", "uncertain", "sent")
    later = send_due(now=NOW + timedelta(minutes=1), worker="w")
    assert first.sent + later.sent == 3
    assert sorted(each.recipient for each in server.deliveries) == ["ann@home.example", BAD, "cor@home.example"]
    assert fresh(bad).state == "sent"


def test_a_server_that_answers_before_the_dot_is_not_given_the_dot(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = served(Script(extensions=ONE_BY_ONE))
    message = letter(agreed())
    spoken = []
    original = smtp._speaks
    monkeypatch.setattr(smtp, "_speaks", lambda held: spoken.append(original(held)) or True)
    assert send_due(now=NOW, worker="w").retried == 1
    assert spoken == [False]
    held = fresh(message)
    assert (held.state, held.uncertain, held.attempts) == ("queued", False, 1)
    assert server.deliveries == []


def test_a_drop_after_the_final_dot_is_uncertain_and_has_one_retry_with_the_same_message_id(served: Served) -> None:
    server = served(Script(drop={BAD: "answer"}, drops=1))
    _, bad, _ = three_with_a_bad_one_in_the_middle()
    report = send_due(now=NOW, worker="w")
    assert (report.sent, report.uncertain) == (2, 1)
    held = fresh(bad)
    assert (held.state, held.uncertain, held.done_at) == ("uncertain", True, None)
    assert "its answer was lost" in held.last_error
    assert send_due(now=NOW + timedelta(minutes=1), worker="w").sent == 1
    held = fresh(bad)
    assert (held.state, held.uncertain) == ("sent", True)
    to_bad = [each.mail["Message-ID"] for each in server.deliveries if each.recipient == BAD]
    assert to_bad == [f"<{bad.message_id}>"] * 2
    assert Touch.objects.filter(kind="mail", person=bad.person).count() == 1


def test_an_answer_lost_twice_stays_uncertain_and_is_not_tried_a_third_time(served: Served) -> None:
    server = served(Script(drop={"*": "dot"}))
    message = letter(agreed())
    send_due(now=NOW, worker="w")
    report = send_due(now=NOW + timedelta(minutes=1), worker="w")
    assert report.uncertain == 1
    held = fresh(message)
    assert (held.state, held.done_at, held.not_before) == ("uncertain", NOW + timedelta(minutes=1), None)
    assert send_due(now=NOW + timedelta(days=60), worker="w").handled == 0
    assert server.seen_recipients == ["alice@home.example"] * 2
    # The person may have read it, so it counts as a contact.
    assert Touch.objects.filter(kind="mail").count() == 1


def test_an_uncertain_mail_that_is_refused_at_its_retry_is_not_called_failed(served: Served) -> None:
    server = served(Script(drop={"*": "dot"}, drops=1))
    message = letter(agreed())
    send_due(now=NOW, worker="w")
    server.script.rcpt["*"] = "550 5.1.1 no such user"
    send_due(now=NOW + timedelta(minutes=1), worker="w")
    held = fresh(message)
    assert (held.state, held.done_at) == ("uncertain", NOW + timedelta(minutes=1))
    assert "550 5.1.1" in held.last_error


def test_a_server_that_hangs_up_again_and_again_stops_the_run(served: Served) -> None:
    served(Script(drop={"*": "rcpt"}))
    letters(10)
    report = send_due(now=NOW, worker="w")
    assert report.trouble
    assert report.retried == send.HUNG_UP_IN_A_ROW
    assert Message.objects.filter(attempts=0, state="queued", not_before=NOW).count() == 7


@pytest.mark.parametrize("extensions", [ONE_BY_ONE, TOGETHER])
def test_a_server_that_takes_few_mails_a_connection_gets_more_connections(
    served: Served, extensions: tuple[str, ...]
) -> None:
    server = served(Script(mails_a_connection=3, extensions=extensions))
    letters(8)
    report = send_due(now=NOW, worker="w")
    assert (report.sent, report.retried) == (8, 0)
    assert server.connections == 3


def test_a_server_too_slow_to_answer_leaves_the_mail_uncertain(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.2)
    served(Script(seconds=1.0))
    message = letter(agreed())
    assert send_due(now=NOW, worker="w").uncertain == 1
    assert "took too long" in fresh(message).last_error or "timed out" in fresh(message).last_error


def test_a_server_that_dribbles_is_cut_off(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send, "CUT_SECONDS", 0.3)
    served(Script(seconds=30.0))
    letters(2)
    report = send_due(now=NOW, worker="w")
    assert report.uncertain == 1
    assert Message.objects.filter(state="sent").count() == 0


def test_an_address_of_other_letters_needs_a_server_that_can(served: Served) -> None:
    served(Script())
    message = letter(agreed("Jörg", "jörg@home.example"))
    assert send_due(now=NOW, worker="w").failed == 1
    assert fresh(message).state == MessageState.FAILED
    assert Suppression.objects.count() == 0


def test_such_an_address_is_served_by_a_server_that_can(served: Served) -> None:
    server = served(Script(extensions=("PIPELINING", "SMTPUTF8")))
    letter(agreed("Jörg", "jörg@bücher.example"))
    assert send_due(now=NOW, worker="w").sent == 1
    assert [each.recipient for each in server.deliveries] == ["jörg@xn--bcher-kva.example"]


def test_lines_that_begin_with_a_dot_arrive_whole(server: ScriptedServer) -> None:
    letter(agreed(), body="Dear Alice,\n\n.\n..\n.hidden\n\nMara")
    assert send_due(now=NOW, worker="w").sent == 1
    text = server.deliveries[0].mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n").startswith("Dear Alice,\n\n.\n..\n.hidden\n\nMara\n")
