"""What the pages about exit answers ask: which figures, and what becomes of a text."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.departures.exit.enums import Band, Ending
from perennial.departures.exit.figures import Selection
from perennial.desk.fields import DepartmentField
from perennial.web.fields import EARLIEST_YEAR, LATEST_YEAR

ANY = _("all")


class MonthField(forms.CharField):
    """A month as browsers write it: 2026-09. Becomes its first day, or None."""

    widget = forms.DateInput(attrs={"type": "month"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            month = date.fromisoformat(f"{text}-01")
        except ValueError as error:
            raise forms.ValidationError(_("Write the month as 2026-09.")) from error
        if not EARLIEST_YEAR <= month.year <= LATEST_YEAR:
            raise forms.ValidationError(_("Check the year: this day is too far away."))
        return month


class SelectionForm(forms.Form):
    """Which groups are looked at. Everything empty is all of them."""

    department = DepartmentField(label=_("Department"), required=False, empty_label=ANY)
    band = forms.ChoiceField(label=_("Length of service"), required=False, choices=[("", ANY), *Band.choices])
    ending = forms.ChoiceField(label=_("How it ended"), required=False, choices=[("", ANY), *Ending.choices])
    since = MonthField(label=_("From"), required=False)
    until = MonthField(label=_("Until"), required=False)

    def selection(self) -> Selection:
        """What was chosen, once the form is valid."""
        chosen = self.cleaned_data
        return Selection(
            department=chosen["department"].pk if chosen["department"] else None,
            band=chosen["band"],
            ending=chosen["ending"],
            since=chosen["since"],
            until=chosen["until"],
        )


class EndingForm(forms.Form):
    """How a departure ended, as it is recorded for the figures."""

    recorded_ending = forms.ChoiceField(
        label=_("For the figures it counts as"),
        required=False,
        choices=[("", _("as the record says")), *Ending.choices],
    )
