"""The page of choices: a visit changes what may come, and its last change may be taken back within the hour."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from perennial.consent.actions import renew_link
from perennial.consent.models import Preference
from perennial.consent.queries import granted, preference_of
from perennial.consent.topics import choose_topics, unwanted_topics
from perennial.departures.relation import (
    AddressMissingError,
    Changed,
    Relation,
    change_relation,
    leave,
    waiting_consents,
    working_address_of,
)
from perennial.kernel.purposes import Channel
from perennial.mail.fresh_link import send_fresh_link
from perennial.people.models import EmailAddress, Person
from perennial.people.turns import one_at_a_time

# So long a visit lasts in which the last change can be taken back.
ONE_VISIT = timedelta(hours=1)


class NothingToUndoError(Exception):
    """Nothing was changed within the hour, or it was taken back already."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """All that somebody chose, as plain codes: purpose and channel in pairs, topics by their ids."""

    agreed: list[list[str]] = field(default_factory=list)
    waiting: list[list[str]] = field(default_factory=list)
    frequency: str = ""
    language: str = ""
    not_now_until: str = ""
    unwanted: list[int] = field(default_factory=list)

    @property
    def pause(self) -> date | None:
        return date.fromisoformat(self.not_now_until) if self.not_now_until else None

    @property
    def purposes(self) -> set[str]:
        """What was agreed to, and what waits to be confirmed."""
        return {purpose for purpose, _channel in [*self.agreed, *self.waiting]}

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset((purpose, channel) for purpose, channel in [*self.agreed, *self.waiting])

    @property
    def channels(self) -> set[str]:
        return {channel for _purpose, channel in [*self.agreed, *self.waiting]}


def choices_of(*, person: Person) -> Choices:
    """What holds now."""
    preference = preference_of(person=person)
    agreed = granted(person=person)
    waiting = {(str(each.purpose), str(each.channel)) for each in waiting_consents(person=person)} - agreed
    return Choices(
        agreed=sorted(map(list, agreed)),
        waiting=sorted(map(list, waiting)),
        frequency=preference.frequency,
        language=Person.objects.values_list("language", flat=True).get(pk=person.pk),
        not_now_until=preference.not_now_until.isoformat() if preference.not_now_until else "",
        unwanted=sorted(unwanted_topics(person=person)),
    )


@transaction.atomic
def change_choices(
    *,
    person: Person,
    relation: Relation,
    topics_shown: Collection[int],
    topics_wanted: Collection[int],
    not_now_until: date | bool | None,
    ip: str | None,
    by: str,
    now: datetime,
) -> Changed:
    """Takes the page as submitted, and keeps what held before. Raises as `change_relation`."""
    one_at_a_time(person=person)
    before = choices_of(person=person)
    choose_topics(person=person, shown=topics_shown, wanted=topics_wanted, by=by, now=now)
    changed = change_relation(person=person, relation=relation, not_now_until=not_now_until, ip=ip, by=by, now=now)
    _remember(person, before, now)
    return changed


@transaction.atomic
def leave_entirely(*, person: Person, by: str, now: datetime) -> None:
    """Ends everything at once, and keeps what held before."""
    one_at_a_time(person=person)
    before = choices_of(person=person)
    leave(person=person, by=by, now=now)
    _remember(person, before, now)


def last_change(*, preference: Preference, now: datetime) -> Choices | None:
    """What held before the last change, if that was within the hour and was not taken back."""
    if preference.before is None or preference.changed_at is None or preference.changed_at <= now - ONE_VISIT:
        return None
    return Choices(**preference.before)


@transaction.atomic
def undo(*, person: Person, shown_in: str, ip: str | None, by: str, now: datetime) -> Changed:
    """Takes the last change back. What had ended is asked to be confirmed by mail, as whatever is ticked anew.

    Raises NothingToUndoError, and as `change_relation`.
    """
    one_at_a_time(person=person)
    preference = Preference.objects.select_for_update().get(person=person)
    before = last_change(preference=preference, now=now)
    if before is None:
        raise NothingToUndoError
    present = unwanted_topics(person=person)
    choose_topics(
        person=person,
        shown=present | set(before.unwanted),
        wanted=present - set(before.unwanted),
        by=by,
        now=now,
    )
    changed = change_relation(
        person=person,
        relation=Relation(
            purposes=sorted(before.purposes),
            channels=sorted(before.channels) or [Channel.EMAIL],
            frequency=before.frequency,
            language=before.language,
            private_email="",
            shown_in=shown_in,
            only=before.pairs,
        ),
        not_now_until=before.pause,
        ip=ip,
        by=by,
        now=now,
    )
    _keep(person, None, None)
    return changed


@transaction.atomic
def renew(*, person: Person, by: str, now: datetime) -> EmailAddress:
    """Ends the link to the page and mails a fresh one to the address on file, which is returned.

    Whoever else has the former link loses it, and gets none. Raises AddressMissingError, AskedTooOftenError; then the
    link stays as it is, so that nobody is shut out.
    """
    one_at_a_time(person=person)
    address = working_address_of(person=person)
    if address is None:
        raise AddressMissingError
    preference = renew_link(person=person, by=by, now=now)
    send_fresh_link(preference=preference, address=address, by=by, now=now)
    return address


def _remember(person: Person, before: Choices, now: datetime) -> None:
    """Keeps `before` if anything is different now; else what was kept stays."""
    if choices_of(person=person) != before:
        _keep(person, asdict(before), now)


def _keep(person: Person, before: dict[str, Any] | None, at: datetime | None) -> None:
    Preference.objects.filter(person=person).update(before=before, changed_at=at)
