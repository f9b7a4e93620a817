"""What the leaver is asked about staying in touch, after the questions of the questionnaire."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EXPECTED: tuple[str | Promise, ...] = (
    _("Would you like to hear from us, and of what?"),
    _("What would you like us to keep in mind about you?"),
)
