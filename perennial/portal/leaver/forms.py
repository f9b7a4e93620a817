"""The leaver's form. Its field names are a promise to scripts: see docs/cli.md."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from perennial.consent.queries import wording_text
from perennial.departures.exit.answering import Answers
from perennial.departures.exit.enums import QuestionKind
from perennial.departures.exit.questionnaire import TEXT_LENGTH, Asked
from perennial.departures.relation import Relation
from perennial.kernel.purposes import Channel, Frequency, Purpose
from perennial.people.actions import AddressUnusableError, normal_address
from perennial.programme.queries import current

CONSENT = "consent-"
TOPICS = "topics-"
WISHES = ("private_email", "channel", "frequency", "language")
LANGUAGE_NAMES = {"en": "English", "nl": "Nederlands", "de": "Deutsch", "ru": "Русский"}

# Of more ready answers than this, one is chosen from a list that folds out.
CHOICES_AT_A_GLANCE = 6
UNKNOWN_CHOICE = _("Choose one of the answers, or none.")
UNKNOWN_CHOICES = _("We do not know one of these answers. Choose from the list.")
TOO_LONG = _("This is longer than we can keep: %(limit_value)d characters fit, yours has %(show_value)d.")

# How often at most, said beside the sentence one agrees to.
RHYTHMS = {
    Purpose.NEWSLETTER: _("Four times a year at most, or as you choose below."),
    Purpose.EVENTS: _("When there is one, a few times a year."),
    Purpose.VACANCIES: _("Now and then, and never more often than you choose below."),
    Purpose.PERSONAL: _("A few times in the first year, then about once a year."),
    Purpose.BUSINESS: _("Seldom, and only when we think it could interest you."),
    Purpose.SURVEYS: _("Once or twice a year."),
    Purpose.FEEDBACK: _("Only when something has changed."),
    Purpose.DIRECTORY: _("Sends you nothing by itself."),
}


# What a ticked box may say: ours is `yes`, a browser's own is `on`, and scripts write the others.
YES = ("yes", "on", "true", "1")


class YesBox(forms.CheckboxInput):
    """A box that says `yes`, and hands on what it did not expect, so that the field can refuse it."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, check_test=lambda value: value is True or value in YES)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name, "")

    def format_value(self, value: Any) -> str:
        return "yes"


class YesField(forms.Field):
    """Agreed when the box was ticked. Anything but a plain yes or nothing is refused rather than read as either."""

    widget = YesBox
    default_error_messages = {"invalid": _("We could not read this answer. Tick the box for yes, or leave it empty.")}

    def to_python(self, value: Any) -> bool:
        if value not in ("", *YES, None):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return bool(value)


class RelationFields(forms.Form):
    """What somebody says we may do. Shared by the leaver's page and the page of preferences.

    `shown_in` is the language of the page, `address_on_file` a masked address.
    """

    private_email = forms.CharField(
        label=_("Your private e-mail address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
    )
    channel = forms.MultipleChoiceField(
        label=_("How may we reach you?"),
        required=False,
        choices=Channel.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "If you tick none, we only use e-mail. For the others we keep no number and no address here: whoever would "
            "like to call or to send something asks you for it first."
        ),
        error_messages={"invalid_choice": _("We do not know one of these ways. Choose from the list.")},
    )
    frequency = forms.ChoiceField(
        label=_("How often at most?"),
        required=False,
        choices=Frequency.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose one of the answers, or none.")},
    )
    language = forms.ChoiceField(
        label=_("In which language shall we write?"),
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("We write in English, Dutch, German and Russian. Choose one of these.")},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        offered: Sequence[Purpose],
        shown_in: str,
        address_on_file: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        if address_on_file:
            self.fields["private_email"].help_text = _(
                "We have %(address)s on file. Leave the field empty to use it."
            ) % {"address": address_on_file}
        self.offered = offered
        self.shown_in = shown_in
        organisation = current().organisation
        for purpose in offered:
            self.fields[CONSENT + purpose] = YesField(
                label=purpose.label,
                required=False,
                help_text=wording_text(purpose=purpose, language=shown_in, organisation=organisation),
            )
        languages = self.fields["language"]
        assert isinstance(languages, forms.ChoiceField)
        languages.choices = [(code, LANGUAGE_NAMES.get(code, code)) for code, _name in settings.LANGUAGES]

    def lead_to_mistake(self) -> None:
        """Has the browser open the page at the first field that needs another look."""
        wrong = next((field for field in self if field.errors), None)
        if wrong is not None:
            wrong.field.widget.attrs["autofocus"] = True

    def clean_private_email(self) -> str:
        typed = self.cleaned_data["private_email"]
        if not typed:
            return ""
        try:
            return normal_address(typed)
        except AddressUnusableError as error:
            raise forms.ValidationError(
                _("This does not look like an e-mail address. It should read like name@example.org."), code="invalid"
            ) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        unknown = [
            name for name, value in self.data.items() if name.startswith(CONSENT) and name not in self.fields and value
        ]
        if unknown:
            self.add_error(
                None, _("Something was ticked that we do not ask at present. Load the page afresh and choose again.")
            )
        return cleaned

    @property
    def consents(self) -> list[tuple[forms.BoundField, Any, forms.BoundField | None]]:
        """Each consent with the rhythm it comes in, and with its topics where those are asked."""
        return [
            (
                self[CONSENT + purpose],
                RHYTHMS[purpose],
                self[TOPICS + purpose] if TOPICS + purpose in self.fields else None,
            )
            for purpose in self.offered
        ]

    def relation(self) -> Relation:
        """What was said, once the form is valid."""
        return Relation(
            purposes=[str(purpose) for purpose in self.offered if self.cleaned_data.get(CONSENT + purpose)],
            channels=self.cleaned_data["channel"],
            frequency=self.cleaned_data["frequency"],
            language=self.cleaned_data["language"],
            private_email=self.cleaned_data["private_email"],
            shown_in=self.shown_in,
        )


class LeaverForm(RelationFields):
    """All questions of the leaver's page. Each screen shows some of them; a script may send all at once.

    The questions are those of the questionnaire, each a field that is called as its code.
    """

    def __init__(self, data: QueryDict | None = None, *, questions: Sequence[Asked], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.questions = questions
        for question in questions:
            self.fields[question.code] = answer_field(question)

    def answers(self) -> Answers:
        """What was answered, once the form is valid."""
        return Answers(given={question.code: self.cleaned_data[question.code] for question in self.questions})


def answer_field(question: Asked) -> forms.Field:
    """The field in which a question is answered; none is ever required."""
    words: dict[str, Any] = {"label": question.label, "required": False, "help_text": question.hint}
    choices = [(choice.code, choice.label) for choice in question.choices]
    match question.kind:
        case QuestionKind.TEXT:
            return forms.CharField(
                max_length=TEXT_LENGTH,
                widget=forms.Textarea(attrs={"rows": 5}),
                error_messages={"max_length": TOO_LONG},
                **words,
            )
        case QuestionKind.SCALE:
            return forms.TypedChoiceField(
                choices=[(number, str(number)) for number in range(11)],
                coerce=int,
                empty_value=None,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": _("Choose a number from 0 to 10.")},
                **words,
            )
        case QuestionKind.SINGLE if len(choices) > CHOICES_AT_A_GLANCE:
            return forms.ChoiceField(
                choices=[("", "–"), *choices], error_messages={"invalid_choice": UNKNOWN_CHOICE}, **words
            )
        case QuestionKind.SINGLE:
            return forms.ChoiceField(
                choices=choices,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": UNKNOWN_CHOICE},
                **words,
            )
        case QuestionKind.MULTIPLE:
            return forms.MultipleChoiceField(
                choices=choices,
                widget=forms.CheckboxSelectMultiple,
                error_messages={"invalid_choice": UNKNOWN_CHOICES},
                **words,
            )
