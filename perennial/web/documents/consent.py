"""The document by which somebody agreed to a purpose, printed as it was kept."""

from datetime import UTC

from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from perennial.consent.documents import Document as ConsentDocument
from perennial.consent.models import Evidence
from perennial.web.documents.blocks import Block, Document, Facts, Letter
from perennial.web.documents.pdf import pdf_of


def consent_file(row: Evidence, document: ConsentDocument) -> HttpResponse:
    """A document that somebody agreed to, as PDF to be saved: the same file for whoever asks, each time."""
    file = pdf_of(_printed(row, document), made_at=row.at)
    name = 'attachment; filename="consent.pdf"'
    return HttpResponse(file, content_type="application/pdf", headers={"Content-Disposition": name})


def _printed(row: Evidence, document: ConsentDocument) -> Document:
    """What was agreed to in the language of the policy, below it as it stood in the other, then when and from where."""
    first, *others = document.texts
    blocks: list[Block] = [Facts(first.facts), *(Letter(text.plain, text.language) for text in others)]
    with translation.override(first.language):
        agreed = [(_("Agreed to by the button below it"), f"{row.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")]
        if row.address:
            agreed.append((_("E-mail address"), row.address))
        if row.ip:
            agreed.append((_("From the network address"), row.ip))
        agreed.append((_("Version of the wording"), str(document.version)))
        agreed.append((_("Checksum of the wording"), document.sha256))
    return Document(
        title=first.title, language=first.language, lead=first.lead, foot=f"{row.pk}", blocks=[*blocks, Facts(agreed)]
    )
