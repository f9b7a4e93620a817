"""What people wrote down for the door: exclusion, decision, audience, restriction."""

from collections.abc import Mapping
from typing import Any

from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from perennial.contact.enums import RestrictionKind, RestrictionReason
from perennial.contact.models import Restriction
from perennial.contact.rules.rule import Condition, Question, Rule, Words


class ExcludedRule(Rule):
    """Somebody decided, with a reason and a review date, that this person is not in the programme."""

    code = "excluded"
    for_service = False
    for_invitation = True
    last_day_counts = True

    def no(self, question: Question) -> Condition:
        return Exists(standing(question, RestrictionKind.EXCLUSION))

    def no_until(self, question: Question) -> Combinable | None:
        return last_day_of(standing(question, RestrictionKind.EXCLUSION))

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
        return last_day_of(standing(question, RestrictionKind.DECISION))

    def later(self, question: Question) -> Condition:
        return Exists(standing(question, RestrictionKind.DECISION))

    def later_until(self, question: Question) -> Combinable | None:
        return last_day_of(standing(question, RestrictionKind.DECISION))

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


class ObjectedRule(Rule):
    """The person asked for no letters, invitations or calls (GDPR 21). What they agree to afterwards ends it."""

    code = "objected"
    for_service = False
    for_invitation = True

    def no(self, question: Question) -> Condition:
        return Exists(standing(question, RestrictionKind.OBJECTION))

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Has not asked to be left alone.")

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Asked for no letters, invitations or calls.")

    def change(self, question: Question) -> Words:
        return _("It ends when the person agrees to something on the page of choices.")


class RestrictedRule(Rule):
    """Contact is restricted: for good reason, in neutral words, set by a person (GDPR 18, cool-off and the like)."""

    code = "restricted"
    for_answer = False
    last_day_counts = True

    def no(self, question: Question) -> Condition:
        return Exists(standing(question, RestrictionKind.RESTRICTION).filter(ends_on=None))

    def later(self, question: Question) -> Condition:
        return Exists(standing(question, RestrictionKind.RESTRICTION))

    def later_until(self, question: Question) -> Combinable | None:
        return last_day_of(standing(question, RestrictionKind.RESTRICTION))

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Contact is not restricted.")

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Contact is restricted for now.")

    def change(self, question: Question) -> Words:
        return _("Whoever set the restriction can lift it, or it ends by itself.")


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


def last_day_of(restrictions: QuerySet[Restriction]) -> Combinable:
    """The last day of the one that holds longest; NULL, which the databases sort differently, is for ever."""
    longest = restrictions.order_by(F("ends_on").desc(nulls_first=True), "pk")
    return Subquery(longest.values("ends_on")[:1], output_field=DateField())
