"""'Later': one colleague puts an item of Today off. It comes back by itself, and never after the day it is due."""

from datetime import date, timedelta

from perennial.accounts.models import User
from perennial.desk.models import PutOff
from perennial.desk.today.item import Item

A_WHILE = timedelta(days=7)


def back_on(item: Item, *, day: date) -> date:
    """The day a put-off item is seen again: when it is due, in a week at most, and not before tomorrow."""
    return max(day + timedelta(days=1), min(item.due_on, day + A_WHILE))


def put_off(*, user: User, item: Item, day: date) -> date:
    """Hides the item from this colleague; returns the day it comes back. What has come back already is forgotten."""
    until = back_on(item, day=day)
    PutOff.objects.filter(user=user, until__lte=day).delete()
    PutOff.objects.update_or_create(user=user, item=item.key, defaults={"until": until})
    return until


def bring_back(*, user: User, item_key: str) -> None:
    """Shows the item again at once; an item that was not put off stays as it is."""
    PutOff.objects.filter(user=user, item=item_key).delete()


def put_off_by(user: User, *, day: date) -> dict[str, date]:
    """The keys of the items this colleague does not want to see today, with the day they come back."""
    return dict(PutOff.objects.filter(user=user, until__gt=day).values_list("item", "until"))
