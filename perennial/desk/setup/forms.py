"""The form of the set-up page."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from perennial.accounts.models import User
from perennial.desk.fields import new_password_field, usable_address, with_sentences
from perennial.desk.programme.forms import ProgrammeForm
from perennial.programme.enums import STAGE_SENTENCES, Stage


class SetUpForm(ProgrammeForm):
    """The programme, its first coordinator, and how far it is."""

    coordinator_name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        error_messages={"required": _("Write your name; people see who looks after them.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    coordinator_email = forms.EmailField(
        label=_("Your business e-mail"),
        max_length=254,
        help_text=_("You sign in with it. You become coordinator and owner; both can be handed over."),
        error_messages={"required": _("Write your e-mail address; you sign in with it.")},
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = new_password_field()
    stage = forms.ChoiceField(label=_("Stage"), choices=Stage.choices, widget=forms.RadioSelect)

    field_order = [
        "organisation",
        "postal_address",
        "privacy_notice",
        "language",
        "time_zone",
        "coordinator_name",
        "coordinator_email",
        "password",
        "aims",
        "stage",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].widget.choices = with_sentences(STAGE_SENTENCES)
        self.fields["password"].error_messages["required"] = _("Choose a password.")

    def clean(self) -> dict[str, Any]:
        """Says of the password what the action would say of it, together with everything else that needs a look."""
        cleaned = super().clean() or {}
        if "password" in cleaned:
            whose = User(name=cleaned.get("coordinator_name", ""), email=cleaned.get("coordinator_email", ""))
            try:
                validate_password(cleaned["password"], whose)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned

    def clean_coordinator_email(self) -> str:
        return usable_address(self.cleaned_data["coordinator_email"])
