"""The register as data that another system can read: keys and codes in English, terms as amount and unit."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import override

from perennial.kernel.terms import Term
from perennial.privacy.register.gathering import Entry, Kept, Register
from perennial.programme.interests import Standing

FORMAT = "perennial.register/1"


def as_data(register: Register) -> dict[str, Any]:
    """What `json.dumps` takes. Its keys keep their meaning as long as `format` says the same."""
    with override("en"):
        programme = register.programme
        return {
            "format": FORMAT,
            "made_on": register.on.isoformat(),
            "made_by": f"Perennial {register.version}",
            "policy": register.policy_version,
            "controller": {
                "name": programme.organisation,
                "address": programme.postal_address,
                "privacy_contact": programme.privacy_contact,
                "answers_for_it": programme.owner.name if programme.owner else "",
            },
            "processings": [_entry(each) for each in register.entries],
            "purposes_not_offered": [purpose.value for purpose in register.not_offered],
            "recipients": {
                "roles": [role.value for role in register.roles],
                "mail_server": register.mail_host or None,
            },
            "transfers": {"declared": list(register.stands_in), "residents_refused": list(register.refused)},
            "retention": [_kept(each) for each in register.kept],
            "measures": [
                {"sentence": str(each.sentence), "security_rows": list(each.rows)} for each in register.measures
            ],
            "additions": {
                section: {"text": row.text, "at": row.at.isoformat(), "version": row.pk}
                for section, row in register.added.items()
            },
        }


def _entry(entry: Entry) -> dict[str, Any]:
    processing = entry.processing
    return {
        "code": processing.code,
        "title": str(processing.title),
        "purpose": str(processing.purpose),
        "ground": processing.ground.value,
        "because": str(processing.because),
        "interest_record": _standing(entry.standing) if entry.standing else None,
        "subjects": str(processing.subjects),
        "data": [each.value for each in entry.classes],
        "tables": [
            {
                "name": held.model,
                "why": held.why,
                "fields": {each.value: names.split() for each, names in held.fields.items() if names},
                "on_erasure": held.erased.value,
                "rule": str(held.rule),
            }
            for held in entry.tables
        ],
        "seen_by": [role.value for role in entry.roles],
        "kept": [kind.value for kind in processing.kept],
        "ends": str(processing.ends),
    }


def interests_as_data(found: Sequence[Standing], *, organisation: str, on: date) -> dict[str, Any]:
    """The records that hold, as data."""
    return {
        "format": "perennial.interests/1",
        "controller": organisation,
        "made_on": on.isoformat(),
        "records": [{"processing": each.processing.value, **_standing(each)} for each in found],
    }


def _standing(standing: Standing) -> dict[str, Any]:
    record = standing.record
    if record is None:
        return {"stands": False, "version": None}
    return {
        "stands": standing.stands,
        "version": record.version,
        "interest": record.interest,
        "necessity": record.necessity,
        "balancing": record.balancing,
        "prevails": record.prevails,
        "decided_by": record.decided_by,
        "decided_on": record.decided_on.isoformat(),
        "review_on": record.review_on.isoformat(),
        "review_is_due": standing.review_is_due,
    }


def _kept(kept: Kept) -> dict[str, Any]:
    value = kept.term.value
    return {
        "kind": kept.kind.value,
        "residents_of": kept.country,
        "term": {"amount": value.amount, "unit": value.unit.value} if isinstance(value, Term) else None,
        "since": kept.term.since.isoformat(),
        "source": kept.term.source,
        "set_here": bool(kept.term.by),
    }
