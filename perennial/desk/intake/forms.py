"""Forms of the Import pages."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.intake import queries
from perennial.intake.codes import MEANINGS
from perennial.intake.columns import CODE_FIELDS, LABELS, PLACED_FIELDS, Field
from perennial.intake.dates import DateOrder
from perennial.intake.enums import EmptyCells, Mode
from perennial.intake.models import SOURCE_LENGTH, ImportRun
from perennial.intake.reader.encodings import ENCODINGS
from perennial.intake.reader.table import Kind, Table
from perennial.intake.receiving import DEFAULT_SOURCE
from perennial.intake.recognising import Certainty, contested
from perennial.intake.values import MAX_NAME, UnreadableValue, text_or_blank

_DELIMITERS = [(";", _("semicolon ;")), (",", _("comma ,")), ("\t", _("tab")), ("|", _("vertical bar |"))]
_SAMPLES = 3


class UploadForm(forms.Form):
    """A file, and which feed it belongs to."""

    file = forms.FileField(
        label=_("The list of people who left or will leave"),
        help_text=_("CSV, XLSX or ODS, with column names in English, Dutch, German or Russian."),
        allow_empty_file=True,
        error_messages={"required": _("Choose a file first.")},
    )
    source = forms.CharField(
        label=_("Where it comes from"),
        max_length=SOURCE_LENGTH,
        initial=DEFAULT_SOURCE,
        help_text=_("One word for the HR system or country. Employee numbers are unique within it; keep it the same."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ForgetForm(forms.Form):
    """What is to be forgotten of a source: one of its columns, or what one of its values means."""

    name = forms.CharField(max_length=SOURCE_LENGTH, strip=False)
    column = forms.IntegerField(min_value=1, required=False)
    value = forms.IntegerField(min_value=1, required=False)

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if (answers.get("column") is None) == (answers.get("value") is None):
            raise forms.ValidationError(_("Say one thing that is to be forgotten."))
        return answers


class ReadingForm(forms.Form):
    """How a file is read, where the guess was wrong."""

    encoding = forms.ChoiceField(label=_("Encoding"), required=False)
    delimiter = forms.ChoiceField(label=_("Columns are separated by"), choices=_DELIMITERS, required=False)
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    source = forms.CharField(label=_("Where it comes from"), max_length=SOURCE_LENGTH)

    def __init__(self, *args: Any, run: ImportRun, table: Table | None, **kwargs: Any) -> None:
        kwargs.setdefault(
            "initial",
            {"encoding": run.encoding, "delimiter": run.delimiter, "sheet": run.sheet, "source": run.source},
        )
        super().__init__(*args, **kwargs)
        if run.encoding:
            del self.fields["sheet"]
            self.fields["encoding"].choices = [(name, name.upper()) for name in ENCODINGS]  # type: ignore[attr-defined]
        else:
            del self.fields["encoding"], self.fields["delimiter"]
            sheets = table.sheets if table is not None and table.kind is Kind.WORKBOOK else (run.sheet,)
            self.fields["sheet"].choices = [(name, name) for name in sheets]  # type: ignore[attr-defined]


class ColumnsForm(forms.Form):
    """One choice a column of theirs, and the order of day and month where the file does not tell it."""

    def __init__(self, *args: Any, run: ImportRun, table: Table, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._run = run
        self._table = table
        self._recognitions = queries.recognitions(table=table, source=run.source)
        ours = [("", _("leave out")), *((each.value, LABELS[each]) for each in Field)]
        joined = {position: name for name, position in run.mapping.items()}
        for recognition in self._recognitions:
            self.fields[_name(recognition.position)] = forms.ChoiceField(
                label=recognition.header or _("column %(number)s") % {"number": recognition.position + 1},
                choices=ours,
                required=False,
                initial=joined.get(recognition.position, ""),
            )
        self.fields["mode"] = forms.ChoiceField(
            label=_("What this file may do"), choices=Mode.choices, initial=run.mode, required=False
        )
        self.fields["empty_cells"] = forms.ChoiceField(
            label=_("What an empty cell does"),
            help_text=_(
                "Only for job title, department, location, manager, kind of contract, how it ended and how somebody is "
                "called. Names, numbers, addresses and days are never emptied."
            ),
            choices=EmptyCells.choices,
            initial=run.empty_cells,
            required=False,
        )
        if run.date_example:
            self.fields["date_order"] = forms.ChoiceField(
                label=_("How are the dates written?"),
                help_text=_("“%(example)s” could be two days, and nothing in the file says which.")
                % {"example": run.date_example},
                choices=[
                    (DateOrder.DMY.value, _("day first, as in 31-12-2025")),
                    (DateOrder.MDY.value, _("month first, as in 12-31-2025")),
                ],
                widget=forms.RadioSelect,
                error_messages={"required": _("Say which comes first; we do not guess.")},
            )

    def rows(self) -> Iterable[Mapping[str, Any]]:
        """Each column of theirs with samples, our field for it, and how sure we are."""
        rivals = {position for positions in contested(self._recognitions).values() for position in positions}
        said_before = any(each.certainty is Certainty.SAID for each in self._recognitions)
        for recognition in self._recognitions:
            field = self[_name(recognition.position)]
            chosen = str(field.value() or "")
            doubtful = recognition.certainty is Certainty.DOUBTFUL or recognition.position in rivals
            said = recognition.certainty is Certainty.SAID
            yield {
                "field": field,
                "samples": _samples(self._table, recognition.position),
                "doubtful": (
                    doubtful
                    and not self.is_bound
                    and recognition.field is not None
                    and chosen in ("", recognition.field)
                ),
                "recognised": bool(chosen),
                "as_before": said and chosen == (recognition.field or "") and recognition.position not in rivals,
                "is_new": said_before and not said,
            }

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        taken: dict[str, str] = {}
        for recognition in self._recognitions:
            name = _name(recognition.position)
            chosen = answers.get(name)
            if chosen and chosen in taken:
                self.add_error(
                    name,
                    _("“%(other)s” is %(field)s already; choose one of the two.")
                    % {"other": taken[chosen], "field": LABELS[Field(chosen)]},
                )
            elif chosen:
                taken[chosen] = recognition.header
        return answers

    @property
    def mapping(self) -> dict[Field, int]:
        return {
            Field(chosen): recognition.position
            for recognition in self._recognitions
            if (chosen := self.cleaned_data.get(_name(recognition.position)))
        }


class ValuesForm(forms.Form):
    """One choice a value that nobody knows: one of our codes, or the department or place that is meant."""

    def __init__(self, *args: Any, run: ImportRun, names: Mapping[Field, Sequence[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names
        self._asked: list[tuple[str, Field, str, int]] = []
        for value in run.unknown_values:
            field, text = Field(value["field"]), str(value["text"])
            # By what is asked, not by its place: the page may be of a question that has changed since.
            name = f"value-{hashlib.sha256(f'{field}{text}'.encode()).hexdigest()[:16]}"
            self._asked.append((name, field, text, int(value["rows"])))
            if field in CODE_FIELDS:
                codes = [(code, queries.in_words(field, code)) for code in MEANINGS[field]]
                self.fields[name] = forms.ChoiceField(
                    label=text, choices=[("", _("leave as it is")), *codes], required=False
                )
            else:
                self.fields[name] = forms.CharField(
                    label=text,
                    initial=text,
                    max_length=MAX_NAME,
                    required=False,
                    widget=forms.TextInput(attrs={"list": f"names-{field}", "autocomplete": "off"}),
                )

    def groups(self) -> Iterable[Mapping[str, Any]]:
        """The values of each field together, with their number of rows."""
        for field in dict.fromkeys(field for _name, field, _text, _rows in self._asked):
            yield {
                "field": field.value,
                "label": LABELS[field],
                "what_if": WHAT_IF_LEFT[field],
                "names": self.names.get(field, ()),
                "values": [{"field": self[name], "rows": rows} for name, of, _text, rows in self._asked if of is field],
            }

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        for name, field, _text, _rows in self._asked:
            if field in PLACED_FIELDS and name in answers:
                try:
                    answers[name] = text_or_blank(answers[name])
                except UnreadableValue as problem:
                    self.add_error(name, problem.sentence)
        return answers

    @property
    def meanings(self) -> dict[tuple[Field, str], str]:
        """What each value means; empty where it is left as it is."""
        return {
            (field, text): "" if self.cleaned_data[name] == text else self.cleaned_data[name]
            for name, field, text, _rows in self._asked
        }


WHAT_IF_LEFT: Mapping[Field, Promise] = {
    Field.STATUS: _("Left as it is, it says nothing: rows without a last day are then not taken in."),
    Field.HOW_ENDED: _("Left as it is, it counts as “Otherwise”."),
    Field.CONTRACT_KIND: _("Left as it is, it counts as “Other”."),
    Field.LANGUAGE: _("Left as it is, we write in the programme's language."),
    Field.DEPARTMENT: _("Choose the department that is meant, or leave the name: then it is a new one."),
    Field.PLACE: _("Choose the location that is meant, or leave the name: then it is a new one."),
}


def _name(position: int) -> str:
    return f"column-{position}"


def _samples(table: Table, position: int) -> list[str]:
    seen = dict.fromkeys(row.cells[position].strip() for row in table.sample if position < len(row.cells))
    return [text[:60] for text in seen if text][:_SAMPLES]
