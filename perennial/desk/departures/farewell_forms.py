"""Forms of a farewell: settling a step, naming the manager, and the checklists themselves."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from perennial.departures.farewell.actions import REASON_LENGTH
from perennial.departures.farewell.checklists import Conditions, StepWords
from perennial.departures.farewell.enums import Anchor, StepKind, StepOwner
from perennial.desk.fields import ChosenField, LineField, usable_address
from perennial.people.enums import ContractKind, HowEnded
from perennial.programme.models import Department

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


class ChecklistForm(forms.Form):
    """For which departures a checklist is."""

    name = LineField(label=_("What it is called"), max_length=120)
    how_ended = forms.MultipleChoiceField(
        label=_("How it ends"),
        required=False,
        choices=[choice for choice in HowEnded.choices if choice[0] != HowEnded.DEATH],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("After a death there is no checklist: nothing happens by itself then."),
    )
    contract_kinds = forms.MultipleChoiceField(
        label=_("Kinds of contract"), required=False, choices=ContractKind.choices, widget=forms.CheckboxSelectMultiple
    )
    departments = ChosenField(
        Department.objects.all(),
        label=_("Departments"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("With all that belong to them."),
    )

    def conditions(self) -> Conditions:
        """What was said, once the form is valid."""
        said = self.cleaned_data
        return Conditions(
            name=said["name"],
            how_ended=said["how_ended"],
            contract_kinds=said["contract_kinds"],
            departments=[row.pk for row in said["departments"]],
        )


class ChecklistStepForm(forms.Form):
    """A step of a checklist. `leaving`: how many leave by it now."""

    kind = forms.ChoiceField(label=_("What"), choices=StepKind.choices)
    title = LineField(
        label=_("In your words"),
        max_length=200,
        required=False,
        help_text=_("If you leave this empty it is called as its kind, in the language of whoever reads it."),
    )
    owner = forms.ChoiceField(label=_("Who owes it"), choices=StepOwner.choices)
    offset_days = forms.IntegerField(
        label=_("Days"), min_value=-365, max_value=365, initial=0, help_text=_("Before it with a minus: -7 is a week.")
    )
    anchor = forms.ChoiceField(label=_("Counted from"), choices=Anchor.choices, initial=Anchor.LAST_DAY)
    usual_cost = MoneyField(label=_("What it usually costs"))
    currency = CurrencyField(initial=CURRENCY)
    also_now = forms.BooleanField(required=False)

    def __init__(self, *args: Any, leaving: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if leaving:
            self.fields["also_now"].label = ngettext(
                "Also for the one who is leaving now, if it is not done",
                "Also for the %(count)d who are leaving now, where it is not done",
                leaving,
            ) % {"count": leaving}
        else:
            del self.fields["also_now"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") == StepKind.OTHER and not cleaned.get("title") and "title" not in self.errors:
            self.add_error("title", _("Say what it is."))
        if cleaned.get("kind") == StepKind.FLOWERS and cleaned.get("anchor") not in (None, Anchor.FIRST_DAY):
            self.add_error("anchor", _("Flowers are for the first day elsewhere, which the leaver names."))
        if cleaned.get("usual_cost") is not None and not cleaned.get("currency"):
            self.add_error("currency", _("Write three letters, like EUR."))
        return cleaned

    def step_words(self) -> StepWords:
        """What was said, once the form is valid."""
        said = self.cleaned_data
        cost = said["usual_cost"]
        return StepWords(
            kind=StepKind(said["kind"]),
            title=said["title"],
            owner=StepOwner(said["owner"]),
            anchor=Anchor(said["anchor"]),
            offset_days=said["offset_days"],
            usual_cost=cost,
            currency=said["currency"] if cost is not None else "",
        )

    @property
    def says_also_now(self) -> bool:
        return bool(self.cleaned_data.get("also_now"))
