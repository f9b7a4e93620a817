"""What each deed is called for humans. What has no words of its own is told by its code, without its signs."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DEEDS: dict[str, str | Promise] = {
    # Who saw what.
    "people.seen": _("Opened the person's page (told once a day)"),
    "people.proofs_opened": _("Opened what we can prove"),
    "people.exported": _("Wrote a file of people"),
    "departures.exit_answers_read": _("Read the exit answers"),
    "departures.conversation_notes_opened": _("Read the notes of the exit conversation"),
    "departures.exit_figures_exported": _("Wrote a file of exit figures"),
    "departures.reconciliation_exported": _("Wrote a file of who was invited"),
    "audit.exported": _("Wrote a file of this trail"),
    # People.
    "people.added": _("Added the person"),
    "people.corrected": _("Corrected name or language"),
    "people.stint_added": _("Added a time here"),
    "people.stint_corrected": _("Corrected a time here"),
    "people.address_added": _("Added an address"),
    "people.address_given": _("Noted when an address was given"),
    "people.address_removed": _("Took an address off the record"),
    "people.address_verified": _("Confirmed an address"),
    "people.position_added": _("Added a job elsewhere"),
    "people.position_corrected": _("Corrected a job elsewhere"),
    "people.position_removed": _("Took a job elsewhere off the record"),
    "people.skills_changed": _("Changed skills"),
    "privacy.erased": _("Erased the person"),
    # Consent and contact.
    "consent.requested": _("Asked to stay in touch, and waits to confirm"),
    "consent.request_extended": _("Asked for more, and waits to confirm"),
    "consent.granted": _("Agreed"),
    "consent.withdrawn": _("Withdrew what was agreed to"),
    "consent.preferences_changed": _("Changed how often, or a pause"),
    "consent.mailbox_confirmed": _("Pressed the button in the mailbox of a new address"),
    "consent.address_vouched": _("Vouched for a new address"),
    "consent.requests_expired": _("Forgot what nobody confirmed"),
    "consent.evidence_expired": _("Forgot proofs whose time was over"),
    "contact.restricted": _("Wrote down a decision about contact"),
    "contact.restriction_lifted": _("Lifted a decision about contact"),
    "contact.exclusion_prolonged": _("Prolonged an exclusion"),
    "contact.exclusion_owner_named": _("Named who answers for an exclusion"),
    "contact.suppressed": _("Stopped mail to an address that does not work"),
    "contact.suppression_lifted": _("Took up mail to an address again"),
    # Departures.
    "departures.invited": _("Invited to the exit conversation"),
    "departures.sheet_handed_over": _("Handed the printed sheet over"),
    "departures.fresh_link_sent": _("Sent a fresh link"),
    "departures.answers_submitted": _("Submitted exit answers"),
    "departures.relation_answered": _("Said what we may do"),
    "departures.ending_recorded": _("Recorded how it ended, for the figures"),
    "departures.conversation_notes_kept": _("Kept notes of the exit conversation"),
    "departures.manager_written_to": _("Wrote to the manager"),
    # Mail.
    "mail.written": _("Wrote a letter"),
    "mail.edited": _("Changed a letter"),
    "mail.approved": _("Sent a letter off"),
    "mail.put_aside": _("Put a letter aside"),
    "mail.taken_back": _("Took a letter back"),
    # Import.
    "intake.received": _("Brought a list"),
    "intake.apply_asked": _("Said that a list be taken in"),
    "intake.batch_applied": _("Took rows of a list in"),
    "intake.undo_asked": _("Said that an import be undone"),
    "intake.undone": _("Undid an import"),
    # Accounts.
    "accounts.signed_in": _("Signed in"),
    "accounts.invited": _("Invited a colleague"),
    "accounts.invited_again": _("Invited a colleague again"),
    "accounts.joined": _("Chose a password and joined"),
    "accounts.added": _("Made the first account"),
    "accounts.role_changed": _("Changed a role"),
    "accounts.disabled": _("Disabled an account"),
    "accounts.enabled": _("Enabled an account"),
    "accounts.second_factor_reset": _("Reset a second factor"),
    "accounts.sessions_ended": _("Ended sessions"),
    "accounts.password_changed": _("Changed the password"),
    "accounts.password_reset": _("Set a new password by a link"),
    "accounts.totp_activated": _("Added an authenticator app"),
    "accounts.totp_deactivated": _("Removed an authenticator app"),
    "accounts.webauthn_added": _("Added a passkey"),
    "accounts.webauthn_removed": _("Removed a passkey"),
    # The programme.
    "programme.set_up": _("Set up the programme"),
    "programme.changed": _("Changed the programme"),
    "programme.stage_changed": _("Changed the stage of the programme"),
    "programme.owner_named": _("Named who answers for the programme"),
    "programme.term_set": _("Changed how long something is kept"),
}

# What one looks for; each is a kind of deeds.
KINDS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "seen": (
        _("Who saw what"),
        (
            "people.seen",
            "people.proofs_opened",
            "departures.exit_answers_read",
            "departures.conversation_notes_opened",
        ),
    ),
    "files": (
        _("Files"),
        (
            "people.exported",
            "departures.exit_figures_exported",
            "departures.reconciliation_exported",
            "audit.exported",
        ),
    ),
    "people": (_("The record of people"), tuple(deed for deed in DEEDS if deed.startswith(("people.", "privacy.")))),
    "consent": (_("Consent and contact"), tuple(deed for deed in DEEDS if deed.startswith(("consent.", "contact.")))),
    "accounts": (_("Accounts and sign-in"), tuple(deed for deed in DEEDS if deed.startswith("accounts."))),
}


def deed_words(deed: str) -> str:
    """'people.added' in words."""
    known = DEEDS.get(deed)
    if known is not None:
        return str(known)
    module, _dot, rest = deed.partition(".")
    return f"{module}: {rest.replace('_', ' ')}"
