"""What came of themes, as it is told to everybody who agreed to hear it."""

from django.db import models
from django.db.models import Q

from perennial.departures.telling.enums import TellingState
from perennial.kernel.keys import new_key
from perennial.mail.models import Mailing


class Telling(models.Model):
    """One letter to many, about actions that are done. It names nobody, and does not know who said what."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    state = models.CharField(max_length=10, choices=TellingState.choices, default=TellingState.DRAFT)
    # {"nl": {"subject": "...", "body": "..."}}
    contents = models.JSONField(default=dict)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    sent_by = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    # What was sent. It stays when the last of those who got it is erased.
    mailing = models.OneToOneField(Mailing, null=True, blank=True, on_delete=models.PROTECT, related_name="telling")
    # Up to which person, by id, its letters are written.
    written_up_to = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=TellingState.values), name="telling_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="draft", sent_at=None, sent_by="", mailing=None)
                | (~Q(state="draft") & Q(sent_at__isnull=False, mailing__isnull=False) & ~Q(sent_by="")),
                name="what_is_told_says_when_and_by_whom",
            ),
        ]
