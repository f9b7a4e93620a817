"""Acts in the ledger and the means by which they came."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Act(TextChoices):
    GRANTED = "granted", _("Agreed")
    WITHDRAWN = "withdrawn", _("Withdrew")


class Means(TextChoices):
    DOUBLE_OPT_IN = "double_opt_in", _("Confirmed from the second mail")
    PREFERENCES = "preferences", _("On the preference page")
    ONE_CLICK = "one_click", _("By unsubscribing from a mail")
    ERASURE = "erasure", _("By erasure")
