"""How often, when, and at what hour: the person's wish, a pause, the night."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
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
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perennial.consent.models import Preference
from perennial.contact.enums import Direction
from perennial.contact.models import Touch
from perennial.contact.rules.rule import Condition, Question, Rule, Words, day_words
from perennial.kernel.purposes import DAYS_BETWEEN, Frequency, Purpose


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
        return _("Asked not to be contacted before %(day)s.") % {"day": day_words(question, facts["until"])}

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


def _wish(facts: Mapping[str, Any]) -> str:
    return str(Frequency(facts["frequency"]).label)


def _hours(question: Question) -> dict[str, int]:
    return {"start": question.programme.quiet_until, "end": question.programme.quiet_from}
