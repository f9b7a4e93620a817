"""Forms of a farewell: settling a step, naming the manager, and the checklists themselves."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from perennial.departures.farewell.actions import REASON_LENGTH
from perennial.desk.fields import LineField, usable_address

CURRENCY = "EUR"


class MoneyField(forms.DecimalField):
    """An amount with a comma or a point before the cents, as people write it."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            min_value=Decimal(0),
            max_digits=9,
            decimal_places=2,
            required=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            error_messages={
                "invalid": _("Write an amount like 24.95."),
                "max_decimal_places": _("Write an amount like 24.95."),
            },
            **more,
        )

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class CurrencyField(LineField):
    """Three letters, in capitals (ISO 4217)."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            label=_("Currency"),
            max_length=3,
            required=False,
            validators=[RegexValidator(r"^[A-Z]{3}$", _("Write three letters, like EUR."))],
            widget=forms.TextInput(attrs={"size": 4, "autocomplete": "off"}),
            **more,
        )

    def to_python(self, value: Any) -> str:
        return super().to_python(value).upper()


class StepForm(forms.Form):
    """A step was done, with what it cost if that is known; or it is left out, and why."""

    cost = MoneyField(label=_("What it cost"))
    currency = CurrencyField()
    reason = LineField(label=_("Why not?"), max_length=REASON_LENGTH, required=False)

    def __init__(self, *args: Any, skips: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.skips = skips

    @classmethod
    def of(cls, step: Any) -> "StepForm":
        """An empty form for `step`, with what it usually costs."""
        return cls(
            initial={"cost": step.usual_cost, "currency": step.currency or CURRENCY}, auto_id=f"step-{step.pk}-%s"
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.skips and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Say in a few words why this is left out."))
        if not self.skips and cleaned.get("cost") is not None and not cleaned.get("currency"):
            self.add_error("currency", _("Write three letters, like EUR."))
        return cleaned


class ManagerForm(forms.Form):
    """Where the manager can be reached, and in which language."""

    email = forms.EmailField(
        label=_("The manager's e-mail address"),
        max_length=254,
        help_text=_("For this farewell only: it is kept encrypted and forgotten when the departure closes."),
        error_messages={"invalid": _("This does not look like an e-mail address.")},
    )
    language = forms.ChoiceField(label=_("In which language?"), choices=settings.LANGUAGES)

    def clean_email(self) -> str:
        return usable_address(self.cleaned_data["email"])
