"""Reads conversations: what is planned, who may lead one, whether there are notes. Never what was said."""

from datetime import datetime

from django.db.models import QuerySet

from perennial.accounts.models import User
from perennial.departures.conversation.enums import LEADING_ROLES, ConversationState
from perennial.departures.models import ConversationNote, Departure, ExitConversation
from perennial.people.queries import without_stored_only


def who_may_lead() -> QuerySet[User]:
    """Exit interviewers and HR, as far as they can sign in."""
    return User.objects.filter(is_active=True, role__in=LEADING_ROLES).order_by("name", "pk")


def latest_of(*, departure: Departure) -> ExitConversation | None:
    """The conversation planned last, in whatever state, with its leader and the mail about it."""
    return (
        ExitConversation.objects.filter(departure=departure)
        .select_related("departure__person", "departure__stint", "leader", "message")
        .order_by("-pk")
        .first()
    )


def planned(*, until: datetime) -> QuerySet[ExitConversation]:
    """Planned conversations that begin by `until`, those gone by among them; the earliest first."""
    return (
        without_stored_only(ExitConversation.objects.all(), person="departure__person")
        .filter(state=ConversationState.PLANNED, starts_at__lt=until)
        .select_related("departure__person", "leader")
        .order_by("starts_at", "pk")
    )


def has_notes(*, departure: Departure) -> bool:
    """Whether something was noted. Not what."""
    return ConversationNote.objects.filter(departure=departure).exists()
