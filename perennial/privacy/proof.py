"""What proves the consents of one person, in full: to be printed, or handed on as JSON (standards: BGH I ZR 164/09).

Each act of the ledger with the wording word for word, and each piece of evidence once: what was ticked, the mail as it
was written with what became of it, the confirmation, with times and addresses. An act names its pieces by number.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from perennial.audit.actions import record
from perennial.consent import documents
from perennial.consent.enums import EvidenceKind
from perennial.consent.models import Evidence, LedgerEntry
from perennial.consent.queries import proofs_of
from perennial.mail.confirmation import ORIGIN
from perennial.mail.models import Message
from perennial.people.models import Person
from perennial.programme.queries import current


class ActUnknownError(LookupError):
    """The ledger has no act of this number about this person."""


@transaction.atomic
def make_proof(*, person: Person, act: int | None, form: str, by: str, now: datetime) -> dict[str, Any]:
    """The proof of one act, or of all of a person, as plain values; that it was made is written down.

    `form` is how it leaves the house ('pdf', 'json'). Times are ISO 8601 in UTC. Raises ActUnknownError.
    """
    proofs = [proof for proof in reversed(proofs_of(person=person)) if act is None or proof.entry.pk == act]
    if act is not None and not proofs:
        raise ActUnknownError
    pieces = {row.pk: row for proof in proofs for row in proof.evidence}
    sent = _sent(person, pieces.values())
    record(
        deed="privacy.proof_made",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=person.key,
        details={"acts": len(proofs), "form": form},
    )
    return {
        "organisation": current().organisation,
        "person": {"key": person.key, "name": person.full_name},
        "made_at": now.isoformat(),
        "acts": [_act(proof.entry, [row.pk for row in proof.evidence]) for proof in proofs],
        "evidence": [_piece(row, sent.get((row.address, row.at))) for row in pieces.values()],
    }


def note_document_printed(*, person: Person, by: str, now: datetime) -> None:
    """Writes down that a colleague took a document of this person's out of the house."""
    record(
        deed="privacy.proof_made",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=person.key,
        details={"acts": 1, "form": "document"},
    )


def _act(entry: LedgerEntry, evidence: list[int]) -> dict[str, Any]:
    wording = entry.wording
    return {
        "number": entry.pk,
        "act": entry.act,
        "purpose": entry.purpose,
        "channel": entry.channel,
        "means": entry.means,
        "at": entry.at.isoformat(),
        "by": entry.by,
        "wording": {
            "text": wording.text,
            "language": wording.language,
            "version": wording.version,
            "meaning": wording.meaning,
            "basis": wording.basis,
            "sha256": wording.sha256,
        }
        if wording
        else None,
        "evidence": evidence,
    }


def _piece(row: Evidence, message: Message | None) -> dict[str, Any]:
    ticked = json.loads(row.content) if row.kind == EvidenceKind.REQUEST and row.content else None
    return {
        "number": row.pk,
        "kind": row.kind,
        "at": row.at.isoformat(),
        "ip": row.ip,
        "address": row.address,
        "ticked": ticked,
        "document": _document(row) if row.kind == EvidenceKind.DOCUMENT else None,
        "mail": row.content if row.kind == EvidenceKind.CONFIRMATION_MAIL else None,
        "sent": {
            "state": message.state,
            "at": message.done_at.isoformat() if message.done_at else None,
            "message_id": message.message_id,
        }
        if message
        else None,
        "kept_until": row.expires_on.isoformat() if row.expires_on else None,
    }


def _document(row: Evidence) -> dict[str, Any]:
    kept = documents.read(row.content)
    texts = [{"language": text.language, "text": text.plain} for text in kept.texts]
    return {"purpose": kept.purpose, "version": kept.version, "sha256": kept.sha256, "texts": texts}


def _sent(person: Person, pieces: Iterable[Evidence]) -> dict[tuple[str, datetime], Message]:
    """What became of the confirmation mails, by address and the moment they were written. Old ones may be gone."""
    moments = [row.at for row in pieces if row.kind == EvidenceKind.CONFIRMATION_MAIL]
    if not moments:
        return {}
    mails = Message.objects.filter(person=person, mailing__origin=ORIGIN, created_at__in=moments)
    return {(mail.address, mail.created_at): mail for mail in mails}
