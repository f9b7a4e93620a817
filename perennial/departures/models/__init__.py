"""A departure, what leavers are asked and answer, what they say we may do; and for whom the programme is."""

from perennial.departures.models.answers import Answer, AnswerGroup, ExitAnswers, GroupCount, RelationAnswer
from perennial.departures.models.audience import Audience, AudienceChoice
from perennial.departures.models.conversation import ConversationNote, ExitConversation
from perennial.departures.models.decisions import DecisionAppeal, PersonDecision
from perennial.departures.models.departure import Departure
from perennial.departures.models.farewell import (
    ChecklistStep,
    ChecklistTemplate,
    Farewell,
    FarewellDigest,
    FarewellStep,
)
from perennial.departures.models.questionnaire import Option, Question, Questionnaire
from perennial.departures.models.telling import Telling
from perennial.departures.models.themes import AnswerTheme, Theme, ThemeAction

__all__ = [
    "Answer",
    "AnswerGroup",
    "AnswerTheme",
    "Audience",
    "AudienceChoice",
    "ChecklistStep",
    "ChecklistTemplate",
    "ConversationNote",
    "DecisionAppeal",
    "Departure",
    "ExitAnswers",
    "ExitConversation",
    "Farewell",
    "FarewellDigest",
    "FarewellStep",
    "GroupCount",
    "Option",
    "PersonDecision",
    "Question",
    "Questionnaire",
    "RelationAnswer",
    "Telling",
    "Theme",
    "ThemeAction",
]
