"""The rules behind the door, one small class each, in the order in which they are told.

A rule says when it answers no and when it answers later, as SQL conditions over a person, so that the same rule decides
for one and for a million. Beside the condition stands the sentence for humans: staff and the person concerned read the
same one, so it is neutral and names no internals.
"""

from perennial.contact.rules.addresses import NoAddressRule, SuppressedRule
from perennial.contact.rules.permission import ConsentRule, StageRule
from perennial.contact.rules.restrictions import (
    AudienceRule,
    DecidedRule,
    ExcludedRule,
    ObjectedRule,
    RestrictedRule,
)
from perennial.contact.rules.rhythm import FrequencyRule, NotNowRule, QuietHoursRule
from perennial.contact.rules.rule import Question, Rule
from perennial.contact.rules.topics import TopicsRule

# In the order of the explanation; within no and within later the first that holds decides.
RULES: tuple[Rule, ...] = (
    ConsentRule(),
    StageRule(),
    ExcludedRule(),
    DecidedRule(),
    AudienceRule(),
    ObjectedRule(),
    RestrictedRule(),
    NoAddressRule(),
    SuppressedRule(),
    TopicsRule(),
    FrequencyRule(),
    NotNowRule(),
    QuietHoursRule(),
)


def rules_for(question: Question) -> tuple[Rule, ...]:
    """The rules that are asked: all, or for service the short set, which is longer before somebody is invited and
    shorter for an answer to what they asked. What is about no topic is not asked about topics.
    """
    asked = tuple(rule for rule in RULES if question.topic is not None or not rule.for_topic)
    if question.service:
        asked = tuple(rule for rule in asked if rule.for_service or (question.invitation and rule.for_invitation))
        if question.answer:
            asked = tuple(rule for rule in asked if rule.for_answer)
    return asked
