"""What has been kept for long enough, and letting it go: counted, then in batches, with a record that names nobody.

Each kind is one query over everybody (`due`). Kinds that other parts of the house let go by themselves stand in
`KEPT_BY_THEMSELVES`. Somebody gave a sign when they wrote, answered or came, agreed or withdrew, or worked here.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from perennial.accounts.models import User
from perennial.audit.actions import record
from perennial.consent.actions import withdraw
from perennial.consent.enums import Means
from perennial.consent.models import ConsentState
from perennial.contact.enums import Direction
from perennial.contact.models import Touch
from perennial.departures.models import Answer, ConversationNote
from perennial.kernel.terms import Term
from perennial.kernel.text import one_line
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.people.enums import StintStatus
from perennial.people.models import Person, Stint
from perennial.people.residence import with_policy_country
from perennial.privacy.actions import erase
from perennial.privacy.models import Hold, HoldReason, Request, RetentionRun, RunState
from perennial.privacy.rights.enums import RequestState
from perennial.programme.enums import DataKind
from perennial.programme.keeping import DAYS_TO_ANSWER
from perennial.programme.policy import Policies
from perennial.programme.queries import current, today

# Whoever runs the clock is not kept waiting: so many people, and so many texts, a turn.
BATCH = 200
FIRST_NAMES = 20
LONGEST_HOLD = timedelta(days=3 * 366)
# Where the letter comes from that asks whether somebody still wants to hear from us (`asking.py`).
STILL_WANTED = "privacy:still_wanted"
# What this deletes. Who agreed to something is asked first.
DELETED_HERE = (DataKind.INACTIVE, DataKind.EXIT_TEXTS)
KEPT_BY_THEMSELVES = (DataKind.EVIDENCE, DataKind.UNCONFIRMED, DataKind.IMPORT_FILES)


logger = logging.getLogger(__name__)


class HoldUnfitError(ValueError):
    """A hold has a reason, a sentence of at most 300 characters, and a day within three years on which it ends."""


class RunningAlreadyError(Exception):
    """One run at a time."""


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The same term for these countries: what happened on `last_day` or before is due. `others`: for all but these."""

    last_day: date
    countries: frozenset[str]
    others: bool


@dataclass(slots=True)
class Due:
    """How much of a kind is due, by country; `names`: key and name of the first people to go."""

    kind: DataKind
    by_country: dict[str, int] = field(default_factory=dict)
    names: list[tuple[str, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(self.by_country.values())


def due(*, kind: DataKind, now: datetime, policies: Policies | None = None) -> QuerySet[Any]:
    """Everything of `kind` that has been kept for as long as the policy of its country says, each with
    `policy_country`: people for the kinds of people, answers for what leavers wrote.
    """
    policies = policies or Policies(on=today(now=now))
    people = _let_go(today(now=now))
    if kind is DataKind.EXIT_TEXTS:
        # Whose texts are held is left alone; the rest goes by when it was submitted, or begun where it never was.
        found = Answer.objects.order_by().exclude(text="")
        conditions = Q()
        for cutoff in cutoffs(policies, kind):
            edge = _end_of(cutoff.last_day)
            old = Q(answers__submitted_at__lt=edge) | Q(answers__submitted_at=None, answers__started_at__lt=edge)
            conditions |= old & Q(answers__departure__person__in=_living(people, cutoff).values("pk"))
        return found.filter(conditions) if conditions else found.none()
    conditions = Q()
    for cutoff in cutoffs(policies, kind):
        conditions |= _silent_since(cutoff.last_day) & _in(cutoff) & _asked_first(kind, cutoff.last_day, now)
    return people.filter(conditions) if conditions else people.none()


def notes_due(*, now: datetime, policies: Policies | None = None) -> QuerySet[ConversationNote]:
    """What was noted of talks with leavers, by the term of their own words and its own day."""
    policies = policies or Policies(on=today(now=now))
    people, conditions = _let_go(today(now=now)), Q()
    for cutoff in cutoffs(policies, DataKind.EXIT_TEXTS):
        conditions |= Q(at__lt=_end_of(cutoff.last_day), departure__person__in=_living(people, cutoff).values("pk"))
    return ConversationNote.objects.filter(conditions) if conditions else ConversationNote.objects.none()


def _let_go(day: date) -> QuerySet[Any]:
    """Whose data may go, each with `policy_country`: nobody held, nobody who asked us to store and do nothing else
    (Art. 18), nobody who asked for something and has no answer yet.
    """
    asked = Request.objects.filter(person=OuterRef("pk"), state=RequestState.OPEN)
    return with_policy_country(
        Person.objects.order_by().filter(~Exists(asked), ~Exists(_holds(day)), stored_only_since=None)
    )


def dry_run(*, now: datetime) -> list[Due]:
    """What a run would delete now, and who would be asked; nothing is written."""
    policies = Policies(on=today(now=now))
    found = []
    for kind in (DataKind.INACTIVE, DataKind.INACTIVE_ASKED):
        people = due(kind=kind, now=now, policies=policies)
        counted = people.values("policy_country").annotate(many=Count("pk")).values_list("policy_country", "many")
        first = people.order_by("pk").values_list("key", "full_name")[:FIRST_NAMES]
        found.append(Due(kind, dict(sorted(counted)), list(first) if counted else []))
    texts = due(kind=DataKind.EXIT_TEXTS, now=now, policies=policies)
    by_person = Counter(texts.values_list("answers__departure__person", flat=True))
    by_person.update(notes_due(now=now, policies=policies).values_list("departure__person", flat=True))
    of_country: dict[str, int] = defaultdict(int)
    if by_person:
        countries = with_policy_country(Person.objects.filter(pk__among=by_person))
        for pk, country in _with_country(countries):
            of_country[country] += by_person[pk]
    found.append(Due(DataKind.EXIT_TEXTS, dict(sorted(of_country.items()))))
    return found


def cutoffs(policies: Policies, kind: DataKind) -> Iterator[Cutoff]:
    """The days that matter to `kind`, one for all countries with the same term; none for what has no end."""
    by_term: dict[Term | None, set[str]] = defaultdict(set)
    everywhere, *others = policies.countries()
    usual = policies.of(everywhere).kept_for(kind)
    for country in others:
        by_term[policies.of(country).kept_for(kind)].add(country)
    by_term.pop(usual, None)
    differing = frozenset(country for countries in by_term.values() for country in countries)
    if usual is not None:
        yield Cutoff(usual.begin(end=policies.on), differing, others=True)
    for term, countries in by_term.items():
        if term is not None:
            yield Cutoff(term.begin(end=policies.on), frozenset(countries), others=False)


def _silent_since(last_day: date) -> Q:
    """No sign after `last_day`, and nobody who works here or may."""
    edge = _end_of(last_day)
    signs = Touch.objects.filter(person=OuterRef("pk"), direction=Direction.THEIRS, at__gte=edge)
    said = ConsentState.objects.filter(person=OuterRef("pk"), since__gte=edge)
    stints = Stint.objects.filter(person=OuterRef("pk"))
    here = stints.filter(Q(ends_on__gt=last_day) | (Q(ends_on=None) & ~Q(status=StintStatus.LEFT)))
    asked = Request.objects.filter(person=OuterRef("pk"), asked_at__gte=edge)
    return Q(created_at__lt=edge) & Q(~Exists(signs)) & Q(~Exists(said)) & Q(~Exists(here)) & Q(~Exists(asked))


def _asked_first(kind: DataKind, last_day: date, now: datetime) -> Q:
    """Who agreed to something is asked once in a silence, and let go only where a letter that has left finds no answer.

    An answer is a sign; so what is asked here is whether there was a letter, and time to answer it.
    """
    agreed = Exists(ConsentState.objects.filter(person=OuterRef("pk"), granted=True))
    letters = Message.objects.filter(
        person=OuterRef("pk"), mailing__origin=STILL_WANTED, created_at__gte=_end_of(last_day)
    )
    if kind is DataKind.INACTIVE_ASKED:
        return Q(agreed) & ~Q(Exists(letters.exclude(state__in=[MessageState.SKIPPED, MessageState.DISCARDED])))
    left = letters.filter(state=MessageState.SENT, done_at__lt=now - timedelta(days=DAYS_TO_ANSWER))
    return ~Q(agreed) | Q(Exists(left))


def _end_of(day: date) -> datetime:
    """The moment at which a day is over where the programme lives."""
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(current().time_zone))


def _with_country(people: QuerySet[Any]) -> QuerySet[Any]:
    return people.values_list("pk", "policy_country")


def _in(cutoff: Cutoff) -> Q:
    if not cutoff.countries:
        return Q()
    inside = Q(policy_country__in=sorted(cutoff.countries))
    return ~inside if cutoff.others else inside


def _living(people: QuerySet[Person], cutoff: Cutoff) -> QuerySet[Person]:
    return people.filter(_in(cutoff))


def _holds(day: date) -> QuerySet[Hold]:
    return Hold.objects.filter(person=OuterRef("pk"), lifted_at=None, ends_on__gte=day)


# --- holds


@transaction.atomic
def hold(*, person: Person, reason: str, sentence: str, ends_on: date, owner: User, by: str, now: datetime) -> Hold:
    """Has retention leave somebody alone until a day, in place of holds that lapsed. Raises HoldUnfitError."""
    words, day = one_line(sentence), today(now=now)
    if reason not in HoldReason.values or not words or len(words) > 300 or not day < ends_on <= day + LONGEST_HOLD:
        raise HoldUnfitError
    lapsed_holds(day=day).filter(person=person).update(lifted_at=now)
    row = Hold.objects.create(
        person=person, reason=reason, sentence=words, ends_on=ends_on, owner=owner, by=by, created_at=now
    )
    _record_hold("privacy.held", row, by, now, reason=reason, ends_on=ends_on.isoformat())
    return row


@transaction.atomic
def lift(*, held: Hold, by: str, now: datetime) -> bool:
    """Ends a hold; False where it was over already."""
    if not Hold.objects.filter(pk=held.pk, lifted_at=None).update(lifted_at=now):
        return False
    _record_hold("privacy.hold_lifted", held, by, now)
    return True


def lapsed_holds(*, day: date) -> QuerySet[Hold]:
    """Holds whose day is over and that nobody has lifted, the first to lapse first."""
    return Hold.objects.filter(lifted_at=None, ends_on__lt=day).order_by("ends_on", "pk")


def _record_hold(deed: str, row: Hold, by: str, now: datetime, **details: object) -> None:
    record(deed=deed, by=by, now=now, subject_kind="person", subject_key=row.person.key, details=details)


# --- runs


def begin(*, by: str, now: datetime, found: list[Due] | None = None) -> RetentionRun:
    """Begins to delete what is due now; the clock does it in batches. Raises RunningAlreadyError.

    `found`: the dry run, where it was made a moment ago. What was announced is announced no more.
    """
    counted = counted_as(dry_run(now=now) if found is None else found, on=today(now=now))
    try:
        with transaction.atomic():
            RetentionRun.objects.filter(state=RunState.ANNOUNCED).delete()
            run = RetentionRun.objects.create(at=now, gone=dict.fromkeys(counted["due"], 0), by=by, **counted)
            _record_run("privacy.retention_begun", run, by, now)
    except IntegrityError as error:
        raise RunningAlreadyError from error
    return run


def counted_as(dry: list[Due], *, on: date) -> dict[str, Any]:
    """What a run notes of a dry run: how much of what it deletes is due, by kind and country, by which rules."""
    policies = Policies(on=on)
    found = [each for each in dry if each.kind in DELETED_HERE]
    rules: dict[str, dict[str, str]] = {}
    for each in found:
        for country in each.by_country:
            term = policies.of(country).kept_for(each.kind)
            rules.setdefault(each.kind, {})[country] = f"{term.amount} {term.unit}" if term else ""
    due_by_kind = {each.kind.value: each.by_country for each in found}
    return {"policy_version": policies.version(), "due": due_by_kind, "rules": rules}


@transaction.atomic
def cancel(*, by: str, now: datetime) -> bool:
    """Stops the run; what has gone stays gone. False where none runs."""
    run = RetentionRun.objects.select_for_update().filter(state=RunState.RUNNING).first()
    if run is None:
        return False
    _end(run, RunState.CANCELLED, by, now)
    return True


def go_on(*, now: datetime) -> int:
    """Deletes the next batch of the run, if one runs. Returns how much went; a killed process loses nothing.

    Asked anew each time, so whoever gives a sign or is held meanwhile stays. A longer term that was set since holds.
    """
    run = RetentionRun.objects.filter(state=RunState.RUNNING).first()
    if run is None:
        return 0
    gone = 0
    for pk in list(due(kind=DataKind.INACTIVE, now=now).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        try:
            went = _erase_one(run.pk, pk, now)
        except Exception:  # said with its trace; the others go all the same, and the next run tries again
            logger.exception("Somebody whose data is due could not be deleted; the next run tries again.")
            continue
        if went is None:
            return gone
        gone += went
    if not gone:
        gone = _drop_texts(run, now)
    if not gone:
        with transaction.atomic():
            run = RetentionRun.objects.select_for_update().get(pk=run.pk)
            if run.state == RunState.RUNNING:
                _end(run, RunState.DONE, "system", now)
    return gone


@transaction.atomic
def _erase_one(run_id: int, pk: int, now: datetime) -> int | None:
    """Erases one person who is still due; how many went, or None where the run was stopped."""
    # The run first: whoever stops it waits for this person and no longer.
    run = RetentionRun.objects.select_for_update().get(pk=run_id)
    if run.state != RunState.RUNNING:
        return None
    person = Person.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if person is None or not due(kind=DataKind.INACTIVE, now=now).filter(pk=pk).exists():
        return 0
    # Where something was agreed to, it is silence that ends it, and the ledger says so.
    withdraw(person=person, means=Means.NO_ANSWER, by="system", now=now)
    erase(person=person, by="system", now=now)
    _count(run, DataKind.INACTIVE, 1)
    return 1


@transaction.atomic
def _drop_texts(run: RetentionRun, now: datetime) -> int:
    """Texts go, and what was noted of the talk; themes and figures stay."""
    run = RetentionRun.objects.select_for_update().get(pk=run.pk)
    if run.state != RunState.RUNNING:
        return 0
    texts = due(kind=DataKind.EXIT_TEXTS, now=now).order_by("pk")
    found = list(texts.values_list("pk", flat=True)[:BATCH])
    notes = list(notes_due(now=now).order_by("pk").values_list("pk", flat=True)[: BATCH - len(found)])
    Answer.objects.filter(pk__in=found).update(text="")
    ConversationNote.objects.filter(pk__in=notes).delete()
    if gone := len(found) + len(notes):
        _count(run, DataKind.EXIT_TEXTS, gone)
    return gone


def _count(run: RetentionRun, kind: DataKind, many: int) -> None:
    run.gone = {**run.gone, kind.value: run.gone.get(kind.value, 0) + many}
    run.save(update_fields=["gone"])


def _end(run: RetentionRun, state: RunState, by: str, now: datetime) -> None:
    run.state, run.ended_at = state, now
    run.save(update_fields=["state", "ended_at"])
    _record_run(f"privacy.retention_{state}", run, by, now, gone=run.gone)


def _record_run(deed: str, run: RetentionRun, by: str, now: datetime, **details: object) -> None:
    record(deed=deed, by=by, now=now, subject_kind="retention", subject_key=str(run.pk), details=details)
