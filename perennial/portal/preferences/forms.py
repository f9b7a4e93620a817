"""The form of the preference page: the leaver's fields, and a pause."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from perennial.kernel.purposes import Purpose
from perennial.portal.leaver.forms import CONSENT, RelationFields
from perennial.web.fields import DayField


class PreferencesForm(RelationFields):
    """What holds now, ready to be changed. What waits for confirmation is ticked and says so."""

    not_now_until = DayField(
        label=_("Not now, but again from"),
        required=False,
        help_text=_("Until then we leave you in peace. Leave it empty to end a pause."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y"],
        error_messages={"invalid": _("We could not read this day. Write it like 2027-01-31.")},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        offered: Sequence[Purpose],
        shown_in: str,
        address_on_file: str,
        waiting: Collection[str] = (),
        asked_again: Collection[str] = (),
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, offered=offered, shown_in=shown_in, address_on_file=address_on_file, **kwargs)
        self.today = today
        self.fields["private_email"].label = _("Another private e-mail address")
        for purpose in asked_again:
            if CONSENT + purpose in self.fields:
                self.fields[CONSENT + purpose].note = _(  # type: ignore[attr-defined]
                    "We changed what this says; please agree again if you like."
                )
        for purpose in waiting:
            if CONSENT + purpose in self.fields:
                self.fields[CONSENT + purpose].note = _(  # type: ignore[attr-defined]
                    "Waits for you to press the button in the mail we sent."
                )

    def clean_not_now_until(self) -> date | None:
        until: date | None = self.cleaned_data["not_now_until"]
        if until is not None and until <= self.today:
            raise forms.ValidationError(_("This day has come already. Choose a later one, or leave it empty."))
        return until
