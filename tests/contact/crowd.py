"""People in any state the door may meet, and the rules once more in plain Python, written from their prose."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from perennial.consent.enums import Act, Means
from perennial.consent.models import ConsentState, LedgerEntry, Preference
from perennial.consent.queries import wording_for
from perennial.contact.enums import FOLLOWING_KINDS, Direction, RestrictionKind, SuppressionScope, TouchKind
from perennial.contact.models import Restriction, Suppression, Touch
from perennial.kernel.keys import fingerprint
from perennial.kernel.purposes import DAYS_BETWEEN, Frequency, Purpose
from perennial.people.actions import add_person, add_stint
from perennial.people.models import EmailAddress, Person
from perennial.programme.enums import Stage
from tests.cast import NOW, TODAY

ZONE = ZoneInfo("Europe/Amsterdam")
PURPOSES = (Purpose.PERSONAL, Purpose.NEWSLETTER, Purpose.SERVICE)
AROUND = st.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days))


DECIDED = {"not_meant": "decided_not", "waits": "decided_later"}


@dataclass
class Restricted:
    kind: RestrictionKind
    purpose: str
    starts_on: date
    lasts: int | None
    lifted: bool
    reason: str = "other"

    @property
    def ends_on(self) -> date | None:
        return None if self.lasts is None else self.starts_on + timedelta(days=self.lasts)


@dataclass
class Address:
    kind: str
    state: str
    given: bool
    suppressed: bool


@dataclass
class Someone:
    """What the door may have to know about one person."""

    agreed: dict[str, bool] = field(default_factory=dict)
    restrictions: list[Restricted] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    touches: list[tuple[str, str, int]] = field(default_factory=list)
    frequency: str | None = None
    not_now_until: date | None = None
    ends_on: date | None = None
    status: str = "unknown"


RESTRICTED = st.builds(
    Restricted,
    kind=st.sampled_from(RestrictionKind),
    purpose=st.sampled_from(["", "personal", "newsletter"]),
    starts_on=AROUND,
    lasts=st.none() | st.integers(0, 4),
    lifted=st.booleans(),
    reason=st.sampled_from(["not_meant", "waits"]),
)
ADDRESSES = st.builds(
    Address,
    kind=st.sampled_from(["private", "business"]),
    state=st.sampled_from(["unverified", "verified", "dead after verified", "dead"]),
    given=st.booleans(),
    suppressed=st.booleans(),
)
TOUCHES = st.tuples(
    st.sampled_from(Direction), st.sampled_from(PURPOSES), st.sampled_from([-1, 0, 29, 30, 31, 90, 91, 181, 182])
)
SOMEONE = st.builds(
    Someone,
    agreed=st.dictionaries(st.sampled_from(["personal", "newsletter"]), st.booleans()),
    restrictions=st.lists(RESTRICTED, max_size=3),
    addresses=st.lists(ADDRESSES, max_size=3),
    touches=st.lists(TOUCHES, max_size=3),
    frequency=st.none() | st.sampled_from(Frequency),
    not_now_until=st.none() | AROUND,
    ends_on=st.none() | AROUND,
    status=st.sampled_from(["active", "leaving", "left", "unknown"]),
)


def _as_they_may_stand(restrictions: list[Restricted]) -> list[Restricted]:
    """A person has one standing row about the audience at most, and one of a decision a purpose, which ends.

    The database refuses others.
    """
    standing: set[tuple[RestrictionKind, str]] = set()
    kept = []
    for each in restrictions:
        if each.kind is RestrictionKind.DECISION:
            each = replace(each, lasts=each.lasts or 0, reason=DECIDED.get(each.reason, each.reason))
        what = (each.kind, each.purpose if each.kind is RestrictionKind.DECISION else "")
        if each.kind in FOLLOWING_KINDS and not each.lifted:
            if what in standing:
                continue
            standing.add(what)
        kept.append(each)
    return kept


def write_down(someone: Someone, number: int) -> Person:
    """`someone` as rows."""
    person = add_person(full_name=f"Person {number}", source="test", by="test", now=NOW)
    add_stint(person=person, source="test", ends_on=someone.ends_on, status=someone.status, by="test", now=NOW)
    for purpose, granted in someone.agreed.items():
        entry = LedgerEntry.objects.create(
            person_key=person.key,
            purpose=purpose,
            channel="email",
            act=Act.GRANTED if granted else Act.WITHDRAWN,
            means=Means.DOUBLE_OPT_IN,
            wording=wording_for(purpose=purpose, language="en"),
            at=NOW,
            by="test",
        )
        ConsentState.objects.create(
            person=person, purpose=purpose, channel="email", granted=granted, since=NOW, entry=entry
        )
    for each in _as_they_may_stand(someone.restrictions):
        Restriction.objects.create(
            person=person,
            kind=each.kind,
            purpose=each.purpose,
            reason=each.reason,
            starts_on=each.starts_on,
            ends_on=each.ends_on,
            lifted_at=NOW if each.lifted else None,
            review_on=each.ends_on or each.starts_on,
            by="user:1",
            created_at=NOW,
        )
    for place, address in enumerate(someone.addresses):
        text = f"person{number}.{place}@home.example"
        EmailAddress.objects.create(
            person=person,
            kind=address.kind,
            address=text,
            fingerprint=fingerprint(text),
            state=address.state.split()[0],
            source="test",
            given_on=TODAY if address.given else None,
            verified_at=NOW if address.state.endswith("verified") and address.state != "unverified" else None,
            created_at=NOW,
        )
        if address.suppressed:
            Suppression.objects.create(
                fingerprint=fingerprint(text), scope=SuppressionScope.MAIL, reason="test", since=NOW
            )
    for place, (direction, purpose, days) in enumerate(someone.touches):
        Touch.objects.create(
            person=person,
            at=NOW - timedelta(days=days),
            direction=direction,
            kind=TouchKind.MAIL,
            purpose=purpose,
            origin=f"test:{place}",
        )
    if someone.frequency is not None or someone.not_now_until is not None:
        Preference.objects.create(
            person=person,
            frequency=someone.frequency or Frequency.QUARTERLY,
            not_now_until=someone.not_now_until,
        )
    return person


Answer = tuple[str, datetime | None]


def expected(
    someone: Someone, *, purpose: Purpose, stage: Stage, quiet: tuple[int, int], at: datetime
) -> dict[str, Answer]:
    """Each rule's answer, 'yes', 'later' or 'no' with until when, in the order in which the rules are told."""
    today = at.astimezone(ZONE).date()
    service = purpose is Purpose.SERVICE

    def standing(kind: RestrictionKind) -> list[Restricted]:
        return [
            each
            for each in _as_they_may_stand(someone.restrictions)
            if each.kind is kind
            and each.purpose in ("", purpose)
            and not each.lifted
            and each.starts_on <= today
            and (each.ends_on is None or today <= each.ends_on)
        ]

    def end_of(restrictions: list[Restricted]) -> datetime | None:
        days = [each.ends_on for each in restrictions]
        known = [day for day in days if day is not None]
        return _midnight(max(known) + timedelta(days=1)) if len(known) == len(days) else None

    employed = (someone.ends_on is not None and today <= someone.ends_on) or (
        someone.ends_on is None and someone.status in ("active", "leaving")
    )
    usable = [
        address
        for address in someone.addresses
        if (address.kind == "private" and address.state in ("verified", "dead after verified"))
        or (service and address.kind == "private" and address.given)
        or (service and address.kind == "business" and employed)
    ]
    reachable = [address for address in usable if not address.state.startswith("dead") and not address.suppressed]
    ours = [
        NOW - timedelta(days=days)
        for direction, of, days in someone.touches
        if direction == Direction.OURS and of != Purpose.SERVICE
    ]
    counted = [moment for moment in ours if moment <= at]
    frequency = Frequency(someone.frequency or Frequency.QUARTERLY)
    budget = max(counted) + timedelta(days=DAYS_BETWEEN[frequency]) if counted else None

    answers: dict[str, Answer] = {}
    if not service:
        answers["consent"] = ("yes" if someone.agreed.get(purpose) else "no", None)
    outside = stage is Stage.SOFT_LAUNCH and not standing(RestrictionKind.TEST_GROUP)
    answers["stage"] = ("no" if stage is Stage.PREPARATION or outside else "yes", None)
    if not service:
        excluded = standing(RestrictionKind.EXCLUSION)
        answers["excluded"] = ("no", end_of(excluded)) if excluded else ("yes", None)
        decided = standing(RestrictionKind.DECISION)
        if decided:
            not_now = any(each.reason == "decided_not" for each in decided)
            answers["decided"] = ("no" if not_now else "later", end_of(decided))
        else:
            answers["decided"] = ("yes", None)
        audience = {each.reason for each in standing(RestrictionKind.AUDIENCE)}
        answers["audience"] = ("no" if "not_meant" in audience else "later" if audience else "yes", None)
        answers["objected"] = ("no" if standing(RestrictionKind.OBJECTION) else "yes", None)
    restricted = standing(RestrictionKind.RESTRICTION)
    for_good = [each for each in restricted if each.ends_on is None]
    verdict = "no" if for_good else "later" if restricted else "yes"
    answers["restricted"] = (verdict, end_of(restricted) if restricted else None)
    answers["no_address"] = ("yes" if usable else "no", None)
    answers["suppressed"] = ("no" if usable and not reachable else "yes", None)
    if service:
        return answers
    if frequency is Frequency.ONLY_PERSONAL and purpose is not Purpose.PERSONAL:
        answers["frequency"] = ("no", None)
    else:
        answers["frequency"] = ("later", budget) if budget and budget > at else ("yes", None)
    paused = someone.not_now_until is not None and someone.not_now_until > today
    answers["not_now"] = ("later", _midnight(someone.not_now_until)) if paused else ("yes", None)  # type: ignore[arg-type]
    night = _night_ends(at, *quiet)
    answers["quiet_hours"] = ("later", night) if night else ("yes", None)
    return answers


def deciding(answers: dict[str, Answer]) -> tuple[str, str, datetime | None]:
    """No before later before yes, and within them the order of the list."""
    for wanted in ("no", "later"):
        for rule, (verdict, until) in answers.items():
            if verdict == wanted:
                return verdict, rule, until
    return "yes", "", None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, ZONE).astimezone(UTC)


def _night_ends(at: datetime, start: int, end: int) -> datetime | None:
    """Walks on by the minute until it is day."""

    def at_night(moment: datetime) -> bool:
        hour = moment.astimezone(ZONE).hour
        return start != end and (start <= hour < end if start < end else hour >= start or hour < end)

    if not at_night(at):
        return None
    moment = at.replace(second=0, microsecond=0)
    while at_night(moment):
        moment += timedelta(minutes=1)
    return moment
