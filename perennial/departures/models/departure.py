"""A departure: one stint coming to its end."""

from django.db import models
from django.db.models import Q

from perennial.departures.enums import DepartureState
from perennial.departures.exit.enums import Ending
from perennial.kernel.keys import new_key, new_random
from perennial.mail.models import Message
from perennial.people.models import Person, Stint


class Departure(models.Model):
    """One stint coming to its end. The last day is the stint's; this row says what we do about it."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="departures")
    stint = models.OneToOneField(Stint, on_delete=models.CASCADE, related_name="departure")
    state = models.CharField(max_length=10, choices=DepartureState.choices)
    opened_at = models.DateTimeField()
    # HR's record said 'leaving' or 'left' since this was opened: 'active' after that means that it is off. A record
    # that says 'active' until the last day, as many do, does not.
    was_leaving = models.BooleanField(default=False)
    link_random = models.CharField(max_length=40, default=new_random)
    # Set when a fresh link was asked for; else the end follows from the last day.
    link_expires_at = models.DateTimeField(null=True, blank=True)
    # Of the invitation's text as it was drafted, to see whether a human has changed it.
    drafted_sha256 = models.CharField(max_length=64, blank=True)
    invitation = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    handed_over_at = models.DateTimeField(null=True, blank=True)
    # After redundancy nobody is invited before this day, and never before HR has set it; else it asks for nothing.
    invite_from = models.DateField(null=True, blank=True)
    # As HR records it for the figures; empty follows from how the stint ended. The leaver never sees it.
    recorded_ending = models.CharField(max_length=12, choices=Ending.choices, blank=True)

    class Meta:
        ordering = ["stint__ends_on", "pk"]
        indexes = [models.Index(fields=["state", "opened_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DepartureState.values), name="departure_state_is_known"),
            models.CheckConstraint(
                condition=Q(recorded_ending="") | Q(recorded_ending__in=Ending.values), name="recorded_ending_is_known"
            ),
        ]
