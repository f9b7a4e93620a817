"""Writes the programme: set up once, changed with a trace."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from perennial.accounts.actions import add_coordinator, invite
from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.audit.actions import record
from perennial.kernel.text import one_line
from perennial.programme.enums import BEGIN_WITH_THE_PROGRAMME, SMALLEST_GROUP, Aim, Stage, purposes_for
from perennial.programme.interests import require_records
from perennial.programme.models import Department, Place, Programme
from perennial.programme.queries import current
from perennial.programme.structure import Unit, named


class AlreadySetUpError(Exception):
    """The programme was set up before; that happens once."""


class GroupTooSmallError(ValueError):
    """A figure over fewer than five people would tell of one of them."""


class TimeZoneUnknownError(ValueError):
    """There is no such time zone."""


class OwnerUnfitError(Exception):
    """Who answers for the programme must be a colleague who can sign in, or was invited, as coordinator."""


def set_up(
    *,
    organisation: str,
    postal_address: str,
    privacy_notice: str,
    language: str,
    time_zone: str,
    coordinator_name: str,
    coordinator_email: str,
    password: str | None,
    aims: Iterable[str],
    stage: str,
    by: str,
    now: datetime,
    demo: bool = False,
) -> Programme:
    """Fills the programme in and makes its coordinator the owner; without `password` the coordinator is invited.

    Happens once. Raises AlreadySetUpError, TimeZoneUnknownError, what accounts.actions.invite raises, and Django's
    ValidationError for a password that is too easy; then nothing is written.
    """
    current()
    chosen = [Aim(aim) for aim in aims]
    with transaction.atomic():
        # The condition decides between two who press the button at the same moment.
        taken = Programme.objects.filter(pk=1, set_up_at=None).update(
            organisation=one_line(organisation),
            postal_address=postal_address.strip(),
            privacy_notice=privacy_notice.strip(),
            language=language,
            time_zone=_checked_zone(time_zone),
            aims=[aim.value for aim in chosen],
            purposes=[purpose.value for purpose in purposes_for(chosen)],
            stage=Stage(stage),
            sender_address=f"alumni@{coordinator_email.strip().lower().rpartition('@')[2]}",
            set_up_random="",
            set_up_at=now,
            demo=demo,
        )
        if not taken:
            raise AlreadySetUpError
        coordinator = _coordinator(coordinator_name, coordinator_email, password, by, now)
        Programme.objects.filter(pk=1).update(owner=coordinator)
        _record("programme.set_up", by, now, stage=stage, aims=[aim.value for aim in chosen])
    return current()


@transaction.atomic
def change_settings(
    *,
    organisation: str,
    postal_address: str,
    privacy_notice: str,
    language: str,
    time_zone: str,
    sender_address: str,
    quiet_from: int,
    quiet_until: int,
    aims: Iterable[str],
    by: str,
    now: datetime,
    minimum_group: int | None = None,
    privacy_contact: str | None = None,
) -> Programme:
    """Writes the settings; the purposes follow from the aims. The audit event names the fields that changed.

    `minimum_group` is of how many people at least a figure of exit answers is, and holds for groups that close from now
    on; `privacy_contact` is whom one asks about personal data; None leaves either. Raises TimeZoneUnknownError,
    GroupTooSmallError.
    """
    if minimum_group is not None and minimum_group < SMALLEST_GROUP:
        raise GroupTooSmallError
    programme = _locked()
    chosen = [Aim(aim) for aim in aims]
    wanted = {
        "organisation": one_line(organisation),
        "postal_address": postal_address.strip(),
        "privacy_notice": privacy_notice.strip(),
        "language": language,
        "time_zone": _checked_zone(time_zone),
        "sender_address": sender_address.strip().lower(),
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "minimum_group": minimum_group or programme.minimum_group,
        "privacy_contact": programme.privacy_contact if privacy_contact is None else privacy_contact.strip(),
        "aims": [aim.value for aim in chosen],
        "purposes": [purpose.value for purpose in purposes_for(chosen)],
    }
    changed = [name for name, value in wanted.items() if getattr(programme, name) != value]
    if changed:
        for name in changed:
            setattr(programme, name, wanted[name])
        programme.save(update_fields=changed)
        _record("programme.changed", by, now, fields=changed)
    return programme


# How many are written to, from nobody to everybody.
_REACH = (Stage.PREPARATION, Stage.SOFT_LAUNCH, Stage.LIVE)


@transaction.atomic
def change_stage(*, stage: str, by: str, now: datetime) -> Programme:
    """In force for everything that has not left yet.

    Raises NoRecordError where more people would be reached, and what begins with the programme has no standing record.
    """
    programme = _locked()
    former = programme.stage
    if former != Stage(stage):
        if _REACH.index(Stage(stage)) > _REACH.index(Stage(former)):
            require_records(*BEGIN_WITH_THE_PROGRAMME)
        programme.stage = Stage(stage)
        programme.save(update_fields=["stage"])
        _record("programme.stage_changed", by, now, former=former, stage=stage)
    return programme


@transaction.atomic
def name_owner(*, owner: User, by: str, now: datetime) -> Programme:
    """Says who answers for the programme. Raises OwnerUnfitError."""
    programme = _locked()
    owner = User.objects.select_for_update().get(pk=owner.pk)
    if owner.is_disabled or owner.role != Role.COORDINATOR:
        raise OwnerUnfitError
    if programme.owner_id != owner.pk:
        programme.owner = owner
        programme.save(update_fields=["owner"])
        _record("programme.owner_named", by, now, owner=owner.pk)
    return programme


def find_or_add_department(*, name: str) -> Department | None:
    """The department that `name` leads to, made when it is new; None for an empty name."""
    return _find_or_add(Department, name)


def find_or_add_place(*, name: str) -> Place | None:
    """The place that `name` leads to, made when it is new; None for an empty name."""
    return _find_or_add(Place, name)


def _find_or_add(kind: type[Unit], name: str) -> Unit | None:
    name = one_line(name)
    if not name:
        return None
    return named(kind, name) or kind.objects.get_or_create(name=name)[0]


def _coordinator(name: str, email: str, password: str | None, by: str, now: datetime) -> User:
    if password is None:
        return invite(name=name, email=email, role=Role.COORDINATOR, language="en", by=by, now=now)
    return add_coordinator(name=name, email=email, language="en", password=password, by=by, now=now)


def _checked_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise TimeZoneUnknownError(f"{name!r} is not a time zone; expected one like Europe/Amsterdam.") from error


def _locked() -> Programme:
    current()
    return Programme.objects.select_for_update().get(pk=1)


def _record(deed: str, by: str, now: datetime, **details: object) -> None:
    record(deed=deed, by=by, now=now, subject_kind="programme", subject_key="1", details=details)
