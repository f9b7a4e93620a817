"""What the desk remembers for one colleague: the items of Today that are put off."""

from django.db import models

from perennial.accounts.models import User


class PutOff(models.Model):
    """An item of Today that `user` does not want to see before `until`. Others go on seeing it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="put_off")
    item = models.CharField(max_length=120)
    until = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "item"], name="put_off_once_a_user")]
