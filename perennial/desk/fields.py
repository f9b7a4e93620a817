"""What the forms of several page groups have in common."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from django import forms
from django.db.models import TextChoices
from django.forms.models import ModelChoiceIterator
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from perennial.intake.values import UnreadableValue, plain_text
from perennial.people.actions import AddressUnusableError, normal_address
from perennial.programme.models import Department
from perennial.programme.structure import Tree
from perennial.web.fields import DayField as DayField
from perennial.web.fields import DayInput as DayInput

Choice = TypeVar("Choice", bound=TextChoices)


class LineField(forms.CharField):
    """A text on one line, read as an import reads it: what a file may not bring cannot be typed in either."""

    def __init__(self, *, read: Callable[[str], str] = plain_text, max_length: int = 300, **more: Any) -> None:
        super().__init__(max_length=max_length, **more)
        self._read = read

    def to_python(self, value: Any) -> str:
        try:
            return self._read(super().to_python(value) or "")
        except UnreadableValue as refusal:
            raise forms.ValidationError(refusal.sentence) from refusal


def with_sentences(sentences: Mapping[Choice, str | Promise]) -> list[tuple[str, SafeString]]:
    """What a radio button or a box says: the name, and the sentence on a line of its own."""
    return [
        (choice.value, format_html("<strong>{}</strong><br>{}", choice.label, sentence))
        for choice, sentence in sentences.items()
    ]


def usable_address(email: str) -> str:
    """`email` as mail is sent to it. Raises ValidationError."""
    try:
        return normal_address(email)
    except AddressUnusableError as error:
        raise forms.ValidationError(_("Mail cannot be sent to this address."), code="unusable") from error


def new_password_field() -> forms.CharField:
    """A field for a new password. Whether it is good enough is for the action to say, which knows whose it is."""
    return forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        help_text=_("At least ten characters. A few words that belong together only for you are easy to keep."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class _TreeOfChoices(ModelChoiceIterator):  # type: ignore[type-arg]
    """The departments in the order of the tree, those below others set in."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        besides = getattr(self.field, "besides", None)
        for branch in Tree().branches():
            if branch.pk != besides:
                yield (branch.pk, "\N{NO-BREAK SPACE}" * 3 * branch.depth + branch.name)


class ChosenField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several rows, chosen by their ids. SQLite takes no number of more than 64 bits, so none has such an id."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as error:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value}
            ) from error


class DepartmentField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A department, chosen from the tree; `besides` is the id of one that is not offered."""

    iterator = _TreeOfChoices
    besides: int | None = None

    def __init__(self, **more: Any) -> None:
        super().__init__(Department.objects.order_by(), **more)
