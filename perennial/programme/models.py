"""The employer and its programme."""

from django.conf import settings
from django.db import models
from django.utils import translation

from perennial.kernel.guards import NeverChanged, NeverDeleted
from perennial.kernel.keys import new_random
from perennial.kernel.purposes import CONSENT_PURPOSES, Purpose
from perennial.kernel.terms import Unit
from perennial.programme.enums import CHANGEABLE_KINDS, CoDetermination, CouncilOutcome, Interest, Section, Stage


class Programme(models.Model):
    """The one programme of this installation. `set_up_at` says when it was filled in."""

    organisation = models.CharField(max_length=200, blank=True)
    postal_address = models.TextField(blank=True)
    privacy_notice = models.TextField(blank=True)
    # Who is asked about personal data: the privacy officer, or whoever does it here; as lines of an address.
    privacy_contact = models.TextField(blank=True, default="", db_default="")
    language = models.CharField(max_length=10, default="en")
    time_zone = models.CharField(max_length=60, default="Europe/Amsterdam")
    aims = models.JSONField(default=list)
    purposes = models.JSONField(default=list)
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.PREPARATION)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    sender_address = models.EmailField(blank=True)
    quiet_from = models.PositiveSmallIntegerField(default=20)
    quiet_until = models.PositiveSmallIntegerField(default=8)
    # How many answers a figure about exit answers is over at least.
    minimum_group = models.PositiveSmallIntegerField(default=5, db_default=5)
    # Whether what is over by policy goes by itself; None as long as nobody has looked and decided.
    lets_go_by_itself = models.BooleanField(null=True, blank=True)
    set_up_random = models.CharField(max_length=40, default=new_random)
    set_up_at = models.DateTimeField(null=True, blank=True)
    demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_programme"),
            models.CheckConstraint(
                condition=models.Q(quiet_from__lte=23, quiet_until__lte=23), name="quiet_hours_are_hours"
            ),
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="stage_is_known"),
            models.CheckConstraint(condition=models.Q(minimum_group__gte=5), name="a_figure_is_over_five_at_least"),
        ]

    def __str__(self) -> str:
        return self.organisation


class Department(models.Model):
    """A part of the employer; `parent` is the larger one it belongs to. `move_department` keeps rings out."""

    name = models.CharField(max_length=300, unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("pk")), name="a_department_is_no_part_of_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """Where people work, as the records name it; city and country say where that is."""

    name = models.CharField(max_length=300, unique=True)
    # With a default of the database: an import makes places by their name alone.
    city = models.CharField(max_length=120, blank=True, default="", db_default="")
    country = models.CharField(max_length=120, blank=True, default="", db_default="")

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class DepartmentAlias(models.Model):
    """A former name of a department: whoever still writes it means that department."""

    name = models.CharField(max_length=300, unique=True)
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="aliases")
    since = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class PlaceAlias(models.Model):
    """A former name of a place, as `DepartmentAlias` is of a department."""

    name = models.CharField(max_length=300, unique=True)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="aliases")
    since = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class MergedDepartment(models.Model):
    """The id of a department that was merged away, and the one it leads to: whoever kept that id means this one.

    Apart from the name, which may be taken up again or let go.
    """

    former_id = models.BigIntegerField(unique=True)
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="merged")

    class Meta:
        ordering = ["former_id", "pk"]


class MergedPlace(models.Model):
    """The id of a place that was merged away, as `MergedDepartment` is of a department."""

    former_id = models.BigIntegerField(unique=True)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="merged")

    class Meta:
        ordering = ["former_id", "pk"]


class Chapter(models.Model):
    """A circle of people with hosts of its own: of a department with those below it, a city, a country, or all at once.

    Empty fields ask for nothing. One that has ended shows nobody to its hosts.
    """

    name = models.CharField(max_length=200, unique=True)
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="chapters")
    city = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=120, blank=True)
    hosts = models.ManyToManyField(settings.AUTH_USER_MODEL, through="ChapterHost", related_name="chapters")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(department__isnull=False) | ~models.Q(city="") | ~models.Q(country=""),
                name="a_chapter_is_not_everybody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ChapterHost(models.Model):
    """A colleague who welcomes the people of a chapter, and sees them."""

    chapter = models.ForeignKey(Chapter, on_delete=models.CASCADE)
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)

    class Meta:
        ordering = ["chapter_id", "pk"]
        constraints = [models.UniqueConstraint(fields=["chapter", "host"], name="a_host_once_a_chapter")]


class Topic(models.Model):
    """What letters of a purpose may be about, so that people can say what they would rather not read about.

    It is never deleted: somebody's 'rather not' must hold for what is on its way. One that was retired is shown to
    nobody and written about no more.
    """

    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    # {"en": "What we make"}; always in the programme's language, which stands in where another is missing.
    names = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=CONSENT_PURPOSES), name="a_topic_is_of_a_purpose_that_is_agreed_to"
            ),
        ]

    def __str__(self) -> str:
        return self.name_in(translation.get_language() or "")

    def name_in(self, language: str) -> str:
        """Its name as somebody reads it who reads `language`."""
        return str(self.names.get(language) or next(iter(self.names.values()), ""))


class RetentionTerm(models.Model):
    """For how long a kind of data is kept, as the coordinator set it; over what `policies/` ships. Never changed.

    The latest that has begun holds. `country` is where people live, 'EU' everywhere else. Without an amount it is as
    shipped again.
    """

    country = models.CharField(max_length=2)
    kind = models.CharField(max_length=20)
    amount = models.PositiveSmallIntegerField(null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    why = models.CharField(max_length=300)
    starts_on = models.DateField()
    by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["country", "kind", "starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=CHANGEABLE_KINDS), name="term_of_a_kind_that_has_one"),
            models.CheckConstraint(
                condition=models.Q(amount__gte=1, unit__in=[Unit.DAYS.value, Unit.MONTHS.value])
                | models.Q(amount__isnull=True, unit=""),
                name="a_term_has_amount_and_unit",
            ),
            models.CheckConstraint(condition=~models.Q(why=""), name="a_term_is_set_for_a_reason"),
        ]


class Addition(models.Model):
    """Words of the employer's own in a section of the register or the impact assessment. Only ever added to.

    The latest of a section holds; an empty one says that nothing is added any more.
    """

    section = models.CharField(max_length=20, choices=Section.choices)
    text = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["section", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(section__in=Section.values), name="an_addition_has_its_section"),
            NeverChanged(name="no_addition_is_changed"),
            NeverDeleted(name="no_addition_is_deleted"),
        ]


class InterestRecord(models.Model):
    """Why something may be done on grounds of legitimate interest: the three steps, who decided, until when it stands.

    Only ever added to; the highest version of a processing holds. One that does not prevail says that it may not be.
    """

    processing = models.CharField(max_length=20, choices=Interest.choices)
    version = models.PositiveIntegerField()
    interest = models.TextField()
    necessity = models.TextField()
    balancing = models.TextField()
    prevails = models.BooleanField()
    decided_by = models.CharField(max_length=200)
    decided_on = models.DateField()
    review_on = models.DateField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["processing", "-version", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["processing", "version"], name="each_version_of_a_record_once"),
            models.CheckConstraint(
                condition=models.Q(processing__in=Interest.values), name="a_record_is_of_a_known_processing"
            ),
            models.CheckConstraint(
                condition=~models.Q(interest="")
                & ~models.Q(necessity="")
                & ~models.Q(balancing="")
                & ~models.Q(decided_by=""),
                name="a_record_has_its_three_steps",
            ),
            models.CheckConstraint(
                condition=models.Q(review_on__gt=models.F("decided_on")), name="a_record_is_looked_at_again"
            ),
            NeverChanged(name="no_record_is_changed"),
            NeverDeleted(name="no_record_is_deleted"),
        ]


class CouncilAnswer(models.Model):
    """What those who represent the staff said in a country, to what its law asks them. Only ever added to.

    The latest of a country and gate holds. It locks nothing; it is shown, and its absence too.
    """

    country = models.CharField(max_length=2)
    gate = models.CharField(max_length=20, choices=CoDetermination.choices)
    outcome = models.CharField(max_length=20, choices=CouncilOutcome.choices)
    answered_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["country", "gate", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=CouncilOutcome.values, gate__in=CoDetermination.values),
                name="an_answer_is_a_known_one",
            ),
            NeverChanged(name="no_answer_is_changed"),
            NeverDeleted(name="no_answer_is_deleted"),
        ]
