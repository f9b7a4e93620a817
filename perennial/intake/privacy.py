"""What erasure means for imports: the rows that tell of a person, and files of rejected rows that hold them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perennial.intake.drop_folder import forget_claimed, forget_put_aside
from perennial.intake.enums import OVER, ImportState
from perennial.intake.errors_file import delete_file
from perennial.intake.models import (
    FormerValue,
    ImportRun,
    SourceColumn,
    SourceValue,
    StagedChange,
    StagedRow,
)
from perennial.intake.recognising import header_key
from perennial.intake.staging_table import SHOWN_REJECTS
from perennial.intake.values import value_key
from perennial.kernel.privacy import Erased, Held, Privacy
from perennial.kernel.text import searchable
from perennial.people.managers import has_namesake, names_of
from perennial.people.models import Person

_RUN = "What is known of a list of HR's on its way in, and what became of it; it counts rows and names nobody."

HELD = (
    Held(
        model="intake.importrun",
        fields={
            Privacy.NONE: "source owns_file state encoding delimiter sheet mapping date_order date_example"
            " values_settled language mode empty_cells rows created updated unchanged left_alone rejected conflicts"
            " departures progress_done progress_total applied_pass applied_number seen compare_again heartbeat_at"
            " cancel_requested failure undone_at undone created_at compared_at finished_at",
            # Of a list without column names the first row stands in their place; a name may stand in any cell.
            Privacy.IDENTITY: "header unknown_values file_name",
            Privacy.COLLEAGUE: "undone_by started_by",
            Privacy.KEY: "id key stored_path watched_path worker errors_path",
        },
        erased=Erased.BY_ROOM,
        why=_RUN + " Where a row was taken for column names it goes, and so do files that hold the erased person.",
    ),
    Held(
        model="intake.stagedrow",
        about="person_ref",
        fields={
            Privacy.IDENTITY: "full_name called sort_name name_key search_text employee_number written language country"
            " cells",
            Privacy.CONTACT: "business_email private_email given_on",
            Privacy.WORK: "starts_on ends_on status title department place contract_kind how_ended",
            Privacy.OTHERS: "manager",
            Privacy.RECORD: "outcome reason",
            Privacy.NONE: "clears_end clears follows writes dead opens_departure conflict fault unsaid",
            Privacy.KEY: "id run number business_mark private_mark person_ref stint_ref person_key",
        },
        erased=Erased.BY_ROOM,
        why="Rows of a list that waits to be applied, and rejected ones as they stand in it. Rows that tell of the"
        " erased person by address, number or name go, and a list that waits with such a row goes whole.",
        title=_("Rows of lists of HR's that wait to be taken in"),
    ),
    Held(
        model="intake.stagedchange",
        fields={Privacy.IDENTITY: "before after", Privacy.NONE: "field", Privacy.KEY: "id run number"},
        erased=Erased.BY_ROOM,
        why="What such a row would change. It goes with its row.",
    ),
    Held(
        model="intake.sourcecolumn",
        fields={
            Privacy.IDENTITY: "header_key header",
            Privacy.NONE: "source field said_at",
            Privacy.COLLEAGUE: "said_by",
            Privacy.KEY: "id",
        },
        erased=Erased.BY_ROOM,
        why="What columns of a source mean. Where a row was taken for column names, all of that row goes.",
    ),
    Held(
        model="intake.sourcevalue",
        fields={
            Privacy.IDENTITY: "text_key text meaning",
            Privacy.NONE: "source field said_at",
            Privacy.COLLEAGUE: "said_by",
            Privacy.KEY: "id",
        },
        erased=Erased.BY_ROOM,
        why="What values of a source mean. One that names the erased person goes.",
    ),
    Held(
        model="intake.appliedbatch",
        fields={
            Privacy.NONE: "number rows at undone",
            Privacy.KEY: "id run people_above people_upto stints_above stints_upto addresses_above addresses_upto"
            " departures_above messages_above events_above",
        },
        erased=Erased.NOT_THEIRS,
        why="Between which ids the rows of a batch stand, for thirty days.",
    ),
    Held(
        model="intake.formervalue",
        about="person_ref",
        fields={
            Privacy.IDENTITY: "before after",
            Privacy.RECORD: "field said_at",
            Privacy.COLLEAGUE: "said_by",
            Privacy.KEY: "id run batch person_ref row_ref",
        },
        erased=Erased.BY_ROOM,
        why="What stood in a field before an import changed it, for thirty days, so that it can be undone.",
        title=_("What lists of HR's changed in the last thirty days"),
    ),
    Held(
        model="intake.leftstanding",
        about="person_ref",
        fields={Privacy.RECORD: "what reason", Privacy.KEY: "id run person_ref"},
        erased=Erased.BY_ABOUT,
        why="What an undone import left as it is.",
        title=_("What stayed when an import was undone"),
    ),
)


@contextmanager
def forgetting(*, person: Person) -> Iterator[None]:
    """Before the person goes, while it can still be told which rows and files tell of them."""
    forget_person(person=person)
    yield


def forget_person(*, person: Person) -> None:
    """Deletes staged rows about `person`, and what an import kept of them to be undone.

    Runs in the caller's transaction; files go when it commits.

    A file of rejected rows cannot have one row taken out of it, so it goes whole; taking in the same file again makes
    it anew. Beyond the rejected rows that are kept to be shown nobody knows what it holds, so then it goes as well. So
    does every list that the watched folder put aside.
    """
    FormerValue.objects.filter(person_ref=person.pk).delete()
    addresses = list(person.addresses.values_list("address", flat=True))
    told = Q(person_ref=person.pk) | Q(business_email__in=addresses) | Q(private_email__in=addresses)
    told |= Q(search_text__contains=searchable(person.full_name))
    for source, number in person.stints.exclude(employee_number="").values_list("source", "employee_number"):
        told |= Q(run__source=source, employee_number=number)
    found = set(StagedRow.objects.filter(told).values_list("pk", flat=True))
    found |= set(_rejected_as_they_came(person, addresses))
    rows = StagedRow.objects.filter(pk__in=found)
    by_run: dict[int, list[int]] = {}
    for run, row in rows.values_list("run_id", "number"):
        by_run.setdefault(run, []).append(row)
    for run, numbers in by_run.items():
        StagedChange.objects.filter(run_id=run, number__in=numbers).delete()
    rows.delete()
    for run in _taken_for_column_names(person, addresses):
        by_run.setdefault(run, [])
    words = (person.full_name, *person.full_name.split(), *addresses)
    SourceColumn.objects.filter(header_key__in={header_key(word) for word in words} - {""}).delete()
    # And where a column of names was taken for one of codes, somebody stands among what values mean.
    mentioned = Q(text_key__in=[value_key(word) for word in words]) | Q(text_key__contains=value_key(person.full_name))
    SourceValue.objects.filter(mentioned | Q(meaning__icontains=person.full_name)).delete()
    _forget_as_manager(person)
    _throw_away_waiting(by_run)
    with_file = ImportRun.objects.filter(state__in=OVER).exclude(errors_path="")
    unsure = Q(pk__in=by_run) | Q(rejected__gt=SHOWN_REJECTS)
    for path in with_file.filter(unsure).values_list("errors_path", flat=True):
        transaction.on_commit(partial(delete_file, path))
    with_file.filter(unsure).update(errors_path="")
    # And those about to be.
    for path in (
        ImportRun.objects.filter(state__in=OVER).exclude(watched_path="").values_list("watched_path", flat=True)
    ):
        transaction.on_commit(partial(forget_claimed, path))
    transaction.on_commit(forget_put_aside)


def _forget_as_manager(person: Person) -> None:
    """Takes the name out of rows about others, where it is exactly theirs; see `people.managers`."""
    if has_namesake(person=person):
        return
    rows = StagedRow.objects.exclude(manager="")
    if told := names_of(person=person, among=rows.order_by().values_list("manager", flat=True).distinct()):
        rows.filter(manager__in=told).update(manager="")
    for model in (StagedChange, FormerValue):
        for side in ("before", "after"):
            changes = model._default_manager.filter(field="manager").exclude(**{side: ""})
            if told := names_of(person=person, among=changes.order_by().values_list(side, flat=True).distinct()):
                changes.filter(**{f"{side}__in": told}).update(**{side: ""})


def _taken_for_column_names(person: Person, addresses: Iterable[str]) -> list[int]:
    """Forgets the column names that are somebody's row, in a file that had none, and returns the imports it was in.

    What else stands in that row is theirs too: all columns that were remembered together go together.
    """
    found = [
        run for run, header in ImportRun.objects.values_list("pk", "header") if _tells_of(person, addresses, header)
    ]
    ImportRun.objects.filter(pk__in=found).update(header=[])
    together: dict[tuple[str, datetime], list[str]] = {}
    for source, said_at, header in SourceColumn.objects.order_by("pk").values_list("source", "said_at", "header"):
        together.setdefault((source, said_at), []).append(header)
    for (source, said_at), headers in together.items():
        if _tells_of(person, addresses, headers):
            SourceColumn.objects.filter(source=source, said_at=said_at).delete()
    return found


def _throw_away_waiting(mentioning: Iterable[int]) -> None:
    """Lists that wait to be applied and speak of the person go with their files, and so do those not compared yet.

    What they hold of others comes again with the next upload.
    """
    unread = Q(state__in=[ImportState.UPLOADED, ImportState.MAPPING, ImportState.FAILED])
    waiting = ImportRun.objects.exclude(stored_path="").filter(
        unread | Q(pk__in=list(mentioning), state=ImportState.READY)
    )
    paths = list(waiting.filter(owns_file=True).values_list("stored_path", flat=True))
    dropped = list(waiting.exclude(watched_path="").values_list("watched_path", flat=True))
    ids = list(waiting.values_list("pk", flat=True))
    StagedChange.objects.filter(run__in=ids).delete()
    StagedRow.objects.filter(run__in=ids).delete()
    ImportRun.objects.filter(pk__in=ids).update(state=ImportState.CANCELLED, stored_path="", unknown_values=[])
    for path in paths:
        transaction.on_commit(partial(delete_file, path))
    for path in dropped:
        transaction.on_commit(partial(forget_claimed, path))


def _rejected_as_they_came(person: Person, addresses: Iterable[str]) -> Iterable[int]:
    """Rejected rows are kept as they stand in the file, where first and last name may be cells of their own."""
    for pk, cells in StagedRow.objects.filter(cells__isnull=False).values_list("pk", "cells"):
        if _tells_of(person, addresses, cells or []):
            yield pk


def _tells_of(person: Person, addresses: Iterable[str], cells: Iterable[object]) -> bool:
    """Whether a row names `person`, in whichever of its cells the parts of the name stand, or an address of theirs."""
    name = set(searchable(person.full_name).replace(",", " ").split())
    text = searchable(" ".join(map(str, cells)))
    return name <= set(text.replace(",", " ").split()) or any(address in text for address in addresses)
