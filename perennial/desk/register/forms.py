"""Forms of the pages on accountability."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.desk.fields import DayField, LineField
from perennial.programme.additions import LONGEST
from perennial.programme.councils import NOTE_LENGTH
from perennial.programme.enums import CouncilOutcome
from perennial.programme.interests import NAME_LENGTH


class WordsForm(forms.Form):
    """What the employer adds to a section."""

    text = forms.CharField(
        label=_("What you add"),
        max_length=LONGEST,
        required=False,
        help_text=_("Plain text. Every version is kept; an empty field takes away what stands there."),
        widget=forms.Textarea(attrs={"rows": 10}),
    )


class RecordForm(forms.Form):
    """A record of legitimate interest: three questions in plain words, who decided, and when to look again."""

    interest = forms.CharField(
        label=_("1. What do you want, and why is it good?"),
        max_length=LONGEST,
        help_text=_(
            "Say whose interest it is (yours, the person's, others') and what would be lost without it. 'It is useful' "
            "is too little; 'leavers lose their references when HR's system closes' is an interest."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    necessity = forms.CharField(
        label=_("2. Could you do with less?"),
        max_length=LONGEST,
        help_text=_(
            "Which data, of whom, for how long; and what you considered that takes less: fewer fields, a shorter time, "
            "asking for agreement instead."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    balancing = forms.CharField(
        label=_("3. What speaks against it, and how did you weigh it?"),
        max_length=LONGEST,
        help_text=_(
            "Would people expect it from a former employer? Could it harm anybody, and whom most? What protects them: "
            "saying so when they leave, an objection without reasons, figures of groups only."
        ),
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    prevails = forms.TypedChoiceField(
        label=_("What follows"),
        choices=[("yes", _("It may be done.")), ("no", _("It may not be done."))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Say what follows.")},
    )
    decided_by = LineField(
        label=_("Who decided"),
        max_length=NAME_LENGTH,
        help_text=_("A name or a board; the privacy officer is asked before."),
        error_messages={"required": _("Write who decided.")},
    )
    decided_on = DayField(label=_("Decided on"))
    review_on = DayField(
        label=_("To be looked at again on"), help_text=_("Within three years; earlier when something changes.")
    )


class ProposalForm(RecordForm):
    """A record that begins with a proposed text; sending it says that it may be done."""

    prevails = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The text itself shows what an answer looks like.
        for name in ("interest", "necessity", "balancing"):
            self.fields[name].help_text = ""


class CouncilForm(forms.Form):
    """What those who represent the staff said."""

    gate = forms.ChoiceField(label=_("Who was asked, about what"))
    outcome = forms.ChoiceField(label=_("What became of it"), choices=CouncilOutcome.choices, widget=forms.RadioSelect)
    answered_on = DayField(label=_("When"))
    note = LineField(
        label=_("Where it stands, or why nobody need be asked"),
        max_length=NOTE_LENGTH,
        required=False,
        help_text=_("An agreement and its number, the minutes; or, say, that there is no works council."),
    )

    def __init__(self, *args: Any, gates: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gate"].choices = list(gates)  # type: ignore[attr-defined]
