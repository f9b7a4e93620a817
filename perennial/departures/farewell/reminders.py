"""Reminds whoever owes something, and no more than that (requirements DEP-7).

| who | how often | of what |
| --- | --- | --- |
| HR, coordinators | on working days, once a day at most, unless switched off | what is late or due within a week |
| managers with a link | once a week at most, however many leave them | their own steps that are late |
| the leaver | once, ever | the invitation, a week after it went out, before the last day, if nothing was answered |
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perennial.accounts.models import User
from perennial.accounts.queries import who_may
from perennial.accounts.roles import Permission, Role
from perennial.audit.actions import record
from perennial.contact.door import decide
from perennial.contact.enums import Verdict
from perennial.departures.conversation.enums import ConversationState
from perennial.departures.endings import waiting
from perennial.departures.enums import DepartureState
from perennial.departures.farewell.enums import StepKind, StepOwner
from perennial.departures.farewell.manager import reminder, send
from perennial.departures.farewell.queries import nothing_personal, open_steps, reminded_of
from perennial.departures.invitations import link_path
from perennial.departures.letters import language_of
from perennial.departures.models import Departure, ExitConversation, Farewell, FarewellDigest
from perennial.departures.queries import departures_in_use, has_answered, kept_out
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.compose import Letter, in_letter, write, write_all
from perennial.mail.enums import MessageState
from perennial.people.models import Person
from perennial.programme.enums import Stage
from perennial.programme.models import Programme
from perennial.programme.queries import current, today

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
SATURDAY = 5
LEAVER_ORIGIN = "departures:reminder"
DIGEST_ORIGIN = "departures:digest"
BOARD = "/departures/?view=late"
# Whoever leaves twice within a year is not reminded of both.
REMINDED_FOR = timedelta(days=365)
_ARRIVED = (MessageState.SENT, MessageState.KEPT, MessageState.UNCERTAIN)
# Whose steps stand in whose digest.
_OWED: dict[str, tuple[StepOwner, ...]] = {
    Role.HR: (StepOwner.HR, StepOwner.MANAGER),
    Role.COORDINATOR: (StepOwner.COORDINATOR,),
}


@dataclass(frozen=True)
class Reminded:
    """How many were reminded."""

    leavers: int = 0
    managers: int = 0
    staff: int = 0


def remind(*, now: datetime) -> Reminded:
    """Everybody whose turn it is. Safe to repeat; nothing as long as the programme is being prepared."""
    programme = current()
    if programme.set_up_at is None or programme.stage == Stage.PREPARATION:
        return Reminded()
    leavers = remind_leavers(now=now)
    if not _at_work(programme, now):
        return Reminded(leavers)
    return Reminded(leavers, remind_managers(now=now), remind_staff(now=now))


@transaction.atomic
def remind_leavers(*, now: datetime) -> int:
    """One mail to each leaver who has had the invitation for a week and said nothing; never a second. Returns how many.

    Not to whoever began to answer, declined (or declined the conversation), left the programme, or has left the house,
    nor where the door says no.
    """
    programme = _one_at_a_time()
    silent = list(_silent_leavers(now).select_related("person", "stint").order_by("pk"))
    if not silent:
        return 0
    people = Person.objects.filter(pk__in=[departure.person_id for departure in silent])
    said = decide(people=people, purpose=Purpose.SERVICE, now=now, programme=programme, invitation=True)
    welcome = {decision.person_id for decision in said if decision.verdict is Verdict.YES}
    chosen = {row.person_id: row for row in reversed(silent) if row.person_id in welcome}
    departures = sorted(chosen.values(), key=lambda departure: departure.pk)
    if not departures:
        return 0
    messages = write_all(letters=[_reminder(each, programme) for each in departures], by="system", now=now)
    for departure, message in zip(departures, messages, strict=True):
        Farewell.objects.filter(departure=departure, leaver_reminded_at=None).update(
            leaver_reminded_at=now, reminder=message
        )
    record(deed="departures.leavers_reminded", by="system", now=now, details={"leavers": len(departures)})
    return len(departures)


@transaction.atomic
def remind_managers(*, now: datetime) -> int:
    """One mail a week at most to an address, about the leaver whose manager has heard of it longest ago."""
    programme = _one_at_a_time()
    day = today(now=now)
    late = reminded_of(open_steps(day=day, programme=programme), day=day, until=day - A_DAY)
    late = late.filter(owner=StepOwner.MANAGER)
    running = Farewell.objects.exclude(manager_email="").filter(manager_written_at__isnull=False)
    owing = {departure for (departure,) in late.order_by().values_list("departure").distinct()} if running else set()
    if not owing:
        return 0
    heard_at = Coalesce("manager_reminded_at", "manager_written_at")
    told, chosen = set(), []
    rows = running.annotate(heard_at=heard_at).select_related("departure__person", "departure__stint", "template")
    for farewell in rows.order_by("heard_at", "pk"):
        if farewell.heard_at > now - A_WEEK:
            told.add(farewell.manager_email)
        elif farewell.departure_id in owing:
            chosen.append(farewell)
    sent = 0
    for farewell in chosen:
        if farewell.manager_email not in told:
            told.add(farewell.manager_email)
            sent += _remind_manager(farewell, programme, late, now)
    return sent


@transaction.atomic
def remind_staff(*, now: datetime) -> int:
    """A mail to each colleague who owes something, once a day at most. It names nobody who leaves. Returns how many."""
    programme = _one_at_a_time()
    day = today(now=now)
    colleagues = list(_who_wait_for_a_digest(day))
    if not colleagues:
        return 0
    steps = reminded_of(open_steps(day=day, programme=programme), day=day, until=day + A_WEEK)
    owed = list(steps.order_by().values_list("owner", "kind", "title", "due_on"))
    without_a_word = nothing_personal(day=day).count()
    sent = 0
    for user in colleagues:
        mine = [row[1:] for row in owed if row[0] in _OWED.get(user.role, ())]
        if mine or without_a_word:
            sent += _send_digest(user, mine, without_a_word, day, programme, now)
    return sent


@transaction.atomic
def wish_digest(*, user: User, wanted: bool, now: datetime) -> None:
    """A colleague wants the digest, or does not."""
    FarewellDigest.objects.update_or_create(user=user, defaults={"wanted": wanted})
    record(deed="departures.digest_wished", by=f"user:{user.pk}", now=now, details={"wanted": wanted})


def wants_digest(*, user: User) -> bool:
    return not FarewellDigest.objects.filter(user=user, wanted=False).exists()


def _silent_leavers(now: datetime) -> QuerySet[Departure]:
    day = today(now=now)
    departures = departures_in_use().filter(state=DepartureState.OPEN, stint__ends_on__gte=day)
    reminded = Farewell.objects.filter(departure__person=OuterRef("person"), leaver_reminded_at__gt=now - REMINDED_FOR)
    talk_declined = ExitConversation.objects.filter(departure__in=departures, state=ConversationState.DECLINED)
    return (
        departures.filter(
            ~Exists(reminded),
            invitation__state__in=_ARRIVED,
            invitation__done_at__lte=now - A_WEEK,
            farewell__leaver_reminded_at=None,
            farewell__isnull=False,
        )
        .exclude(waiting(day=day))
        .exclude(pk__in=talk_declined.values("departure"))
        .exclude(pk__in=has_answered(departures=departures).values("pk"))
        .exclude(pk__in=kept_out(departures=departures, day=day).values("pk"))
    )


def _reminder(departure: Departure, programme: Programme) -> Letter:
    language = language_of(departure=departure, programme=programme)
    sender = programme.owner.name if programme.owner else ""
    with translation.override(language):
        called = in_letter(departure.person.called or departure.person.full_name)
        paragraphs = [
            _("Dear %(called)s,") % {"called": called},
            _(
                "A week ago we sent you a link to your page with us: for what you would like to tell us, and for "
                "whether you would like to stay in touch. If you feel like it, it is still open:"
            ),
            "{link}",
            _(
                "If you would rather not, you need not do anything, and that is quite all right. We do not remind you "
                "again."
            ),
            _("All the best,"),
            "\n".join(in_letter(line) for line in (sender, programme.organisation) if line),
        ]
        subject = _("Your page is still open, %(called)s") % {"called": called}
    return Letter(
        person=departure.person,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject=subject,
        body="\n\n".join(paragraphs),
        language=language,
        origin=LEAVER_ORIGIN,
        sender_name=sender,
        reply_to=programme.owner.email if programme.owner else "",
        link_path=link_path(departure),
        automatic=True,
    )


def _remind_manager(farewell: Farewell, programme: Programme, late: QuerySet[Any], now: datetime) -> bool:
    free = Q(manager_reminded_at=None) | Q(manager_reminded_at__lte=now - A_WEEK)
    if not Farewell.objects.filter(free, pk=farewell.pk).update(manager_reminded_at=now):
        return False
    with translation.override(farewell.manager_language or programme.language):
        steps = [step.words for step in late.filter(departure=farewell.departure)]
    owner = programme.owner
    send(
        farewell=farewell,
        words=reminder(farewell=farewell, programme=programme, steps=steps),
        sender_name=owner.name if owner else "",
        reply_to=owner.email if owner else "",
        by="system",
        now=now,
        automatic=True,
    )
    return True


def _who_wait_for_a_digest(day: date) -> QuerySet[User]:
    """Colleagues who owe steps, are not away, want the digest and have not had it today.

    Nobody who has never signed in: they would not know what it is about, nor where to switch it off.
    """
    had = FarewellDigest.objects.filter(Q(wanted=False) | Q(sent_on__gte=day), user=OuterRef("pk"))
    away = Q(away_from__lte=day, away_until__gte=day)
    return who_may(Permission.INVITE_LEAVERS).filter(~Exists(had), ~away | Q(away_from=None), last_login__isnull=False)


def _send_digest(
    user: User,
    owed: Sequence[tuple[str, str, date]],
    without_a_word: int,
    day: date,
    programme: Programme,
    now: datetime,
) -> bool:
    digest, _made = FarewellDigest.objects.get_or_create(user=user)
    free = Q(sent_on=None) | Q(sent_on__lt=day)
    if not FarewellDigest.objects.filter(free, pk=digest.pk, wanted=True).update(sent_on=day):
        return False
    with translation.override(user.language):
        late = _lines([row for row in owed if row[2] < day])
        ahead = _lines([row for row in owed if row[2] >= day])
        paragraphs = [
            _("Good day, %(called)s") % {"called": in_letter(user.name)},
            _("Late:") + "\n" + late if late else "",
            _("Due in the coming week:") + "\n" + ahead if ahead else "",
            ngettext(
                "%(count)d leaver is about to go with nothing but administration.",
                "%(count)d leavers are about to go with nothing but administration.",
                without_a_word,
            )
            % {"count": without_a_word}
            if without_a_word
            else "",
            "{link}",
            _("This comes on working days when there is something, once a day at most. You can switch it off there."),
        ]
        subject = _("Farewells: what is late and what is next") if late else _("Farewells: what is next")
    write(
        person=None,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject=subject,
        body="\n\n".join(words for words in paragraphs if words),
        language=user.language,
        origin=DIGEST_ORIGIN,
        by="system",
        now=now,
        sender_name=programme.organisation,
        address=user.email,
        recipient_name=user.name,
        link_path=BOARD,
        automatic=True,
    )
    return True


def _lines(rows: Sequence[tuple[str, str, date]]) -> str:
    """What is to be done and how often. Whose farewell it is stands on the page: a mail would keep it past erasure."""
    many = Counter(title or str(StepKind(kind).label) for kind, title, _due_on in rows)
    return "\n".join(f"- {in_letter(words)}: {count}" for words, count in sorted(many.items()))


def _at_work(programme: Programme, now: datetime) -> bool:
    """Whether it is a working day, and later than the hour until which nothing leaves."""
    local = now.astimezone(ZoneInfo(programme.time_zone))
    return local.weekday() < SATURDAY and local.hour >= programme.quiet_until


def _one_at_a_time() -> Programme:
    """Two that remind at once would both see what one of them is about to send."""
    programme = current()
    Programme.objects.select_for_update().filter(pk=1).first()
    return programme
