"""Forms of what people ask about their data."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.desk.fields import DayField, DayInput
from perennial.privacy.rights.actions import WORDS_LENGTH
from perennial.privacy.rights.enums import CameBy, Checked, Field, RequestKind
from perennial.programme.policy import first_day


class _Words(forms.CharField):
    """A few sentences."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=WORDS_LENGTH, widget=forms.Textarea(attrs={"rows": 4}), **more)


class NoteForm(forms.Form):
    """A request that came by letter, mail or phone, and how we made sure who asks."""

    kind = forms.ChoiceField(label=_("What is asked"), choices=[("", _("choose")), *RequestKind.choices])
    field = forms.ChoiceField(
        label=_("Of a correction: what is wrong"), choices=[("", _("choose")), *Field.choices], required=False
    )
    words = _Words(
        label=_("In their words"),
        required=False,
        help_text=_("Of a correction, what is right; of an objection, why. Kept encrypted; it goes with an erasure."),
    )
    came_by = forms.ChoiceField(
        label=_("How it came"),
        choices=[("", _("choose")), *(each for each in CameBy.choices if each[0] != CameBy.OWN_PAGE)],
    )
    checked_by = forms.ChoiceField(
        label=_("How you made sure who asks"),
        choices=[("", _("choose")), *(each for each in Checked.choices if each[0] != Checked.CODE)],
        help_text=_("As little as will do. Ask for no copy of a passport."),
    )
    received_on = DayField(
        label=_("Received on"),
        widget=DayInput(),
        help_text=_("The term begins with this day, whoever opened the letter."),
    )

    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") == RequestKind.CORRECTION and not cleaned.get("field"):
            self.add_error("field", _("Say what is wrong."))
        if cleaned.get("kind") in (RequestKind.CORRECTION, RequestKind.OBJECTION) and not cleaned.get("words"):
            self.add_error("words", _("Write down what they said."))
        received_on = cleaned.get("received_on")
        if received_on and received_on > self.day:
            self.add_error("received_on", _("This day lies ahead."))
        elif received_on and received_on < first_day():
            self.add_error("received_on", _("On that day there was no term yet for answering. Is the year right?"))
        return cleaned


class CarryOutForm(forms.Form):
    """What the person reads beside 'it is done', and who else was told."""

    answer = _Words(
        label=_("What the person reads beside 'it is done'"), required=False, help_text=_("In their language.")
    )
    recipients_told = _Words(
        label=_("Who else was told"),
        required=False,
        help_text=_("Others who had the data from us hear of it too (Art. 19). Leave it empty where nobody had it."),
    )


class ReasonForm(forms.Form):
    """A reason that the person reads."""

    reason = _Words(
        label=_("The reason, as the person reads it"),
        help_text=_("In their language. It is kept and shown to them."),
        error_messages={"required": _("Say why; the person reads it.")},
    )
