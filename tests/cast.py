"""The fixed cast of the tests. All of them are invented."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.contact.actions import restrict
from perennial.contact.enums import RestrictionKind
from perennial.contact.models import Restriction
from perennial.people.actions import add_address, add_person, add_stint
from perennial.people.models import Person
from perennial.programme.chapters import add_chapter
from perennial.programme.enums import Interest, Stage
from perennial.programme.models import Chapter, CouncilAnswer, Department, InterestRecord, Programme
from perennial.programme.queries import current

# A Monday morning in Amsterdam, outside quiet hours.
NOW = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
TODAY = date(2026, 9, 14)


def colleague(role: Role = Role.COORDINATOR, *, second_factor: bool = True, **fields: Any) -> User:
    """A member of staff who may sign in at once; the default is Carla, the coordinator."""
    name = fields.pop("name", f"Carla {role.label}")
    email = fields.pop("email", f"{role.value}@employer.example")
    user = User(name=name, email=email, role=role, created_at=NOW, **fields)
    user.set_password("correct horse battery staple")
    user.save()
    if second_factor:
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": ""})
    return user


def programme(stage: Stage = Stage.LIVE, **fields: Any) -> Programme:
    """The programme, set up and owned by Carla."""
    row = current()
    row.organisation = "Employer & Sons"
    row.postal_address = "Long Street 1, 1000 AA Amsterdam"
    row.sender_address = "alumni@employer.example"
    row.privacy_notice = "We keep what you tell us for as long as you like."
    row.purposes = ["newsletter", "events", "vacancies", "personal", "business", "surveys", "feedback", "directory"]
    row.aims = ["ambassadors", "feedback"]
    row.stage = stage
    row.set_up_at = NOW
    row.owner = fields.pop("owner", None) or User.objects.filter(role=Role.COORDINATOR).first() or colleague()
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    if not InterestRecord.objects.exists():
        InterestRecord.objects.bulk_create(weighed(each) for each in Interest)
        # The programme lives in Amsterdam.
        CouncilAnswer.objects.create(
            country="NL", gate="wor_27", outcome="agreed", answered_on=TODAY, by="test", at=NOW
        )
    return row


def weighed(processing: Interest, **fields: Any) -> InterestRecord:
    """A record of legitimate interest that stands, not yet saved."""
    steps = {"interest": "People lose touch.", "necessity": "A name and an address.", "balancing": "They expect it."}
    days = {"decided_on": TODAY, "review_on": TODAY + timedelta(days=1000)}
    who = {"decided_by": "The board", "by": "test", "at": NOW}
    record = {"processing": processing, "version": 1, "prevails": True, **steps, **days, **who}
    return InterestRecord(**{**record, **fields})


def person(
    full_name: str = "Alice van Dam", *, ends_on: date | None = TODAY, private: str = "", **stint: Any
) -> Person:
    """Somebody who worked here until `ends_on`; with `private`, an address given for staying in touch."""
    someone = add_person(full_name=full_name, language=stint.pop("language", "nl"), source="test", by="test", now=NOW)
    add_stint(
        person=someone,
        source="test",
        employee_number=stint.pop("employee_number", ""),
        ends_on=ends_on,
        manager=stint.pop("manager", "Mara Smit"),
        by="test",
        now=NOW,
        **stint,
    )
    if private:
        add_address(person=someone, address=private, kind="private", source="test", given_on=TODAY, now=NOW)
    return someone


def chapter(
    name: str, *hosts: User, department: Department | None = None, city: str = "", country: str = ""
) -> Chapter:
    """A running chapter with its hosts."""
    return add_chapter(name=name, department=department, city=city, country=country, hosts=hosts, by="test", now=NOW)


def exclude(someone: Person, *, reason: str = "conflict", by: User | None = None, **fields: Any) -> Restriction:
    """An exclusion as a colleague decides it, by default Ines of HR: to be looked at in a month, over in a year."""
    ines = by or User.objects.filter(email="ines@employer.example").first()
    ines = ines or colleague(Role.HR, name="Ines Bakker", email="ines@employer.example")
    days = {"starts_on": TODAY, "review_on": TODAY + timedelta(days=30), "ends_on": TODAY + timedelta(days=365)}
    return restrict(
        person=someone,
        kind=RestrictionKind.EXCLUSION,
        reason=reason,
        by=f"user:{ines.pk}",
        now=NOW,
        **{**days, **fields},
    )
