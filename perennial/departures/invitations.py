"""Invites leavers: drafts the letter, sends it in a person's name, hands over the paper, renews a link that ran out.

There is no way here to ask people who left long ago whether we may write to them: that question is itself a mailing
that needs consent (standards: Dutch Tw 11.7, German UWG 7). Whoever has no address that may be used gets the sheet.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from perennial.audit.actions import record
from perennial.contact.actions import record_touch
from perennial.contact.door import decide
from perennial.contact.enums import Direction, TouchKind, Verdict
from perennial.departures.endings import ask_for_the_day, waiting
from perennial.departures.enums import DepartureState
from perennial.departures.letters import Text, fresh_link, invitation, text_sha256
from perennial.departures.models import Departure
from perennial.departures.queries import ON_ITS_WAY, departures_in_use, has_answered, kept_out, not_invited
from perennial.kernel.clock import local_date
from perennial.kernel.keys import new_random
from perennial.kernel.links import path_to, typed_path_to
from perennial.kernel.purposes import Intent, Purpose
from perennial.kernel.tokens import LinkPurpose
from perennial.mail.compose import Letter, edit, write, write_all
from perennial.mail.enums import NOT_GONE, MessageState
from perennial.mail.models import Message
from perennial.mail.queue import approve, put_aside, take_back
from perennial.people.models import Person
from perennial.programme.enums import Stage
from perennial.programme.models import Programme
from perennial.programme.queries import current, today

ORIGIN = "departures:invitation"
FRESH_ORIGIN = "departures:fresh-link"
DAYS_OF_FRESH_LINK = 30
# So that nobody can fill a leaver's mailbox by pressing the button of an old link.
FRESH_LINKS_A_DAY = 3
# Letters drafted at a time.
CHUNK = 1000


class InvitationRefusedError(Exception):
    """The door says no or later. `rule` is its code."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class AlreadyInvitedError(Exception):
    """The invitation is on its way or was handed over."""


class AlreadyAnsweredError(Exception):
    """The leaver has the link and has used it, so nobody invites them any more."""


class NotInvitableError(Exception):
    """The departure is cancelled or closed."""


@transaction.atomic
def draft_invitations(*, now: datetime) -> int:
    """A draft for each open departure that can be invited by mail and has none; fits untouched drafts to moved days.

    Returns how many were drafted. Nothing in stage preparation. The programme's owner signs until a colleague sends.
    """
    programme = current()
    if programme.stage == Stage.PREPARATION:
        return 0
    Programme.objects.select_for_update().filter(pk=1).first()
    day = local_date(at=now, time_zone=programme.time_zone)
    _withdraw_from_who_is_kept_out(day, now)
    # Somebody may have answered in the moment in which their letter was drafted.
    withdraw_invitations(departures=has_answered(departures=Departure.objects.all()), by="system", now=now)
    _refit(programme, now)
    undrafted = (
        not_invited(departures_in_use().filter(~waiting(day=day), state=DepartureState.OPEN, invitation=None))
        .select_related("person", "stint")
        .order_by("pk")
    )
    drafted, after, full = 0, 0, True
    while full:
        chunk = list(undrafted.filter(pk__gt=after)[:CHUNK])
        drafted += _draft(chunk, programme, now)
        full = len(chunk) == CHUNK
        after = chunk[-1].pk if chunk else after
    if drafted:
        record(deed="departures.invitations_drafted", by="system", now=now, details={"drafts": drafted})
    return drafted


@transaction.atomic
def invite(
    *,
    departure: Departure,
    by: str,
    sender_name: str,
    reply_to: str,
    now: datetime,
    subject: str = "",
    body: str = "",
) -> Message:
    """Sends the invitation in the name of the colleague who looked at it; with `subject` and `body` as they left it.

    Raises InvitationRefusedError, AlreadyInvitedError, AlreadyAnsweredError, NotInvitableError, NotYetInvitableError.
    """
    programme = current()
    locked = _locked(departure)
    _ask_whether_answered(locked)
    ask_for_the_day(locked, day=today(now=now))
    _ask_door(locked, now)
    letter = invitation(departure=locked, programme=programme, sender_name=sender_name, today=today(now=now))
    message = locked.invitation
    if message is None or message.state != MessageState.DRAFT:
        message = _write(locked, letter, sender_name, reply_to, by=by, now=now)
    elif not body and untouched(locked):
        edit(message=message, subject=letter.subject, body=letter.body, by=by, now=now)
    if body:
        edit(message=message, subject=subject or letter.subject, body=body, by=by, now=now)
    approve(message_ids=[message.pk], by=by, now=now, sender_name=sender_name, reply_to=reply_to)
    record(deed="departures.invited", by=by, now=now, subject_kind="person", subject_key=locked.person.key)
    message.refresh_from_db()
    return message


@transaction.atomic
def change_draft(*, departure: Departure, subject: str, body: str, by: str, now: datetime) -> None:
    """Keeps what a colleague changed in the draft, which is theirs from then on.

    Raises AlreadyInvitedError, AlreadyAnsweredError, NotInvitableError, InvitationRefusedError, NotYetInvitableError.
    """
    locked = _locked(departure)
    _ask_whether_answered(locked)
    ask_for_the_day(locked, day=today(now=now))
    message = locked.invitation
    if message is None or message.state != MessageState.DRAFT:
        _ask_door(locked, now)
        programme = current()
        letter = invitation(
            departure=locked, programme=programme, sender_name=_owner(programme)[0], today=today(now=now)
        )
        message = _write(locked, letter, *_owner(programme), by=by, now=now)
    edit(message=message, subject=subject, body=body, by=by, now=now)


@transaction.atomic
def take_invitation_back(*, departure: Departure, by: str, now: datetime) -> bool:
    """Undo: an invitation that has not left is a draft again. False when it has. Raises AlreadyAnsweredError."""
    locked = Departure.objects.select_for_update(of=("self",)).get(pk=departure.pk)
    _ask_whether_answered(locked)
    return locked.invitation_id is not None and take_back(message_id=locked.invitation_id, by=by, now=now)


def withdraw_invitations(*, departures: QuerySet[Departure], by: str, now: datetime) -> int:
    """Puts aside what waits to be sent for `departures`: drafted, approved, or failed and fit to be tried again.

    The reminder of the invitation too.

    Returns how many. What a worker has in its hands at this moment still goes.
    """
    unsent = departures.filter(Q(invitation__state__in=NOT_GONE) | Q(farewell__reminder__state__in=NOT_GONE))
    pairs = list(unsent.values_list("invitation_id", "farewell__reminder_id"))
    messages = [message for pair in pairs for message in pair if message is not None]
    # What has gone already stays as it is.
    return sum(put_aside(message_id=message, by=by, now=now) for message in messages)


@transaction.atomic
def hand_over(*, departure: Departure, by: str, now: datetime) -> None:
    """The printed sheet was given to the leaver.

    Raises InvitationRefusedError, AlreadyInvitedError, NotInvitableError, NotYetInvitableError.
    """
    locked = _locked(departure)
    ask_for_the_day(locked, day=today(now=now))
    _ask_door(locked, now, on_paper=True)
    if locked.invitation and locked.invitation.state == MessageState.DRAFT:
        put_aside(message_id=locked.invitation.pk, by=by, now=now)
    locked.handed_over_at = now
    locked.save(update_fields=["handed_over_at"])
    record_touch(
        person=locked.person,
        at=now,
        direction=Direction.OURS,
        kind=TouchKind.HANDED_OVER,
        purpose=Purpose.SERVICE,
        origin=f"departure:{locked.key}/handed-over",
    )
    record(deed="departures.sheet_handed_over", by=by, now=now, subject_kind="person", subject_key=locked.person.key)


@transaction.atomic
def send_fresh_link(*, departure: Departure, now: datetime) -> bool:
    """Mails a new link to the address on file, if there is one that may be used; the earlier link ends.

    Returns whether a mail was written. What the visitor is told must not depend on it.
    """
    locked = Departure.objects.select_for_update().select_related("person", "stint").get(pk=departure.pk)
    asked = Message.objects.filter(
        person=locked.person, mailing__origin=FRESH_ORIGIN, created_at__gt=now - timedelta(days=1)
    ).count()
    if locked.state == DepartureState.CANCELLED or asked >= FRESH_LINKS_A_DAY:
        return False
    if refusal(departure=locked, now=now, asked_for=True):
        return False
    programme = current()
    if locked.invitation and locked.invitation.state == MessageState.DRAFT:
        # It holds the link that ends now.
        put_aside(message_id=locked.invitation.pk, by="system", now=now)
        locked.invitation = None
    locked.link_random = new_random()
    locked.link_expires_at = now + timedelta(days=DAYS_OF_FRESH_LINK)
    locked.save(update_fields=["invitation", "link_random", "link_expires_at"])
    letter = fresh_link(departure=locked, programme=programme)
    write(
        person=locked.person,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject=letter.subject,
        body=letter.body,
        language=letter.language,
        origin=FRESH_ORIGIN,
        by=f"person:{locked.person.key}",
        now=now,
        link_path=link_path(locked),
        automatic=True,
    )
    record(
        deed="departures.fresh_link_sent",
        by=f"person:{locked.person.key}",
        now=now,
        subject_kind="person",
        subject_key=locked.person.key,
    )
    return True


def link_path(departure: Departure) -> str:
    """The path of the leaver's page. Secret: whoever has it may answer in the leaver's place."""
    return path_to(purpose=LinkPurpose.LEAVER, row=departure.pk, random=departure.link_random)


def typed_path(departure: Departure) -> str:
    """The path that leads to the leaver's page and can be typed from paper. As secret as the other."""
    return typed_path_to(purpose=LinkPurpose.LEAVER_TYPED, row=departure.pk, random=departure.link_random)


def refusal(*, departure: Departure, now: datetime, on_paper: bool = False, asked_for: bool = False) -> str:
    """The rule of the door that stops an invitation by mail, or on paper; empty when nothing does.

    `asked_for`: the leaver asks for a link anew, which is service and no invitation of ours.
    """
    people = Person.objects.filter(pk=departure.person_id)
    [decision] = decide(
        people=people,
        purpose=Purpose.SERVICE,
        now=now,
        address_given=on_paper,
        invitation=not asked_for,
    )
    return "" if decision.verdict is Verdict.YES else decision.rule


# What the desk says beside a refusal; the door's own sentences stand on the person's page.
REFUSALS = {
    "stage": _("The programme is being prepared or tried out: nothing leaves for people outside the test group."),
    "excluded": _("Somebody decided that this person is not in the programme, so there is no invitation."),
    "decided": _("It was decided that this person is not invited for now."),
    "audience": _(
        "The programme is not meant for this person, or that is not settled yet: somebody has to decide, or a fact is "
        "missing in the record. Until then there is no invitation."
    ),
    "objected": _("They asked for no letters and no invitations."),
    "restricted": _("Contact with this person is restricted at the moment."),
    "no_address": _(
        "There is no address that may be used: a business address serves until the last day, a private one only if it "
        "was given for this. Print the sheet and hand it over."
    ),
    "suppressed": _("Mail to the address we have comes back. Print the sheet and hand it over."),
}


def _withdraw_from_who_is_kept_out(day: date, now: datetime) -> None:
    """Takes back what waits to be sent to people for whom the programme is not, or whose day has not come.

    A new draft follows when that changes.
    """
    queued = [MessageState.DRAFT, MessageState.QUEUED]
    unsent = Departure.objects.filter(Q(invitation__state__in=queued) | Q(farewell__reminder__state__in=queued))
    out = kept_out(departures=unsent, day=day) | unsent.filter(waiting(day=day))
    rows = list(out.values_list("pk", flat=True))
    if rows:
        departures = Departure.objects.filter(pk__among=rows)
        withdraw_invitations(departures=departures, by="system", now=now)
        departures.filter(invitation__state=MessageState.DISCARDED).update(invitation=None, drafted_sha256="")


def _refit(programme: Programme, now: datetime) -> None:
    """Writes untouched drafts anew where the text may be another by now: record, last day or owner have changed."""
    sender_name, _reply_to = _owner(programme)
    day = today(now=now)
    midnight = datetime.combine(day, time.min, ZoneInfo(programme.time_zone)).astimezone(UTC)
    changed = (
        Q(stint__updated_at__gte=F("invitation__created_at"))
        | Q(person__updated_at__gte=F("invitation__created_at"))
        | Q(stint__ends_on__lt=day, invitation__created_at__lt=midnight)
        | ~Q(invitation__mailing__sender_name=sender_name)
    )
    drafts = Departure.objects.filter(changed, invitation__state=MessageState.DRAFT).select_related(
        "person", "stint", "invitation__mailing"
    )
    for departure in drafts:
        letter = invitation(departure=departure, programme=programme, sender_name=sender_name, today=day)
        message = departure.invitation
        if message is None or letter.sha256 == departure.drafted_sha256 or not untouched(departure):
            continue
        edit(message=message, subject=letter.subject, body=letter.body, by="system", now=now)
        Departure.objects.filter(pk=departure.pk).update(drafted_sha256=letter.sha256)


def _draft(departures: Sequence[Departure], programme: Programme, now: datetime) -> int:
    """Drafts a letter for those of `departures` that the door lets through. Returns how many."""
    people = Person.objects.filter(pk__in=[departure.person_id for departure in departures])
    said = decide(people=people, purpose=Purpose.SERVICE, now=now, invitation=True)
    reachable = {decision.person_id for decision in said if decision.verdict is Verdict.YES}
    sender_name, reply_to = _owner(programme)
    day = today(now=now)
    written = [departure for departure in departures if departure.person_id in reachable]
    letters = []
    for departure in written:
        text = invitation(departure=departure, programme=programme, sender_name=sender_name, today=day)
        departure.drafted_sha256 = text.sha256
        letters.append(_mail(departure, text, sender_name, reply_to))
    messages = write_all(letters=letters, by="system", now=now)
    _note_drafts([(message.pk, row.drafted_sha256, row.pk) for row, message in zip(written, messages, strict=True)])
    return len(written)


def _note_drafts(rows: list[tuple[int, str, int]]) -> None:
    """Writes message and fingerprint on each departure. Django's bulk_update is one long CASE, ten times as slow."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE departures_departure SET invitation_id = %s, drafted_sha256 = %s WHERE id = %s", rows
            )


def _mail(departure: Departure, letter: Text, sender_name: str, reply_to: str) -> Letter:
    return Letter(
        person=departure.person,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject=letter.subject,
        body=letter.body,
        language=letter.language,
        origin=ORIGIN,
        sender_name=sender_name,
        reply_to=reply_to,
        link_path=link_path(departure),
        state=MessageState.DRAFT,
    )


def _write(departure: Departure, text: Text, sender_name: str, reply_to: str, *, by: str, now: datetime) -> Message:
    [message] = write_all(letters=[_mail(departure, text, sender_name, reply_to)], by=by, now=now)
    departure.invitation = message
    departure.drafted_sha256 = text.sha256
    departure.save(update_fields=["invitation", "drafted_sha256"])
    return message


def untouched(departure: Departure) -> bool:
    """Whether the draft still reads as it was drafted, so that it may be written anew."""
    message = departure.invitation
    if message is None:
        return True
    content = message.mailing.contents.get(message.language, {})
    return text_sha256(subject=content.get("subject", ""), body=content.get("body", "")) == departure.drafted_sha256


def _owner(programme: Programme) -> tuple[str, str]:
    """Name and address of whoever signs as long as no colleague has taken the letter up."""
    return (programme.owner.name, programme.owner.email) if programme.owner else ("", "")


def _locked(departure: Departure) -> Departure:
    """The departure, locked, if it can still be invited. Raises AlreadyInvitedError, NotInvitableError."""
    locked = Departure.objects.select_for_update(of=("self",)).select_related("person", "stint").get(pk=departure.pk)
    if locked.state not in (DepartureState.OPEN, DepartureState.QUESTION):
        raise NotInvitableError
    if locked.handed_over_at or (locked.invitation and locked.invitation.state in ON_ITS_WAY):
        raise AlreadyInvitedError
    return locked


def _ask_whether_answered(departure: Departure) -> None:
    if has_answered(departures=Departure.objects.filter(pk=departure.pk)).exists():
        raise AlreadyAnsweredError


def _ask_door(departure: Departure, now: datetime, *, on_paper: bool = False) -> None:
    rule = refusal(departure=departure, now=now, on_paper=on_paper)
    if rule:
        raise InvitationRefusedError(rule)
