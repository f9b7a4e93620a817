"""Why a letter was not drafted or sent, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

RULES: dict[str, str | Promise] = {
    "consent": gettext_lazy("has not agreed to this"),
    "stage": gettext_lazy("the programme is not live"),
    "excluded": gettext_lazy("is not in the programme"),
    "decided": gettext_lazy("not for now, as was decided"),
    "audience": gettext_lazy("the programme is for others"),
    "objected": gettext_lazy("asked to be left alone"),
    "restricted": gettext_lazy("contact is restricted"),
    "no_address": gettext_lazy("no confirmed private address"),
    "suppressed": gettext_lazy("mail came back"),
    "frequency": gettext_lazy("heard from us not long ago"),
    "not_now": gettext_lazy("asked for a pause"),
    "topics": gettext_lazy("does not read about this"),
    "quiet_hours": gettext_lazy("it was night"),
}


def outcome_words(state: str, rule: str) -> str:
    """One phrase for a step that was skipped, waits or was dropped."""
    reason = str(RULES.get(rule, ""))
    if state == "dropped":
        return (
            _("Dropped, three weeks late: %(reason)s") % {"reason": reason}
            if reason
            else _("Dropped, three weeks late")
        )
    if state == "waiting":
        return _("Waits: %(reason)s") % {"reason": reason}
    return _("Skipped: %(reason)s") % {"reason": reason}
