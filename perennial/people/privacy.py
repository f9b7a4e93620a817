"""What is held of people themselves, and what erasure does beyond their own rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _

from perennial.kernel.privacy import Erased, Held, Privacy
from perennial.people.elsewhere import forget_unused_companies
from perennial.people.managers import forget_as_manager
from perennial.people.models import Person
from perennial.people.skills import forget_unused_skills
from perennial.people.words import forget as forget_words

HELD = (
    Held(
        model="people.person",
        about="pk",
        fields={
            Privacy.IDENTITY: "full_name called sort_name search_text language country",
            Privacy.RECORD: "source created_at updated_at stored_only_since",
            Privacy.COLLEAGUE: "added_by",
            Privacy.KEY: "id key",
        },
        erased=Erased.WITH_PERSON,
        why="Who somebody is: without it there is nobody to stay in touch with.",
        title=_("You"),
    ),
    Held(
        model="people.stint",
        about="person",
        fields={
            Privacy.IDENTITY: "employee_number",
            Privacy.WORK: "contract_kind title starts_on ends_on status how_ended",
            Privacy.OTHERS: "manager",
            Privacy.RECORD: "source created_at updated_at",
            Privacy.COLLEAGUE: "added_by",
            Privacy.KEY: "id person department place",
        },
        shown={"department": "department__name", "place": "place__name"},
        erased=Erased.WITH_PERSON,
        why="When, where and as what somebody worked here, from HR's records.",
        title=_("Your time with us"),
    ),
    Held(
        model="people.emailaddress",
        about="person",
        fields={
            Privacy.CONTACT: "kind address",
            Privacy.RECORD: "state source given_on verified_at created_at",
            Privacy.COLLEAGUE: "added_by",
            Privacy.KEY: "id person fingerprint",
        },
        erased=Erased.WITH_PERSON,
        why="Where somebody is reached, who gave the address, and whether its owner confirmed it.",
        title=_("Your e-mail addresses"),
    ),
    Held(
        model="people.position",
        about="person",
        fields={
            Privacy.WORK: "title starts_on ends_on",
            Privacy.RECORD: "source created_at updated_at",
            Privacy.COLLEAGUE: "added_by",
            Privacy.KEY: "id person company",
        },
        shown={"company": "company__name", "domain": "company__domain"},
        erased=Erased.WITH_PERSON,
        why="Where somebody works now.",
        title=_("Your work elsewhere"),
    ),
    Held(
        model="people.company",
        fields={
            Privacy.WORK: "name name_key domain",
            Privacy.NONE: "relation created_at updated_at",
            Privacy.KEY: "id key",
        },
        erased=Erased.BY_ROOM,
        why="Companies, each once for all who work there. One that only the erased person worked at, and that is"
        " nothing to the employer, may bear their name and goes.",
    ),
    Held(
        model="people.skill",
        fields={Privacy.WORK: "name name_key", Privacy.KEY: "id"},
        erased=Erased.BY_ROOM,
        why="Skills, each once for all who have it. One that only the erased person had goes.",
    ),
    Held(
        model="people.personskill",
        about="person",
        fields={
            Privacy.RECORD: "source created_at",
            Privacy.COLLEAGUE: "added_by",
            Privacy.KEY: "id person skill",
        },
        shown={"skill": "skill__name"},
        erased=Erased.WITH_PERSON,
        why="What somebody knows how to do.",
        title=_("What you know how to do"),
    ),
    Held(
        model="people.provenance",
        about="person|stint__person|address__person|position__person",
        fields={
            Privacy.RECORD: "field at",
            Privacy.COLLEAGUE: "source",
            Privacy.KEY: "id person stint address position",
        },
        erased=Erased.WITH_PERSON,
        why="Who said last what stands in a field, where that is not whoever brought its row.",
        title=_("Who corrected what"),
    ),
    Held(
        model="people.word",
        fields={Privacy.IDENTITY: "text", Privacy.KEY: "id"},
        erased=Erased.BY_ROOM,
        why="The words of all records, each once, so that a mistyped name is found. One that no other record has goes.",
    ),
)


@contextmanager
def forgetting(*, person: Person) -> Iterator[None]:
    """What goes after the person because nobody else has it; and their name where it is others' manager's."""
    companies = list(person.positions.values_list("company_id", flat=True))
    skills = list(person.skills.values_list("skill_id", flat=True))
    said = person.search_text
    forget_as_manager(person=person)
    yield
    forget_words([said])
    forget_unused_companies(among=companies)
    forget_unused_skills(among=skills)
