"""Every route that names an object, for every role, with objects that are there and are somebody else's.

`test_access.py` asks with ids that nobody has; here they are real: of a person of another chapter, of another parent,
of another colleague. Nothing is shown, nothing is changed, and what is hidden looks like what is missing.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.models import Session, User
from perennial.accounts.roles import Role
from perennial.consent.actions import request_consents
from perennial.consent.documents import Document, Text
from perennial.consent.enums import EvidenceKind
from perennial.consent.evidence import add_evidence
from perennial.consent.vouching import need_vouching
from perennial.contact.actions import restrict, restrict_together
from perennial.contact.enums import RestrictionKind, RestrictionReason
from perennial.contact.models import Restriction
from perennial.departures.conversation.enums import Way
from perennial.departures.conversation.planning import Plan, plan_conversation
from perennial.departures.decisions.actions import Proposal, propose
from perennial.departures.decisions.enums import DecisionKind, DecisionOutcome, DecisionReason
from perennial.departures.exit.editing import begin_draft
from perennial.departures.exit.questionnaire import ship
from perennial.departures.farewell.handing_out import keep_farewells
from perennial.departures.invitations import draft_invitations
from perennial.departures.models import Answer as ExitAnswer
from perennial.departures.models import (
    ChecklistStep,
    ChecklistTemplate,
    Departure,
    ExitAnswers,
    FarewellStep,
    Telling,
    Theme,
)
from perennial.desk.models import PutOff
from perennial.kernel.purposes import Purpose
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.outreach.queries import letters
from perennial.people.actions import add_address
from perennial.people.elsewhere import add_position
from perennial.people.models import Person
from perennial.privacy.models import Erasure
from perennial.privacy.rights.actions import ask as ask_about_data
from perennial.privacy.rights.enums import RequestKind
from perennial.programme.models import Chapter, Department, Place
from perennial.programme.topics import add_topic
from tests.cast import NOW, TODAY, chapter, colleague, programme
from tests.desk.walkers import draft_letters, leaver
from tests.intake.test_faults import received
from tests.portal.leavers import sentences
from tests.web.routes import HOUSE, LETTERS, NOBODYS, OBJECTS, OWN, PERSONAL, PUBLIC, ROUTES
from tests.web.test_access import WRITTEN_BY_LOOKING, Route, routes

pytestmark = pytest.mark.django_db

# Fits as many forms as may be, so that a door that stands open is walked through.
BODY = {
    "what": "called",
    "summary": "about the canteen",
    "full_name": "Somebody Else",
    "called": "Somebody",
    "status": "left",
    "title": "Changed",
    "ends_on": "2026-08-30",
    "last_day": "2026-08-30",
    "address": "somebody.else@home.example",
    "kind": "private",
    "name": "Changed",
    "company": "Changed",
    "skills": "Changed",
    "subject": "Changed",
    "body": "Changed",
    "role": "editor",
    "why": "review",
    "text": "Changed",
    "recorded_ending": "other",
}
BODIES = {
    "people/<str:key>/proofs/file/": {"format": "json"},
    "people/<str:key>/restrictions/new/": {
        **BODY,
        "kind": "exclusion",
        "reason": "misconduct",
        "ends_on": "",
        "review_on": "2027-01-01",
    },
}


@dataclass
class Objects:
    """One of each kind that a route can name, all of one person, parent or colleague; by kind, as an address has it."""

    ids: dict[str, str] = field(default_factory=dict)

    def path(self, pattern: str, *, child_of: "Objects | None" = None) -> str:
        """The address of a route with these objects; the last of several is `child_of`'s."""
        kinds = list(OBJECTS[pattern][1:])
        values = [self.ids[kind] for kind in kinds]
        if child_of is not None:
            values[-1] = child_of.ids[kinds[-1]]
        for value in values:
            pattern = re.sub(r"<[^>]+>", value, pattern, count=1)
        return "/" + pattern


@dataclass
class World:
    """A host's chapter and another one, and each role's colleague, signed in."""

    ours: Objects
    theirs: Objects
    clients: dict[str, Client]
    users: dict[str, User]


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world(tmp_path: Path) -> World:
    programme()
    users = {letter: User.objects.filter(role=role).first() or colleague(role) for letter, role in LETTERS.items()}
    clients = {letter: Client() for letter in users}
    for letter, user in users.items():
        clients[letter].force_login(user)
    ours, theirs = Objects(), Objects()
    for at, (objects, name, mine) in enumerate([(ours, "Alice", True), (theirs, "Bob", False)]):
        department = Department.objects.create(name=f"Department of {name}")
        place = Place.objects.create(name=f"Place of {name}", city=f"City {at}")
        someone = leaver(f"{name} Jansen", ends_on=TODAY - timedelta(days=14), department=department, place=place)
        hosts = [users["T"]] if mine else [colleague(Role.HOST, email="other.host@employer.example")]
        keep_farewells(now=NOW)
        of = chapter(f"Chapter of {name}", *hosts, department=department)
        objects.ids |= _of_person(someone) | _of_house(name, department, place, of, tmp_path)
    assert draft_invitations(now=NOW) == 2
    Message.objects.update(state=MessageState.FAILED, not_before=None, done_at=NOW, last_error="550 no such user")
    draft_letters(at=NOW)
    for objects in (ours, theirs):
        of_person = Message.objects.filter(person__key=objects.ids["person"])
        objects.ids["letter"] = str(letters().get(pk__in=of_person.values("pk")).pk)
        objects.ids["exit_text"] = _answered(Departure.objects.get(key=objects.ids["departure"]))
        theme = Theme.objects.create(name=f"Theme of {objects.ids['departure']}", made_by="test", made_at=NOW)
        objects.ids["theme_action"] = str(theme.actions.create(text="Ask", due_on=TODAY).pk)
        objects.ids["telling"] = Telling.objects.create(made_by="test", made_at=NOW).key
        objects.ids["waiting_address"] = _waiting_address(Person.objects.get(key=objects.ids["person"]))
        objects.ids["mail"] = str(of_person.exclude(state=MessageState.DRAFT).get().pk)
        someone = Person.objects.get(key=objects.ids["person"])
        objects.ids["request"] = ask_about_data(
            person=someone, kind=RequestKind.OBJECTION, words="No", by="test", now=NOW
        ).key
    begin_draft(by="test", now=NOW)
    return World(ours, theirs, clients, users)


def _of_person(someone: Person) -> dict[str, str]:
    restriction = restrict(
        person=someone,
        kind=RestrictionKind.TEST_GROUP,
        reason=RestrictionReason.TRYING_OUT,
        starts_on=TODAY,
        by="test",
        now=NOW,
    )
    exclusion = restrict(
        person=someone,
        kind=RestrictionKind.EXCLUSION,
        reason=RestrictionReason.MISCONDUCT,
        # Not yet, so that they are written to.
        starts_on=TODAY + timedelta(days=100),
        review_on=TODAY + timedelta(days=200),
        ends_on=TODAY + timedelta(days=300),
        by=f"user:{User.objects.get(role=Role.COORDINATOR).pk}",
        now=NOW,
    )
    position = add_position(
        person=someone, company=f"Company of {someone.called}", source="test", by="test", now=NOW, title="Planner"
    )
    departure = Departure.objects.get(person=someone)
    plan_conversation(
        departure=departure,
        plan=Plan(
            leader=User.objects.get(role=Role.EXIT_INTERVIEWER),
            starts_at=NOW + timedelta(days=1),
            minutes=30,
            way=Way.PHONE,
        ),
        tell=None,
        by="test",
        now=NOW,
    )
    decision = propose(
        person=someone,
        kind=DecisionKind.REHIRE,
        proposal=Proposal(outcome=DecisionOutcome.YES, reason=DecisionReason.GOOD_STANDING),
        by=f"user:{User.objects.get(role=Role.COORDINATOR).pk}",
        now=NOW,
    )
    return {
        "person_decision": str(decision.pk),
        "kind_of_decision": "eligibility",
        "deed": "declined",
        "person": someone.key,
        "erasure": Erasure.objects.get_or_create(person_key="somebodyerased", defaults={"at": NOW, "by": "user:1"})[
            0
        ].person_key,
        "position": str(position.pk),
        "company": position.company.key,
        "stint": str(someone.stints.get().pk),
        "address": str(someone.addresses.get().pk),
        "restriction": str(restriction.pk),
        "exclusion": str(exclusion.pk),
        "document": str(_document(someone)),
        "choice": "welcome",
        "no_version": "0",
        "section": "transfers",
        "processing": "exit",
        "text_question": "improve",
        "question": "reason",
        "draft_question": "keep",
        "departure": departure.key,
        "farewell_step": str(FarewellStep.objects.filter(departure__person=someone).earliest("pk").pk),
    }


def _document(someone: Person) -> int:
    """By which somebody agreed to a purpose."""
    text = Text("ru", "Согласие", "Я", ())
    row = add_evidence(
        person_key=someone.key,
        kind=EvidenceKind.DOCUMENT,
        now=NOW,
        content=Document("events", 1, (text,)).kept(),
    )
    return row.pk


def _answered(departure: Departure) -> str:
    version = ship(now=NOW)
    # Not by the leaver's page: who has answered there is invited no more, and so has no letter.
    answers = ExitAnswers.objects.create(
        departure=departure, questionnaire=version, language="en", started_at=NOW, submitted_at=NOW
    )
    question = version.questions.get(code="improve")
    return str(ExitAnswer.objects.create(answers=answers, question=question, text="The canteen closes at noon").pk)


def _waiting_address(someone: Person) -> str:
    """Given on the page of choices; nobody has vouched for it yet."""
    address = add_address(person=someone, address="new@home.example", kind="private", source="leaver", now=NOW)
    request = request_consents(
        person=someone, address=address, purposes=["events"], channels=[], language="en", by="test", now=NOW
    )
    need_vouching(request=request, on_file=None)
    return str(address.pk)


def _of_house(name: str, department: Department, place: Place, of: Chapter, folder: Path) -> dict[str, str]:
    file = folder / f"{name}.csv"
    file.write_text("Employee number,Full name,Last day\n7,Zoe Vos,2026-10-01\n")
    checklist = ChecklistTemplate.objects.create(name=f"Checklist of {name}", how_ended=["other"], created_at=NOW)
    step = ChecklistStep.objects.create(template=checklist, kind="thanks", owner="hr", anchor="last_day")
    return {
        "checklist": str(checklist.pk),
        "checklist_step": str(step.pk),
        "department": str(department.pk),
        "department_name": str(department.aliases.create(name=f"Former {name}", since=NOW).pk),
        "place": str(place.pk),
        "place_name": str(place.aliases.create(name=f"Former {name}", since=NOW).pk),
        "chapter": str(of.pk),
        "topic": str(add_topic(purpose=Purpose.NEWSLETTER, names={"en": f"Topic of {name}"}, by="test", now=NOW).pk),
        "import": received(file).key,
        "template": "leavers-en.csv",
        "colleague": str(colleague(Role.MEMBER, email=f"{name.lower()}@employer.example").pk),
    }


def _named() -> list[tuple[Route, str, str]]:
    """Every route of the desk that names an object, with its line in the table and to whom the object belongs."""
    return [(route, ROUTES[route.pattern], OBJECTS[route.pattern][0]) for route in routes() if route.pattern in OBJECTS]


@dataclass
class Answer:
    status: int
    said: str
    written: list[str]


def ask(client: Client, method: str, path: str, *, pattern: str) -> Answer:
    """Asks, looks at what the database was told, and takes it back."""
    with transaction.atomic():
        with CaptureQueriesContext(connection) as queries:
            sent: Callable[..., HttpResponse] = getattr(client, method)
            response = sent(path, BODIES.get(pattern, BODY)) if method == "post" else sent(path)
        transaction.set_rollback(True)
    said = b"".join(response) if response.streaming else response.content  # type: ignore[call-overload]
    written = [
        query["sql"][:120]
        for query in queries.captured_queries
        if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
        and not any(name in query["sql"] for name in WRITTEN_BY_LOOKING)
    ]
    return Answer(response.status_code, sentences(said) if response.status_code == 404 else "", written)


def test_every_route_that_names_an_object_stands_in_the_table_and_every_line_has_its_route() -> None:
    naming = [route.pattern for route in routes() if route.names_an_object and ROUTES.get(route.pattern) != PUBLIC]
    assert sorted(OBJECTS) == sorted(naming)
    for pattern, (_whose, *kinds) in OBJECTS.items():
        assert len(kinds) == len(re.findall(r"<[^>]+>", pattern)), pattern


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_open_a_route_is_refused_whatever_it_names(world: World, letter: str, method: str) -> None:
    wrong = []
    for route, line, whose in _named():
        if letter in line or whose == OWN:
            continue
        for objects in (world.ours, world.theirs):
            path = objects.path(route.pattern)
            answer = ask(world.clients[letter], method, path, pattern=route.pattern)
            if answer.status != 403 or answer.written:
                wrong.append((method, path, answer))
    assert wrong == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_of_somebody_of_another_chapter_is_missing_for_a_host(world: World, method: str) -> None:
    wrong, asked = [], []
    for route, line, whose in _named():
        if "T" not in line or whose != PERSONAL:
            continue
        hidden = ask(world.clients["T"], method, world.theirs.path(route.pattern), pattern=route.pattern)
        missing = ask(world.clients["T"], method, route.path, pattern=route.pattern)
        shown = ask(world.clients["T"], method, world.ours.path(route.pattern), pattern=route.pattern)
        asked.append((route.pattern, shown.status))
        # A method that the page does not have is refused before anything is looked for, for all alike.
        refused = 405 if shown.status == 405 else 404
        if (hidden.status, missing.status) != (refused, refused) or hidden.said != missing.said or hidden.written:
            wrong.append((method, route.pattern, hidden, missing))
        if shown.status not in (200, 302, 405):
            wrong.append((method, route.pattern, shown, missing))
    assert wrong == []
    # What is the host's own is opened, so that the answers above say something.
    expected = {"get": ("people/<str:key>/", 200), "post": ("people/<str:key>/contact/", 302)}
    assert expected[method] in asked


@pytest.mark.slow
@pytest.mark.parametrize("letter", [letter for letter in LETTERS if letter != "T"])
def test_every_other_role_opens_what_it_may_for_people_of_any_chapter(world: World, letter: str) -> None:
    wrong = []
    for route, line, whose in _named():
        if letter not in line or whose == OWN:
            continue
        for objects in (world.ours, world.theirs):
            path = objects.path(route.pattern)
            found = [ask(world.clients[letter], method, path, pattern=route.pattern) for method in ("get", "post")]
            # Each page has one of the methods; one that refuses what is not its turn still knows its object.
            if all(answer.status in (403, 404, 405) for answer in found) and route.pattern not in NOT_THEIR_TURN:
                wrong.append((path, [answer.status for answer in found]))
    assert wrong == []


# What these routes do is not due for the objects here, and they answer as if there were nothing to do.
NOT_THEIR_TURN = {
    "people/companies/<str:key>/join/": "no other company is named",
    "import/<str:key>/rejected/": "no row was rejected",
    "import/<str:key>/resume/": "nothing was interrupted",
    "team/<int:pk>/invite-again/": "this colleague was not invited",
}


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_belongs_to_another_parent_is_missing(world: World, letter: str, method: str) -> None:
    """A stint of another person under this person's key, a former name of another department under this one."""
    wrong, asked = [], 0
    for route, line, whose in _named():
        if len(OBJECTS[route.pattern]) < 3 or whose == OWN:
            continue
        if world.ours.ids[OBJECTS[route.pattern][-1]] == world.theirs.ids[OBJECTS[route.pattern][-1]]:
            # A word of ours, and no object of anybody.
            continue
        for parent, child in ((world.ours, world.theirs), (world.theirs, world.ours)):
            path = parent.path(route.pattern, child_of=child)
            answer = ask(world.clients[letter], method, path, pattern=route.pattern)
            own = ask(world.clients[letter], method, parent.path(route.pattern), pattern=route.pattern)
            expected = 403 if letter not in line else 405 if own.status == 405 else 404
            asked += 1
            if answer.status != expected or answer.written or (expected == 404 and own.status == 404):
                wrong.append((method, path, answer, own))
    assert wrong == []
    assert asked >= 10


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_passkey_of_another_colleague_is_missing(world: World, letter: str, method: str) -> None:
    keys = [
        Authenticator.objects.create(
            user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "key", "credential": {}}
        )
        for user in (world.users[letter], User.objects.get(pk=world.ours.ids["colleague"]))
    ]
    for route, _line, _whose in _named():
        if "passkey" not in OBJECTS[route.pattern]:
            continue
        own, foreign = (
            ask(
                world.clients[letter],
                method,
                Objects({"passkey": str(key.pk)}).path(route.pattern),
                pattern=route.pattern,
            )
            for key in keys
        )
        assert (foreign.status, foreign.written) == (404, []), route.pattern
        assert own.status in (200, 302), route.pattern


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_session_of_another_colleague_is_missing(world: World, letter: str, method: str) -> None:
    owners = (world.users[letter], User.objects.get(pk=world.ours.ids["colleague"]))
    pattern = "account/sessions/<str:handle>/end/"
    keys = []
    for user in owners:
        elsewhere = Client()
        elsewhere.force_login(user)
        keys.append(elsewhere.session.session_key)
    handles = [Session.objects.get(session_key=key).handle for key in keys]
    foreign = ask(world.clients[letter], method, Objects({"session": handles[1]}).path(pattern), pattern=pattern)
    assert (foreign.status, foreign.written) == (405 if method == "get" else 404, [])
    own = ask(world.clients[letter], method, Objects({"session": handles[0]}).path(pattern), pattern=pattern)
    assert (own.status, own.written != []) == ((405, False) if method == "get" else (302, True))


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("deed", ["later", "back"])
def test_nobody_brings_back_or_puts_off_for_somebody_else(world: World, letter: str, deed: str) -> None:
    other = User.objects.get(pk=world.ours.ids["colleague"])
    key = f"letter.{world.theirs.ids['letter']}"
    PutOff.objects.create(user=other, item=key, until=TODAY + timedelta(days=3))
    answer = world.clients[letter].post(f"/today/{key}/{deed}/")
    assert answer.status_code == (302 if letter in ROUTES[f"today/<str:item_key>/{deed}/"] else 403)
    assert PutOff.objects.get(user=other).until == TODAY + timedelta(days=3)
    # Who cannot act on a letter puts none off, whosever it is.
    may = deed == "later" and letter in "CE"
    assert PutOff.objects.exclude(user=other).exists() == may


@pytest.mark.parametrize("letter", LETTERS)
def test_what_another_colleague_decided_about_many_is_missing(world: World, letter: str) -> None:
    pattern = "people/together/<str:kind>/<int:stamp>/back/"
    # Nobody has one yet, and what is older than an hour is not undone.
    Restriction.objects.all().delete()
    moments = [NOW - timedelta(minutes=1), NOW - timedelta(minutes=2)]
    for person, by, moment in zip(
        Person.objects.order_by("pk"), (world.users[letter], "somebody"), moments, strict=True
    ):
        restrict_together(
            people=Person.objects.filter(pk=person.pk),
            kind=RestrictionKind.TEST_GROUP,
            reason=RestrictionReason.TRYING_OUT,
            starts_on=moment.date(),
            by=f"user:{by.pk}" if isinstance(by, User) else by,
            now=moment,
        )
    statuses = []
    for moment in moments:
        stamp = str(int(moment.timestamp() * 1_000_000))
        path = Objects({"decision": RestrictionKind.TEST_GROUP.value, "moment": stamp}).path(pattern)
        statuses.append(world.clients[letter].post(path).status_code)
    may = letter in ROUTES[pattern]
    assert statuses == ([302, 404] if may else [403, 403])
    lifted = Restriction.objects.filter(lifted_at__isnull=False)
    assert [row.by for row in lifted] == ([f"user:{world.users[letter].pk}"] if may else [])


def test_the_walk_knows_every_kind_of_owner() -> None:
    assert {whose for whose, *_kinds in OBJECTS.values()} == {PERSONAL, HOUSE, OWN, NOBODYS}


def test_no_one_route_of_a_host_names_what_is_of_the_house_alone() -> None:
    """Should a host be let into one, it must be said here what of it they may see."""
    theirs: list[Any] = [route.pattern for route, line, whose in _named() if "T" in line and whose == HOUSE]
    assert theirs == []
