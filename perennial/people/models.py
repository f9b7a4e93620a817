"""A person, their stints with us and their addresses. One human is one Person, whatever the feeds say."""

from django.db import models
from django.db.models import Q

from perennial.kernel.keys import new_key
from perennial.people.enums import AddressKind, AddressState, ContractKind, HowEnded, StintStatus
from perennial.programme.models import Department, Place


class Person(models.Model):
    """A human who works or worked here. `key` names the person in addresses, the ledger and the audit trail."""

    # Unique by the constraint below: for `unique=True` PostgreSQL keeps a second index, for LIKE, that nothing uses.
    key = models.CharField(max_length=32, default=new_key, editable=False)
    full_name = models.CharField(max_length=300)
    called = models.CharField(max_length=300, blank=True)
    sort_name = models.CharField(max_length=310)
    # Casefolded, without diacritics: names, address, title, as the search compares them.
    search_text = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["sort_name", "pk"]
        indexes = [models.Index(fields=["sort_name", "id"])]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="a_key_names_one_person"),
            models.CheckConstraint(condition=~Q(full_name=""), name="person_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.full_name


class Stint(models.Model):
    """A stretch of work with us. The employee number belongs here: who returns may get another."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="stints")
    source = models.CharField(max_length=60)
    employee_number = models.CharField(max_length=100, blank=True)
    contract_kind = models.CharField(max_length=20, choices=ContractKind.choices, blank=True)
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT)
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT)
    title = models.CharField(max_length=300, blank=True)
    manager = models.CharField(max_length=300, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=StintStatus.choices, default=StintStatus.UNKNOWN)
    how_ended = models.CharField(max_length=20, choices=HowEnded.choices, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-ends_on", "-starts_on", "-pk"]
        indexes = [
            models.Index(fields=["source", "employee_number"]),
            models.Index(fields=["ends_on"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "employee_number", "starts_on"],
                condition=~Q(employee_number=""),
                name="one_stint_per_number_and_start",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="stint_ends_after_it_starts",
            ),
        ]


class EmailAddress(models.Model):
    """An address of a person with what we know of it. `given_on`: the day it was given for staying in touch."""

    # Found through the index of `an_address_once_a_person`, which begins with the person.
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="addresses", db_index=False)
    kind = models.CharField(max_length=10, choices=AddressKind.choices)
    address = models.CharField(max_length=320)
    # HMAC of the address: suppression survives the address itself.
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=AddressState.choices, default=AddressState.UNVERIFIED)
    source = models.CharField(max_length=60)
    given_on = models.DateField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["person_id", "kind", "pk"]
        indexes = [models.Index(fields=["fingerprint"])]
        constraints = [
            models.UniqueConstraint(fields=["person", "address"], name="an_address_once_a_person"),
            models.CheckConstraint(
                condition=~Q(state="verified") | Q(verified_at__isnull=False), name="verified_has_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.address
