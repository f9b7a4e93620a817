"""A departure, what the leaver answers, what the leaver says we may do; and for whom the programme is."""

from perennial.departures.models.answers import AnswerBatch, ExitAnswers, ExitReason, RelationAnswer
from perennial.departures.models.audience import Audience, AudienceChoice
from perennial.departures.models.departure import Departure
from perennial.departures.models.farewell import (
    ChecklistStep,
    ChecklistTemplate,
    Farewell,
    FarewellDigest,
    FarewellStep,
)

__all__ = [
    "AnswerBatch",
    "Audience",
    "AudienceChoice",
    "ChecklistStep",
    "ChecklistTemplate",
    "Departure",
    "ExitAnswers",
    "ExitReason",
    "Farewell",
    "FarewellDigest",
    "FarewellStep",
    "RelationAnswer",
]
