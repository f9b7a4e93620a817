"""Forms of a departure."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.desk.fields import DayField, DayInput


class InvitationForm(forms.Form):
    """The invitation as a colleague leaves it."""

    subject = forms.CharField(label=_("Subject"), max_length=250)
    body = forms.CharField(
        label=_("Letter"),
        max_length=20_000,
        strip=False,
        help_text=_("{link} is where the button to the leaver's page comes."),
        widget=forms.Textarea(attrs={"rows": 18, "class": "letter"}),
    )

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"]
        if "{link}" not in body:
            raise forms.ValidationError(
                _("Keep {link} somewhere in the letter: without it there is no way to the page.")
            )
        return body


class LastDayForm(forms.Form):
    """The last day that HR's record lacked."""

    last_day = DayField(
        label=_("Last day"),
        widget=DayInput(),
        error_messages={"invalid": _("We could not read this day. Write it like 2027-01-31.")},
    )


class InviteFromForm(forms.Form):
    """From which day on somebody may be invited after redundancy."""

    invite_from = DayField(
        label=_("Invite from"),
        required=False,
        widget=DayInput(),
        help_text=_("Left empty, nobody invites before you have set a day."),
        error_messages={"invalid": _("We could not read this day. Write it like 2027-01-31.")},
    )


class PeriodForm(forms.Form):
    """The days between which people left, both included."""

    first_day = DayField(label=_("Left from"), widget=DayInput())
    last_day = DayField(label=_("Left until"), widget=DayInput())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("This lies before the day from which they left."))
        return cleaned
