"""Forms for letters."""

from django import forms
from django.utils.translation import gettext_lazy as _


class LetterForm(forms.Form):
    """The draft as a human leaves it."""

    subject = forms.CharField(label=_("Subject"), max_length=250)
    body = forms.CharField(
        label=_("Letter"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 16, "class": "letter"}),
        strip=False,
    )
