"""Inviting a colleague: the account and the letter that opens it, in one transaction."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from perennial.accounts import actions
from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.compose import write
from perennial.mail.models import Message
from perennial.programme.queries import current

ORIGIN = "accounts:invitation"


@transaction.atomic
def invite_colleague(
    *, name: str, email: str, role: Role, language: str, inviter: User, by: str, now: datetime
) -> User:
    """Makes the account and sends its one-time link. Raises AddressTakenError, AddressUnusableError."""
    user = actions.invite(name=name, email=email, role=role, language=language, by=by, now=now)
    _write(user, inviter, by, now)
    return user


@transaction.atomic
def invite_again(*, user: User, inviter: User, by: str, now: datetime) -> User:
    """Sends another link; the former one is void. Raises NotInvitedError."""
    user = actions.renew_invitation(user=user, by=by, now=now)
    _write(user, inviter, by, now)
    return user


def _write(user: User, inviter: User, by: str, now: datetime) -> Message:
    organisation = current().organisation or "Perennial"
    with override(user.language):
        subject = _("Your account for the alumni programme of %(organisation)s") % {"organisation": organisation}
        body = _(
            "Hello %(name)s,\n\n"
            "%(inviter)s invites you to help keep in touch with people who worked at %(organisation)s.\n\n"
            "Choose a password here; the link works once, for %(days)s days:\n\n"
            "{link}\n\n"
            "If you did not expect this, you can leave it unanswered. Nothing happens then."
        ) % {
            "name": user.name,
            "inviter": inviter.name,
            "organisation": organisation,
            "days": actions.INVITATION_DAYS,
        }
    return write(
        person=None,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject=subject,
        body=body,
        language=user.language,
        origin=ORIGIN,
        by=by,
        now=now,
        sender_name=inviter.name,
        reply_to=inviter.email,
        address=user.email,
        recipient_name=user.name,
        link_path=actions.invitation_path(user),
    )
