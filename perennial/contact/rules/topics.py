"""What somebody would rather not read about."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from perennial.consent.models import UnwantedTopic
from perennial.contact.rules.rule import Condition, Question, Rule, Words


class TopicsRule(Rule):
    """The person chose not to read about this topic of a purpose they agreed to (requirements CON-2)."""

    code = "topics"
    for_service = False
    for_topic = True

    def no(self, question: Question) -> Condition:
        if question.topic is None:
            return None
        return Exists(UnwantedTopic.objects.filter(person=OuterRef("pk"), topic=question.topic))

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Has nothing against reading about '%(topic)s'.") % {"topic": str(question.topic)}

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Would rather not read about '%(topic)s'.") % {"topic": str(question.topic)}

    def change(self, question: Question) -> Words:
        return _("Only the person can change this, on the page where preferences are kept.")
