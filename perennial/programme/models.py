"""The employer and its programme."""

from django.conf import settings
from django.db import models

from perennial.kernel.keys import new_random
from perennial.programme.enums import Stage


class Programme(models.Model):
    """The one programme of this installation. `set_up_at` says when it was filled in."""

    organisation = models.CharField(max_length=200, blank=True)
    postal_address = models.TextField(blank=True)
    privacy_notice = models.TextField(blank=True)
    language = models.CharField(max_length=10, default="en")
    time_zone = models.CharField(max_length=60, default="Europe/Amsterdam")
    aims = models.JSONField(default=list)
    purposes = models.JSONField(default=list)
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.PREPARATION)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    sender_address = models.EmailField(blank=True)
    quiet_from = models.PositiveSmallIntegerField(default=20)
    quiet_until = models.PositiveSmallIntegerField(default=8)
    set_up_random = models.CharField(max_length=40, default=new_random)
    set_up_at = models.DateTimeField(null=True, blank=True)
    demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_programme"),
            models.CheckConstraint(
                condition=models.Q(quiet_from__lte=23, quiet_until__lte=23), name="quiet_hours_are_hours"
            ),
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="stage_is_known"),
        ]

    def __str__(self) -> str:
        return self.organisation


class Department(models.Model):
    name = models.CharField(max_length=300, unique=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    name = models.CharField(max_length=300, unique=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
