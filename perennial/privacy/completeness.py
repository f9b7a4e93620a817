"""Whether the declarations of what is held fit the models: every field classed, every path leading where it says."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CASCADE, ForeignKey, Model
from django.db.models.constants import LOOKUP_SEP

from perennial.kernel.encryption import EncryptedTextField
from perennial.kernel.privacy import Erased, Held, Privacy
from perennial.people.models import Person
from perennial.privacy.held import HELD
from perennial.privacy.labels import LABELS

# What no encrypted text can be.
_PLAIN = frozenset({Privacy.NONE, Privacy.KEY, Privacy.RECORD})


def faults(held: Sequence[Held] = HELD) -> list[str]:
    """Each fault as one sentence; none where everything fits."""
    models = {model._meta.label_lower: model for model in apps.get_models(include_auto_created=True)}
    found = [f"{label} is declared nowhere." for label in models if label not in {each.model for each in held}]
    for label, times in Counter(each.model for each in held).items():
        if times > 1:
            found.append(f"{label} is declared {times} times.")
        if label not in models:
            found.append(f"{label} is declared, and there is no such model.")
    for each in held:
        if each.model in models:
            found += [f"{each.model}: {fault}" for fault in _faults_of(each, models[each.model], held)]
    return found


def _faults_of(held: Held, model: type[Model], everything: Sequence[Held]) -> Iterator[str]:
    yield from _fields(held, model)
    paths = [path for path in held.about.split("|") if path]
    for path in [*paths, *held.shown.values(), *held.where]:
        if walk(model, path) is None:
            yield f"there is no {path}."
            return
    if held.erased is Erased.WITH_PERSON and not (paths and all(_cascades(model, path) for path in paths)):
        yield "it does not go with the person: the foreign keys along 'about' do not cascade to one."
    if held.erased is Erased.BY_ABOUT and not paths:
        yield "it says by what it is deleted nowhere."
    if held.erased is Erased.KEPT and not held.rule:
        yield "it is kept without a rule."
    if paths and held.copied() and held.erased is not Erased.NOT_THEIRS and not held.title and not _only_kept(held):
        yield "it is about a person and has no heading in the data copy."
    if paths:
        yield from (
            f"the copy's field {name} has no label in labels.py." for name in held.copied() if name not in LABELS
        )
    if not paths and (leads := _leads_to_a_person(model, everything)):
        yield f"{leads} leads to a person, and 'about' is empty."


def _fields(held: Held, model: type[Model]) -> Iterator[str]:
    there = {field.name: field for field in model._meta.concrete_fields}
    named = Counter(held.names())
    for name in there:
        if named[name] != 1:
            yield f"the field {name} has {named[name] or 'no'} privacy class{'es' if named[name] else ''}."
    for name in named:
        if name not in there:
            yield f"there is no field {name}."
        elif isinstance(there[name], EncryptedTextField) and held.classes[name] in _PLAIN:
            yield f"the field {name} is encrypted, so it is personal."


def walk(model: type[Model], path: str) -> list[Any] | None:
    """The fields along `path`; None where there is no such path."""
    fields: list[Any] = []
    kind: Any = model
    for name in path.split(LOOKUP_SEP):
        try:
            found = kind._meta.pk if name == "pk" else kind._meta.get_field(name)
        except (FieldDoesNotExist, AttributeError):
            return None
        fields.append(found)
        kind = found.related_model
    return fields


def _cascades(model: type[Model], path: str) -> bool:
    if path == "pk":
        return model is Person
    fields = walk(model, path) or []
    cascade = all(isinstance(each, ForeignKey) and each.remote_field.on_delete is CASCADE for each in fields)
    return cascade and bool(fields) and fields[-1].related_model is Person


def _leads_to_a_person(model: type[Model], everything: Sequence[Held]) -> str:
    """A foreign key to a person, or to a row that is about one and goes with them."""
    personal = {each.model for each in everything if each.about and each.erased is Erased.WITH_PERSON}
    for field in model._meta.concrete_fields:
        if isinstance(field, ForeignKey) and field.related_model._meta.label_lower in personal:
            return field.name
    return ""


def _only_kept(held: Held) -> bool:
    return held.erased is Erased.KEPT and not held.title and not held.about
