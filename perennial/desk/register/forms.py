"""Forms of the pages on accountability."""

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.programme.additions import LONGEST


class WordsForm(forms.Form):
    """What the employer adds to a section."""

    text = forms.CharField(
        label=_("What you add"),
        max_length=LONGEST,
        required=False,
        help_text=_("Plain text. Every version is kept; an empty field takes away what stands there."),
        widget=forms.Textarea(attrs={"rows": 10}),
    )
