"""Forms for departments, places and chapters."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perennial.accounts.models import User
from perennial.accounts.roles import CHAPTER_ROLES
from perennial.desk.fields import ChosenField, DepartmentField
from perennial.programme.models import Chapter, Department, Place
from perennial.programme.structure import cities, countries
from perennial.programme.units import CITY_LENGTH, NAME_LENGTH

NO_PARENT = _("no larger one")
ANY = _("any")


class NameForm(forms.Form):
    """What a department or place is called."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LENGTH,
        help_text=_("Lists that still write the former name land here all the same."),
        error_messages={"required": _("Write what it is called.")},
    )


class ParentForm(forms.Form):
    """Which larger department one belongs to."""

    parent = DepartmentField(label=_("Belongs to"), required=False, empty_label=NO_PARENT)


class NewDepartmentForm(ParentForm):
    name = forms.CharField(
        label=_("Name"), max_length=NAME_LENGTH, error_messages={"required": _("Write what it is called.")}
    )
    field_order = ("name", "parent")


class WhereaboutsForm(forms.Form):
    """In which city and country a place lies."""

    city = forms.CharField(label=_("City"), max_length=CITY_LENGTH, required=False)
    country = forms.CharField(label=_("Country"), max_length=CITY_LENGTH, required=False)

    def clean_city(self) -> str:
        return _as_on_file(self.cleaned_data["city"], cities())

    def clean_country(self) -> str:
        return _as_on_file(self.cleaned_data["country"], countries())


class NewPlaceForm(WhereaboutsForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LENGTH,
        help_text=_("As HR's list writes it."),
        error_messages={"required": _("Write what it is called.")},
    )
    field_order = ("name", "city", "country")


class MergeDepartmentForm(forms.Form):
    into = DepartmentField(
        label=_("Into"), empty_label=_("choose"), error_messages={"required": _("Choose the one that stays.")}
    )

    def __init__(self, *args: Any, gone: Department, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        into = self.fields["into"]
        assert isinstance(into, DepartmentField)
        into.besides = gone.pk


class MergePlaceForm(forms.Form):
    into = forms.ModelChoiceField(
        Place.objects.none(),
        label=_("Into"),
        empty_label=_("choose"),
        error_messages={"required": _("Choose the one that stays.")},
    )

    def __init__(self, *args: Any, gone: Place, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = Place.objects.exclude(pk=gone.pk)  # type: ignore[attr-defined]


class ChapterForm(forms.Form):
    """Whom a chapter is of, and who hosts it."""

    name = forms.CharField(
        label=_("Name"), max_length=200, error_messages={"required": _("Write what the chapter is called.")}
    )
    department = DepartmentField(
        label=_("Department"), required=False, empty_label=ANY, help_text=_("With all departments below it.")
    )
    city = forms.ChoiceField(label=_("City"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    hosts = ChosenField(
        User.objects.none(),
        label=_("Hosts"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They see the people of this chapter from the moment you keep it."),
    )

    def __init__(self, *args: Any, chapter: Chapter | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept_city, kept_country = (chapter.city, chapter.country) if chapter else ("", "")
        self.fields["city"].choices = _with_any(cities(), kept_city)  # type: ignore[attr-defined]
        self.fields["country"].choices = _with_any(countries(), kept_country)  # type: ignore[attr-defined]
        hosts = Q(role__in=CHAPTER_ROLES) & (Q(is_active=True) | ~Q(invite_random=""))
        if chapter is not None:
            hosts |= Q(chapterhost__chapter=chapter)
        self.fields["hosts"].queryset = User.objects.filter(hosts).distinct().order_by("name", "pk")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        asked = [name for name in ("department", "city", "country") if cleaned.get(name) or name in self.errors]
        if not asked:
            self.add_error(
                "department", _("Choose a department, a city or a country; a chapter of everybody would be no chapter.")
            )
        return cleaned


def _as_on_file(typed: str, known: list[str]) -> str:
    """`typed` as it is written already, so that 'rotterdam' and 'Rotterdam' do not become two cities."""
    return next((name for name in known if name.casefold() == typed.strip().casefold()), typed)


def _with_any(known: list[str], kept: str) -> list[tuple[str, object]]:
    return [("", ANY), *((name, name) for name in sorted({*known, kept} - {""}))]
