"""States of an exit conversation, and how one talks."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from perennial.accounts.roles import Role

# Who leads such a conversation.
LEADING_ROLES: tuple[Role, ...] = (Role.EXIT_INTERVIEWER, Role.HR)


class Way(TextChoices):
    IN_PERSON = "in_person", _("In person")
    PHONE = "phone", _("By phone")
    VIDEO = "video", _("By video")


class ConversationState(TextChoices):
    PLANNED = "planned", _("Planned")
    HELD = "held", _("Held")
    DECLINED = "declined", _("The leaver would rather not")
    DID_NOT_HAPPEN = "did_not_happen", _("Did not happen")
    CALLED_OFF = "called_off", _("Called off")
