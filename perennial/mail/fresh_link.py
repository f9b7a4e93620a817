"""Mails somebody a fresh link to the page of their choices, to the address on file and nowhere else."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from perennial.consent.models import Preference
from perennial.kernel.links import path_to
from perennial.kernel.tokens import LinkPurpose
from perennial.mail.compose import in_letter, language_of, write_answer
from perennial.mail.confirmation import MAILS_A_DAY, AskedTooOftenError
from perennial.mail.enums import Priority
from perennial.mail.models import Message
from perennial.people.models import EmailAddress, Person
from perennial.programme.queries import current

ORIGIN = "mail:fresh_link"


@transaction.atomic
def send_fresh_link(*, preference: Preference, address: EmailAddress, by: str, now: datetime) -> Message:
    """Sends the present link of `preference` to `address`. Raises AskedTooOftenError."""
    person = preference.person
    lately = Message.objects.filter(
        mailing__origin=ORIGIN, address=address.address, created_at__gt=now - timedelta(days=1)
    )
    if lately.count() >= MAILS_A_DAY:
        raise AskedTooOftenError
    language = language_of(person)
    with translation.override(language):
        subject, body = _words(person)
    return write_answer(
        person=person,
        subject=subject,
        body=body,
        language=language,
        origin=ORIGIN,
        by=by,
        now=now,
        address=address.address,
        link_path=path_to(purpose=LinkPurpose.PREFERENCES, row=preference.pk, random=preference.link_random),
        priority=Priority.URGENT,
    )


def _words(person: Person) -> tuple[str, str]:
    organisation = current().organisation
    subject = gettext("A fresh link to your choices")
    paragraphs = [
        gettext("Hello %(name)s,") % {"name": in_letter(person.called or person.full_name)},
        gettext("You asked for a fresh link to the page where you choose what you get from us. Here it is:"),
        "{link}",
        gettext(
            "Earlier links to that page no longer open it. This one is yours alone; whoever has it can change what we "
            "send you. If you did not ask for it, somebody had the earlier link; it has ended now, and you need do "
            "nothing."
        ),
        organisation,
    ]
    return subject, "\n\n".join(paragraphs)
