"""The form of the page on country policy."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.desk.fields import DayField, LineField
from perennial.kernel.terms import Term, Unit
from perennial.programme.enums import CHANGEABLE_KINDS, DataKind
from perennial.programme.keeping import WHY_LENGTH


class TermForm(forms.Form):
    """For how long a kind of data is kept, from a day on."""

    kind = forms.ChoiceField(label=_("What is kept"), choices=[(kind.value, kind.label) for kind in CHANGEABLE_KINDS])
    amount = forms.IntegerField(
        label=_("How long"), min_value=1, max_value=3650, required=False, help_text=_("A whole number.")
    )
    unit = forms.ChoiceField(
        label=_("Counted in"),
        choices=[(Unit.MONTHS.value, _("months")), (Unit.DAYS.value, _("days")), ("shipped", _("as shipped again"))],
    )
    starts_on = DayField(
        label=_("From"), help_text=_("A shorter term begins in a week at the earliest; a longer one may begin today.")
    )
    why = LineField(
        label=_("Why"),
        max_length=WHY_LENGTH,
        help_text=_("One sentence: who decided it, on what grounds. It is kept, and shown on this page."),
        error_messages={"required": _("Say why; it will be asked one day.")},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("unit") == "shipped":
            cleaned["term"] = None
        elif cleaned.get("amount"):
            cleaned["term"] = Term(cleaned["amount"], Unit(cleaned["unit"])) if "unit" in cleaned else None
        elif "amount" not in self.errors:
            self.add_error("amount", _("Write how long."))
        return cleaned

    def clean_kind(self) -> DataKind:
        return DataKind(self.cleaned_data["kind"])
