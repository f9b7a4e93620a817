"""Whether somebody agreed, and whether the programme is so far."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, Q
from django.utils.translation import gettext as _

from perennial.consent.models import ConsentState
from perennial.consent.queries import current_meaning, not_agreed
from perennial.contact.enums import RestrictionKind
from perennial.contact.rules.restrictions import standing
from perennial.contact.rules.rule import Condition, Question, Rule, Words, day_words, named
from perennial.programme.enums import Stage


class ConsentRule(Rule):
    """Every purpose but service needs consent for this purpose and this channel (GDPR 6(1)(a), Tw 11.7, UWG 7)."""

    code = "consent"
    for_service = False

    def no(self, question: Question) -> Condition:
        return not_agreed(purpose=question.purpose, channel=question.channel, on=question.today)

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Agreed to '%(purpose)s' by %(channel)s on %(day)s.") % named(
            question, day=day_words(question, facts["since"])
        )

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        if facts.get("granted") and facts["meaning"] >= current_meaning(question.purpose):
            return _(
                "Agreed to '%(purpose)s' by %(channel)s on %(day)s, but not by a document of its own, which their "
                "country asks for; so it has to be asked again."
            ) % named(question, day=day_words(question, facts["since"]))
        if facts.get("granted"):
            return _(
                "Agreed to '%(purpose)s' by %(channel)s on %(day)s, but what it says has changed since, so it has to "
                "be asked again."
            ) % named(question, day=day_words(question, facts["since"]))
        if facts.get("since"):
            return _("Withdrew '%(purpose)s' by %(channel)s on %(day)s.") % named(
                question, day=day_words(question, facts["since"])
            )
        return _("Has not agreed to '%(purpose)s' by %(channel)s.") % named(question)

    def change(self, question: Question) -> Words:
        return _("Only the person can change this, on the page where preferences are kept.")

    def facts(self, question: Question, person_id: int) -> Mapping[str, Any]:
        state = ConsentState.objects.filter(person=person_id, purpose=question.purpose, channel=question.channel)
        return state.values("since", "granted", "meaning").first() or {}


class StageRule(Rule):
    """Before the programme is live, nothing reaches anybody outside the test group."""

    code = "stage"
    for_answer = False

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
