"""The document by which a purpose is agreed to where a country asks for one apart from everything else.

Russia does since 1 September 2025 (152-FZ art. 9(1)); what stands in it is what art. 9(4) names, as far as we hold it:
who keeps the data, whose it is, what for, which, what is done with it, for how long, how to withdraw. It is in the
language of the policy and below in that of the page. Nothing in it is kept before somebody agrees; then it is kept word
for word with what proves the agreement. The texts are in English as the source of translation.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from perennial.consent.enums import EvidenceKind
from perennial.consent.models import ConsentRequest, Evidence, RequestedConsent
from perennial.consent.queries import wording_text
from perennial.consent.wordings import WORDINGS
from perennial.kernel.purposes import CHANNEL_WORDS, Channel, Purpose
from perennial.people.residence import document_language_of
from perennial.programme.models import Programme
from perennial.programme.queries import current, today

# Of the words below; whoever changes one raises it. What was agreed to is kept as it was, so nobody is asked again.
VERSION = 1


class Parts(NamedTuple):
    """What the document of one purpose says besides what all of them say, in English."""

    kept: str
    done: str


_KEPT = gettext_noop(
    "Name and how I am called; private e-mail address; language; periods of work here with department, place and "
    "position; what I agreed to and how often; letters to me and my answers."
)
_DONE = gettext_noop(
    "Collecting, recording, storing, correcting, looking up, using it to write to me and to choose whom to write to, "
    "blocking, deleting, destroying; by computer."
)
PARTS: dict[Purpose, Parts] = {
    Purpose.NEWSLETTER: Parts(_KEPT, _DONE),
    Purpose.EVENTS: Parts(_KEPT, _DONE),
    Purpose.VACANCIES: Parts(_KEPT, _DONE),
    Purpose.PERSONAL: Parts(
        _KEPT,
        gettext_noop(
            "Collecting, recording, storing, correcting, looking up, using it to write to me or call me in person, "
            "blocking, deleting, destroying; by computer and by hand."
        ),
    ),
    Purpose.BUSINESS: Parts(
        gettext_noop(
            "Name and how I am called; private e-mail address; language; periods of work here with department, "
            "place and position; where I work now, as far as I said; what I agreed to and how often; letters to me "
            "and my answers."
        ),
        _DONE,
    ),
    Purpose.SURVEYS: Parts(_KEPT, _DONE),
    Purpose.FEEDBACK: Parts(_KEPT, _DONE),
    Purpose.DIRECTORY: Parts(
        gettext_noop("Name and how I am called; field of work; periods of work here with department and place."),
        gettext_noop(
            "Collecting, recording, storing, correcting, looking up, showing to former colleagues who agreed to the "
            "same, blocking, deleting, destroying; by computer. It is shown to nobody else and published nowhere."
        ),
    ),
}
_TITLE = gettext_noop("Consent to the processing of personal data: %(purpose)s")
_LEAD = gettext_noop(
    "I, %(name)s, agree freely, of my own will and in my own interest that my personal data is processed as it says "
    "here."
)
_FACTS = (
    (gettext_noop("Who processes it"), "%(operator)s"),
    (gettext_noop("Whose data"), "%(name)s, %(address)s"),
    (gettext_noop("What for"), "%(purpose)s: %(sentence)s"),
    (gettext_noop("Which data"), "%(kept)s"),
    (gettext_noop("What is done with it"), "%(done)s"),
    (gettext_noop("By which ways"), "%(ways)s"),
    (
        gettext_noop("How long"),
        gettext_noop(
            "From the moment I agree by the button below this document until I withdraw, at the longest until the "
            "programme for former colleagues ends."
        ),
    ),
    (
        gettext_noop("How to withdraw"),
        gettext_noop(
            "At any time and without giving a reason: on the page of my choices, to which every letter has a link, or "
            "in writing to the address of whoever processes the data. It holds at once, for this purpose alone."
        ),
    ),
)


@dataclass(frozen=True)
class Text:
    """A document in one language: title, what is declared, and facts with their labels."""

    language: str
    title: str
    lead: str
    facts: tuple[tuple[str, str], ...]

    @property
    def plain(self) -> str:
        """All of it, a fact a paragraph."""
        return "\n\n".join([self.title, self.lead, *(f"{label}: {fact}" for label, fact in self.facts)])


@dataclass(frozen=True)
class Document:
    """What somebody agrees to for one purpose, as it stands before them: in the language of the policy first."""

    purpose: str
    version: int
    texts: tuple[Text, ...]

    @property
    def label(self) -> str:
        return str(Purpose(self.purpose).label)

    @property
    def sha256(self) -> str:
        """Of all its words, so that a press on the button says what stood above it."""
        return hashlib.sha256("\n\n".join(text.plain for text in self.texts).encode()).hexdigest()

    def kept(self) -> str:
        """As JSON, for the evidence."""
        return json.dumps({**asdict(self), "sha256": self.sha256}, ensure_ascii=False)


def read(content: str) -> Document:
    """A document as it was kept."""
    kept: dict[str, Any] = json.loads(content)
    texts = (
        Text(text["language"], text["title"], text["lead"], tuple((label, fact) for label, fact in text["facts"]))
        for text in kept["texts"]
    )
    return Document(kept["purpose"], kept["version"], tuple(texts))


def documents_asked(*, request: ConsentRequest, language: str, now: datetime) -> list[Document]:
    """The documents that `request` waits for, in the order of the purposes, the text in `language` last; none where
    its person agrees without.
    """
    policy = document_language_of(request.person, on=today(now=now))
    if not policy:
        return []
    ways: dict[str, list[str]] = {}
    for consent in RequestedConsent.objects.filter(request=request).order_by("pk"):
        ways.setdefault(consent.purpose, []).append(consent.channel)
    asked = _Asked(request, current(), list(dict.fromkeys((policy, language))))
    return [_document(asked, purpose, ways[purpose]) for purpose in Purpose if purpose in ways]


def lacking(*, purposes: Iterable[Purpose], language: str) -> list[Purpose]:
    """Those of `purposes` that have no document in `language`."""
    return [purpose for purpose in purposes if purpose not in PARTS or not _speaks(purpose, language)]


def kept_documents(*, rows: QuerySet[Evidence]) -> list[tuple[Evidence, Document]]:
    """The documents among `rows`, the newest first."""
    return [(row, read(row.content)) for row in rows.filter(kind=EvidenceKind.DOCUMENT).order_by("-at", "-pk")]


def documents_of(*, person_key: str) -> list[tuple[Evidence, Document]]:
    """The documents by which a person agreed, as long as they are kept."""
    return kept_documents(rows=Evidence.objects.filter(person_key=person_key))


def sources(purpose: Purpose) -> list[str]:
    """The English words of which the document of `purpose` is made."""
    facts = [words for fact in _FACTS for words in fact if not words.startswith("%(")]
    return [_TITLE, _LEAD, *facts, *PARTS[purpose], WORDINGS[purpose].text]


def _speaks(purpose: Purpose, language: str) -> bool:
    if language == "en":
        return True
    with translation.override(language):
        return all(gettext(words) != words for words in sources(purpose))


class _Asked(NamedTuple):
    request: ConsentRequest
    programme: Programme
    languages: Sequence[str]


def _document(asked: _Asked, purpose: Purpose, ways: Sequence[str]) -> Document:
    return Document(
        purpose.value, VERSION, tuple(_text(asked, purpose, ways, language) for language in asked.languages)
    )


def _text(asked: _Asked, purpose: Purpose, ways: Sequence[str], language: str) -> Text:
    operator = asked.programme
    with translation.override(language):
        values = {
            "operator": ", ".join([operator.organisation, *filter(None, operator.postal_address.splitlines())]),
            "name": asked.request.person.full_name,
            "address": asked.request.address.address,
            "purpose": str(purpose.label),
            "sentence": wording_text(purpose=purpose, language=language, organisation=operator.organisation),
            "kept": gettext(PARTS[purpose].kept),
            "done": gettext(PARTS[purpose].done),
            "ways": ", ".join(str(CHANNEL_WORDS[Channel(way)]) for way in ways),
        }
        return Text(
            language,
            gettext(_TITLE) % values,
            gettext(_LEAD) % values,
            tuple((gettext(label), _filled(fact, values)) for label, fact in _FACTS),
        )


def _filled(fact: str, values: dict[str, str]) -> str:
    """Names and addresses go in as they are; the words around them are translated."""
    return (fact if fact.startswith("%(") else gettext(fact)) % values
