"""An organisation with many people, written straight into the tables: for measuring what reads them."""

import random
from datetime import UTC, datetime, timedelta

# The last Tuesday morning, outside quiet hours: pages are looked at today, and find people who are about to leave.
_YESTERDAY = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=1)
NOW = _YESTERDAY - timedelta(days=(_YESTERDAY.weekday() - 1) % 7)
TODAY = NOW.date()
FIRST = ["Fenna", "Tobias", "Aisha", "Ольга", "Callum", "Sanne", "Jürgen", "Nadia", "Bram", "Lotte", "Дмитрий", "Zoë"]
LAST = ["de Boer", "Krämer", "Bouzid", "Смирнова", "Reid", "Willems", "Pfeiffer", "Haddad", "Visser", "Jansen", "Maier"]
TITLES = ["Hydrologist", "Engineer", "Planner", "Surveyor", "Analyst", "Project lead"]


def gather(people: int) -> None:
    """`people` persons with a stint, a private address, consents for a third, touches, and the last farewells paid."""
    from perennial.consent.models import ConsentState, LedgerEntry, Preference, Wording
    from perennial.contact.models import Restriction, Suppression, Touch
    from perennial.departures.farewell.shipped import ship_checklists
    from perennial.departures.models import ChecklistStep, Departure, FarewellStep
    from perennial.kernel.text import search_text, sort_name_from
    from perennial.people.models import Company, EmailAddress, Person, PersonSkill, Position, Skill, Stint
    from perennial.people.words import keep
    from perennial.programme.actions import set_up
    from perennial.programme.models import Department

    set_up(
        organisation="Bench & Sons",
        postal_address="",
        privacy_notice="",
        language="en",
        time_zone="Europe/Amsterdam",
        coordinator_name="Carla",
        coordinator_email="carla@bench.example",
        password="a-walk-in-the-garden",  # noqa: S106 - a database of the moment
        aims=["ambassadors", "feedback"],
        stage="live",
        by="bench",
        now=NOW,
        demo=True,
    )
    luck = random.Random(7)  # noqa: S311 - the same crowd every time
    departments = Department.objects.bulk_create([Department(name=f"Department {n}") for n in range(40)])
    companies = Company.objects.bulk_create(
        [
            Company(
                name=f"Company {n}", name_key=f"company {n}", domain=f"c{n}.example", created_at=NOW, updated_at=NOW
            )
            for n in range(1000)
        ]
    )
    skills = Skill.objects.bulk_create([Skill(name=f"Skill {n}", name_key=f"skill {n}") for n in range(40)])
    wording = Wording.objects.create(purpose="personal", language="en", version=1, text="-", sha256="-")
    ship_checklists(language="en", now=NOW)
    paid = ChecklistStep.objects.filter(template__is_default=True, kind__in=["thanks", "exit_conversation"])
    entry = LedgerEntry.objects.create(
        person_key="-",
        purpose="personal",
        channel="email",
        act="granted",
        means="double_opt_in",
        wording=wording,
        at=NOW,
        by="-",
    )
    for start in range(0, people, 10_000):
        worked = [(luck.choice(departments), luck.choice(TITLES)) for _ in range(min(10_000, people - start))]
        names = [f"{luck.choice(FIRST)} {luck.choice(LAST)} {n}" for n in range(start, min(start + 10_000, people))]
        rows = Person.objects.bulk_create(
            [
                Person(
                    full_name=name,
                    called=name.split()[0],
                    sort_name=sort_name_from(name),
                    search_text=search_text(f"{name} p{n}@private.example {title} {department.name}"),
                    language=luck.choice(["en", "nl", "de", "ru"]),
                    created_at=NOW,
                    updated_at=NOW,
                )
                for n, (name, (department, title)) in enumerate(zip(names, worked, strict=True), start)
            ],
            batch_size=2000,
        )
        keep(row.search_text for row in rows)
        days = [TODAY - timedelta(days=luck.randint(-60, 3000)) for _ in rows]
        stints = Stint.objects.bulk_create(
            [
                Stint(
                    person=row,
                    source="bench",
                    employee_number=str(row.pk),
                    department=department,
                    title=title,
                    manager="Mara Smit",
                    starts_on=day - timedelta(days=900),
                    ends_on=day,
                    status="left",
                    created_at=NOW,
                    updated_at=NOW,
                )
                for row, day, (department, title) in zip(rows, days, worked, strict=True)
            ],
            batch_size=2000,
        )
        EmailAddress.objects.bulk_create(
            [
                EmailAddress(
                    person=row,
                    kind="private",
                    address=f"p{row.pk}@private.example",
                    fingerprint=f"{row.pk:064d}",
                    state="verified" if luck.random() < 0.6 else "unverified",
                    verified_at=NOW,
                    source="bench",
                    created_at=NOW,
                )
                for row in rows
            ],
            batch_size=2000,
        )
        elsewhere = rows[::2]
        Position.objects.bulk_create(
            [
                Position(
                    person=row,
                    company=luck.choice(companies),
                    title=luck.choice(TITLES),
                    source="bench",
                    created_at=NOW,
                    updated_at=NOW,
                )
                for row in elsewhere
            ],
            batch_size=2000,
        )
        PersonSkill.objects.bulk_create(
            [PersonSkill(person=row, skill=luck.choice(skills), source="bench", created_at=NOW) for row in elsewhere],
            batch_size=2000,
        )
        agreed = [row for row in rows if luck.random() < 0.5]
        ConsentState.objects.bulk_create(
            [
                ConsentState(person=row, purpose=purpose, channel="email", granted=True, since=NOW, entry=entry)
                for row in agreed
                for purpose in ("personal", "newsletter")
            ],
            batch_size=2000,
        )
        Preference.objects.bulk_create(
            [Preference(person=row, frequency=luck.choice(["monthly", "quarterly", "twice_a_year"])) for row in agreed],
            batch_size=2000,
        )
        Touch.objects.bulk_create(
            [
                Touch(
                    person=row,
                    at=NOW - timedelta(days=luck.randint(1, 900)),
                    direction="ours",
                    kind="mail",
                    channel="email",
                    purpose="personal",
                    intent="give",
                    origin=f"bench:{n}",
                    summary="How are you?",
                )
                for row in agreed
                for n in range(3)
            ],
            batch_size=2000,
        )
        Restriction.objects.bulk_create(
            [
                Restriction(
                    person=row,
                    kind="exclusion",
                    reason="misconduct",
                    starts_on=TODAY - timedelta(days=250),
                    review_on=TODAY + timedelta(days=100),
                    by="user:1",
                    created_at=NOW,
                )
                for row in rows
                if luck.random() < 0.01
            ]
        )
        Suppression.objects.bulk_create(
            [
                Suppression(fingerprint=f"{row.pk:064d}", scope="mail", reason="5.1.1", since=NOW)
                for row in rows
                if luck.random() < 0.01
            ]
        )
        departures = Departure.objects.bulk_create(
            [
                Departure(person=row, stint=stint, state="open", opened_at=NOW)
                for row, stint, day in zip(rows, stints, days, strict=True)
                if day >= TODAY - timedelta(days=60)
            ],
            batch_size=2000,
        )
        FarewellStep.objects.bulk_create(
            [
                FarewellStep(
                    departure=departure,
                    template_step=step,
                    kind=step.kind,
                    owner=step.owner,
                    anchor=step.anchor,
                    state="done",
                    settled_at=NOW,
                    settled_by="user:1",
                    cost=luck.randint(100, 9000) / 100,
                    cost_currency=luck.choice(["EUR", "CHF"]),
                )
                for departure in departures
                for step in paid
            ],
            batch_size=2000,
        )
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
