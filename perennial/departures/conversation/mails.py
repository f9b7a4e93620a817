"""The mail to the leaver about a conversation, with its calendar file: in a colleague's name, through the door."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from perennial.contact.door import decide
from perennial.contact.enums import Verdict
from perennial.departures.conversation.calendar_file import for_leaver
from perennial.departures.conversation.enums import ConversationState
from perennial.departures.conversation.letters import invitation
from perennial.departures.endings import ask_for_the_day
from perennial.departures.invitations import InvitationRefusedError
from perennial.departures.models import Departure, ExitConversation
from perennial.kernel.purposes import Intent, Purpose
from perennial.kernel.text import one_line
from perennial.mail.compose import write
from perennial.mail.enums import NOT_GONE
from perennial.mail.queue import put_aside
from perennial.people.models import EmailAddress, Person
from perennial.programme.queries import current, today

ORIGIN = "departures:conversation"


@dataclass(frozen=True, kw_only=True)
class Sender:
    """In whose name the leaver is written to, and where an answer goes."""

    name: str
    reply_to: str


def ask_to_come(conversation: ExitConversation, sender: Sender, *, moved: bool, by: str, now: datetime) -> None:
    """Asks the leaver to a conversation. Raises endings' NotYetInvitableError, and what `write_to_leaver` raises."""
    ask_for_the_day(conversation.departure, day=today(now=now))
    write_to_leaver(conversation, sender, moved=moved, by=by, now=now)


def write_to_leaver(conversation: ExitConversation, sender: Sender, *, moved: bool, by: str, now: datetime) -> None:
    """Mails the leaver; of two mails about one conversation the earlier does not leave any more.

    Raises InvitationRefusedError where the door does not let a mail through.
    """
    departure = conversation.departure
    [decision] = decide(people=Person.objects.filter(pk=departure.person_id), purpose=Purpose.SERVICE, now=now)
    if decision.verdict is not Verdict.YES or decision.address_id is None:
        raise InvitationRefusedError(decision.rule)
    if conversation.message_id is not None:
        put_aside(message_id=conversation.message_id, by=by, now=now)
    programme = current()
    text = invitation(conversation=conversation, programme=programme, moved=moved, sender_name=sender.name)
    attendee = EmailAddress.objects.values_list("address", flat=True).get(pk=decision.address_id)
    conversation.message = write(
        person=departure.person,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject=text.subject,
        body=text.body,
        language=text.language,
        origin=ORIGIN,
        by=by,
        now=now,
        sender_name=sender.name,
        reply_to=sender.reply_to,
        calendar=for_leaver(
            conversation=conversation,
            attendee=attendee,
            organisation=one_line(programme.organisation),
            language=text.language,
        ).decode(),
    )
    conversation.save(update_fields=["message"])


def withdraw_mails(*, departures: QuerySet[Departure], now: datetime) -> int:
    """Puts aside what waits to be sent about planned conversations of `departures`. They stay planned.

    Returns how many. What a worker has in its hands at this moment still goes.
    """
    planned = ExitConversation.objects.filter(
        departure__in=departures, state=ConversationState.PLANNED, message__state__in=NOT_GONE
    )
    messages = [message for message in planned.values_list("message_id", flat=True) if message is not None]
    return sum(put_aside(message_id=message, by="system", now=now) for message in messages)
