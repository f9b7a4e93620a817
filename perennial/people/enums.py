"""Codes of a person's record. Plain, so that SQL can count them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ContractKind(TextChoices):
    EMPLOYEE = "employee", _("Employee")
    TEMPORARY = "temporary", _("Temporary")
    FREELANCER = "freelancer", _("Freelancer")
    INTERN = "intern", _("Intern")
    RETIREE = "retiree", _("Retiree")
    OTHER = "other", _("Other")


class HowEnded(TextChoices):
    """As the employer recorded it; what the leaver says stands in the exit answers."""

    RESIGNATION = "resignation", _("Resigned")
    DISMISSAL = "dismissal", _("Dismissed")
    REDUNDANCY = "redundancy", _("Made redundant")
    END_OF_CONTRACT = "end_of_contract", _("Contract ended")
    RETIREMENT = "retirement", _("Retired")
    DEATH = "death", _("Died")
    MUTUAL_AGREEMENT = "mutual_agreement", _("By mutual agreement")
    OTHER = "other", _("Otherwise")


class StintStatus(TextChoices):
    ACTIVE = "active", _("Works here")
    LEAVING = "leaving", _("Is leaving")
    LEFT = "left", _("Has left")
    UNKNOWN = "unknown", _("Not known")


class AddressKind(TextChoices):
    PRIVATE = "private", _("Private")
    BUSINESS = "business", _("Business")


class AddressState(TextChoices):
    UNVERIFIED = "unverified", _("Not confirmed")
    VERIFIED = "verified", _("Confirmed")
    DEAD = "dead", _("Does not arrive")


class CompanyRelation(TextChoices):
    """What a company is to us."""

    NONE = "none", _("No relation")
    CLIENT = "client", _("Client")
    PROSPECT = "prospect", _("Prospect")
    PARTNER = "partner", _("Partner")
    SUPPLIER = "supplier", _("Supplier")
    COMPETITOR = "competitor", _("Competitor")


class Sort(TextChoices):
    """In which order the directory tells of people. Nothing else sorts it."""

    NAME = "name", _("Name")
    LAST_DAY = "last_day", _("Last day, the latest first")
    DEPARTMENT = "department", _("Department")
