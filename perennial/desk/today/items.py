"""What Today shows: things to do, each a sentence with its one action, in the order in which they become late.

No item is stored: it stands as long as the data say so and goes when the thing is done. `later` remembers who put
one off.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perennial.accounts.models import User
from perennial.accounts.roles import Permission, may
from perennial.consent.vouching import waiting as addresses_that_wait
from perennial.contact.queries import exclusions_to_look_at, touched_this_month
from perennial.departures.endings import waiting_for_their_day
from perennial.departures.models import Departure
from perennial.departures.queries import leavers_who_wait, questions, to_invite, without_private_address
from perennial.desk.departures.words import invite_on
from perennial.desk.today.accountability import accounts_to_give
from perennial.desk.today.conversations import conversations_to_lead
from perennial.desk.today.decided import decisions_to_do
from perennial.desk.today.farewell import farewells_to_do
from perennial.desk.today.item import Item
from perennial.desk.today.item import and_more as _and_more
from perennial.desk.today.item import linked as _linked
from perennial.desk.today.retention import holds_that_lapsed, what_is_over
from perennial.desk.today.rights import requests_to_answer
from perennial.desk.today.themes import theme_actions_to_do
from perennial.desk.today.volume import much_taken
from perennial.intake.queries import dropped_in_question
from perennial.kernel.clock import local_date
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.mail.queries import stuck
from perennial.outreach.journeys import find_step
from perennial.outreach.queries import letters_on_their_way, letters_to_look_at, passed_over_by_rule
from perennial.people.queries import sees_everybody, visible_to
from perennial.programme.enums import Stage
from perennial.programme.models import Programme
from perennial.programme.queries import current

# More of one kind are told as a number, with the way to all of them.
OF_A_KIND = 8


@dataclass(frozen=True)
class Pulse:
    """One quiet line: how many were reached this month, what was given and asked, what waits."""

    reached: int
    given: int
    asked: int
    waiting: int


def things_to_do(
    *,
    role: str,
    now: datetime,
    of_a_kind: int = OF_A_KIND,
    user_id: int | None = None,
    programme: Programme | None = None,
) -> list[Item]:
    """The items this role can act on, the latest due first; at most `of_a_kind` of each kind one by one.

    `user_id`: whose Today it is, for what one colleague answers for. `programme`: when the caller has it at hand.
    """
    programme = programme or current()
    day = local_date(at=now, time_zone=programme.time_zone)
    items: list[Item] = []
    if may(role, Permission.SEE_DEPARTURES):
        items += _questions(day, of_a_kind)
        items += _losing_touch(day)
    if may(role, Permission.IMPORT):
        items += _lists_in_question(of_a_kind)
    if may(role, Permission.INVITE_LEAVERS):
        items += _invitations(day, of_a_kind, programme)
        items += farewells_to_do(role=role, day=day, limit=of_a_kind, programme=programme)
    if may(role, Permission.EDIT_PEOPLE):
        items += _without_a_day_to_invite(day, of_a_kind)
        items += _addresses_to_vouch_for(now, of_a_kind)
        items += _exclusions(day, of_a_kind, user_id, also_orphaned=may(role, Permission.RUN_PROGRAMME))
    if may(role, Permission.PLAN_CONVERSATIONS):
        items += conversations_to_lead(
            now=now, limit=of_a_kind, user_id=user_id, also_orphaned=may(role, Permission.RUN_PROGRAMME)
        )
    if may(role, Permission.APPROVE_DECISIONS):
        items += decisions_to_do(
            day=day, limit=of_a_kind, user_id=user_id, also_orphaned=may(role, Permission.RUN_PROGRAMME)
        )
    if may(role, Permission.SEE_FIGURES) and user_id is not None:
        items += theme_actions_to_do(day=day, user_id=user_id, limit=of_a_kind)
    if may(role, Permission.RUN_PROGRAMME):
        items += _audience_waits(day)
    if may(role, Permission.KEEP_POLICY):
        items += accounts_to_give(day=day, programme=programme)
        items += what_is_over(day=day, programme=programme)
        items += holds_that_lapsed(day=day, limit=of_a_kind)
    if may(role, Permission.HANDLE_RIGHTS):
        items += requests_to_answer(day=day, limit=of_a_kind)
    if may(role, Permission.SEE_AUDIT):
        items += much_taken(now=now, day=day, programme=programme)
    if may(role, Permission.WRITE_TO_PEOPLE):
        items += _letters(day, of_a_kind)
    if may(role, Permission.SEE_OUTBOX):
        items += _stuck_mail(day, now)
    return sorted(items, key=lambda item: (not item.late, item.due_on))


def pulse(*, user: User, now: datetime, programme: Programme) -> Pulse:
    """The month so far: the programme's, or of the people whom this colleague sees.

    How many letters wait is told to those who write them.
    """
    month = touched_this_month(now=now, among=None if sees_everybody(user) else visible_to(user), programme=programme)
    waiting = 0
    if may(user.role, Permission.WRITE_TO_PEOPLE):
        waiting = sum(count for state, _rule, count in passed_over_by_rule() if state == "waiting")
    return Pulse(month.people, month.gave, month.asked, waiting)


def just_done() -> list[Message]:
    """Letters that somebody approved a moment ago: they can still be taken back."""
    return list(letters_on_their_way()[:OF_A_KIND])


def _questions(day: date, limit: int) -> Iterator[Item]:
    rows = list(questions()[: limit + 1])
    for departure in rows[:limit]:
        yield Item(
            key=f"question.{departure.key}",
            icon="help-circle",
            sentence=format_html(_("{name} leaves, but no last day is known."), name=_linked(departure.person)),
            action_url=_page_of(departure),
            action_label=_("Enter the day"),
            due_on=departure.opened_at.date(),
        )
    if len(rows) > limit:
        yield _and_more("questions", _("More leavers without a last day."), reverse("departures"), day)


def _lists_in_question(limit: int) -> Iterator[Item]:
    """Lists of the watched folder that came by themselves and cannot go on without an answer."""
    for run in dropped_in_question()[:limit]:
        yield Item(
            key=f"import.{run.key}",
            icon="file-spreadsheet",
            sentence=format_html(
                _("The list {name} of {source} waits for an answer."), name=run.file_name, source=run.source
            ),
            action_url=reverse("import_run", args=[run.key]),
            action_label=_("Answer"),
            due_on=run.created_at.date(),
        )


def _invitations(day: date, limit: int, programme: Programme) -> Iterator[Item]:
    rows = list(to_invite(day=day)[: limit + 1])
    for departure in rows[:limit]:
        due_on = invite_on(departure) or departure.opened_at.date()
        late = due_on < day
        drafted = departure.invitation is not None and departure.invitation.state == MessageState.DRAFT
        yield Item(
            key=f"invite.{departure.key}",
            icon="mail" if drafted else "printer",
            sentence=format_html(_("Invite {name} to the exit conversation."), name=_linked(departure.person)),
            why=" ".join(
                words
                for words in (
                    _when_leaving(departure.stint.ends_on, day),
                    _("This is late.") if late else "",
                    _how_to_invite(programme.stage, drafted=drafted),
                )
                if words
            ),
            action_url=_page_of(departure),
            action_label=_("Look and send") if drafted else _("Show"),
            due_on=due_on,
            late=late,
        )
    if len(rows) > limit:
        yield _and_more("invitations", _("More leavers to invite."), reverse("departures"), day)


def _without_a_day_to_invite(day: date, limit: int) -> Iterator[Item]:
    """After redundancy: who waits for HR to set a day. Whose day has come stands among the invitations."""
    rows = list(waiting_for_their_day(day=day).filter(invite_from=None)[: limit + 1])
    for departure in rows[:limit]:
        yield Item(
            key=f"invite-from.{departure.key}",
            icon="calendar-event",
            sentence=format_html(_("Say from when on {name} may be invited."), name=_linked(departure.person)),
            why=_when_leaving(departure.stint.ends_on, day),
            action_url=_page_of(departure),
            action_label=_("Set the day"),
            due_on=departure.opened_at.date(),
        )
    if len(rows) > limit:
        yield _and_more("invite-from", _("More leavers who wait for a day."), reverse("departures"), day)


def _losing_touch(day: date) -> Iterator[Item]:
    until = day + timedelta(days=7)
    leaving = without_private_address(first_day=day, last_day=until).count()
    if leaving:
        yield Item(
            key="losing-touch",
            icon="mail-x",
            sentence=format_html(
                ngettext(
                    "{count} leaver has no private address and leaves this week.",
                    "{count} leavers have no private address and leave this week.",
                    leaving,
                ),
                count=leaving,
            ),
            action_url=reverse("departures") + "?view=losing-touch",
            action_label=_("Show"),
            due_on=until,
        )


def _addresses_to_vouch_for(now: datetime, limit: int) -> Iterator[Item]:
    """Who gave a new address on the page of choices and has no other that works: somebody asks them by another way."""
    for vouching in addresses_that_wait(now=now).filter(on_file=None)[:limit]:
        person = vouching.request.person
        yield Item(
            key=f"vouch.{vouching.pk}",
            icon="mail",
            sentence=format_html(
                _("Ask {name} whether the new address is theirs; no other works."), name=_linked(person)
            ),
            why=_("Nothing goes there before. After seven days it is forgotten."),
            action_url=reverse("person", args=[person.key]),
            action_label=_("Show"),
            due_on=vouching.request.requested_at.date(),
        )


def _exclusions(day: date, limit: int, user_id: int | None, *, also_orphaned: bool) -> Iterator[Item]:
    """What this colleague answers for and must look at again; a coordinator also for those who have gone."""
    mine = Q(owner=user_id) if user_id is not None else Q(pk=None)
    if also_orphaned:
        mine |= Q(owner=None) | Q(owner__is_active=False)
    rows = list(exclusions_to_look_at(day=day).filter(mine)[: limit + 1])
    for row in rows[:limit]:
        ended = row.ends_on is not None and row.ends_on < day
        due_on = row.ends_on if ended and row.ends_on else row.review_on or day
        yield Item(
            key=f"exclusion.{row.pk}",
            icon="user-x",
            sentence=format_html(
                _("The exclusion of {name} has ended: prolong it, or say that it is over.")
                if ended
                else _("Look again at the exclusion of {name}."),
                name=_linked(row.person),
            ),
            why="" if row.owner and row.owner.is_active else _("Whoever answered for it has gone."),
            action_url=reverse("exclusion", args=[row.pk]),
            action_label=_("Look at it"),
            due_on=due_on,
            late=due_on < day,
        )
    if len(rows) > limit:
        yield _and_more("exclusions", _("More exclusions to look at again."), reverse("exclusions") + "?view=due", day)


def _audience_waits(day: date) -> Iterator[Item]:
    """Leavers who cannot be invited, because it is not settled whether the programme is for them."""
    waiting = leavers_who_wait(day=day).count()
    if waiting:
        yield Item(
            key="audience-waits",
            icon="hourglass",
            sentence=format_html(
                ngettext(
                    "{count} leaver waits: it is not settled whether the programme is for them.",
                    "{count} leavers wait: it is not settled whether the programme is for them.",
                    waiting,
                ),
                count=waiting,
            ),
            why=_("A fact is missing in the record, or nobody has decided yet."),
            action_url=reverse("departures") + "?view=kept-out",
            action_label=_("Show"),
            due_on=day,
        )


def _letters(day: date, limit: int) -> Iterator[Item]:
    rows = list(letters_to_look_at()[: limit + 1])
    for message in rows[:limit]:
        journey, _slash, step = message.mailing.origin.removeprefix("journey:").partition("/")
        yield Item(
            key=f"letter.{message.pk}",
            icon="pencil",
            sentence=format_html(
                _("Write to {name}: {reason}."),
                name=_linked(message.person),
                reason=find_step(journey=journey, step=step).sentence,
            ),
            why=_("Draft ready."),
            action_url=reverse("letter", args=[message.pk]),
            action_label=_("Look and send"),
            due_on=message.created_at.date(),
        )
    if len(rows) > limit:
        yield _and_more("letters", _("More letters to look at."), reverse("letters"), day)


def _stuck_mail(day: date, now: datetime) -> Iterator[Item]:
    waiting = stuck(now=now).count()
    if waiting:
        yield Item(
            key="stuck-mail",
            icon="alert-triangle",
            sentence=format_html(
                ngettext("{count} mail could not be delivered.", "{count} mails could not be delivered.", waiting),
                count=waiting,
            ),
            action_url=reverse("outbox") + f"?state={MessageState.FAILED}",
            action_label=_("Show"),
            due_on=day,
            late=True,
        )


def _page_of(departure: Departure) -> str:
    return reverse("departure", args=[departure.key])


def _when_leaving(last_day: date | None, day: date) -> str:
    if last_day is None:
        return ""
    days = (last_day - day).days
    if days > 0:
        return ngettext("Leaves in %(days)d day.", "Leaves in %(days)d days.", days) % {"days": days}
    if days == 0:
        return _("Leaves today.")
    return ngettext("Left %(days)d day ago.", "Left %(days)d days ago.", -days) % {"days": -days}


def _how_to_invite(stage: str, *, drafted: bool) -> str:
    if drafted:
        return _("Draft ready.")
    if stage == Stage.PREPARATION:
        return _("Nothing leaves before the programme is live.")
    # A letter that may be sent is drafted within a minute; why this one may not, its page says.
    return _("No letter is drafted; there is a sheet to hand over.")
