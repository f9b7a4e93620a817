"""States of a departure and the ready answers of the exit questionnaire."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DepartureState(TextChoices):
    OPEN = "open", _("Open")
    QUESTION = "question", _("Last day not known")
    CANCELLED = "cancelled", _("Cancelled")
    CLOSED = "closed", _("Closed")


class Reason(TextChoices):
    """Level 2 of the taxonomy in standards.md 5: why somebody says they leave."""

    PAY = "pay", _("Pay")
    BENEFITS = "benefits", _("Other conditions")
    CAREER_GROWTH = "career_growth", _("Room to grow")
    MANAGER = "manager", _("Working with my manager")
    LEADERSHIP = "leadership", _("The direction of the organisation")
    WORKLOAD = "workload", _("The workload")
    JOB_FIT = "job_fit", _("The work did not suit me")
    FLEXIBILITY = "flexibility", _("Working hours and place")
    RELOCATION = "relocation", _("I am moving")
    STUDY = "study", _("I am going to study")
    FAMILY = "family", _("Personal circumstances")
    OTHER_EMPLOYER = "other_employer", _("An offer I could not refuse")
    OTHER = "other", _("Something else")
