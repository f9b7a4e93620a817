"""How often somebody knocked at doors that are open to all."""

from django.db import models


class Knock(models.Model):
    """Visits of one kind from one address, as long as they are counted. The address itself is kept nowhere."""

    # A fingerprint of what is counted and of whom.
    key = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField()
    # In seconds since 1970: one statement counts and starts afresh, on both databases alike.
    until = models.BigIntegerField(db_index=True)

    class Meta:
        ordering = ["pk"]
