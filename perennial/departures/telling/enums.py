"""Where a telling stands."""

from django.db.models import TextChoices


class TellingState(TextChoices):
    """A draft is written on; then its letters are written in the background; then they stand in the queue, or went."""

    DRAFT = "draft"
    WRITING = "writing"
    TOLD = "told"
