"""Reads consent: what was said to whom, and what holds now."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils import translation
from django.utils.translation import gettext

from perennial.consent.enums import Act, Basis, Means
from perennial.consent.models import ConsentState, Evidence, LedgerEntry, Preference, Proving, Wording
from perennial.consent.wordings import WORDINGS
from perennial.kernel import clock
from perennial.kernel.purposes import CONSENT_PURPOSES, Channel, Frequency, Purpose
from perennial.people.models import Person
from perennial.people.residence import agrees_by_documents
from perennial.programme.queries import current


def wording_text(*, purpose: str, language: str, organisation: str | None = None) -> str:
    """The sentence for `purpose` in `language` as a person reads it, with the organisation's name in it.

    `organisation`: when the caller has it at hand.
    """
    sentence = WORDINGS[Purpose(purpose)].text
    with translation.override(language):
        return gettext(sentence) % {"organisation": current().organisation if organisation is None else organisation}


def wording_for(*, purpose: str, language: str) -> Wording:
    """The wording in force, written down once word for word. A text that changed without a new number gets one."""
    version, _text, meaning = WORDINGS[Purpose(purpose)]
    text = wording_text(purpose=purpose, language=language)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    written = Wording.objects.filter(purpose=purpose, language=language)
    same = written.filter(sha256=sha256, meaning=meaning).order_by("-version").first()
    if same is not None:
        return same
    latest = written.order_by("-version").first()
    row, _made = Wording.objects.get_or_create(
        purpose=purpose,
        language=language,
        version=max(version, latest.version + 1 if latest else 1),
        defaults={"text": text, "sha256": sha256, "meaning": meaning, "basis": basis_of(purpose)},
    )
    return row


def preference_of(*, person: Person) -> Preference:
    """The person's preferences; the row, and with it the secret of their link, is made on first asking."""
    row, _ = Preference.objects.get_or_create(person=person)
    return row


def frequency_of(*, person: Person) -> str:
    """How often at most this person hears from us: as chosen, or as it is where nobody chose. Writes nothing."""
    chosen = Preference.objects.filter(person=person).values_list("frequency", flat=True).first()
    return chosen or Frequency(Preference.frequency.field.default)


def basis_of(purpose: str) -> Basis:
    """Why we may send what is for this purpose."""
    return Basis.CONSENT if purpose in CONSENT_PURPOSES else Basis.LEGITIMATE_INTEREST


def current_meaning(purpose: str) -> int:
    """The number of what the wording of this purpose means today."""
    return WORDINGS[Purpose(purpose)].meaning


def outgrown() -> Q:
    """Of consent states: agreed to, but to a wording that meant something else than today's, or without the document
    that the person's country asks for by now.
    """
    older = [Q(purpose=purpose, meaning__lt=each.meaning) for purpose, each in WORDINGS.items() if each.meaning > 1]
    # By the day alone, which is no matter of an hour: the zone of the programme would cost a statement.
    by_documents = Person.objects.filter(agrees_by_documents(on=clock.now().date()), pk=OuterRef("person"))
    older.append(~Q(entry__means=Means.DOCUMENT) & Q(Exists(by_documents)))
    return Q(reduce(or_, older), granted=True)


def not_agreed(*, purpose: Purpose, channel: Channel, on: date) -> Q:
    """Of people: who does not agree to this as it is worded now, by a document where their country asks for one."""
    return ~Q(Exists(_agreements(purpose, channel))) | _lacks_document(purpose, channel, on)


def _lacks_document(purpose: Purpose, channel: Channel, on: date) -> Q:
    by_document = _agreements(purpose, channel).filter(entry__means=Means.DOCUMENT)
    return agrees_by_documents(on=on) & ~Q(Exists(by_document))


def _agreements(purpose: Purpose, channel: Channel) -> QuerySet[ConsentState]:
    return ConsentState.objects.filter(
        person=OuterRef("pk"),
        purpose=purpose,
        channel=channel,
        granted=True,
        # Who agreed to another meaning has not agreed to this one.
        meaning__gte=current_meaning(purpose),
    )


def granted(*, person: Person) -> set[tuple[str, str]]:
    """The purposes and channels a person agrees to now, as they are worded now."""
    states = ConsentState.objects.filter(person=person, granted=True).exclude(outgrown())
    return set(states.values_list("purpose", "channel"))


def to_be_asked_again(*, person: Person) -> set[tuple[str, str]]:
    """What a person agreed to before its wording changed in meaning, or before it took a document. It holds again once
    they agree to it as it is now.
    """
    return set(ConsentState.objects.filter(outgrown(), person=person).values_list("purpose", "channel"))


def people_who_agreed(*, purpose: Purpose, channel: Channel) -> QuerySet[Person]:
    """Everybody who agrees to this now. Whether they may be reached is for the door to say."""
    agreed = Person.objects.filter(Exists(_agreements(purpose, channel)))
    return agreed.exclude(_lacks_document(purpose, channel, clock.now().date())).order_by("pk")


def standing_consents(*, person: Person) -> QuerySet[ConsentState]:
    """What a person agrees to now, each with the entry of the ledger that says so and the wording they read.

    `asks_again` where that wording has another meaning today, or it takes a document by now.
    """
    again = Case(When(outgrown(), then=Value(True)), default=Value(False), output_field=BooleanField())
    return (
        ConsentState.objects.filter(person=person, granted=True)
        .annotate(asks_again=again)
        .select_related("entry__wording")
        .order_by("purpose", "channel")
    )


@dataclass(frozen=True)
class Proof:
    """What the ledger can show of one act, and what evidence of it is still kept."""

    entry: LedgerEntry
    evidence: tuple[Evidence, ...]


def proofs_of(*, person: Person) -> list[Proof]:
    """Every act of a person, the newest first, in two queries whatever their number."""
    entries = LedgerEntry.objects.filter(person_key=person.key).select_related("wording").order_by("-at", "-pk")
    kept: dict[int, list[Evidence]] = defaultdict(list)
    rows = Proving.objects.filter(evidence__person_key=person.key).select_related("evidence")
    for row in rows.order_by("evidence__at", "evidence"):
        kept[row.entry_id].append(row.evidence)
    return [Proof(entry, tuple(kept[entry.pk])) for entry in entries]


def replayed(*, person_key: str) -> set[tuple[str, str]]:
    """The same, computed from the ledger alone: the truth that the state table is held against.

    In the order of writing. Two clocks may differ by a moment, so that `at` alone would turn a withdrawal around.
    """
    agreed: set[tuple[str, str]] = set()
    for entry in LedgerEntry.objects.filter(person_key=person_key).order_by("pk"):
        if entry.act == Act.GRANTED:
            agreed.add((entry.purpose, entry.channel))
        else:
            agreed.discard((entry.purpose, entry.channel))
    return agreed
