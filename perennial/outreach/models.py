"""Who walks which journey, and what became of each step."""

from django.db import models
from django.db.models import Q

from perennial.departures.models import Departure
from perennial.mail.models import Message
from perennial.outreach.enums import StepState
from perennial.people.models import Person


class Enrolment(models.Model):
    """A person on a journey, anchored in a departure: a moved last day moves what is not yet done."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="enrolments")
    departure = models.ForeignKey(Departure, on_delete=models.CASCADE, related_name="enrolments")
    journey = models.CharField(max_length=40)
    enrolled_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["departure", "journey"], name="enrolled_once_a_departure")]


class StepOutcome(models.Model):
    """What became of one step of one enrolment; at most one row each."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="outcomes")
    step = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=StepState.choices)
    # The rule of the door that decided, where it said no or later.
    rule = models.CharField(max_length=20, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    # The last day that the step was reckoned from: when it moves ahead, what has not been sent is taken back.
    last_day = models.DateField()
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "step"], name="one_outcome_per_enrolment_and_step"),
            models.CheckConstraint(condition=Q(state__in=StepState.values), name="step_state_is_known"),
        ]
