"""The proof of consents as a printed document."""

from datetime import UTC, datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from perennial.consent.enums import Act, Basis, EvidenceKind, Means
from perennial.kernel.purposes import Channel, Frequency, Purpose
from perennial.mail.enums import MessageState
from perennial.web.documents.blocks import Block, Document, Facts, Heading, Letter, Quote, Text


def document_of(proof: dict[str, Any]) -> Document:
    """What `privacy.proof.make_proof` gave, in the words of the language that is spoken; times in UTC."""
    name = proof["person"]["name"]
    blocks: list[Block] = []
    if not proof["acts"]:
        blocks.append(Text(_("Nothing is in the ledger.")))
    for act in proof["acts"]:
        blocks += _act(act)
    if proof["evidence"]:
        blocks += [Heading(_("Evidence"))]
    for piece in proof["evidence"]:
        blocks += _piece(piece)
    made = _moment(proof["made_at"])
    return Document(
        title=_("Proof of consent: %(name)s") % {"name": name},
        language=translation.get_language() or "en",
        lead=_(
            "Every act below stands in the consent ledger of %(organisation)s, which is only ever added to. The "
            "wording is word for word as it was read. Times are UTC."
        )
        % {"organisation": proof["organisation"]},
        foot=_("%(organisation)s · %(key)s · made on %(moment)s")
        % {"organisation": proof["organisation"], "key": proof["person"]["key"], "moment": made},
        blocks=blocks,
    )


def _act(act: dict[str, Any]) -> list[Block]:
    wording = act["wording"]
    title = _("%(act)s: %(purpose)s, %(channel)s") % {
        "act": Act(act["act"]).label,
        "purpose": Purpose(act["purpose"]).label,
        "channel": Channel(act["channel"]).label,
    }
    facts = [
        (_("Number in the ledger"), str(act["number"])),
        (_("When"), _moment(act["at"])),
        (_("By what means"), str(Means(act["means"]).label)),
    ]
    blocks: list[Block] = [Heading(title)]
    if wording:
        blocks.append(Quote(wording["text"], wording["language"]))
        facts += [
            (_("Basis"), str(Basis(wording["basis"]).label)),
            (_("Language"), wording["language"]),
            (_("Version of the wording"), str(wording["version"])),
            (_("Checksum of the wording"), wording["sha256"]),
        ]
    pieces = ", ".join(str(number) for number in act["evidence"])
    facts.append((_("Evidence"), pieces or _("Nothing is kept any more, or it was by hand.")))
    return [*blocks, Facts(facts)]


def _piece(piece: dict[str, Any]) -> list[Block]:
    title = _("%(number)s: %(kind)s") % {"number": piece["number"], "kind": EvidenceKind(piece["kind"]).label}
    facts = [(_("When"), _moment(piece["at"]))]
    if piece["address"]:
        facts.append((_("E-mail address"), piece["address"]))
    if piece["ip"]:
        facts.append((_("From the network address"), piece["ip"]))
    if piece["sent"]:
        facts.append((_("What became of it"), _became(piece["sent"])))
        facts.append(("Message-ID", piece["sent"]["message_id"]))
    if piece["kept_until"]:
        facts.append((_("Kept until"), piece["kept_until"]))
    blocks: list[Block] = [Heading(title, level=2)]
    if ticked := piece["ticked"]:
        facts.append((_("Language of the page"), ticked["language"]))
        if ticked["frequency"]:
            facts.append((_("How often at most"), str(Frequency(ticked["frequency"]).label)))
    blocks.append(Facts(facts))
    for each in ticked["ticked"] if ticked else ():
        what = (Purpose(each["purpose"]).label, Channel(each["channel"]).label)
        blocks += [Text(", ".join(str(word) for word in what)), Quote(each["text"], ticked["language"])]
    if document := piece["document"]:
        facts += [
            (_("Version of the wording"), str(document["version"])),
            (_("Checksum of the wording"), document["sha256"]),
        ]
        blocks += [Letter(text["text"], text["language"]) for text in document["texts"]]
    if piece["mail"]:
        blocks.append(Letter(piece["mail"], translation.get_language() or "en"))
    return blocks


def _became(sent: dict[str, Any]) -> str:
    state = str(MessageState(sent["state"]).label)
    return f"{state}, {_moment(sent['at'])}" if sent["at"] else state


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
