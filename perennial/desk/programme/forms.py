"""Forms of the Programme page."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.desk.fields import usable_address, with_sentences
from perennial.programme.enums import AIM_SENTENCES, SMALLEST_GROUP, STAGE_SENTENCES, Aim, Stage

HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


def time_zones() -> list[str]:
    """The places one can choose from, without historical and technical names."""
    places = {
        name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))
    }
    return ["UTC", *sorted(places)]


class ProgrammeForm(forms.Form):
    """What set-up and settings ask alike."""

    organisation = forms.CharField(
        label=_("Organisation"),
        max_length=200,
        help_text=_("As people who worked there call it."),
        error_messages={"required": _("Write what the organisation is called.")},
    )
    postal_address = forms.CharField(
        label=_("Postal address"),
        max_length=1000,
        help_text=_("Stands at the foot of every letter that needs consent; the law asks for it."),
        error_messages={"required": _("Write an address at which a letter by post arrives.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    privacy_notice = forms.CharField(
        label=_("Privacy notice"),
        max_length=20_000,
        help_text=_("Plain text: who is responsible, what you keep, why, for how long, and whom to ask."),
        error_messages={"required": _("Write at least who is responsible and whom to ask.")},
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("For people whose own language is not known."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Dates and quiet hours follow it."),
        error_messages={"required": _("Choose the zone of the place where you work.")},
    )
    aims = forms.MultipleChoiceField(
        label=_("Why do you do this?"),
        choices=Aim.choices,
        help_text=_("People are asked only about what serves one of these. Two or three is a good start."),
        error_messages={"required": _("Choose at least one; two or three is a good start.")},
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [(name, name.replace("_", " ")) for name in time_zones()]  # type: ignore[attr-defined]
        self.fields["aims"].widget.choices = with_sentences(AIM_SENTENCES)


class StageForm(forms.Form):
    """How far the programme is."""

    stage = forms.ChoiceField(label=_("Stage"), choices=Stage.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].widget.choices = with_sentences(STAGE_SENTENCES)


class SettingsForm(ProgrammeForm):
    """Everything that can be changed after set-up, but for stage and owner, which have a form of their own."""

    sender_address = forms.EmailField(
        label=_("Sender address"),
        max_length=254,
        help_text=_("Letters come from this address, under the name of who writes them; answers go to that person."),
        error_messages={"required": _("Write the address from which letters come.")},
    )
    privacy_contact = forms.CharField(
        label=_("Whom to ask about personal data"),
        max_length=1000,
        required=False,
        help_text=_("The privacy officer, or whoever does it here: name, address, mail. Stands in the register."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    quiet_from = forms.TypedChoiceField(label=_("Quiet from"), choices=HOURS, coerce=int)
    quiet_until = forms.TypedChoiceField(
        label=_("Quiet until"),
        choices=HOURS,
        coerce=int,
        help_text=_("No letter leaves between these hours. The same hour twice means at any time."),
    )
    minimum_group = forms.IntegerField(
        label=_("Smallest group in figures of exit answers"),
        min_value=SMALLEST_GROUP,
        max_value=100,
        required=False,
        help_text=_("Figures are only shown over so many people, five at least. Holds for answers from now on."),
        error_messages={"min_value": _("Fewer than five would tell of one of them.")},
    )

    field_order = [
        "organisation",
        "postal_address",
        "privacy_notice",
        "privacy_contact",
        "aims",
        "language",
        "time_zone",
        "sender_address",
        "quiet_from",
        "quiet_until",
        "minimum_group",
    ]

    def clean_sender_address(self) -> str:
        return usable_address(self.cleaned_data["sender_address"])


class OwnerForm(forms.Form):
    """Who answers for the programme."""

    owner = forms.ModelChoiceField(
        label=_("Owner"),
        queryset=User.objects.none(),
        help_text=_("A coordinator with name and face; leavers see the name."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = User.objects.filter(role=Role.COORDINATOR, is_active=True).order_by("name", "pk")
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]


class TestMailForm(forms.Form):
    """Where the test mail goes."""

    __test__ = False  # not a test, whatever its name says to a collector of tests

    to = forms.EmailField(label=_("Send it to"), max_length=254)

    def clean_to(self) -> str:
        return usable_address(self.cleaned_data["to"])
