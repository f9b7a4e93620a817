"""Reads persons."""

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from django.core.exceptions import EmptyResultSet
from django.db.models import Count, Exists, F, Model, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from perennial.accounts.models import User
from perennial.accounts.roles import CHAPTER_ROLES
from perennial.people.enums import StintStatus
from perennial.people.models import Company, EmailAddress, Person, PersonSkill, Position, Provenance, Stint
from perennial.programme.models import Chapter, Department, Place
from perennial.programme.structure import belongs_to_any, chapters_of, rules_of, running_chapters, with_hosts

M = TypeVar("M", bound=Model)

# The one still running first, then the one that ended last. Said in full: the databases sort NULL differently.
LATEST_FIRST = (F("ends_on").desc(nulls_first=True), F("starts_on").desc(nulls_last=True), "-pk")


def sees_everybody(user: User) -> bool:
    """Whether nobody is hidden from `user`, as from hosts all are who belong to no chapter of theirs."""
    return user.role not in CHAPTER_ROLES


def visible_to(user: User, *, also_stored_only: bool = False) -> QuerySet[Person]:
    """Everybody `user` may know of, in no order. Whatever shows persons to colleagues begins here.

    A host sees who belongs to a running chapter of theirs by any stint, however long ago. For everybody else the
    answer costs nothing. Whose data is stored and nothing else nobody finds; those who answer what people ask about
    their data open such a record by its own address (`also_stored_only`).
    """
    people = Person.objects.order_by()
    if not also_stored_only:
        people = without_stored_only(people, person="pk")
    if sees_everybody(user):
        return people
    stint = belongs_to_any(chapters_of(user))
    if stint is None:
        return Person.objects.none()
    return people.filter(pk__in=Stint.objects.order_by().filter(stint).values("person"))


def without_stored_only(rows: QuerySet[M], *, person: str = "person") -> QuerySet[M]:
    """Those of `rows` whose `person` is not stored only. Whatever lists, counts or reminds of people begins here.

    An index holds the handful who are. NOT EXISTS and not NOT IN: of the latter PostgreSQL supposes that it leaves out
    half, and plans the rest of the statement for that.
    """
    return rows.filter(~Exists(Person.objects.filter(pk=OuterRef(person), stored_only_since__isnull=False)))


def leaves_out(people: QuerySet[Person]) -> bool:
    """Whether `people` leave out more than those whose data is stored only, who are a handful."""
    if not people.query.where:
        return False
    everybody = without_stored_only(Person.objects.all(), person="pk")
    try:
        return _ids(people) != _ids(everybody)
    except EmptyResultSet:
        return True


def _ids(people: QuerySet[Person]) -> str:
    return str(people.order_by().values("pk").query)


def people_by_unit(kind: type[Department | Place]) -> dict[int, int]:
    """How many people ever worked in each department, or at each place, by its id; those below it aside."""
    field = "department" if kind is Department else "place"
    stints = without_stored_only(Stint.objects.order_by())
    counts = stints.exclude(**{field: None}).values_list(f"{field}_id")
    return dict(counts.annotate(many=Count("person", distinct=True)))


def people_by_chapter(chapters: Iterable[Chapter]) -> dict[int, int]:
    """How many people belong to each of `chapters`, by its id."""
    return _counted(without_stored_only(Stint.objects.order_by()), chapters)


def chapters_with(person: Person) -> list[Chapter]:
    """The running chapters that `person` belongs to, each with its hosts."""
    chapters = list(with_hosts(running_chapters()))
    counts = _counted(person.stints.order_by(), chapters)
    return [chapter for chapter in chapters if counts[chapter.pk]]


def _counted(stints: QuerySet[Stint], chapters: Iterable[Chapter]) -> dict[int, int]:
    """How many persons of `stints` each chapter holds; one statement for all of them."""
    rules = rules_of(chapters)
    if not rules:
        return {}
    counts = stints.aggregate(
        **{f"chapter_{pk}": Count("person", distinct=True, filter=rule) for pk, rule in rules.items()}
    )
    return {pk: counts[f"chapter_{pk}"] for pk in rules}


def stints_of(person: Person) -> QuerySet[Stint]:
    """All stretches of work, the latest first; the first of them is what a person's head line speaks of."""
    return person.stints.select_related("department", "place").order_by(*LATEST_FIRST)


def runs_on(day: date) -> Q:
    """Of a stint: whether it runs on `day`, as far as the record says."""
    return Q(ends_on__gte=day) | Q(ends_on=None, status__in=[StintStatus.ACTIVE, StintStatus.LEAVING])


def works_here(person: Person, *, day: date) -> bool:
    """Whether `person` works here on `day`, as far as the record says."""
    return person.stints.filter(runs_on(day)).exists()


def latest_stint(person: Person) -> Stint | None:
    """The stint a person's head line speaks of: the one still running, else the one that ended last."""
    return stints_of(person).first()


def person_with_key(key: str, *, among: QuerySet[Person]) -> Person | None:
    """The person among those that an address names, or None."""
    return among.filter(key=key).first()


def with_latest_stints(people: QuerySet[Person]) -> QuerySet[Person]:
    """Brings along each person's addresses and `stints_latest_first`, a list, with their departments and places."""
    stints = Stint.objects.select_related("department", "place").order_by(*LATEST_FIRST)
    return people.prefetch_related(Prefetch("stints", queryset=stints, to_attr="stints_latest_first"), "addresses")


def with_life_elsewhere(people: QuerySet[Person]) -> QuerySet[Person]:
    """Brings along `positions_latest_first`, a list, with their companies, and `skills_by_name`, a list."""
    positions = Position.objects.select_related("company").order_by(*LATEST_FIRST)
    return people.prefetch_related(
        Prefetch("positions", queryset=positions, to_attr="positions_latest_first"),
        Prefetch("skills", queryset=PersonSkill.objects.select_related("skill"), to_attr="skills_by_name"),
    )


def positions_of(person: Person) -> QuerySet[Position]:
    """Jobs elsewhere, those held now first."""
    return person.positions.select_related("company").order_by(*LATEST_FIRST)


def skills_of(person: Person) -> QuerySet[PersonSkill]:
    """What a person knows how to do, by name."""
    return person.skills.select_related("skill").order_by("skill__name_key", "pk")


def provenance_of(
    *,
    person: Person,
    stints: Iterable[Stint],
    addresses: Iterable[EmailAddress],
    positions: Iterable[Position],
) -> QuerySet[Provenance]:
    """Who changed which field of a person and of these rows of theirs, in one query."""
    return Provenance.objects.filter(
        Q(person=person)
        | Q(stint__in=[row.pk for row in stints])
        | Q(address__in=[row.pk for row in addresses])
        | Q(position__in=[row.pk for row in positions])
    )


def companies(*, text: str = "", relation: str = "") -> QuerySet[Company]:
    """Companies by name, each with `working`, how many positions are held there now, and `ever`, how many in all."""
    found = Company.objects.all()
    if text:
        found = found.filter(Q(name_key__contains=text.casefold()) | Q(domain__contains=text.casefold()))
    if relation:
        found = found.filter(relation=relation)
    positions = without_stored_only(Position.objects.filter(company=OuterRef("pk")).order_by())
    of_company = positions.values("company").annotate(many=Count("pk"))
    return found.annotate(
        working=Coalesce(Subquery(of_company.filter(ends_on=None).values("many")), 0),
        ever=Coalesce(Subquery(of_company.values("many")), 0),
    ).order_by("name_key", "pk")


def positions_at(company: Company) -> QuerySet[Position]:
    """Who works or worked at a company, those who do now first."""
    return without_stored_only(company.positions.select_related("person")).order_by(
        F("ends_on").desc(nulls_first=True), "person__sort_name", "pk"
    )
