"""The filter over the outbox."""

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.desk.outbox.words import SHOWN
from perennial.kernel.purposes import Purpose

ANYTHING = ("", _("All"))


class OutboxFilter(forms.Form):
    """Both may stay open; what is none of the choices filters nothing."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[ANYTHING, *((state.value, state.label) for state in SHOWN)]
    )
    purpose = forms.ChoiceField(label=_("Purpose"), required=False, choices=[ANYTHING, *Purpose.choices])
