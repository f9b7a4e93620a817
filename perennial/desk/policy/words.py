"""What the page on country policy says of a rule."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perennial.kernel.terms import Term, Unit
from perennial.programme.enums import CoDetermination, Marketing


def value_words(value: Any) -> str:
    """A rule's value as one says it."""
    if isinstance(value, Term):
        return term_words(value)
    if isinstance(value, Marketing):
        return str(value.label)
    if isinstance(value, tuple):
        return "; ".join(str(CoDetermination(each).label) for each in value) or _("nothing that we know of")
    if value is None:
        return _("without end")
    if isinstance(value, str):
        return str(dict(settings.LANGUAGES)[value])
    return _("yes") if value else _("no")


def term_words(term: Term) -> str:
    values = {"many": term.amount}
    if term.unit is Unit.MONTHS:
        return ngettext("%(many)s month", "%(many)s months", term.amount) % values
    if term.unit is Unit.WORKING_DAYS:
        return ngettext("%(many)s working day", "%(many)s working days", term.amount) % values
    return ngettext("%(many)s day", "%(many)s days", term.amount) % values
