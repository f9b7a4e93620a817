"""An import, its rows as they wait to be applied, and what they change."""

from django.db import models
from django.db.models import Q

from perennial.intake.enums import EmptyCells, ImportState, Mode, Outcome
from perennial.intake.recognising import LONGEST_KEY
from perennial.intake.values import LONGEST_KEY as LONGEST_VALUE
from perennial.intake.values import MAX_NAME
from perennial.kernel.keys import new_key

SOURCE_LENGTH = 60


class ImportRun(models.Model):
    """One file of HR's on its way in. `key` names its page and its files and can't be guessed."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    # Which feed this is: employee numbers belong to it.
    source = models.CharField(max_length=SOURCE_LENGTH)
    file_name = models.CharField(max_length=300)
    # Of the uploaded file; empty once it was deleted. A file given to the command stays where it is.
    stored_path = models.CharField(max_length=1000, blank=True)
    owns_file = models.BooleanField(default=False)
    # Where a file of the watched folder waits until its import is over; see `watching`.
    watched_path = models.CharField(max_length=1000, blank=True)
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.UPLOADED)
    # As chosen or found; empty means: find out.
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    sheet = models.CharField(max_length=100, blank=True)
    header = models.JSONField(default=list)
    # Our field -> the position of their column.
    mapping = models.JSONField(default=dict)
    # Empty until the dates told it or somebody was asked; `date_example` is a date that can be read in two ways.
    date_order = models.CharField(max_length=10, blank=True)
    date_example = models.CharField(max_length=60, blank=True)
    # Values that nobody knows, to be asked about: [{"field", "text", "rows"}]; and whether that was done.
    unknown_values = models.JSONField(default=list)
    values_settled = models.BooleanField(default=False)
    language = models.CharField(max_length=10, default="en")
    mode = models.CharField(max_length=20, choices=Mode.choices, default=Mode.ADD_AND_UPDATE)
    empty_cells = models.CharField(max_length=10, choices=EmptyCells.choices, default=EmptyCells.LEAVE)

    rows = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    # Of the unchanged: those that the mode leaves alone.
    left_alone = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    # Of the rejected: those that contradict other rows or what is on file.
    conflicts = models.PositiveIntegerField(default=0)
    departures = models.PositiveIntegerField(default=0)

    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    # Rows up to here are applied: first those that follow no other row (pass 0), then those that do (pass 1).
    applied_pass = models.PositiveSmallIntegerField(default=0)
    applied_number = models.PositiveIntegerField(default=0)
    # The newest rows on file when this was compared, and after each batch: newer ones were written by somebody else.
    seen = models.JSONField(default=dict)
    # Something else was written since: every further batch is compared anew before it is applied.
    compare_again = models.BooleanField(default=False)
    # The process at work, and when it last gave a sign. Real time, not the `now` of the actions.
    worker = models.CharField(max_length=40, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    failure = models.CharField(max_length=500, blank=True)
    errors_path = models.CharField(max_length=1000, blank=True)
    # Who asked for it to be undone, when that was done, and how many of what went: `undoing.Taken`.
    undone_by = models.CharField(max_length=80, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone = models.JSONField(default=dict)

    started_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    compared_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["state", "heartbeat_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="import_state_is_known"),
            models.CheckConstraint(condition=~Q(source=""), name="an_import_names_its_source"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="import_mode_is_known"),
            models.CheckConstraint(condition=Q(empty_cells__in=EmptyCells.values), name="empty_cells_mean_one_thing"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def unreadable(self) -> int:
        """Rejected for what stands in the row itself."""
        return self.rejected - self.conflicts


class StagedRow(models.Model):
    """A row of the file in our words, and what it will do. Deleted when the import is over, but for rejected ones.

    Filled by COPY or executemany: `staging_table.COLUMNS` names every column, and the model's defaults don't apply.
    """

    # Without a constraint and an index of its own: on PostgreSQL they took half the time of filling this table (23 µs a
    # row, now 11). Rows go before their run does, and are found through `a_row_is_staged_once`.
    run = models.ForeignKey(
        ImportRun, on_delete=models.CASCADE, related_name="staged", db_constraint=False, db_index=False
    )
    # The row's number as the user sees it in the file.
    number = models.PositiveIntegerField()

    full_name = models.CharField(max_length=300, blank=True)
    called = models.CharField(max_length=300, blank=True)
    sort_name = models.CharField(max_length=310, blank=True)
    name_key = models.CharField(max_length=600, blank=True)
    search_text = models.TextField(blank=True)
    employee_number = models.CharField(max_length=100, blank=True)
    business_email = models.CharField(max_length=320, blank=True)
    business_mark = models.CharField(max_length=64, blank=True)
    private_email = models.CharField(max_length=320, blank=True)
    private_mark = models.CharField(max_length=64, blank=True)
    given_on = models.DateField(null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    # The cell is there and empty, and the status says 'active': the last day on file is taken back.
    clears_end = models.BooleanField(default=False)
    status = models.CharField(max_length=10, blank=True)
    title = models.CharField(max_length=300, blank=True)
    department = models.CharField(max_length=300, blank=True)
    place = models.CharField(max_length=300, blank=True)
    manager = models.CharField(max_length=300, blank=True)
    contract_kind = models.CharField(max_length=20, blank=True)
    how_ended = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10, blank=True)
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    # The name as it stands in the file, where it was turned round.
    written = models.CharField(max_length=300, blank=True)
    # Fields of the stint whose cell is empty where that empties what is on file; letters as in `deciding.CLEARED`.
    clears = models.CharField(max_length=8, blank=True)

    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    # The person and the stint on file that this row is about. Keys without constraint: they may go before we do.
    person_ref = models.BigIntegerField(null=True, blank=True)
    stint_ref = models.BigIntegerField(null=True, blank=True)
    # Made beforehand, so that applying a batch twice cannot make two persons.
    person_key = models.CharField(max_length=32, blank=True)
    # Another row about the same new person goes first and makes it.
    follows = models.BooleanField(default=False)
    # What a row writes, a letter each: n a new stint, s fields of the stint, a new addresses, g the day one was given,
    # m the name, c how somebody is called, l the language, r the country of residence.
    writes = models.CharField(max_length=8, blank=True)
    # Which of its addresses are suppressed: b, p.
    dead = models.CharField(max_length=2, blank=True)
    opens_departure = models.BooleanField(default=False)
    reason = models.CharField(max_length=600, blank=True)
    # Rejected because it contradicts other rows or what is on file, not because of what stands in a cell.
    conflict = models.BooleanField(default=False)
    # The column at fault, as position in the header.
    fault = models.SmallIntegerField(null=True, blank=True)
    # The row as it stands in the file, for the file of rejected rows.
    cells = models.JSONField(null=True, blank=True)
    # Rejected so that nothing of it is kept: neither here nor in the file of rejected rows.
    unsaid = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["run_id", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="a_row_is_staged_once")]


class StagedChange(models.Model):
    """One field that a changed row changes, so that the differences read like a change log."""

    # As for StagedRow; found through the index on the run and the field.
    run = models.ForeignKey(
        ImportRun, on_delete=models.CASCADE, related_name="changes", db_constraint=False, db_index=False
    )
    number = models.PositiveIntegerField()
    field = models.CharField(max_length=30)
    before = models.CharField(max_length=320, blank=True)
    after = models.CharField(max_length=320, blank=True)

    class Meta:
        ordering = ["run_id", "number", "pk"]
        indexes = [models.Index(fields=["run", "field"])]


class SourceColumn(models.Model):
    """What a column of this name means in the files of a source, as a colleague said. Proposed first the next time."""

    source = models.CharField(max_length=SOURCE_LENGTH)
    # As `recognising.header_key` makes it of the name, which stands beside it as it was written last.
    header_key = models.CharField(max_length=LONGEST_KEY)
    header = models.CharField(max_length=LONGEST_KEY)
    # One of ours; empty means: left out on purpose.
    field = models.CharField(max_length=30, blank=True)
    said_by = models.CharField(max_length=80)
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["source", "header", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "header_key"], name="a_column_means_one_thing_in_a_source"),
            models.CheckConstraint(condition=~Q(header_key=""), name="a_column_of_a_source_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.header


class SourceValue(models.Model):
    """What a value means in the files of a source, as a colleague said: a code, a department's name or a place's."""

    source = models.CharField(max_length=SOURCE_LENGTH)
    field = models.CharField(max_length=30)
    # As `values.value_key` makes it of the text, which stands beside it as it was written last.
    text_key = models.CharField(max_length=LONGEST_VALUE)
    text = models.CharField(max_length=LONGEST_VALUE)
    # Empty means: left as it is, and not asked again.
    meaning = models.CharField(max_length=MAX_NAME, blank=True)
    said_by = models.CharField(max_length=80)
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["source", "field", "text", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "field", "text_key"], name="a_value_means_one_thing_in_a_source"),
            models.CheckConstraint(condition=~Q(text_key=""), name="a_value_of_a_source_says_something"),
        ]

    def __str__(self) -> str:
        return self.text


class AppliedBatch(models.Model):
    """What it takes to find the rows a batch made: of its time and source, they stand between these ids.

    Kept for thirty days, so that an import can be undone; gone once it was.
    """

    # Found through the constraint below.
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="batches", db_index=False)
    number = models.PositiveIntegerField()
    # How many rows of the file it wrote.
    rows = models.PositiveIntegerField()
    # The `now` of the batch, which stands in the rows it made as `created_at`.
    at = models.DateTimeField()
    people_above = models.BigIntegerField()
    people_upto = models.BigIntegerField()
    stints_above = models.BigIntegerField()
    stints_upto = models.BigIntegerField()
    addresses_above = models.BigIntegerField()
    addresses_upto = models.BigIntegerField()
    # The newest of these when it was written: what is newer happened later.
    departures_above = models.BigIntegerField()
    messages_above = models.BigIntegerField()
    events_above = models.BigIntegerField()
    undone = models.BooleanField(default=False)

    class Meta:
        ordering = ["run_id", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="a_batch_is_applied_once")]


class FormerValue(models.Model):
    """What stood in a field before a batch changed it, and what the batch wrote, both as text; see `former`."""

    run = models.ForeignKey(
        ImportRun, on_delete=models.CASCADE, related_name="former_values", db_constraint=False, db_index=False
    )
    batch = models.PositiveIntegerField()
    # Keys without constraint: the person, and the row of theirs that the field belongs to.
    person_ref = models.BigIntegerField(db_index=True)
    row_ref = models.BigIntegerField()
    field = models.CharField(max_length=20)
    before = models.CharField(max_length=320, blank=True)
    after = models.CharField(max_length=320, blank=True)
    # Who had said what stood there, where that was somebody else than whoever brought the row: `people.Provenance`.
    said_by = models.CharField(max_length=80, blank=True)
    said_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["run_id", "batch", "pk"]
        indexes = [models.Index(fields=["run", "batch"])]


class LeftStanding(models.Model):
    """What an undone import left as it is, because something later depends on it: of whom, what, and why."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="left_standing")
    person_ref = models.BigIntegerField(db_index=True)
    what = models.CharField(max_length=20)
    reason = models.CharField(max_length=20)

    class Meta:
        ordering = ["run_id", "pk"]
