"""The half year as it went, told by the same actions that real people set in motion."""

import re
from datetime import datetime, timedelta
from typing import Any

from perennial.operate.demo.cast import (
    COLLEAGUES,
    COORDINATOR,
    ELSEWHERE,
    LEAVERS,
    LONG_HOURS,
    PASSWORD,
    THEMES,
    UNDATED,
    Elsewhere,
    Leaver,
)

DAYS = 203
# What was drafted in the last days still waits, so that Today has something to do.
DAYS_LEFT_TO_DO = 9


def load_once(*, now: datetime) -> None:
    """Fills an empty database with the demo organisation, whole or not at all; does nothing when it is there."""
    from django.db import transaction

    from perennial.programme.queries import current

    if current().set_up_at is None:
        with transaction.atomic():
            _tell(now=now)


def sign_ins() -> list[str]:
    """The accounts of the demo, a line each."""
    return [f"  {colleague.email}  ({colleague.role}), password {PASSWORD}" for colleague in (COORDINATOR, *COLLEAGUES)]


def _tell(*, now: datetime) -> None:
    from perennial.operate.tick import tick

    start = now - timedelta(days=DAYS)
    _found(start)
    arrived: set[str] = set()
    answered: set[str] = set()
    for day in range(0, DAYS + 1, 7):
        # Ten in the morning, when nobody is asleep; the last turn is the present.
        moment = (start + timedelta(days=day)).replace(hour=9, minute=0, second=0, microsecond=0)
        ahead = (now - moment).days
        for leaver in LEAVERS:
            if leaver.name not in arrived and leaver.leaves + ahead <= 24:
                _arrive(leaver, moment, now)
                arrived.add(leaver.name)
        if ahead <= DAYS_LEFT_TO_DO and UNDATED.name not in arrived:
            _arrive(UNDATED, moment, now, undated=True)
            arrived.add(UNDATED.name)
        tick(now=moment, worker="demo")
        if ahead > DAYS_LEFT_TO_DO:
            _approve_all(moment)
            tick(now=moment + timedelta(minutes=5), worker="demo")
            _say_goodbye(moment + timedelta(minutes=10))
        for leaver in LEAVERS:
            due = leaver.name in arrived and leaver.leaves + ahead <= 10
            if due and leaver.name not in answered and (leaver.score is not None or leaver.agrees is not None):
                _answer(leaver, moment + timedelta(hours=1))
                answered.add(leaver.name)
        tick(now=moment + timedelta(hours=2), worker="demo")
    for each in ELSEWHERE:
        _works_elsewhere(each, now)
    _begin_a_chapter(now)
    _plan_a_talk(now)
    _do_something_about_themes(now)


def _say_goodbye(at: datetime) -> None:
    """Whoever owes a step of a farewell has done it when it is due."""
    from perennial.departures.farewell.actions import do_step
    from perennial.departures.farewell.queries import open_steps
    from perennial.programme.queries import today

    day = today(now=at)
    for step in open_steps(day=day).filter(due_on__lte=day + timedelta(days=6)):
        do_step(step=step, by="demo", now=at)


def _found(start: datetime) -> None:
    from perennial.accounts.actions import accept_invitation, invite
    from perennial.accounts.roles import Role
    from perennial.kernel.tokens import LinkPurpose, sign
    from perennial.programme.actions import set_up

    set_up(
        organisation="Halvorsen Engineering",
        postal_address="Kade 12, 3011 AB Rotterdam",
        privacy_notice=(
            "This is a demonstration and nobody in it is real. A real privacy notice says who we are, what we keep, "
            "why, for how long, and whom to turn to."
        ),
        language="en",
        time_zone="Europe/Amsterdam",
        coordinator_name=COORDINATOR.name,
        coordinator_email=COORDINATOR.email,
        password=PASSWORD,
        aims=["ambassadors", "referrals", "clients", "feedback"],
        stage="live",
        by="demo",
        now=start,
        demo=True,
    )
    _weigh(start)
    for colleague in COLLEAGUES:
        user = invite(
            name=colleague.name,
            email=colleague.email,
            role=Role(colleague.role),
            language="en",
            by="demo",
            now=start,
        )
        token = sign(purpose=LinkPurpose.INVITE, row=user.pk, random=user.invite_random)
        accept_invitation(token=token, password=PASSWORD, now=start)


def _weigh(start: datetime) -> None:
    """The records without which nothing that rests on legitimate interest may begin."""
    from perennial.privacy.register.proposals import PROPOSALS
    from perennial.programme.councils import write_answer
    from perennial.programme.interests import write_record

    write_answer(
        country="NL",
        gate="wor_27",
        outcome="agreed",
        answered_on=start.date(),
        note="Minutes of the works council, item 4.",
        by="demo",
        now=start,
    )
    for processing, text in PROPOSALS.items():
        write_record(
            processing=processing,
            interest=str(text.interest),
            necessity=str(text.necessity),
            balancing=str(text.balancing),
            prevails=True,
            decided_by="Ingrid Halvorsen, after asking the privacy officer",
            decided_on=start.date(),
            review_on=start.date() + timedelta(days=730),
            by="demo",
            now=start,
        )


def _arrive(leaver: Leaver, moment: datetime, now: datetime, *, undated: bool = False) -> None:
    from perennial.people.actions import add_address, add_person, add_stint
    from perennial.people.enums import AddressKind, StintStatus
    from perennial.programme.actions import find_or_add_department, find_or_add_place

    person = add_person(full_name=leaver.name, language=leaver.language, source="demo", by="demo", now=moment)
    last_day = (now + timedelta(days=leaver.leaves)).date()
    add_stint(
        person=person,
        source="demo",
        by="demo",
        now=moment,
        employee_number=f"H{1000 + len(leaver.name) * 37 + abs(leaver.leaves)}",
        title=leaver.title,
        department=find_or_add_department(name=leaver.department),
        place=find_or_add_place(name="Rotterdam"),
        manager=leaver.manager,
        contract_kind="employee",
        starts_on=last_day - timedelta(days=900 + 31 * (abs(leaver.leaves) % 40)),
        ends_on=None if undated else last_day,
        status=StintStatus.LEAVING,
        how_ended="" if undated else leaver.how,
    )
    add_address(
        person=person,
        address=f"{_slug(leaver.name)}@halvorsen.example",
        kind=AddressKind.BUSINESS,
        source="demo",
        now=moment,
    )


def _begin_a_chapter(now: datetime) -> None:
    from perennial.accounts.models import User
    from perennial.accounts.roles import Role
    from perennial.programme.actions import find_or_add_department
    from perennial.programme.chapters import add_chapter

    add_chapter(
        name="Water people",
        department=find_or_add_department(name="Water"),
        city="",
        country="",
        hosts=list(User.objects.filter(role=Role.HOST)),
        by=f"user:{User.objects.get(email=COORDINATOR.email).pk}",
        now=now - timedelta(days=60),
    )


def _plan_a_talk(now: datetime) -> None:
    """Somebody leaves in a few days, and the exit interviewer talks with her the day after tomorrow."""
    from perennial.accounts.models import User
    from perennial.departures.conversation.enums import Way
    from perennial.departures.conversation.planning import Plan, plan_conversation
    from perennial.departures.models import Departure

    hr, interviewer = (User.objects.get(email=each.email) for each in COLLEAGUES[:2])
    starts_at = (now + timedelta(days=2)).replace(hour=9, minute=0, second=0, microsecond=0)
    plan_conversation(
        departure=Departure.objects.get(person__full_name="Hannah Vogel"),
        plan=Plan(leader=interviewer, starts_at=starts_at, minutes=45, way=Way.IN_PERSON, place="Garden room"),
        tell=None,
        by=f"user:{hr.pk}",
        now=now,
    )


def _do_something_about_themes(now: datetime) -> None:
    """Themes noted by hand; about one of them something is done, and can be told to those who wanted to hear."""
    from perennial.accounts.models import User
    from perennial.departures.exit.theme_actions import mark_done, plan_action
    from perennial.departures.exit.themes import set_themes
    from perennial.departures.models import Departure, Theme

    coordinator, hr, interviewer = (User.objects.get(email=each.email) for each in (COORDINATOR, *COLLEAGUES[:2]))
    for name, theme in THEMES.items():
        departure = Departure.objects.get(person__full_name=name)
        set_themes(departure=departure, keys=[], new=theme, by=f"user:{interviewer.pk}", now=now - timedelta(days=6))
    key = Theme.objects.get(name=LONG_HOURS).key
    said: dict[str, Any] = {"theme_key": key, "owner": hr, "by": f"user:{coordinator.pk}"}
    done = plan_action(
        text="Tenders are planned a month ahead, and a free day follows each",
        due_on=(now - timedelta(days=2)).date(),
        now=now - timedelta(days=5),
        **said,
    )
    mark_done(action_id=done.pk, done=True, by=f"user:{hr.pk}", now=now - timedelta(days=1))
    plan_action(
        text="Ask the teams again in spring whether it helped",
        due_on=(now + timedelta(days=90)).date(),
        now=now - timedelta(days=1),
        **said,
    )


def _works_elsewhere(each: Elsewhere, now: datetime) -> None:
    from perennial.accounts.models import User
    from perennial.people.elsewhere import add_position, correct_company
    from perennial.people.models import Person
    from perennial.people.skills import set_skills

    person = Person.objects.get(full_name=each.name)
    said: dict[str, Any] = {
        "by": f"user:{User.objects.get(email=COORDINATOR.email).pk}",
        "now": now - timedelta(days=20),
    }
    position = add_position(
        person=person, company=each.company, domain=each.domain, title=each.title, source="typed", **said
    )
    correct_company(company=position.company, name=each.company, domain=each.domain, relation=each.relation, **said)
    set_skills(person=person, names=each.skills, source="typed", **said)


def _answer(leaver: Leaver, moment: datetime) -> None:
    from perennial.departures.exit.answering import Answers, receive
    from perennial.departures.models import Departure
    from perennial.departures.relation import Relation

    departure = Departure.objects.select_related("person").get(person__full_name=leaver.name)
    relation = None
    if leaver.agrees is not None:
        relation = Relation(
            purposes=leaver.agrees,
            channels=["email"],
            frequency="monthly" if len(leaver.agrees) > 2 else "quarterly",
            language=leaver.language,
            private_email=f"{_slug(leaver.name)}@private.example" if leaver.agrees else "",
            shown_in=leaver.language,
        )
    receive(
        departure=departure,
        answers=Answers(given=_given(leaver)),
        relation=relation,
        submit=True,
        shown_in=leaver.language,
        ip="192.0.2.1",
        by=f"person:{departure.person.key}",
        now=moment,
    )
    if leaver.agrees and leaver.confirms:
        _confirm(departure.person_id, moment + timedelta(minutes=20))


def _given(leaver: Leaver) -> dict[str, Any]:
    """What a leaver answered; who gives no score skips the rest as well."""
    if leaver.score is None:
        return {"reason": leaver.reasons}
    troubled = {"pay": "satisfied_pay", "manager": "satisfied_manager", "workload": "satisfied_workload"}
    low = {troubled[reason] for reason in leaver.reasons if reason in troubled}
    subjects = ("work", "pay", "growth", "manager", "team", "workload", "balance", "culture")
    # One mark more or less by subject and person, and what they left over marked lower.
    marks = {
        f"satisfied_{subject}": max(0, min(10, leaver.score - 1 + (len(leaver.name) + at) % 3))
        - 3 * (f"satisfied_{subject}" in low)
        for at, subject in enumerate(subjects)
    }
    own = leaver.how == "resignation"
    return {
        "reason": leaver.reasons,
        "main_reason": leaver.reasons[:1] if own else (),
        "decided_by": ("quit",) if own else ("other",),
        "would_return": ("yes",) if leaver.score >= 9 else ("perhaps",) if leaver.score >= 6 else ("no",),
        "return_if": ("pay", "growth") if "pay" in leaver.reasons else ("hours",),
        "recommend": leaver.score,
        **marks,
    }


def _confirm(person_id: int, moment: datetime) -> None:
    from perennial.consent.models import ConsentRequest
    from perennial.kernel.tokens import LinkPurpose, sign
    from perennial.mail.confirmation import confirm

    request = ConsentRequest.objects.get(person=person_id, confirmed_at=None)
    token = sign(purpose=LinkPurpose.CONFIRM, row=request.pk, random=request.random)
    confirm(token=token, ip="192.0.2.1", now=moment)


def _approve_all(moment: datetime) -> None:
    from perennial.mail.queries import drafts
    from perennial.mail.queue import approve

    approve(
        message_ids=list(drafts().values_list("pk", flat=True)),
        by="demo",
        now=moment,
        sender_name=COORDINATOR.name,
        reply_to=COORDINATOR.email,
    )


def _slug(name: str) -> str:
    """The local part of an invented address: Latin letters, digits and dots."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    letters = re.sub(r"[^a-z]+", ".", plain).strip(".")
    return letters or "p" + "".join(f"{ord(letter) % 36:02d}" for letter in name)[:10]
