"""Moves the journeys on: enrol, draft, wait, skip, drop, cancel. May be run any number of times."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import DateField, F, Q, Value
from django.db.models.functions import Greatest

from perennial.audit.actions import record
from perennial.contact.door import Decision, decide
from perennial.contact.enums import Verdict
from perennial.contact.rules.rhythm import QuietHoursRule
from perennial.departures.enums import DepartureState
from perennial.mail.compose import Letter, write_all
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.outreach.enums import StepState
from perennial.outreach.journeys import JOURNEYS, Journey, Step, draft
from perennial.outreach.models import Enrolment, StepOutcome
from perennial.outreach.queries import departures_to_enrol, due, too_late
from perennial.people.models import Person
from perennial.programme.queries import current, today

BATCH = 500
# Until it is sent a letter can be taken back.
UNSENT = [MessageState.DRAFT, MessageState.QUEUED]


@dataclass
class Planned:
    """What one run did: letters drafted, steps dropped, drafts taken back, and how many were newly stopped by what."""

    drafted: int = 0
    dropped: int = 0
    cancelled: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


def plan(*, now: datetime) -> Planned:
    """Does everything that is due in all journeys; from any number of processes, to the same state."""
    planned = Planned()
    day = today(now=now)
    for journey in JOURNEYS:
        enrol(journey=journey, now=now)
        planned.cancelled += _take_back(journey=journey, day=day, now=now)
        for step in journey.steps:
            _plan_step(journey=journey, step=step, day=day, now=now, planned=planned)
    return planned


@transaction.atomic
def enrol(*, journey: Journey, now: datetime) -> int:
    """Puts every open departure with a last day on `journey`. Returns how many were new."""
    new = [
        Enrolment(person_id=person, departure_id=departure, journey=journey.code, enrolled_at=now)
        for departure, person in departures_to_enrol(journey=journey).values_list("pk", "person_id")
    ]
    if new:
        Enrolment.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
        record(
            deed="outreach.enrolled", by="system", now=now, details={"journey": journey.code, "enrolments": len(new)}
        )
    return len(new)


@transaction.atomic
def _take_back(*, journey: Journey, day: date, now: datetime) -> int:
    """A cancelled departure, or a last day moved ahead, takes back what has not been sent.

    The outcome goes with its letter, so that the step is done when its new day comes.
    """
    not_yet = Q(enrolment__departure__state=DepartureState.CANCELLED) | Q(enrolment__departure__stint__ends_on=None)
    for step in journey.steps:
        not_yet |= Q(
            step=step.code,
            enrolment__departure__stint__ends_on__gt=Greatest(
                F("last_day"), Value(day - timedelta(days=step.days)), output_field=DateField()
            ),
        )
    outcomes = StepOutcome.objects.filter(not_yet, enrolment__journey=journey.code)
    unsent = list(
        outcomes.filter(state=StepState.DRAFTED, message__state__in=UNSENT).values_list("message_id", flat=True)
    )
    # Conditional, so that a letter the worker has in its hands just now is not called back behind its back.
    taken = Message.objects.filter(pk__in=unsent, state__in=UNSENT).update(
        state=MessageState.DISCARDED, not_before=None, done_at=now
    )
    StepOutcome.objects.filter(message__in=unsent, message__state=MessageState.DISCARDED).delete()
    outcomes.filter(state__in=[StepState.WAITING, StepState.SKIPPED, StepState.DROPPED]).delete()
    if taken:
        record(deed="outreach.taken_back", by="system", now=now, details={"journey": journey.code, "letters": taken})
    return taken


def _plan_step(*, journey: Journey, step: Step, day: date, now: datetime, planned: Planned) -> None:
    after = 0
    while page := list(
        due(journey=journey, step=step, today=day).filter(pk__gt=after).values_list("pk", flat=True)[:BATCH]
    ):
        after = page[-1]
        _plan_page(page, journey=journey, step=step, day=day, now=now, planned=planned)


@transaction.atomic
def _plan_page(page: list[int], *, journey: Journey, step: Step, day: date, now: datetime, planned: Planned) -> None:
    # Locked first and asked again: of two processes at the same page the second finds it done.
    list(Enrolment.objects.select_for_update().filter(pk__in=page).order_by("pk").values_list("pk"))
    enrolments = list(
        due(journey=journey, step=step, today=day).filter(pk__in=page).select_related("departure__stint", "person")
    )
    late = [each for each in enrolments if each.ends_on < too_late(step=step, today=day)]
    timely = [each for each in enrolments if each.ends_on >= too_late(step=step, today=day)]
    people = Person.objects.filter(pk__in=[each.person_id for each in timely])
    said = {decision.person_id: decision for decision in decide(people=people, purpose=step.purpose, now=now)}

    welcome = [each for each in timely if _may_be_drafted(said[each.person_id])]
    messages = _draft(welcome, journey=journey, step=step, now=now)
    stopped = [(each, said[each.person_id]) for each in timely if not _may_be_drafted(said[each.person_id])]
    outcomes = [_outcome(each, step, StepState.DROPPED, now, rule=each.outcome_rule or "") for each in late]
    outcomes += [_outcome(each, step, StepState.DRAFTED, now, message=messages[each.pk]) for each in welcome]
    outcomes += [_stopped(each, step, decision, now) for each, decision in stopped if _is_news(each, decision)]
    StepOutcome.objects.bulk_create(
        outcomes,
        update_conflicts=True,
        unique_fields=["enrolment", "step"],
        update_fields=["state", "rule", "until", "last_day", "message", "at"],
    )
    planned.drafted += len(welcome)
    planned.dropped += len(late)
    planned.skipped.update(decision.rule for each, decision in stopped if decision.rule != each.outcome_rule)
    if welcome or late:
        record(
            deed="outreach.planned",
            by="system",
            now=now,
            details={"journey": journey.code, "step": step.code, "drafted": len(welcome), "dropped": len(late)},
        )


def _may_be_drafted(decision: Decision) -> bool:
    """A draft is for a human's desk: that it is night does not keep it from there. The door is asked again to send."""
    return decision.verdict is Verdict.YES or decision.rule == QuietHoursRule.code


def _is_news(enrolment: Any, decision: Decision) -> bool:
    """Whether the list of those passed over says something else about this step by now."""
    standing = (enrolment.outcome_state, enrolment.outcome_rule, enrolment.outcome_until)
    return standing != (_state(decision), decision.rule, decision.until)


def _state(decision: Decision) -> StepState:
    return StepState.SKIPPED if decision.verdict is Verdict.NO else StepState.WAITING


def _stopped(enrolment: Any, step: Step, decision: Decision, now: datetime) -> StepOutcome:
    return _outcome(enrolment, step, _state(decision), now, rule=decision.rule, until=decision.until)


def _outcome(
    enrolment: Any,
    step: Step,
    state: StepState,
    now: datetime,
    *,
    rule: str = "",
    until: datetime | None = None,
    message: Message | None = None,
) -> StepOutcome:
    return StepOutcome(
        enrolment=enrolment,
        step=step.code,
        state=state,
        rule=rule,
        until=until,
        last_day=enrolment.ends_on,
        message=message,
        at=now,
    )


def _draft(enrolments: Sequence[Any], *, journey: Journey, step: Step, now: datetime) -> dict[int, Message]:
    """A letter for each enrolment, by enrolment id: a mailing of one that waits for a human."""
    programme = current()
    sender = programme.owner.name if programme.owner else programme.organisation
    spoken = dict(settings.LANGUAGES)
    letters = []
    for enrolment in enrolments:
        person = enrolment.person
        language = next((code for code in (person.language, programme.language) if code in spoken), "en")
        words = draft(
            step=step,
            language=language,
            called=person.called or person.full_name,
            organisation=programme.organisation,
            manager=enrolment.departure.stint.manager,
            sender=sender,
        )
        letters.append(
            Letter(
                person=person,
                purpose=step.purpose,
                intent=step.intent,
                subject=words.subject,
                body=words.body,
                language=language,
                origin=f"journey:{journey.code}/{step.code}",
                sender_name=sender,
                reply_to=programme.owner.email if programme.owner else "",
                state=MessageState.DRAFT,
            )
        )
    written = write_all(letters=letters, by="system", now=now)
    return {enrolment.pk: message for enrolment, message in zip(enrolments, written, strict=True)}
