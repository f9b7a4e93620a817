"""The exit conversation of a departure, and what its interviewer notes."""

from django.db import models
from django.db.models import Q

from perennial.accounts.models import User
from perennial.departures.conversation.enums import ConversationState, Way
from perennial.departures.models.departure import Departure
from perennial.kernel.encryption import EncryptedTextField
from perennial.kernel.keys import new_key
from perennial.mail.models import Message

SHORTEST_MINUTES, LONGEST_MINUTES = 10, 240


class ExitConversation(models.Model):
    """A conversation as planned, or as it went. `uid` and `sequence` are those of its calendar file (RFC 5545)."""

    departure = models.ForeignKey(Departure, on_delete=models.CASCADE, related_name="conversations")
    # Stable and opaque: no host and no address is in it (RFC 7986 5.3).
    uid = models.CharField(max_length=64, unique=True, default=new_key, editable=False)
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    leader = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    way = models.CharField(max_length=10, choices=Way.choices)
    # The room, the number to be called, or the address of the video call.
    place = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=20, choices=ConversationState.choices, default=ConversationState.PLANNED)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=80, blank=True)
    planned_by = models.CharField(max_length=80)
    # The last mail to the leaver about it.
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["starts_at"], condition=Q(state="planned"), name="planned_conversations")]
        constraints = [
            models.UniqueConstraint(
                fields=["departure"], condition=Q(state=ConversationState.PLANNED), name="one_conversation_is_planned"
            ),
            models.CheckConstraint(condition=Q(state__in=ConversationState.values), name="conversation_state_is_known"),
            models.CheckConstraint(condition=Q(way__in=Way.values), name="conversation_way_is_known"),
            models.CheckConstraint(
                condition=Q(minutes__gte=SHORTEST_MINUTES, minutes__lte=LONGEST_MINUTES),
                name="a_conversation_takes_its_time",
            ),
            models.CheckConstraint(
                condition=Q(state=ConversationState.PLANNED, settled_at=None, settled_by="")
                | (~Q(state=ConversationState.PLANNED) & Q(settled_at__isnull=False) & ~Q(settled_by="")),
                name="a_settled_conversation_says_when_and_by_whom",
            ),
        ]


class ConversationNote(models.Model):
    """What the interviewer noted to one question. Behind the wall: as secret as what the leaver answers."""

    departure = models.ForeignKey(Departure, on_delete=models.CASCADE, related_name="conversation_notes")
    question = models.CharField(max_length=40)
    text = EncryptedTextField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["departure_id", "question"]
        constraints = [models.UniqueConstraint(fields=["departure", "question"], name="a_note_once_a_question")]
