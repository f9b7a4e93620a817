"""A departure, what the leaver answers, what the leaver says we may do; and for whom the programme is."""

from perennial.departures.models.answers import AnswerBatch, ExitAnswers, ExitReason, RelationAnswer
from perennial.departures.models.audience import Audience, AudienceChoice
from perennial.departures.models.departure import Departure

__all__ = [
    "AnswerBatch",
    "Audience",
    "AudienceChoice",
    "Departure",
    "ExitAnswers",
    "ExitReason",
    "RelationAnswer",
]
