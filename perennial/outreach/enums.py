"""What became of a journey's step."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class StepState(TextChoices):
    DRAFTED = "drafted", _("Draft ready")
    WAITING = "waiting", _("Waits: the door says later")
    SKIPPED = "skipped", _("Skipped: the door says no")
    DROPPED = "dropped", _("Dropped: three weeks late")
