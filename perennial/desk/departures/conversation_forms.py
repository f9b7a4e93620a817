"""Forms of an exit conversation."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.accounts.models import User
from perennial.departures.conversation.enums import Way
from perennial.departures.conversation.notes import NOTE_LENGTH
from perennial.departures.conversation.planning import PLACE_LENGTH, Plan
from perennial.departures.conversation.queries import who_may_lead
from perennial.departures.models import ExitConversation
from perennial.departures.models.conversation import LONGEST_MINUTES, SHORTEST_MINUTES
from perennial.desk.fields import DayField, DayInput, LineField

USUAL_MINUTES = 45


class TimeInput(forms.TimeInput):
    """A time of day as every browser asks for it."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class PlanForm(forms.Form):
    """Who leads the conversation, when, and how or where."""

    leader = forms.ModelChoiceField(
        label=_("Who leads it"),
        queryset=User.objects.none(),
        help_text=_("An exit interviewer or HR, never the manager."),
    )
    day = DayField(label=_("Day"), widget=DayInput())
    time = forms.TimeField(label=_("Time"), widget=TimeInput())
    minutes = forms.IntegerField(
        label=_("Minutes"),
        min_value=SHORTEST_MINUTES,
        max_value=LONGEST_MINUTES,
        initial=USUAL_MINUTES,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    way = forms.ChoiceField(label=_("How"), choices=Way.choices, widget=forms.RadioSelect, initial=Way.IN_PERSON)
    place = LineField(
        label=_("Where"),
        required=False,
        max_length=PLACE_LENGTH,
        help_text=_("The room, the number that is called, or the link of the video call."),
    )
    tell = forms.BooleanField(
        label=_("Write to the leaver, with an entry for the calendar"),
        required=False,
        help_text=_("In your name and in their language. It says that nobody has to come."),
    )

    def __init__(self, *args: Any, zone: str, conversation: ExitConversation | None = None, **kwargs: Any) -> None:
        """`conversation`: the one that is moved, whose time and place stand in the form."""
        self.zone = ZoneInfo(zone)
        kwargs.setdefault("initial", self._as_planned(conversation))
        super().__init__(*args, **kwargs)
        self.fields["leader"].queryset = who_may_lead()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("way") == Way.IN_PERSON and not cleaned.get("place") and "place" not in self.errors:
            self.add_error("place", _("Say where you meet."))
        return cleaned

    def plan(self) -> Plan:
        """What is planned, once the form is valid."""
        said = self.cleaned_data
        return Plan(
            leader=said["leader"],
            starts_at=datetime.combine(said["day"], said["time"], self.zone),
            minutes=said["minutes"],
            way=Way(said["way"]),
            place=said["place"],
        )

    def _as_planned(self, conversation: ExitConversation | None) -> dict[str, Any]:
        if conversation is None:
            return {}
        starts_at = conversation.starts_at.astimezone(self.zone)
        return {
            "leader": conversation.leader_id,
            "day": starts_at.date(),
            "time": starts_at.time(),
            "minutes": conversation.minutes,
            "way": conversation.way,
            "place": conversation.place,
            "tell": conversation.message_id is not None,
        }


class NotesForm(forms.Form):
    """A field for what was said to each question."""

    def __init__(self, *args: Any, questions: list[tuple[str, str]], kept: dict[str, str], **kwargs: Any) -> None:
        """`questions`: code and words; `kept`: what stands already, once it was opened."""
        kwargs.setdefault("initial", kept)
        super().__init__(*args, **kwargs)
        for code, words in questions:
            self.fields[code] = forms.CharField(
                label=words, required=False, max_length=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 3})
            )
