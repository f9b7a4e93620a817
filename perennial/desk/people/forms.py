"""Forms for persons and their stints. They check what was typed and save nothing."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from perennial.accounts.models import User
from perennial.accounts.queries import who_may
from perennial.accounts.roles import Permission
from perennial.contact.enums import (
    AUDIENCE_REASONS,
    DECISION_REASONS,
    EXCLUSION_REASONS,
    FOLLOWING_KINDS,
    RestrictionKind,
    RestrictionReason,
)
from perennial.desk.fields import DayField, DayInput, DepartmentField, LineField, usable_address
from perennial.desk.people.columns import Column
from perennial.intake.values import person_name
from perennial.kernel.countries import choices
from perennial.kernel.purposes import Intent, Purpose
from perennial.kernel.text import one_line
from perennial.people.actions import AddressUnusableError, normal_address
from perennial.people.directory import Filters
from perennial.people.elsewhere import DomainUnusableError, normal_domain
from perennial.people.enums import AddressKind, CompanyRelation, ContractKind, HowEnded, Sort, StintStatus
from perennial.people.skills import MOST_SKILLS, SKILL_LENGTH, SkillsUnusableError, skills_in
from perennial.programme.models import Place

ANY = [("", _("not known"))]


class DirectoryForm(forms.Form):
    """What somebody looks for in the directory, and in which columns. What cannot be read asks for nothing."""

    q = forms.CharField(
        label=_("Name, address, title, company or skill"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    department = DepartmentField(label=_("Department"), required=False, empty_label=_("any"))
    place = forms.ModelChoiceField(Place.objects.all(), label=_("Location"), required=False, empty_label=_("any"))
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("any")), *StintStatus.choices])
    contract_kind = forms.ChoiceField(
        label=_("Kind of contract"), required=False, choices=[("", _("any")), *ContractKind.choices]
    )
    how_ended = forms.ChoiceField(label=_("How it ended"), required=False, choices=[("", _("any")), *HowEnded.choices])
    left_from = DayField(label=_("Left from"), required=False, widget=DayInput())
    left_until = DayField(label=_("Left until"), required=False, widget=DayInput())
    company = forms.CharField(label=_("Works or worked at"), required=False, max_length=200)
    skill = forms.CharField(label=_("Knows how to do"), required=False, max_length=100)
    sort = forms.ChoiceField(label=_("In the order of"), required=False, choices=Sort.choices)
    column = forms.MultipleChoiceField(label=_("Columns"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, asked: QueryDict, *, columns: Sequence[Column], may_see_why: bool) -> None:
        super().__init__(asked)
        if not may_see_why:
            # Why somebody left is not for every role, and a filter would tell it.
            del self.fields["how_ended"]
        shown = self.fields["column"]
        assert isinstance(shown, forms.MultipleChoiceField)
        shown.choices = [(column.code, column.label) for column in columns]
        shown.initial = [column.code for column in columns if column.shown_at_first]
        self.is_valid()

    def filters(self) -> Filters:
        asked = self.cleaned_data
        return Filters(
            text=one_line(asked.get("q") or ""),
            department=asked["department"].pk if asked.get("department") else None,
            place=asked["place"].pk if asked.get("place") else None,
            status=StintStatus(asked["status"]) if asked.get("status") else None,
            contract_kind=ContractKind(asked["contract_kind"]) if asked.get("contract_kind") else None,
            how_ended=HowEnded(asked["how_ended"]) if asked.get("how_ended") else None,
            left_from=asked.get("left_from"),
            left_until=asked.get("left_until"),
            company=one_line(asked.get("company") or ""),
            skill=one_line(asked.get("skill") or ""),
        )

    def order(self) -> Sort:
        return Sort(self.cleaned_data.get("sort") or Sort.NAME)

    def chosen_columns(self) -> list[str]:
        return self.cleaned_data.get("column") or []

    def asks_more(self) -> bool:
        """Whether anything but words is asked, so that the filters stand open."""
        return any(value for name, value in self.cleaned_data.items() if name not in ("q", "sort"))


class PersonForm(forms.Form):
    full_name = LineField(label=_("Name"), read=person_name, error_messages={"required": _("A person needs a name.")})
    called = LineField(label=_("Called"), read=person_name, required=False, help_text=_("How a letter begins."))
    language = forms.ChoiceField(label=_("Language"), required=False, choices=[*ANY, *settings.LANGUAGES])
    country = forms.ChoiceField(
        label=_("Country of residence"),
        required=False,
        help_text=_("It decides by which country's law somebody is kept. Where nobody said: where they worked last."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [*ANY, *choices(language=get_language() or "en")]  # type: ignore[attr-defined]

    def refuse_residence(self) -> None:
        self.add_error(
            "country",
            _(
                "Data of people who live in this country may only be written down first by an installation that stands "
                "there. This one does not; nothing was kept."
            ),
        )


class StintForm(forms.Form):
    """A stretch of work with us."""

    employee_number = LineField(label=_("Employee number"), max_length=100, required=False)
    title = LineField(label=_("Title"), required=False)
    department = LineField(label=_("Department"), required=False)
    place = LineField(label=_("Place"), required=False)
    manager = LineField(label=_("Manager"), required=False)
    contract_kind = forms.ChoiceField(label=_("Contract"), required=False, choices=[*ANY, *ContractKind.choices])
    starts_on = DayField(label=_("First day"), required=False, widget=DayInput())
    ends_on = DayField(label=_("Last day"), required=False, widget=DayInput())
    status = forms.ChoiceField(label=_("Status"), choices=StintStatus.choices, initial=StintStatus.UNKNOWN)
    how_ended = forms.ChoiceField(label=_("How it ended"), required=False, choices=[*ANY, *HowEnded.choices])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day lies before the first."))
        return cleaned


class NewPersonForm(PersonForm, StintForm):
    """A leaver typed in by hand."""

    business_email = forms.EmailField(label=_("Business e-mail"), required=False, max_length=254)
    private_email = forms.EmailField(label=_("Private e-mail"), required=False, max_length=254)
    private_email_given_on = DayField(
        label=_("Private e-mail given on"),
        required=False,
        help_text=_("The day it was given for staying in touch. Without it the address is kept, but not used."),
        widget=DayInput(),
    )

    field_order = [
        *("full_name", "called", "language", "country", "ends_on", "status"),
        *("business_email", "private_email", "private_email_given_on"),
    ]

    def clean_business_email(self) -> str:
        return usable_address(self.cleaned_data["business_email"]) if self.cleaned_data["business_email"] else ""

    def clean_private_email(self) -> str:
        return usable_address(self.cleaned_data["private_email"]) if self.cleaned_data["private_email"] else ""


class ContactForm(forms.Form):
    """A call or a meeting as somebody notes it."""

    what = forms.ChoiceField(
        label=_("What"),
        choices=[("called", _("I called")), ("met", _("We met")), ("heard", _("I heard from them"))],
    )
    summary = forms.CharField(
        label=_("What about"),
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": _("talked about …"), "autocomplete": "off"}),
    )
    intent = forms.ChoiceField(
        label=_("Given or asked"),
        required=False,
        choices=[("", _("neither")), (Intent.GIVE, _("we gave something")), (Intent.ASK, _("we asked for something"))],
    )

    def clean_summary(self) -> str:
        summary = one_line(self.cleaned_data["summary"])
        if not summary:
            raise forms.ValidationError(_("Say in a few words what it was about."))
        return summary


class AddressForm(forms.Form):
    address = forms.CharField(label=_("E-mail address"), max_length=254)
    kind = forms.ChoiceField(label=_("Kind"), choices=AddressKind.choices)
    given_on = DayField(
        label=_("Given for staying in touch on"),
        required=False,
        widget=DayInput(),
        help_text=_("Without that day the address is kept but not used."),
    )

    def clean_address(self) -> str:
        try:
            return normal_address(self.cleaned_data["address"])
        except AddressUnusableError as error:
            raise forms.ValidationError(_("This is not an e-mail address.")) from error


class PositionForm(forms.Form):
    """A job elsewhere."""

    company = LineField(label=_("Company"), error_messages={"required": _("A company needs a name.")})
    domain = forms.CharField(
        label=_("Web domain of the company"),
        required=False,
        max_length=300,
        help_text=_("Tells it from others of a like name. The address of its website will do."),
    )
    title = LineField(label=_("Job title"), required=False)
    starts_on = DayField(label=_("From"), required=False, widget=DayInput())
    ends_on = DayField(
        label=_("Until"), required=False, widget=DayInput(), help_text=_("Leave it empty while it is their job.")
    )

    def clean_domain(self) -> str:
        return _usable_domain(self.cleaned_data["domain"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day lies before the first."))
        return cleaned


class SkillsForm(forms.Form):
    skills = forms.CharField(
        label=_("What they know how to do"),
        required=False,
        max_length=MOST_SKILLS * (SKILL_LENGTH + 2),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("With commas between. What you take out is taken off."),
    )

    def clean_skills(self) -> list[str]:
        try:
            return skills_in(self.cleaned_data["skills"])
        except SkillsUnusableError as error:
            raise forms.ValidationError(
                _("At most %(many)s skills, none longer than %(long)s characters.")
                % {"many": MOST_SKILLS, "long": SKILL_LENGTH}
            ) from error


class CompanyForm(forms.Form):
    """What a company is called, where it is on the web, what it is to us."""

    name = LineField(label=_("Name"), error_messages={"required": _("A company needs a name.")})
    domain = forms.CharField(label=_("Web domain"), required=False, max_length=300)
    relation = forms.ChoiceField(label=_("To us it is"), choices=CompanyRelation.choices)

    def clean_domain(self) -> str:
        return _usable_domain(self.cleaned_data["domain"])


def _usable_domain(text: str) -> str:
    try:
        return normal_domain(text)
    except DomainUnusableError as error:
        raise forms.ValidationError(_("This is no domain. One looks like acme.com.")) from error


class RestrictionForm(forms.Form):
    """A decision of a person about contact: dated, with a coded reason.

    An exclusion has one of four reasons, an owner (whoever decides, unless somebody else is named), a day on which the
    owner looks at it again, and an end.
    """

    kind = forms.ChoiceField(
        label=_("What"),
        # Who is in the audience follows from its rule, and a decision of two from those two: by nobody's hand alone.
        choices=[choice for choice in RestrictionKind.choices if choice[0] not in FOLLOWING_KINDS],
        widget=forms.RadioSelect,
    )
    reason = forms.ChoiceField(
        label=_("Why"),
        required=False,
        # Nothing chosen beforehand: what stands here is said of a person.
        choices=[
            ("", _("choose")),
            *(
                choice
                for choice in RestrictionReason.choices
                if choice[0] not in (*AUDIENCE_REASONS, *DECISION_REASONS)
            ),
        ],
        help_text=_("Kept as a code and visible in the person's own data copy. The door never shows it."),
    )
    purpose = forms.ChoiceField(
        label=_("For what"), required=False, choices=[("", _("everything")), *Purpose.choices[:-1]]
    )
    ends_on = DayField(
        label=_("Until"), required=False, help_text=_("An exclusion needs this day too."), widget=DayInput()
    )
    review_on = DayField(
        label=_("Look again on"), required=False, help_text=_("An exclusion needs this day."), widget=DayInput()
    )
    owner = forms.ModelChoiceField(
        label=_("Who answers for it"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("I do"),
        help_text=_("For an exclusion: this colleague is reminded to look again."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = who_may(Permission.EDIT_PEOPLE)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") == RestrictionKind.TEST_GROUP:
            cleaned["reason"] = cleaned.get("reason") or RestrictionReason.TRYING_OUT
        elif not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Choose why."))
        if cleaned.get("kind") == RestrictionKind.EXCLUSION:
            self._check_exclusion(cleaned)
        else:
            cleaned["owner"] = None
        return cleaned

    def _check_exclusion(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("reason") and cleaned["reason"] not in EXCLUSION_REASONS:
            reasons = ", ".join(str(reason.label) for reason in EXCLUSION_REASONS)
            self.add_error(
                "reason", _("Somebody is excluded for one of these only: {reasons}.").format(reasons=reasons)
            )
        if cleaned.get("purpose"):
            self.add_error("purpose", _("An exclusion is from everything. For one purpose, restrict contact."))
        if not cleaned.get("review_on") and "review_on" not in self.errors:
            self.add_error("review_on", _("An exclusion needs a day on which somebody looks at it again."))
        if not cleaned.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", _("An exclusion needs a day on which it ends. It can be prolonged."))


class ExclusionForm(forms.Form):
    """What is decided about those who were ticked: one coded reason, a day to look again, and an end."""

    reason = forms.ChoiceField(
        label=_("Why"),
        choices=[("", _("choose")), *((reason.value, reason.label) for reason in EXCLUSION_REASONS)],
        help_text=_("Kept as a code and visible in each person's own data copy. The door never shows it."),
    )
    review_on = DayField(label=_("Look again on"), widget=DayInput())
    ends_on = DayField(label=_("Until"), widget=DayInput())

    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        review, end = cleaned.get("review_on"), cleaned.get("ends_on")
        if review and review < self.day:
            self.add_error("review_on", _("This day has passed."))
        elif review and end and end < review:
            self.add_error("ends_on", _("It would end before anybody looks at it again."))
        return cleaned


class EraseForm(forms.Form):
    """The name typed once more, so that nobody is erased by a slip."""

    full_name = forms.CharField(label=_("Type the name to confirm"), max_length=300)

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected

    def clean_full_name(self) -> str:
        typed: str = self.cleaned_data["full_name"]
        if typed.strip() != self.expected:
            raise forms.ValidationError(_("This is not the name on the record."))
        return typed
