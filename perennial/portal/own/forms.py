"""Forms of somebody's own page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.privacy.rights.actions import WORDS_LENGTH
from perennial.privacy.rights.enums import Field


class AddressForm(forms.Form):
    """An address that is somebody's, or nobody's: the answer is the same."""

    address = forms.CharField(
        label=_("Your private e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Write your address.")},
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("The code from the mail"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("Write the six digits.")},
    )


class CorrectionForm(forms.Form):
    """One thing that is wrong, and what is right."""

    field = forms.ChoiceField(label=_("What is wrong"), choices=Field.choices)
    words = forms.CharField(
        label=_("What is right"),
        max_length=WORDS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write what is right.")},
    )


class ObjectionForm(forms.Form):
    words = forms.CharField(
        label=_("What speaks against it in your situation"),
        max_length=WORDS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("A sentence is enough.")},
    )
