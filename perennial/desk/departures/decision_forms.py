"""Forms of decisions about a person."""

from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.departures.decisions.actions import TEXT_LENGTH, Proposal, latest_end
from perennial.departures.decisions.enums import (
    OUTCOMES,
    RESTRICTING,
    DecisionKind,
    DecisionOutcome,
    DecisionReason,
)
from perennial.desk.fields import DayField, DayInput, with_sentences

OUTCOME_SENTENCES: dict[DecisionOutcome, str | Promise] = {
    DecisionOutcome.WELCOME: _("The programme is for them as for others; what they agreed to decides the rest."),
    DecisionOutcome.LATER: _("Nobody invites them or writes to them until a day, then the door opens by itself."),
    DecisionOutcome.NOT: _("Nobody invites them or writes to them, for two years at most."),
    DecisionOutcome.YES: _("Would be taken on again like anybody else."),
    DecisionOutcome.CONDITIONAL: _("Whoever wants to approach them asks HR first. Openings still reach them."),
    DecisionOutcome.NO: _("No openings are sent to them, for two years at most. The rest of the programme stays open."),
}


class ProposalForm(forms.Form):
    """What a colleague proposes; another one looks at it before anything holds."""

    outcome = forms.ChoiceField(label=_("What do you propose?"), widget=forms.RadioSelect)
    reason = forms.ChoiceField(
        label=_("Why"),
        # Nothing chosen beforehand: what stands here is said of a person.
        choices=[("", _("choose")), *DecisionReason.choices],
        help_text=_("One of these, and nothing else, is a reason."),
    )
    explanation = forms.CharField(
        label=_("In neutral words"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What happened, so that the person could read it. They may read all of this."),
    )
    evidence = forms.CharField(
        label=_("What shows it"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Which talk, letter or file, and when. Kept encrypted."),
    )
    review_on = DayField(
        label=_("Look again on"),
        required=False,
        widget=DayInput(),
        help_text=_("Needed for all but a plain yes; you are reminded."),
    )
    ends_on = DayField(
        label=_("Until"),
        required=False,
        widget=DayInput(),
        help_text=_("The last day on which it holds, in two years at most."),
    )

    def __init__(self, *args: Any, kind: DecisionKind, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = day
        choices = with_sentences({outcome: OUTCOME_SENTENCES[outcome] for outcome in OUTCOMES[kind]})
        self.fields["outcome"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        outcome, reason = cleaned.get("outcome"), cleaned.get("reason")
        if not outcome:
            return cleaned
        restricts = outcome in RESTRICTING
        if restricts and reason == DecisionReason.GOOD_STANDING:
            self.add_error("reason", _("This speaks for them. Choose another reason, or propose something else."))
        if (
            not restricts
            and reason
            and reason not in (DecisionReason.GOOD_STANDING, DecisionReason.OWN_WISH, DecisionReason.OTHER_WORK)
        ):
            self.add_error("reason", _("This speaks against them. Choose another reason, or propose something else."))
        if restricts:
            self._check_days(cleaned)
        return cleaned

    def _check_days(self, cleaned: dict[str, Any]) -> None:
        review, end = cleaned.get("review_on"), cleaned.get("ends_on")
        if not review and "review_on" not in self.errors:
            self.add_error("review_on", _("Choose a day on which somebody looks at it again."))
        if not end and "ends_on" not in self.errors:
            self.add_error("ends_on", _("Choose the last day on which it holds."))
        if review and review <= self.day:
            self.add_error("review_on", _("Choose a day that lies ahead."))
        if end and end > latest_end(day=self.day):
            self.add_error("ends_on", _("Nothing is decided against anybody for more than two years."))
        elif review and end and end < review:
            self.add_error("ends_on", _("It would end before anybody looks at it again."))

    def proposal(self) -> Proposal:
        """What was proposed, once the form is valid."""
        said = self.cleaned_data
        return Proposal(
            outcome=DecisionOutcome(said["outcome"]),
            reason=DecisionReason(said["reason"]),
            explanation=said["explanation"],
            evidence=said["evidence"],
            review_on=said["review_on"],
            ends_on=said["ends_on"],
        )


class ReviewForm(forms.Form):
    """It stands a while longer; its end stays."""

    review_on = DayField(label=_("Look again on"), widget=DayInput())


class AppealForm(forms.Form):
    """What the person says against a decision."""

    said = forms.CharField(
        label=_("What they say to it"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In their own words. It stays beside the decision; nobody can take it away."),
    )
