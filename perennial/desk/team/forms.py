"""Forms of the Team pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.accounts.roles import ROLE_SENTENCES, Role
from perennial.desk.fields import DayField, DayInput, new_password_field, usable_address, with_sentences


class RoleForm(forms.Form):
    """One role out of all."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].widget.choices = with_sentences(ROLE_SENTENCES)

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class InviteForm(RoleForm):
    """Whom to invite, and as what."""

    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(
        label=_("Business e-mail"),
        max_length=254,
        help_text=_("They get a link with which they choose a password. It works once, for seven days."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    field_order = ["name", "email", "role"]

    def clean_email(self) -> str:
        return usable_address(self.cleaned_data["email"])


class PasswordForm(forms.Form):
    """A first password."""

    password = new_password_field()


class AwayForm(forms.Form):
    """From when until when one is away; both empty: not at all."""

    first_day = DayField(label=_("First day away"), required=False, widget=DayInput())
    last_day = DayField(
        label=_("Last day away"),
        required=False,
        help_text=_("The team sees it on Today. Leave both empty when you are back."),
        widget=DayInput(),
    )
