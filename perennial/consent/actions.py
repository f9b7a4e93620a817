"""Writes consent: requests, grants, withdrawals, preferences. The ledger is only ever added to."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from perennial.audit.actions import record
from perennial.consent.documents import Document
from perennial.consent.enums import Act, EvidenceKind, Means
from perennial.consent.evidence import add_evidence_of, let_evidence_end, narrowed, prove, snapshot
from perennial.consent.models import (
    ConsentRequest,
    ConsentState,
    Evidence,
    LedgerEntry,
    Preference,
    RequestedConsent,
)
from perennial.consent.queries import preference_of, wording_for
from perennial.kernel.keys import new_random
from perennial.kernel.purposes import CONSENT_PURPOSES, Channel, Frequency
from perennial.people.actions import refresh_search_text
from perennial.people.models import EmailAddress, Person
from perennial.people.residence import document_language_of
from perennial.people.turns import one_at_a_time
from perennial.programme.queries import today

# An unconfirmed request is deleted after seven days, without a reminder (standards.md 1.3 P9).
DAYS_TO_CONFIRM = 7
# The source of an address that only the leaver's own page gave us.
LEAVER = "leaver"


class NothingAskedError(ValueError):
    """A request for consent names no purpose that can be agreed to."""


class RequestGoneError(Exception):
    """The request was confirmed already or has been deleted after seven days."""


class DocumentMissingError(Exception):
    """Where this person lives each purpose is agreed to by a document of its own, and this is something else."""


@transaction.atomic
def request_consents(
    *,
    person: Person,
    address: EmailAddress,
    purposes: Iterable[str],
    channels: Iterable[str],
    language: str,
    by: str,
    now: datetime,
    frequency: str = "",
    ip: str | None = None,
    only: Collection[tuple[str, str]] | None = None,
) -> ConsentRequest:
    """Writes down what somebody ticked. Nothing holds until it is confirmed from the mailbox of `address`.

    An earlier unconfirmed request of the same person is replaced. No channel ticked means e-mail, as the page says.
    `only`: the purposes and channels that go together, where not every purpose goes by every channel.
    Raises NothingAskedError.
    """
    asked = [purpose for purpose in CONSENT_PURPOSES if purpose in set(purposes)]
    ways = [channel for channel in Channel if channel in set(channels)] or [Channel.EMAIL]
    if not asked:
        raise NothingAskedError
    one_at_a_time(person=person)
    ConsentRequest.objects.filter(person=person, confirmed_at=None).delete()
    request = ConsentRequest.objects.create(
        person=person,
        address=address,
        language=language,
        frequency=Frequency(frequency) if frequency else "",
        requested_at=now,
    )
    wordings = {purpose: wording_for(purpose=purpose, language=language) for purpose in asked}
    ticked = RequestedConsent.objects.bulk_create(
        RequestedConsent(request=request, purpose=purpose, channel=channel, wording=wordings[purpose])
        for purpose in asked
        for channel in ways
        if only is None or (purpose, channel) in only
    )
    add_evidence_of(
        request, kind=EvidenceKind.REQUEST, now=now, ip=ip, content=snapshot(request=request, consents=ticked)
    )
    record(
        deed="consent.requested",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=person.key,
        details={"purposes": [str(purpose) for purpose in asked], "channels": [str(channel) for channel in ways]},
    )
    return request


@transaction.atomic
def add_to_request(
    *,
    request: ConsentRequest,
    purposes: Iterable[str],
    channels: Iterable[str],
    ip: str | None,
    by: str,
    now: datetime,
    only: Collection[tuple[str, str]] | None = None,
) -> bool:
    """Writes down more in a request that waits, so that one mail confirms all. False when it waits no longer.

    The mail names no purpose; the page it leads to shows every sentence before the button is pressed.
    """
    asked = [purpose for purpose in CONSENT_PURPOSES if purpose in set(purposes)]
    ways = [channel for channel in Channel if channel in set(channels)] or [Channel.EMAIL]
    person = request.person
    one_at_a_time(person=person)
    if not ConsentRequest.objects.filter(pk=request.pk, confirmed_at=None).exists():
        return False
    known = set(request.consents.values_list("purpose", "channel"))
    wordings = {purpose: wording_for(purpose=purpose, language=request.language) for purpose in asked}
    ticked = RequestedConsent.objects.bulk_create(
        RequestedConsent(request=request, purpose=purpose, channel=channel, wording=wordings[purpose])
        for purpose in asked
        for channel in ways
        if (purpose, channel) not in known and (only is None or (purpose, channel) in only)
    )
    add_evidence_of(
        request, kind=EvidenceKind.REQUEST, now=now, ip=ip, content=snapshot(request=request, consents=ticked)
    )
    record(
        deed="consent.request_extended",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=person.key,
        details={"purposes": [str(purpose) for purpose in asked], "channels": [str(channel) for channel in ways]},
    )
    return True


@transaction.atomic
def grant_request(
    *, request: ConsentRequest, ip: str | None, by: str, now: datetime, document: Document | None = None
) -> list[LedgerEntry]:
    """Grants what a confirmed request asked for, with its frequency. Raises RequestGoneError, DocumentMissingError.

    `document`: what was agreed to, where that takes one; the request then waits for its purpose alone (`set_apart`).
    """
    deadline = now - timedelta(days=DAYS_TO_CONFIRM)
    one_at_a_time(person=request.person)
    purposes = set(request.consents.values_list("purpose", flat=True))
    if document is not None and purposes != {document.purpose}:
        raise DocumentMissingError
    if document is None and document_language_of(request.person, on=today(now=now)):
        raise DocumentMissingError
    # A conditional update, so that of two presses at once one grants and the other is told.
    if not ConsentRequest.objects.filter(pk=request.pk, confirmed_at=None, requested_at__gt=deadline).update(
        confirmed_at=now
    ):
        raise RequestGoneError
    person = request.person
    entries = []
    for consent in request.consents.select_related("wording"):
        entry = LedgerEntry.objects.create(
            person_key=person.key,
            purpose=consent.purpose,
            channel=consent.channel,
            act=Act.GRANTED,
            means=Means.DOUBLE_OPT_IN if document is None else Means.DOCUMENT,
            wording=consent.wording,
            at=now,
            by=by,
        )
        ConsentState.objects.update_or_create(
            person=person,
            purpose=consent.purpose,
            channel=consent.channel,
            defaults={"granted": True, "since": now, "entry": entry, "meaning": consent.wording.meaning},
        )
        entries.append(entry)
    if request.frequency:
        change_preferences(person=person, frequency=request.frequency, by=by, now=now)
    if document is not None:
        add_evidence_of(request, kind=EvidenceKind.DOCUMENT, now=now, ip=ip, content=document.kept())
    add_evidence_of(request, kind=EvidenceKind.CONFIRMATION, now=now, ip=ip)
    prove(request=request, entries=entries)
    # What an earlier request proved of the same purposes is proved by this one now.
    let_evidence_end(person_key=person.key, now=now)
    record(
        deed="consent.granted",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=person.key,
        details={"entries": [entry.pk for entry in entries]},
    )
    return entries


@transaction.atomic
def set_apart(*, request: ConsentRequest, purpose: str) -> ConsentRequest:
    """A request for `purpose` alone, taken out of `request`, which goes on waiting for the rest; or itself, if there is
    no rest. What was kept of it so far comes along, so that each agreement is proved by itself and ends by itself.

    Raises RequestGoneError where it does not wait for this purpose any more.
    """
    one_at_a_time(person=request.person)
    waiting = request.consents.filter(request__confirmed_at=None)
    if not waiting.filter(purpose=purpose).exists():
        raise RequestGoneError
    if not waiting.exclude(purpose=purpose).exists():
        return request
    part = ConsentRequest.objects.create(
        person=request.person,
        address=request.address,
        language=request.language,
        frequency=request.frequency,
        requested_at=request.requested_at,
    )
    waiting.filter(purpose=purpose).update(request=part)
    # How often was said once, and holds with the first that is agreed to.
    ConsentRequest.objects.filter(pk=request.pk).update(frequency="")
    kept = Evidence.objects.filter(request=request).order_by("pk")
    Evidence.objects.bulk_create(narrowed(row, purpose=purpose, request=part) for row in kept)
    return part


@transaction.atomic
def decline_document(*, request: ConsentRequest, purpose: str, by: str, now: datetime) -> None:
    """Drops `purpose` from what waits: a document was read and not agreed to. Raises RequestGoneError."""
    one_at_a_time(person=request.person)
    waiting = request.consents.filter(request__confirmed_at=None, purpose=purpose)
    if not waiting.exists():
        raise RequestGoneError
    waiting.delete()
    record(deed="consent.document_declined", by=by, now=now, subject_kind="person", subject_key=request.person.key)
    if request.consents.exists():
        return
    siblings = ConsentRequest.objects.filter(person=request.person, requested_at=request.requested_at)
    if siblings.filter(confirmed_at__isnull=False).exists():
        # Something was agreed to by this link, which therefore is used and not run out; the proof went with that.
        Evidence.objects.filter(request=request).delete()
        ConsentRequest.objects.filter(pk=request.pk).update(confirmed_at=now)
    else:
        request.delete()


@transaction.atomic
def withdraw(
    *,
    person: Person,
    means: Means,
    by: str,
    now: datetime,
    purposes: Sequence[str] | None = None,
    channels: Sequence[str] | None = None,
) -> int:
    """Withdraws the named purposes and channels, or all; in force at once. Returns how many were withdrawn.

    What is still waiting for confirmation is dropped with it, so that a late press on the button grants nothing
    that was withdrawn in between.
    """
    one_at_a_time(person=person)
    states = ConsentState.objects.filter(person=person, granted=True)
    waiting = RequestedConsent.objects.filter(request__person=person, request__confirmed_at=None)
    if purposes is not None:
        states, waiting = states.filter(purpose__in=purposes), waiting.filter(purpose__in=purposes)
    if channels is not None:
        states, waiting = states.filter(channel__in=channels), waiting.filter(channel__in=channels)
    waiting.delete()
    ConsentRequest.objects.filter(person=person, confirmed_at=None, consents=None).delete()
    withdrawn = list(states)
    for state in withdrawn:
        state.entry = LedgerEntry.objects.create(
            person_key=person.key,
            purpose=state.purpose,
            channel=state.channel,
            act=Act.WITHDRAWN,
            means=means,
            at=now,
            by=by,
        )
        state.granted = False
        state.since = now
    ConsentState.objects.bulk_update(withdrawn, ["entry", "granted", "since"])
    if withdrawn:
        let_evidence_end(person_key=person.key, now=now)
        record(
            deed="consent.withdrawn",
            by=by,
            now=now,
            subject_kind="person",
            subject_key=person.key,
            details={"means": str(means), "entries": [state.entry_id for state in withdrawn]},
        )
    return len(withdrawn)


@transaction.atomic
def change_preferences(
    *, person: Person, by: str, now: datetime, frequency: str | None = None, not_now_until: date | bool | None = False
) -> Preference:
    """Changes how often, and not before when. `not_now_until=False` leaves it as it is; None lifts it."""
    one_at_a_time(person=person)
    preference = preference_of(person=person)
    before = (preference.frequency, preference.not_now_until)
    if frequency is not None:
        preference.frequency = Frequency(frequency)
    if not isinstance(not_now_until, bool):
        preference.not_now_until = not_now_until
    if (preference.frequency, preference.not_now_until) != before:
        preference.save(update_fields=["frequency", "not_now_until"])
        record(
            deed="consent.preferences_changed",
            by=by,
            now=now,
            subject_kind="person",
            subject_key=person.key,
            details={
                "frequency": preference.frequency,
                "not_now_until": preference.not_now_until.isoformat() if preference.not_now_until else None,
            },
        )
    return preference


@transaction.atomic
def renew_link(*, person: Person, by: str, now: datetime) -> Preference:
    """Gives the person's page of choices another link; the one there was opens nothing any more."""
    preference = preference_of(person=person)
    preference.link_random = new_random()
    preference.save(update_fields=["link_random"])
    record(deed="consent.link_renewed", by=by, now=now, subject_kind="person", subject_key=person.key)
    return preference


@transaction.atomic
def drop_unconfirmed(*, now: datetime) -> int:
    """Deletes requests nobody confirmed in seven days, and the unconfirmed addresses that came with them.

    Returns how many requests. An address goes too when its request was replaced or taken back in the meantime; one that
    HR's records hold stays.
    """
    deadline = now - timedelta(days=DAYS_TO_CONFIRM)
    stale = ConsentRequest.objects.filter(confirmed_at=None, requested_at__lte=deadline)
    requests = stale.count()
    stale.delete()
    unconfirmed = EmailAddress.objects.filter(
        source=LEAVER, verified_at=None, created_at__lte=deadline, consentrequest=None
    )
    people = {address.person_id: address.person for address in unconfirmed.select_related("person")}
    unconfirmed.delete()
    for person in people.values():
        # The search must not find somebody by an address that we no longer have.
        refresh_search_text(person=person)
    if requests or people:
        details = {"requests": requests, "addresses": len(people)}
        record(deed="consent.requests_expired", by="system", now=now, details=details)
    return requests
