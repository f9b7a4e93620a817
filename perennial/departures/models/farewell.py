"""Checklists of a farewell, and what each departure made of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from perennial.departures.farewell.enums import Anchor, StepKind, StepOwner, StepState
from perennial.departures.models.departure import Departure
from perennial.kernel.encryption import EncryptedTextField
from perennial.kernel.keys import new_random
from perennial.mail.models import Message


class ChecklistTemplate(models.Model):
    """A checklist and the departures it is for. What is empty asks for nothing; `departments` are ids, as in Audience.

    Which of several fits is said in `farewell/choosing.py`. `code` names one that came with Perennial.
    """

    code = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=120)
    contract_kinds = models.JSONField(default=list)
    departments = models.JSONField(default=list)
    how_ended = models.JSONField(default=list)
    # For whom no other one fits.
    is_default = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="a_shipped_checklist_once"),
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_checklist"),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(retired_at=None), name="the_default_checklist_is_in_use"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a_checklist_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class _Words(models.Model):
    """What a step is: in a checklist, and as each departure took it over from there."""

    kind = models.CharField(max_length=20, choices=StepKind.choices)
    # Empty: what the kind is called, in the language of whoever reads it.
    title = models.CharField(max_length=200, blank=True)
    owner = models.CharField(max_length=12, choices=StepOwner.choices)
    anchor = models.CharField(max_length=10, choices=Anchor.choices)
    offset_days = models.SmallIntegerField(default=0)
    usual_cost = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    @property
    def words(self) -> str:
        return self.title or str(StepKind(self.kind).label)


class ChecklistStep(_Words):
    """A step of a checklist. One that is not wanted any more is retired: departures that have it keep it."""

    template = models.ForeignKey(ChecklistTemplate, on_delete=models.CASCADE, related_name="steps")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["template_id", "position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=StepKind.values), name="checklist_step_kind_is_known"),
            models.CheckConstraint(condition=Q(owner__in=StepOwner.values), name="checklist_step_owner_is_known"),
            models.CheckConstraint(condition=Q(anchor__in=Anchor.values), name="checklist_step_anchor_is_known"),
            models.CheckConstraint(
                condition=~Q(kind="other") | ~Q(title=""), name="another_checklist_step_says_what_it_is"
            ),
            models.CheckConstraint(
                condition=Q(usual_cost=None) | (Q(usual_cost__gte=0) & ~Q(currency="")),
                name="usual_cost_has_a_currency",
            ),
        ]


class Farewell(models.Model):
    """How one departure says goodbye: by which checklist, who the manager is, what the leaver said about flowers."""

    departure = models.OneToOneField(Departure, on_delete=models.CASCADE, related_name="farewell")
    template = models.ForeignKey(ChecklistTemplate, on_delete=models.PROTECT, related_name="farewells")
    # By which facts of the stint the checklist was chosen: when they change, it is chosen anew.
    how_ended = models.CharField(max_length=20, blank=True)
    contract_kind = models.CharField(max_length=20, blank=True)
    department_ref = models.BigIntegerField(default=0)

    manager_email = EncryptedTextField(blank=True)
    manager_language = models.CharField(max_length=10, blank=True)
    # The secret half of the manager's link: another one ends it.
    manager_random = models.CharField(max_length=40, default=new_random)
    manager_written_at = models.DateTimeField(null=True, blank=True)
    manager_reminded_at = models.DateTimeField(null=True, blank=True)

    first_day_on = models.DateField(null=True, blank=True)
    flowers_address = EncryptedTextField(blank=True)
    # Agreed by the leaver; without it there are neither day nor address.
    flowers_agreed_at = models.DateTimeField(null=True, blank=True)

    leaver_reminded_at = models.DateTimeField(null=True, blank=True)
    reminder = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(flowers_agreed_at__isnull=False, first_day_on__isnull=False)
                | Q(flowers_agreed_at=None, first_day_on=None, flowers_address=""),
                name="flowers_need_agreement",
            ),
            models.CheckConstraint(
                condition=Q(reminder=None) | Q(leaver_reminded_at__isnull=False), name="a_reminder_has_a_time"
            ),
        ]


class FarewellStep(_Words):
    """A step of one departure. When it is due follows from the days on record and stands nowhere."""

    departure = models.ForeignKey(Departure, on_delete=models.CASCADE, related_name="farewell_steps")
    template_step = models.ForeignKey(ChecklistStep, on_delete=models.PROTECT, related_name="taken_over")
    state = models.CharField(max_length=10, choices=StepState.choices, default=StepState.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    # For what a gift was given, as the history of contact has it: another first day named since does not change it.
    occasion = models.CharField(max_length=40, blank=True)
    cost = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    cost_currency = models.CharField(max_length=3, blank=True)

    class Meta:
        ordering = ["departure_id", "position", "pk"]
        indexes = [models.Index(fields=["departure"], condition=Q(state="open"), name="open_farewell_steps")]
        constraints = [
            models.UniqueConstraint(fields=["departure", "template_step"], name="a_step_once_a_departure"),
            models.CheckConstraint(condition=Q(state__in=StepState.values), name="farewell_step_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None, settled_by="")
                | (~Q(state="open") & Q(settled_at__isnull=False) & ~Q(settled_by="")),
                name="a_settled_step_says_when_and_by_whom",
            ),
            models.CheckConstraint(
                condition=(Q(state="skipped") & ~Q(reason="")) | (~Q(state="skipped") & Q(reason="")),
                name="a_skipped_step_says_why",
            ),
            models.CheckConstraint(
                condition=Q(cost=None, cost_currency="") | (Q(state="done", cost__gte=0) & ~Q(cost_currency="")),
                name="cost_is_of_what_was_done",
            ),
        ]


class FarewellDigest(models.Model):
    """Whether a colleague wants the mail about what is late and due, and the day they had it last. No row: wanted."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="farewell_digest")
    wanted = models.BooleanField(default=True)
    sent_on = models.DateField(null=True, blank=True)
