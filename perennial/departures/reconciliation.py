"""Who should have been invited and was not, and why: the leavers of a period against their invitations.

Everybody whose last day fell in the period comes to stand in exactly one place. Leavers without a last day belong to
none; they are told by when we learnt of them. Of who was erased since, only a number is left, in the audit trail.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.fields import DateTimeField

from perennial.audit.models import Event
from perennial.contact.enums import RestrictionKind
from perennial.contact.models import Restriction
from perennial.contact.rules.addresses import reachable_addresses
from perennial.contact.rules.rule import Question
from perennial.departures.enums import DAYS_TO_CLOSE, DAYS_TO_OPEN, DepartureState, Outcome
from perennial.departures.models import Departure, ExitAnswers, RelationAnswer
from perennial.departures.queries import ON_ITS_WAY, departures_in_use
from perennial.kernel.purposes import Channel, Purpose
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.people.enums import HowEnded
from perennial.people.models import Person, Stint
from perennial.people.queries import without_stored_only
from perennial.programme.enums import Stage
from perennial.programme.models import Programme
from perennial.programme.queries import current

# Where the invitation's letter says it comes from; the same as in invitations.py.
_ORIGIN = "departures:invitation"
_STAGE_DEEDS = ("programme.set_up", "programme.stage_changed")
REACHED: tuple[Outcome, ...] = (Outcome.ANSWERED, Outcome.BY_MAIL, Outcome.ON_PAPER)


@dataclass(frozen=True)
class Reconciliation:
    """How many leavers of the period stand where.

    `erased`: how many people were erased since it began, and how many of those had been invited by the audit trail.
    """

    outcomes: dict[Outcome, int]
    without_day: int
    erased: int
    erased_invited: int

    @property
    def leavers(self) -> int:
        return sum(self.outcomes.values())

    @property
    def reached(self) -> int:
        return sum(self.outcomes[outcome] for outcome in REACHED)


def reconcile(*, first_day: date, last_day: date, now: datetime, tells_death: bool) -> Reconciliation:
    """The numbers of the period, whose days both belong to it; four statements, however many left."""
    rows = leavers(first_day=first_day, last_day=last_day, now=now, tells_death=tells_death).order_by()
    many: dict[str, int] = dict(rows.values_list("outcome").annotate(many=Count("pk")))
    since, _until = _moments(first_day, last_day, current())
    invited = Event.objects.filter(
        deed__in=["departures.invited", "departures.sheet_handed_over"],
        subject_kind="person",
        subject_key=OuterRef("subject_key"),
    )
    erased = Event.objects.filter(deed="privacy.erased", at__gte=since)
    gone = erased.aggregate(many=Count("pk"), invited=Count("pk", filter=Q(Exists(invited))))
    return Reconciliation(
        outcomes={outcome: many.get(outcome.value, 0) for outcome in Outcome},
        without_day=without_day(first_day=first_day, last_day=last_day).count(),
        erased=gone["many"],
        erased_invited=gone["invited"],
    )


def leavers(
    *, first_day: date, last_day: date, now: datetime, tells_death: bool, outcome: Outcome | None = None
) -> QuerySet[Any]:
    """The stints that ended in the period, not later than today, each with its `outcome`; the earliest first.

    With `outcome`, only those. A last day ahead is no leaver yet. Unless `tells_death`, who died is among those whose
    departure was called off: how somebody left is not for every role.
    """
    programme = current()
    question = Question(Purpose.SERVICE, Channel.EMAIL, now, programme)
    last_day = min(last_day, question.today)
    rows: QuerySet[Any] = (
        without_stored_only(Stint.objects.filter(ends_on__range=(first_day, last_day)))
        .annotate(outcome=_outcome(question, _live_since(programme), tells_death))
        .select_related("person", "department", "place", "departure")
        .order_by("ends_on", "pk")
    )
    return rows if outcome is None else rows.filter(outcome=outcome)


def without_day(*, first_day: date, last_day: date) -> QuerySet[Departure]:
    """Leavers of whom we learnt in the period and whose last day HR's record still lacks, the longest waiting first."""
    since, until = _moments(first_day, last_day, current())
    return (
        departures_in_use()
        .filter(state=DepartureState.QUESTION, opened_at__gte=since, opened_at__lt=until)
        .select_related("person", "stint__department", "stint__place")
        .order_by("opened_at", "pk")
    )


def _outcome(question: Question, live_since: datetime | None, tells_death: bool) -> Case:
    """The first that holds, in the order in which one would ask."""
    departure = Q(departure__isnull=False)
    answered = Exists(ExitAnswers.objects.filter(departure__stint=OuterRef("pk"))) | Exists(
        RelationAnswer.objects.filter(departure__stint=OuterRef("pk"))
    )
    drafted = Message.objects.filter(
        person=OuterRef("person"), mailing__origin=_ORIGIN, state__in=[MessageState.DRAFT, MessageState.DISCARDED]
    )
    is_open = Q(departure__state=DepartureState.OPEN)
    return Case(
        *[
            When(condition, then=Value(outcome.value))
            for outcome, condition in (
                (Outcome.ANSWERED, departure & Q(answered)),
                (Outcome.ON_PAPER, Q(departure__handed_over_at__isnull=False)),
                (Outcome.BY_MAIL, Q(departure__invitation__state__in=ON_ITS_WAY)),
                (Outcome.DIED if tells_death else Outcome.CALLED_OFF, Q(how_ended=HowEnded.DEATH)),
                (Outcome.TOO_LATE, Q(departure=None) | _learnt_too_late()),
                (Outcome.CALLED_OFF, Q(departure__state=DepartureState.CANCELLED)),
                (Outcome.EXCLUDED, _stood(RestrictionKind.EXCLUSION, question, is_open)),
                (Outcome.DECIDED, _stood(RestrictionKind.DECISION, question, is_open)),
                (Outcome.AUDIENCE, _stood(RestrictionKind.AUDIENCE, question, is_open)),
                (Outcome.RESTRICTED, _stood(RestrictionKind.RESTRICTION, question, is_open)),
                (Outcome.NOT_YET, departure & _waited(question)),
                (Outcome.FAILED, Q(departure__invitation__state=MessageState.FAILED)),
                (Outcome.STAGE, _before_live(question, live_since)),
                (Outcome.NOT_SENT, Q(Exists(drafted))),
                (Outcome.NO_ADDRESS, ~is_open | ~Q(Exists(_reachable(question)))),
            )
        ],
        default=Value(Outcome.NOT_SENT.value),
        output_field=CharField(),
    )


def _learnt_too_late() -> Q:
    """The question was asked so late that the day, once known, lay more than sixty days back."""
    too_late = ExpressionWrapper(F("ends_on") + timedelta(days=DAYS_TO_OPEN + 2), output_field=DateTimeField())
    return Q(departure__state=DepartureState.CLOSED, departure__opened_at__gt=too_late)


def _stood(kind: RestrictionKind, question: Question, is_open: Q) -> Q:
    """Whether such a restriction kept an invitation back: on the last day, or today where there is time yet."""
    rows = Restriction.objects.filter(person=OuterRef("person"), kind=kind, purpose="")
    then = rows.filter(
        Q(ends_on=None) | Q(ends_on__gte=OuterRef("ends_on")),
        Q(lifted_at=None) | Q(lifted_at__gt=OuterRef("ends_on")),
        starts_on__lte=OuterRef("ends_on"),
    )
    today = question.today
    standing = rows.filter(Q(ends_on=None) | Q(ends_on__gte=today), lifted_at=None, starts_on__lte=today)
    return Q(Exists(then)) | (is_open & Q(Exists(standing)))


def _waited(question: Question) -> Q:
    """After redundancy: HR has set no day, or one that lies ahead; as `endings.waiting` has it, over stints."""
    return Q(how_ended=HowEnded.REDUNDANCY) & (
        Q(departure__invite_from=None) | Q(departure__invite_from__gt=question.today)
    )


def _before_live(question: Question, live_since: datetime | None) -> Q:
    """Whether there was no day on which the programme was live and the departure stood open."""
    if live_since is None:
        return Q(pk__isnull=False)
    return Q(ends_on__lt=live_since.astimezone(question.zone).date() - timedelta(days=DAYS_TO_CLOSE))


def _live_since(programme: Programme) -> datetime | None:
    """Since when the programme is live, as the audit trail has it; None when it is not."""
    if programme.stage != Stage.LIVE:
        return None
    deeds = Event.objects.filter(deed__in=_STAGE_DEEDS).order_by("-at", "-pk").values_list("at", "details")
    since = programme.set_up_at
    for at, details in deeds:
        if details.get("stage") != Stage.LIVE:
            break
        since = at
    return since


def _reachable(question: Question) -> QuerySet[Person]:
    """The stint's person, if there is an address at which an invitation would arrive."""
    return Person.objects.filter(Exists(reachable_addresses(question)), pk=OuterRef("person"))


def _moments(first_day: date, last_day: date, programme: Programme) -> tuple[datetime, datetime]:
    """When the period begins and ends, where the programme lives."""
    zone = ZoneInfo(programme.time_zone)
    ends = last_day + timedelta(days=1)
    return tuple(datetime.combine(day, time.min, zone).astimezone(UTC) for day in (first_day, ends))  # type: ignore[return-value]
