"""Form fields that both sites use."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

# As an import reads days: what lies outside was mistyped, and nothing can be reckoned from it.
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100


class DayInput(forms.DateInput):
    """A day as every browser asks for it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day that somebody can mean."""

    default_error_messages = {"far": _("Check the year: this day is too far away.")}

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is not None and not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            raise forms.ValidationError(self.error_messages["far"], code="far")
        return day
