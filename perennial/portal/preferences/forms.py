"""The form of the preference page: the leaver's fields, topics, and a pause."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from perennial.kernel.purposes import Purpose
from perennial.kernel.terms import months_after
from perennial.portal.leaver.forms import CONSENT, TOPICS, RelationFields
from perennial.programme.models import Topic
from perennial.web.fields import DayField

# The pauses that one press gives, in months, and the longest of all.
PAUSES = {"3": _("Three months"), "6": _("Six months"), "12": _("A year")}
LONGEST_PAUSE = 24
END_PAUSE = "end"
# Names the topics that stood on the page, so that one that has come since is not taken for unwanted.
SHOWN = "topics-shown"


class TopicsField(forms.MultipleChoiceField):
    """The topics that may come. One that was retired since the page was opened is passed over."""

    widget = forms.CheckboxSelectMultiple

    def to_python(self, value: Any) -> list[str]:
        return [each for each in super().to_python(value) if self.valid_value(each)]


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
        by_documents: bool = False,
        since: Mapping[str, str] | None = None,
        topics: Sequence[Topic] = (),
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, offered=offered, shown_in=shown_in, address_on_file=address_on_file, **kwargs)
        self.by_documents = by_documents
        self.today = today
        self.topics = topics
        pause = self.fields["not_now_until"].widget
        pause.attrs["min"] = (today + timedelta(days=1)).isoformat()
        pause.attrs["max"] = self.latest.isoformat()
        for of in Purpose:
            about = [(str(topic.pk), str(topic)) for topic in topics if topic.purpose == of]
            if about:
                self.fields[TOPICS + of] = TopicsField(
                    label=_("About what?"),
                    required=False,
                    choices=about,
                    help_text=_("Untick what you would rather not read about."),
                )
        for purpose, sentence in (since or {}).items():
            if CONSENT + purpose in self.fields:
                self.fields[CONSENT + purpose].since = sentence  # type: ignore[attr-defined]
        self.fields["private_email"].label = _("Another private e-mail address")
        for purpose in asked_again:
            if CONSENT + purpose in self.fields:
                self.fields[CONSENT + purpose].note = (  # type: ignore[attr-defined]
                    _("This takes a document by itself now; switch it on if you would like to read it.")
                    if by_documents
                    else _("We changed what this says; please agree again if you like.")
                )
        for purpose in waiting:
            if CONSENT + purpose in self.fields:
                self.fields[CONSENT + purpose].note = _(  # type: ignore[attr-defined]
                    "Waits for you to press the button in the mail we sent."
                )

    @property
    def latest(self) -> date:
        """The last day until which somebody may ask for a pause."""
        return months_after(self.today, LONGEST_PAUSE)

    @property
    def shown(self) -> str:
        """The topics on the page, for the hidden field that comes back with it."""
        return " ".join(str(topic.pk) for topic in self.topics)

    def topics_shown(self) -> set[int]:
        """Of the topics there are, those that stood on the page that was sent."""
        named = set(self.data.get(SHOWN, "").split())
        return {topic.pk for topic in self.topics if str(topic.pk) in named}

    def topics_wanted(self) -> set[int]:
        """Those ticked, once the form is valid."""
        return {
            int(topic)
            for name, ticked in self.cleaned_data.items()
            if name.startswith(TOPICS) and name != SHOWN
            for topic in ticked
        }

    def clean_not_now_until(self) -> date | None:
        pressed = self.data.get("pause", "")
        if pressed == END_PAUSE:
            return None
        if pressed in PAUSES:
            return months_after(self.today, int(pressed))
        until: date | None = self.cleaned_data["not_now_until"]
        if until is not None and until <= self.today:
            raise forms.ValidationError(_("This day has come already. Choose a later one, or leave it empty."))
        if until is not None and until > self.latest:
            raise forms.ValidationError(
                _("A pause lasts two years at most. To hear nothing any more, leave: that needs no day.")
            )
        return until
