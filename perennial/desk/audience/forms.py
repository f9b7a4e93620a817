"""Forms of the audience: a rule or a list, and an exclusion that somebody looks at again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.accounts.models import User
from perennial.accounts.queries import who_may
from perennial.accounts.roles import Permission
from perennial.departures.audience.actions import Asked
from perennial.departures.audience.conditions import standing_departments, standing_places
from perennial.departures.enums import AudienceMode
from perennial.departures.models import Audience
from perennial.desk.fields import ChosenField, DayField, DayInput, with_sentences
from perennial.people.enums import ContractKind
from perennial.programme.models import Department, Place

MODE_SENTENCES = {
    AudienceMode.RULE: _("HR's record decides: whoever fits what is asked below. What is left empty asks for nothing."),
    AudienceMode.LIST: _("You and your colleagues decide about each person, with the aim in view."),
}


class AudienceForm(forms.Form):
    """For whom the programme is. How somebody left is not asked: it says nothing about who is welcome."""

    mode = forms.ChoiceField(label=_("For whom is it?"), choices=AudienceMode.choices, widget=forms.RadioSelect)
    contract_kinds = forms.MultipleChoiceField(
        label=_("Kinds of contract"), required=False, choices=ContractKind.choices, widget=forms.CheckboxSelectMultiple
    )
    departments = ChosenField(
        Department.objects.all(), label=_("Departments"), required=False, widget=forms.SelectMultiple(attrs={"size": 6})
    )
    places = ChosenField(
        Place.objects.all(), label=_("Locations"), required=False, widget=forms.SelectMultiple(attrs={"size": 6})
    )
    minimum_months = forms.IntegerField(
        label=_("Months here, at least"),
        required=False,
        min_value=0,
        max_value=600,
        help_text=_("Whole months of one time here. Best left empty: few know who will matter."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    left_from = DayField(label=_("Left from"), required=False, widget=DayInput())
    left_until = DayField(label=_("Left until"), required=False, widget=DayInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mode"].widget.choices = with_sentences(MODE_SENTENCES)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("left_from"), cleaned.get("left_until")
        if first and last and last < first:
            self.add_error("left_until", _("This lies before the day from which they left."))
        return cleaned

    def asked(self) -> Asked:
        """What was decided; where people are chosen one by one the rule's fields ask nothing."""
        said = self.cleaned_data
        if said["mode"] == AudienceMode.LIST:
            return Asked(mode=AudienceMode.LIST)
        return Asked(
            mode=AudienceMode.RULE,
            contract_kinds=tuple(ContractKind(kind) for kind in said["contract_kinds"]),
            departments=tuple(row.pk for row in said["departments"]),
            places=tuple(row.pk for row in said["places"]),
            minimum_months=said["minimum_months"] or 0,
            left_from=said["left_from"],
            left_until=said["left_until"],
        )


def filled_from(audience: Audience) -> dict[str, Any]:
    """The form's fields as they stand in `audience`."""
    return {
        "mode": audience.mode,
        "contract_kinds": audience.contract_kinds,
        "departments": standing_departments(audience.departments),
        "places": standing_places(audience.places),
        "minimum_months": audience.minimum_months or None,
        "left_from": audience.left_from,
        "left_until": audience.left_until,
    }


class LookAgainForm(forms.Form):
    """Somebody looked at an exclusion again and keeps it for a while."""

    review_on = DayField(label=_("Look again on"), widget=DayInput())
    ends_on = DayField(label=_("Until"), widget=DayInput())


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(label=_("Who answers for it"), queryset=User.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = who_may(Permission.EDIT_PEOPLE)  # type: ignore[attr-defined]
