"""Reads the programme."""

from datetime import date, datetime

from perennial.kernel.clock import local_date
from perennial.kernel.links import path_to
from perennial.kernel.tokens import LinkPurpose, TokenInvalidError, open_token
from perennial.programme.models import Programme


class SetUpGoneError(Exception):
    """The link to the set-up page is altered or used."""


def current() -> Programme:
    """The programme of this installation. Its row is made on first asking."""
    rows = Programme.objects.select_related("owner")
    # Every page asks a dozen times; `first()` would sort the one row, a quarter of what asking costs.
    try:
        return rows.get(pk=1)
    except Programme.DoesNotExist:
        Programme.objects.bulk_create([Programme(pk=1)], ignore_conflicts=True)
        return rows.get(pk=1)


def today(*, now: datetime) -> date:
    """The calendar day it is where the programme lives."""
    return local_date(at=now, time_zone=current().time_zone)


def has_no_owner(programme: Programme) -> bool:
    """Whether nobody answers for the programme: no owner was named, or the owner's account was disabled."""
    return programme.owner is None or programme.owner.is_disabled


def set_up_path() -> str | None:
    """The one-time path of the set-up page, or None once it was used. Secret: whoever has it takes the house over."""
    programme = current()
    if programme.set_up_at is not None:
        return None
    return path_to(purpose=LinkPurpose.SET_UP, row=programme.pk, random=programme.set_up_random)


def waiting_for_set_up(*, token: str) -> Programme:
    """The programme that `token` may set up. Raises SetUpGoneError."""
    try:
        opened = open_token(purpose=LinkPurpose.SET_UP, token=token)
    except TokenInvalidError as error:
        raise SetUpGoneError from error
    programme = current()
    if programme.set_up_at is not None or opened.row != programme.pk or not opened.fits(programme.set_up_random):
        raise SetUpGoneError
    return programme
