"""The rules behind the door, one small class each, in the order in which they are told.

A rule says when it answers no and when it answers later, as SQL conditions over a person, so that the same rule decides
for one and for a million. Beside the condition stands the sentence for humans: staff and the person concerned read the
same one, so it is neutral and names no internals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    DateField,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Lookup,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThan
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perennial.consent.models import ConsentState, Preference
from perennial.contact.enums import Direction, RestrictionKind, RestrictionReason, SuppressionScope
from perennial.contact.models import Restriction, Suppression, Touch
from perennial.kernel.purposes import CHANNEL_WORDS, DAYS_BETWEEN, Channel, Frequency, Purpose
from perennial.people.enums import AddressKind, AddressState, StintStatus
from perennial.people.models import EmailAddress, Stint
from perennial.programme.enums import Stage
from perennial.programme.models import Programme

Condition = Q | Combinable | Lookup[Any] | None
Words = str | Promise


@dataclass(frozen=True)
class Question:
    """What is asked at the door: for which purpose, by which channel, at which moment, in which programme.

    `invitation`: whether somebody may be invited into the programme. That is service, and still only for those for
    whom the programme is.
    """

    purpose: Purpose
    channel: Channel
    now: datetime
    programme: Programme
    invitation: bool = False

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.programme.time_zone)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def service(self) -> bool:
        return self.purpose is Purpose.SERVICE

    def midnight(self, day: date) -> datetime:
        """The moment `day` begins where the programme lives."""
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)


class Rule:
    """A rule of the door. `no` and `later` are SQL conditions; `facts` fetches what its sentence mentions."""

    code: str
    for_service = True
    # Whether it is asked before somebody is invited, though it is no rule for service.
    for_invitation = False
    # Whether a day that ends the refusal still belongs to it.
    last_day_counts = False

    def no(self, question: Question) -> Condition:
        """When the answer is no; None: never."""
        return None

    def later(self, question: Question) -> Condition:
        """When the answer is later; None: never."""
        return None

    def no_until(self, question: Question) -> Combinable | None:
        """Until when it is no, as an SQL expression: a time, or the last day on which it still is."""
        return None

    def later_until(self, question: Question) -> Combinable | None:
        """Until when it is later, as an SQL expression of the same kinds, where that is known."""
        return None

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        """The sentence when the rule is satisfied."""
        raise NotImplementedError

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        """The sentence when it is not."""
        raise NotImplementedError

    def change(self, question: Question) -> Words:
        """What would change a refusal."""
        raise NotImplementedError

    def facts(self, question: Question, person_id: int) -> Mapping[str, Any]:
        """What the sentence mentions, for one person."""
        return {}


class ConsentRule(Rule):
    """Every purpose but service needs consent for this purpose and this channel (GDPR 6(1)(a), Tw 11.7, UWG 7)."""

    code = "consent"
    for_service = False

    def no(self, question: Question) -> Condition:
        return ~Exists(
            ConsentState.objects.filter(
                person=OuterRef("pk"), purpose=question.purpose, channel=question.channel, granted=True
            )
        )

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Agreed to '%(purpose)s' by %(channel)s on %(day)s.") % _named(
            question, day=_day(question, facts["since"])
        )

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        if facts.get("since"):
            return _("Withdrew '%(purpose)s' by %(channel)s on %(day)s.") % _named(
                question, day=_day(question, facts["since"])
            )
        return _("Has not agreed to '%(purpose)s' by %(channel)s.") % _named(question)

    def change(self, question: Question) -> Words:
        return _("Only the person can change this, on the page where preferences are kept.")

    def facts(self, question: Question, person_id: int) -> Mapping[str, Any]:
        state = ConsentState.objects.filter(person=person_id, purpose=question.purpose, channel=question.channel)
        return {"since": state.values_list("since", flat=True).first()}


class StageRule(Rule):
    """Before the programme is live, nothing reaches anybody outside the test group."""

    code = "stage"

    def no(self, question: Question) -> Condition:
        if question.programme.stage == Stage.PREPARATION:
            return Q(pk__isnull=False)
        if question.programme.stage == Stage.SOFT_LAUNCH:
            return ~Exists(standing(question, RestrictionKind.TEST_GROUP))
        return None

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        if question.programme.stage == Stage.SOFT_LAUNCH:
            return _("The programme is being tried out, and this person takes part in that.")
        return _("The programme is live.")

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        if question.programme.stage == Stage.SOFT_LAUNCH:
            return _("The programme is being tried out with a small group first.")
        return _("The programme is still being prepared; nothing leaves yet.")

    def change(self, question: Question) -> Words:
        return _("The coordinator sets the stage of the programme.")


class ExcludedRule(Rule):
    """Somebody decided, with a reason and a review date, that this person is not in the programme."""

    code = "excluded"
    for_service = False
    for_invitation = True
    last_day_counts = True

    def no(self, question: Question) -> Condition:
        return Exists(standing(question, RestrictionKind.EXCLUSION))

    def no_until(self, question: Question) -> Combinable | None:
        return _last_day(standing(question, RestrictionKind.EXCLUSION))

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Is welcome in the programme.")

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Is not in the programme, by a decision of the employer that can be asked about.")

    def change(self, question: Question) -> Words:
        return _("The decision has a review date; its owner can lift it.")


class DecidedRule(Rule):
    """Two colleagues decided about this person: not, or later. The reason stays where it was decided."""

    code = "decided"
    for_service = False
    for_invitation = True
    last_day_counts = True

    def no(self, question: Question) -> Condition:
        return Exists(standing(question, RestrictionKind.DECISION).filter(reason=RestrictionReason.DECIDED_NOT))

    def no_until(self, question: Question) -> Combinable | None:
        return _last_day(standing(question, RestrictionKind.DECISION))

    def later(self, question: Question) -> Condition:
        return Exists(standing(question, RestrictionKind.DECISION))

    def later_until(self, question: Question) -> Combinable | None:
        return _last_day(standing(question, RestrictionKind.DECISION))

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Nothing was decided that speaks against it.")

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Not for now, by a decision of the employer that can be asked about.")

    def change(self, question: Question) -> Words:
        return _("The decision is looked at again and ends by itself; the person can say what speaks against it.")


class AudienceRule(Rule):
    """The programme is for those whom people meant it for: by a rule over the record, or person by person."""

    code = "audience"
    for_service = False
    for_invitation = True

    def no(self, question: Question) -> Condition:
        return Exists(standing(question, RestrictionKind.AUDIENCE).filter(reason=RestrictionReason.NOT_MEANT))

    def later(self, question: Question) -> Condition:
        return Exists(standing(question, RestrictionKind.AUDIENCE))

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("The programme is meant for this person too.")

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        if facts["reason"] == RestrictionReason.WAITS:
            return _("It is not settled yet whether the programme is meant for this person.")
        return _("The programme is meant for another group of people who worked here.")

    def change(self, question: Question) -> Words:
        return _("The employer decides for whom the programme is; a missing fact can be added to the record.")

    def facts(self, question: Question, person_id: int) -> Mapping[str, Any]:
        rows = Restriction.objects.filter(person=person_id, kind=RestrictionKind.AUDIENCE, lifted_at=None)
        return {"reason": rows.values_list("reason", flat=True).first()}


class RestrictedRule(Rule):
    """Contact is restricted: for good reason, in neutral words, set by a person (GDPR 18, cool-off and the like)."""

    code = "restricted"
    last_day_counts = True

    def no(self, question: Question) -> Condition:
        return Exists(standing(question, RestrictionKind.RESTRICTION).filter(ends_on=None))

    def later(self, question: Question) -> Condition:
        return Exists(standing(question, RestrictionKind.RESTRICTION))

    def later_until(self, question: Question) -> Combinable | None:
        return _last_day(standing(question, RestrictionKind.RESTRICTION))

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Contact is not restricted.")

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Contact is restricted for now.")

    def change(self, question: Question) -> Words:
        return _("Whoever set the restriction can lift it, or it ends by itself.")


class NoAddressRule(Rule):
    """There must be an address that may be used for this."""

    code = "no_address"

    def no(self, question: Question) -> Condition:
        if question.channel is not Channel.EMAIL:
            return Q(pk__isnull=False)
        return ~Exists(usable_addresses(question))

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("There is an address that may be used for this.")

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        if question.channel is not Channel.EMAIL:
            return _("There is nothing on file to reach this person by %(channel)s.") % _named(question)
        if question.service:
            return _(
                "There is no address that may be used: a business address serves until the last day, "
                "a private one only if it was given for this."
            )
        return _("There is no private address that was confirmed from its mailbox.")

    def change(self, question: Question) -> Words:
        return _("The person can give a private address and confirm it.")


class SuppressedRule(Rule):
    """Mail to the address came back for good, or its owner complained."""

    code = "suppressed"

    def no(self, question: Question) -> Condition:
        if question.channel is not Channel.EMAIL:
            return None
        return Q(Exists(usable_addresses(question))) & ~Q(Exists(reachable_addresses(question)))

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("No mail to this person has come back.")

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Mail to this address came back, so we no longer use it.")

    def change(self, question: Question) -> Words:
        return _("The person can give another address.")


class FrequencyRule(Rule):
    """One budget over everything that needs consent, never over the person's own wish."""

    code = "frequency"
    for_service = False

    def no(self, question: Question) -> Condition:
        if question.purpose is Purpose.PERSONAL:
            return None
        return Q(preference__frequency=Frequency.ONLY_PERSONAL)

    def later(self, question: Question) -> Condition:
        return GreaterThan(self.later_until(question), Value(question.now, output_field=DateTimeField()))

    def later_until(self, question: Question) -> Combinable:
        last = Subquery(
            counted_touches(question).filter(person=OuterRef("pk")).order_by("-at").values("at")[:1],
            output_field=DateTimeField(),
        )
        pause = Case(
            *[
                When(preference__frequency=frequency, then=Value(timedelta(days=days)))
                for frequency, days in DAYS_BETWEEN.items()
            ],
            default=Value(timedelta(days=DAYS_BETWEEN[Frequency.QUARTERLY])),
            output_field=DurationField(),
        )
        return ExpressionWrapper(last + pause, output_field=DateTimeField())

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        if facts["last"] is None:
            return _("Wish: '%(wish)s'. Nothing has been sent yet.") % {"wish": _wish(facts)}
        return ngettext(
            "Wish: '%(wish)s'. The last was %(days)d day ago.",
            "Wish: '%(wish)s'. The last was %(days)d days ago.",
            facts["days"],
        ) % {"wish": _wish(facts), "days": facts["days"]}

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        if facts["frequency"] == Frequency.ONLY_PERSONAL and question.purpose is not Purpose.PERSONAL:
            return _("Wish: '%(wish)s'. This is something else.") % {"wish": _wish(facts)}
        if facts["days"] == 0:
            return _("Wish: '%(wish)s'. The last was less than a day ago.") % {"wish": _wish(facts)}
        return ngettext(
            "Wish: '%(wish)s'. The last was only %(days)d day ago.",
            "Wish: '%(wish)s'. The last was only %(days)d days ago.",
            facts["days"],
        ) % {"wish": _wish(facts), "days": facts["days"]}

    def change(self, question: Question) -> Words:
        return _("It passes with time; only the person can ask for more.")

    def facts(self, question: Question, person_id: int) -> Mapping[str, Any]:
        preference = Preference.objects.filter(person=person_id).first()
        last = counted_touches(question).filter(person=person_id).aggregate(last=Max("at"))["last"]
        return {
            "frequency": preference.frequency if preference else Frequency.QUARTERLY,
            "last": last,
            "days": (question.now - last).days if last else None,
        }


class NotNowRule(Rule):
    """The person asked for a pause."""

    code = "not_now"
    for_service = False

    def later(self, question: Question) -> Condition:
        return Q(preference__not_now_until__gt=question.today)

    def later_until(self, question: Question) -> Combinable | None:
        return F("preference__not_now_until")

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Has not asked for a pause.")

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Asked not to be contacted before %(day)s.") % {"day": _day(question, facts["until"])}

    def change(self, question: Question) -> Words:
        return _("The pause ends by itself; only the person can end it sooner.")

    def facts(self, question: Question, person_id: int) -> Mapping[str, Any]:
        return {"until": Preference.objects.filter(person=person_id).values_list("not_now_until", flat=True).first()}


class QuietHoursRule(Rule):
    """Nobody gets mail from us at night."""

    code = "quiet_hours"
    for_service = False

    def later(self, question: Question) -> Condition:
        return Q(pk__isnull=False) if quiet_until(question) else None

    def later_until(self, question: Question) -> Combinable | None:
        moment = quiet_until(question)
        return Value(moment, output_field=DateTimeField()) if moment else None

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        if question.programme.quiet_from == question.programme.quiet_until:
            return _("The programme has no quiet hours.")
        return _("It is not night: we write between %(start)d and %(end)d o'clock.") % _hours(question)

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("It is night: we write between %(start)d and %(end)d o'clock.") % _hours(question)

    def change(self, question: Question) -> Words:
        return _("It goes out in the morning.")


# In the order of the explanation; within no and within later the first that holds decides.
RULES: tuple[Rule, ...] = (
    ConsentRule(),
    StageRule(),
    ExcludedRule(),
    DecidedRule(),
    AudienceRule(),
    RestrictedRule(),
    NoAddressRule(),
    SuppressedRule(),
    FrequencyRule(),
    NotNowRule(),
    QuietHoursRule(),
)


def rules_for(question: Question) -> tuple[Rule, ...]:
    """The rules that are asked: all, or for service the short set, which is longer before somebody is invited."""
    return tuple(
        rule
        for rule in RULES
        if rule.for_service or not question.service or (question.invitation and rule.for_invitation)
    )


def standing(question: Question, kind: RestrictionKind) -> QuerySet[Restriction]:
    """Restrictions of `kind` that hold for the outer person on the day of the question."""
    return Restriction.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=question.today),
        person=OuterRef("pk"),
        kind=kind,
        purpose__in=["", question.purpose],
        lifted_at=None,
        starts_on__lte=question.today,
    )


def usable_addresses(question: Question) -> QuerySet[EmailAddress]:
    """Addresses of the outer person that may be used for this, the best first, whether or not mail arrives there."""
    # By its time, which stays when the state says that mail came back.
    private = Q(kind=AddressKind.PRIVATE, verified_at__isnull=False)
    if question.service:
        employed = Stint.objects.filter(
            Q(ends_on__gte=question.today) | Q(ends_on=None, status__in=[StintStatus.ACTIVE, StintStatus.LEAVING]),
            person=OuterRef("person"),
        )
        private |= Q(kind=AddressKind.PRIVATE, given_on__isnull=False)
        business = Q(kind=AddressKind.BUSINESS) & Q(Exists(employed))
        # While somebody works here the business address comes first: 'business' sorts before 'private'.
        return EmailAddress.objects.filter(private | business, person=OuterRef("pk")).order_by("kind", "-state", "pk")
    return EmailAddress.objects.filter(private, person=OuterRef("pk")).order_by("-verified_at", "pk")


def reachable_addresses(question: Question) -> QuerySet[EmailAddress]:
    """The usable addresses at which mail arrives, as far as we know."""
    came_back = Suppression.objects.filter(fingerprint=OuterRef("fingerprint"), scope=SuppressionScope.MAIL)
    return usable_addresses(question).exclude(state=AddressState.DEAD).filter(~Exists(came_back))


def counted_touches(question: Question) -> QuerySet[Touch]:
    """What counts against the budget: everything from us until now that is not service."""
    return Touch.objects.filter(direction=Direction.OURS, at__lte=question.now).exclude(purpose=Purpose.SERVICE)


def quiet_until(question: Question) -> datetime | None:
    """The end of the night in which the question is asked, or None by day. Equal hours mean there is no night."""
    start, end = question.programme.quiet_from, question.programme.quiet_until
    local = question.now.astimezone(question.zone)
    if start == end:
        return None
    at_night = (start <= local.hour < end) if start < end else (local.hour >= start or local.hour < end)
    if not at_night:
        return None
    day = local.date() + timedelta(days=1 if local.hour >= end else 0)
    return datetime.combine(day, time(end), question.zone).astimezone(UTC)


def _last_day(restrictions: QuerySet[Restriction]) -> Combinable:
    """The last day of the one that holds longest; NULL, which the databases sort differently, is for ever."""
    longest = restrictions.order_by(F("ends_on").desc(nulls_first=True), "pk")
    return Subquery(longest.values("ends_on")[:1], output_field=DateField())


def _named(question: Question, **more: str) -> dict[str, str]:
    return {"purpose": str(question.purpose.label), "channel": str(CHANNEL_WORDS[question.channel]), **more}


def _wish(facts: Mapping[str, Any]) -> str:
    return str(Frequency(facts["frequency"]).label)


def _hours(question: Question) -> dict[str, int]:
    return {"start": question.programme.quiet_until, "end": question.programme.quiet_from}


def _day(question: Question, moment: date | datetime | None) -> str:
    """A day as people say it; of a moment, the day it is where the programme lives."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(question.zone)
    return date_format(moment, "DATE_FORMAT") if moment else "–"
