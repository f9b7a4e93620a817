"""What somebody told us of their work, as other services take it in: JSON Resume 1.0.0 (Art. 20 GDPR)."""

from typing import Any

from django.db.models import F

from perennial.people.enums import AddressKind
from perennial.people.models import Person

SCHEMA = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"


def resume(*, person: Person, organisation: str) -> dict[str, Any]:
    """Name, private address, work here and elsewhere, skills. Days are left out where they are not known."""
    private = person.addresses.filter(kind=AddressKind.PRIVATE)
    address = private.order_by(F("verified_at").desc(nulls_last=True), "pk").first()
    stints = person.stints.order_by("starts_on", "pk").values_list("title", "starts_on", "ends_on")
    work = [_work(organisation, *stint) for stint in stints]
    positions = person.positions.order_by("starts_on", "pk")
    work += [_work(*each) for each in positions.values_list("company__name", "title", "starts_on", "ends_on")]
    basics = {"name": person.full_name, **({"email": address.address} if address else {})}
    skills = person.skills.order_by("skill__name_key").values_list("skill__name", flat=True)
    return {"$schema": SCHEMA, "basics": basics, "work": work, "skills": [{"name": name} for name in skills]}


def _work(name: str, title: str, starts_on: Any, ends_on: Any) -> dict[str, str]:
    days = {"startDate": starts_on, "endDate": ends_on}
    known = {key: day.isoformat() for key, day in days.items() if day}
    return {"name": name, **({"position": title} if title else {}), **known}
