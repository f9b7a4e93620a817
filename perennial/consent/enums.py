"""Acts in the ledger and the means by which they came."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Basis(TextChoices):
    """Why we may (GDPR 6(1)). What is not agreed to is service, which we owe or which somebody asked for."""

    CONSENT = "consent", _("Agreement")
    LEGITIMATE_INTEREST = "legitimate_interest", _("Legitimate interest")


class Act(TextChoices):
    GRANTED = "granted", _("Agreed")
    WITHDRAWN = "withdrawn", _("Withdrew")


class EvidenceKind(TextChoices):
    REQUEST = "request", _("What was ticked")
    CONFIRMATION_MAIL = "confirmation_mail", _("The mail that asked to confirm")
    MAILBOX = "mailbox", _("The button pressed in the new mailbox")
    VOUCHED = "vouched", _("The word for the new address")
    DOCUMENT = "document", _("The document agreed to")
    CONFIRMATION = "confirmation", _("The confirmation")
    ONE_CLICK = "one_click", _("The press that unsubscribed")


class Means(TextChoices):
    DOUBLE_OPT_IN = "double_opt_in", _("Confirmed from the second mail")
    # Where a country asks for one a purpose (documents.py).
    DOCUMENT = "document", _("By a document of its own, from the second mail")
    PREFERENCES = "preferences", _("On the preference page")
    ONE_CLICK = "one_click", _("By unsubscribing from a mail")
    ERASURE = "erasure", _("By erasure")
    # Asked again after long silence, and silent since (privacy/asking).
    NO_ANSWER = "no_answer", _("By giving no answer when asked again")
