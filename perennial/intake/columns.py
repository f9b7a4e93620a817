"""The columns an HR file may have."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Field(StrEnum):
    """What a column can mean to us; everything else in a file is left alone."""

    FULL_NAME = "full_name"
    FIRST_NAME = "first_name"
    PREFIX = "prefix"
    LAST_NAME = "last_name"
    CALLED = "called"
    EMPLOYEE_NUMBER = "employee_number"
    BUSINESS_EMAIL = "business_email"
    PRIVATE_EMAIL = "private_email"
    PRIVATE_EMAIL_GIVEN_ON = "private_email_given_on"
    STARTS_ON = "starts_on"
    ENDS_ON = "ends_on"
    STATUS = "status"
    TITLE = "title"
    DEPARTMENT = "department"
    PLACE = "place"
    MANAGER = "manager"
    CONTRACT_KIND = "contract_kind"
    HOW_ENDED = "how_ended"
    LANGUAGE = "language"
    COUNTRY = "country"


# Whose values are words of the HR system: codes of ours, and names of departments and places.
CODE_FIELDS = (Field.STATUS, Field.HOW_ENDED, Field.CONTRACT_KIND, Field.LANGUAGE)
PLACED_FIELDS = (Field.DEPARTMENT, Field.PLACE)
DATE_FIELDS = frozenset({Field.STARTS_ON, Field.ENDS_ON, Field.PRIVATE_EMAIL_GIVEN_ON})

LABELS: Mapping[Field, Promise] = {
    Field.FULL_NAME: _("Full name"),
    Field.FIRST_NAME: _("First name"),
    Field.PREFIX: _("Name prefix (van, de, von)"),
    Field.LAST_NAME: _("Last name"),
    Field.CALLED: _("Called"),
    Field.EMPLOYEE_NUMBER: _("Employee number"),
    Field.BUSINESS_EMAIL: _("Business e-mail"),
    Field.PRIVATE_EMAIL: _("Private e-mail"),
    Field.PRIVATE_EMAIL_GIVEN_ON: _("Private e-mail given on"),
    Field.STARTS_ON: _("First day"),
    Field.ENDS_ON: _("Last day"),
    Field.STATUS: _("Status"),
    Field.TITLE: _("Job title"),
    Field.DEPARTMENT: _("Department"),
    Field.PLACE: _("Location"),
    Field.MANAGER: _("Manager"),
    Field.CONTRACT_KIND: _("Kind of contract"),
    Field.HOW_ENDED: _("How it ended"),
    Field.LANGUAGE: _("Language"),
    Field.COUNTRY: _("Country of residence"),
}
