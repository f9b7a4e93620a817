"""The form of the page on country policy."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perennial.desk.fields import DayField, LineField
from perennial.kernel.terms import Term, Unit
from perennial.people.models import Person
from perennial.privacy.models import HoldReason
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


class HoldForm(forms.Form):
    """Whom retention leaves alone, until when, and why."""

    person = forms.CharField(
        label=_("Whom"),
        max_length=254,
        help_text=_("An e-mail address on file, or the key in the address of their page."),
    )
    # None beforehand: why somebody is held is for the colleague to say.
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", _("choose")), *HoldReason.choices])
    sentence = LineField(label=_("In one sentence"), max_length=300)
    ends_on = DayField(label=_("Until"), help_text=_("Within three years; then it lapses."))

    def clean_person(self) -> Person:
        text = self.cleaned_data["person"].strip()
        people = Person.objects.filter(Q(key=text) | Q(addresses__address=text.lower())).distinct()
        if people.count() != 1:
            raise forms.ValidationError(_("This names nobody on file, or more than one person."))
        return people.get()
