"""What proves a consent: what was asked, the mail as sent, the press on the button, from where and when.

Evidence holds personal data, so it stands apart from the ledger and ends (ADR 0003). Its time is counted from the day
on which the agreement it proves ended, not from the day it was given: as long as we rely on an agreement we must be
able to show it (GDPR 7(1)).
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from perennial.audit.actions import record
from perennial.consent.enums import EvidenceKind
from perennial.consent.models import ConsentRequest, ConsentState, Evidence, LedgerEntry, Proving, RequestedConsent
from perennial.people.models import Person
from perennial.people.residence import policy_country_of
from perennial.programme.policy import evidence_until
from perennial.programme.queries import today


def add_evidence(
    *,
    person_key: str,
    kind: str,
    now: datetime,
    request: ConsentRequest | None = None,
    entries: Sequence[LedgerEntry] = (),
    ip: str | None = None,
    address: str = "",
    content: str = "",
) -> Evidence:
    """Keeps what proves a request or `entries`, apart from the ledger.

    What belongs to a request stays while what it asked for holds; anything else has its time from now on.
    """
    row = Evidence.objects.create(
        person_key=person_key,
        kind=kind,
        at=now,
        request=request,
        ip=ip,
        address=address,
        content=content,
        expires_on=None if request is not None else kept_until(person_key=person_key, ended_at=now),
    )
    Proving.objects.bulk_create(Proving(evidence=row, entry=entry) for entry in entries)
    return row


def add_evidence_of(
    request: ConsentRequest, *, kind: str, now: datetime, ip: str | None = None, content: str = ""
) -> Evidence:
    """Keeps what proves `request`, under its person and with the address it is about."""
    return add_evidence(
        person_key=request.person.key,
        kind=kind,
        now=now,
        request=request,
        ip=ip,
        address=request.address.address,
        content=content,
    )


def kept_until(*, person_key: str, ended_at: datetime) -> date | None:
    """The last day on which evidence is kept of an agreement that ended at `ended_at`, by the policy of the country
    whose law holds for the person; None is without end.
    """
    person = Person.objects.filter(key=person_key).first()
    country = policy_country_of(person) if person else ""
    return evidence_until(country=country, ended_on=today(now=ended_at))


def snapshot(*, request: ConsentRequest, consents: Iterable[RequestedConsent]) -> str:
    """What was ticked and what it said, word for word, as JSON."""
    return json.dumps(
        {
            "language": request.language,
            "frequency": request.frequency,
            "ticked": [
                {
                    "purpose": consent.purpose,
                    "channel": consent.channel,
                    "text": consent.wording.text,
                    "version": consent.wording.version,
                    "sha256": consent.wording.sha256,
                }
                for consent in consents
            ],
        },
        ensure_ascii=False,
    )


def narrowed(row: Evidence, *, purpose: str, request: ConsentRequest) -> Evidence:
    """A copy of `row`, not yet saved, for a request that was set apart; of what was ticked it says `purpose` alone."""
    content = row.content
    if row.kind == EvidenceKind.REQUEST:
        said = json.loads(content)
        said["ticked"] = [each for each in said["ticked"] if each["purpose"] == purpose]
        content = json.dumps(said, ensure_ascii=False)
    return Evidence(
        person_key=row.person_key,
        request=request,
        kind=row.kind,
        at=row.at,
        ip=row.ip,
        address=row.address,
        content=content,
    )


def prove(*, request: ConsentRequest, entries: Sequence[LedgerEntry]) -> None:
    """All that was kept of `request` proves each of `entries`, which came of it."""
    Proving.objects.bulk_create(
        Proving(evidence=row, entry=entry) for row in Evidence.objects.filter(request=request) for entry in entries
    )


def let_evidence_end(*, person_key: str, now: datetime) -> None:
    """From now on the time of evidence is running that proves nothing which still holds."""
    until = kept_until(person_key=person_key, ended_at=now)
    if until is not None:
        Evidence.objects.filter(
            Exists(Proving.objects.filter(evidence=OuterRef("pk"))), person_key=person_key, expires_on=None
        ).exclude(_still_needed()).update(expires_on=until)


@transaction.atomic
def drop_expired_evidence(*, now: datetime) -> int:
    """Deletes proofs whose time is over. What proves an agreement that holds stays, whatever is written on it."""
    over = Evidence.objects.filter(expires_on__lt=now.date()).exclude(_still_needed())
    deleted = over.delete()[1].get(Evidence._meta.label, 0)
    if deleted:
        record(deed="consent.evidence_expired", by="system", now=now, details={"rows": deleted})
    return deleted


def _still_needed() -> Exists:
    standing = ConsentState.objects.filter(granted=True).values("entry")
    return Exists(Proving.objects.filter(evidence=OuterRef("pk"), entry__in=standing))
