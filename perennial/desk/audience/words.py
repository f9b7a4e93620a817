"""How the audience is told: what a rule asks, in one sentence each, and why somebody is not among those it is for."""

from collections.abc import Iterable, Iterator

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from perennial.departures.audience.conditions import standing_departments, standing_places
from perennial.departures.audience.queries import DIED
from perennial.departures.enums import AudienceMode, Standing
from perennial.departures.models import Audience
from perennial.people.enums import ContractKind
from perennial.programme.models import Department, Place

MISSING: dict[str, str | Promise] = {
    "contract_kind": gettext_lazy("no kind of contract on file"),
    "department": gettext_lazy("no department on file"),
    "place": gettext_lazy("no location on file"),
    "service": gettext_lazy("first or last day not on file"),
    "left": gettext_lazy("no last day on file"),
}
OTHERWISE: dict[str, str | Promise] = {
    "contract_kind": gettext_lazy("another kind of contract"),
    "department": gettext_lazy("another department"),
    "place": gettext_lazy("another location"),
    "service": gettext_lazy("was here for a shorter time"),
    "left": gettext_lazy("left at another time"),
    DIED: gettext_lazy("has died"),
}


def asks(audience: Audience) -> list[str]:
    """What `audience` asks, a line each; an empty rule asks nothing of anybody."""
    if audience.mode == AudienceMode.LIST:
        return [_("People chosen one by one.")]
    return list(_asked(audience)) or [_("Everybody, without a rule.")]


def reasons(standing: Standing, codes: list[str]) -> str:
    """Why somebody waits or is not meant, in a few words."""
    if standing is Standing.WAITS:
        return "; ".join(str(MISSING[code]) for code in codes) or _("nobody has decided yet")
    if standing is Standing.NOT_MEANT:
        return "; ".join(str(OTHERWISE[code]) for code in codes) or _("somebody decided so")
    return ""


def _asked(audience: Audience) -> Iterator[str]:
    if audience.contract_kinds:
        kinds = _names(ContractKind(kind).label for kind in audience.contract_kinds)
        yield _("Kind of contract: {names}.").format(names=kinds)
    for label, model, ids in (
        (_("Department: {names}."), Department, standing_departments(audience.departments)),
        (_("Location: {names}."), Place, standing_places(audience.places)),
    ):
        if ids:
            known = model._default_manager.filter(pk__in=ids)
            yield label.format(names=_names(row.name for row in known) or _("one that is gone"))
    if audience.minimum_months:
        yield ngettext(
            "Was here for at least {months} month.", "Was here for at least {months} months.", audience.minimum_months
        ).format(months=audience.minimum_months)
    if audience.left_from:
        yield _("Left on {day} or later.").format(day=date_format(audience.left_from, "DATE_FORMAT"))
    if audience.left_until:
        yield _("Left on {day} or earlier.").format(day=date_format(audience.left_until, "DATE_FORMAT"))


def _names(names: Iterable[str | Promise]) -> str:
    return ", ".join(str(name) for name in names)
