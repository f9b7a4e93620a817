"""A person, their stints with us, jobs elsewhere, skills, addresses. One human is one Person, whatever the feeds say.

Every row names its `source` and `added_by`, who added it as the audit trail names them; empty where an import did.
"""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q

from perennial.kernel.keys import new_key
from perennial.people.enums import AddressKind, AddressState, CompanyRelation, ContractKind, HowEnded, StintStatus
from perennial.programme.models import Department, Place


class Person(models.Model):
    """A human who works or worked here. `key` names the person in addresses, the ledger and the audit trail."""

    # Unique by the constraint below: for `unique=True` PostgreSQL keeps a second index, for LIKE, that nothing uses.
    key = models.CharField(max_length=32, default=new_key, editable=False)
    full_name = models.CharField(max_length=300)
    called = models.CharField(max_length=300, blank=True)
    sort_name = models.CharField(max_length=310)
    # Casefolded, without diacritics: names, address, title, company, skill, as the search compares them.
    search_text = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    # Where somebody lives, as ISO 3166 has it; empty where nobody said.
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    # Since when the data is stored and nothing else, because the person asked for that (Art. 18 GDPR).
    stored_only_since = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=60, blank=True, default="", db_default="")
    added_by = models.CharField(max_length=80, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["sort_name", "pk"]
        indexes = [
            models.Index(fields=["sort_name", "id"]),
            # A handful at most, left out wherever people are found or counted.
            models.Index(fields=["id"], condition=Q(stored_only_since__isnull=False), name="stored_only"),
        ]
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
    added_by = models.CharField(max_length=80, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-ends_on", "-starts_on", "-pk"]
        indexes = [
            models.Index(fields=["source", "employee_number"]),
            models.Index(fields=["ends_on"]),
            # Asked each time somebody opens Today, and mostly by nobody answered to.
            models.Index(fields=["person"], condition=Q(how_ended="redundancy"), name="made_redundant"),
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
    added_by = models.CharField(max_length=80, blank=True, default="", db_default="")
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


class Company(models.Model):
    """Where people work now. `name_key`, the name casefolded, and the domain each tell it from any other."""

    key = models.CharField(max_length=32, default=new_key, editable=False)
    name = models.CharField(max_length=300)
    # Three times the name: casefolded, one letter may become three.
    name_key = models.CharField(max_length=900)
    # As it stands after the @ and before the path: 'halvorsen.example'.
    domain = models.CharField(max_length=253, blank=True)
    relation = models.CharField(max_length=20, choices=CompanyRelation.choices, default=CompanyRelation.NONE)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["name_key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="a_key_names_one_company"),
            models.UniqueConstraint(fields=["name_key"], name="one_company_per_name"),
            models.UniqueConstraint(fields=["domain"], condition=~Q(domain=""), name="one_company_per_domain"),
            models.CheckConstraint(condition=~Q(name=""), name="company_has_a_name"),
            models.CheckConstraint(condition=Q(relation__in=CompanyRelation.values), name="relation_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Position(models.Model):
    """A job elsewhere. Without `ends_on` the person has it now."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="positions")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="positions")
    title = models.CharField(max_length=300, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=60)
    added_by = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["person_id", "-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="position_ends_after_it_starts",
            )
        ]


class Skill(models.Model):
    """What people know how to do. `name_key` is the name casefolded: 'SQL' and 'sql' are one skill."""

    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=300)

    class Meta:
        ordering = ["name_key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["name_key"], name="one_skill_per_name"),
            models.CheckConstraint(condition=~Q(name=""), name="skill_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class PersonSkill(models.Model):
    """That a person has a skill."""

    # Found through the index of `a_skill_once_a_person`, which begins with the person.
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="skills", db_index=False)
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="people")
    source = models.CharField(max_length=60)
    added_by = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["person_id", "pk"]
        constraints = [models.UniqueConstraint(fields=["person", "skill"], name="a_skill_once_a_person")]


# What a field can be a field of.
_OF = ("person", "stint", "address", "position")


class Provenance(models.Model):
    """Who said last what stands in a field, where that is not whoever brought its row.

    Most fields stay as they came, so most have none: a million people cost nothing here until they are corrected.
    """

    # Each found through its constraint below.
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    stint = models.ForeignKey(Stint, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    address = models.ForeignKey(EmailAddress, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    position = models.ForeignKey(Position, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    field = models.CharField(max_length=30)
    # A feed, or who said so as the audit trail names them: 'hr', 'user:3'.
    source = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            *(models.UniqueConstraint(fields=[each, "field"], name=f"one_word_per_field_of_{each}") for each in _OF),
            models.CheckConstraint(
                condition=reduce(or_, (Q(**{f"{other}__isnull": other != each for other in _OF}) for each in _OF)),
                name="a_field_is_of_one_row",
            ),
        ]


class Word(models.Model):
    """A word of people's records, once for all who have it; see `words.py`."""

    text = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ["text", "pk"]

    def __str__(self) -> str:
        return self.text
