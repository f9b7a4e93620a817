"""A person's page, the door explained, erasure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perennial.accounts.roles import Permission, may
from perennial.audit.actions import record
from perennial.consent.actions import LEAVER
from perennial.consent.models import ConsentState
from perennial.consent.queries import proofs_of, standing_consents
from perennial.consent.vouching import waiting_of
from perennial.contact.door import Decision, decide_for_each, explain
from perennial.contact.enums import RestrictionKind, RestrictionReason
from perennial.contact.models import Restriction
from perennial.contact.queries import TimelineEntry, balance, standing_restrictions, timeline
from perennial.departures.decisions.enums import DecisionKind, DecisionState
from perennial.departures.decisions.queries import asks_hr_first, told_to
from perennial.departures.decisions.queries import of_person as of_this_person
from perennial.departures.models import PersonDecision
from perennial.departures.queries import of_person
from perennial.desk.people.forms import ContactForm, EraseForm
from perennial.desk.people.told import Sources, person_facts, position_facts, stint_facts
from perennial.desk.people.volume import enough, may_open
from perennial.desk.people.words import GROUPS, timeline_rows, why
from perennial.kernel.clock import now
from perennial.kernel.purposes import CONSENT_PURPOSES, Channel, Purpose
from perennial.people.enums import HowEnded
from perennial.people.models import EmailAddress, Person
from perennial.people.queries import chapters_with, person_with_key, positions_of, skills_of, stints_of, visible_to
from perennial.privacy.actions import erase
from perennial.privacy.leftovers import would_stay
from perennial.privacy.rights.queries import of_person as requests_of
from perennial.privacy.rights.restricting import is_own_wish
from perennial.programme.queries import today
from perennial.programme.topics import shown_topics
from perennial.web.access import actor, colleague, requires, sensitive
from perennial.web.context import programme_of

TIMELINE = 50
UNPROCESSABLE = 422


@requires(Permission.SEE_PEOPLE)
@require_GET
def show_person(request: HttpRequest, key: str) -> HttpResponse:
    """The page; that somebody opened it is written down, once a day, and one opens so many in a day."""
    person, moment = known(request, key), now()
    if not may_open(request, key=person.key, now=moment):
        return enough(request, files=False, now=moment)
    return person_page(request, person)


def person_page(request: HttpRequest, person: Person, *, contact_form: ContactForm | None = None) -> HttpResponse:
    """Everything on one page; with `contact_form` as it was sent when it needs another look."""
    role = colleague(request).role
    may_edit = may(role, Permission.EDIT_PEOPLE)
    consents = list(standing_consents(person=person))
    answers = _answers(request, person, consents)
    restrictions = list(standing_restrictions(person=person, day=today(now=now())))
    group = request.GET.get("kind", "")
    group = group if group in GROUPS else ""
    until = _moment(request.GET.get("until", ""))
    entries, earlier = _page_of_timeline(person, until, group)
    stints, addresses = list(stints_of(person)), list(person.addresses.all())
    positions, skills = list(positions_of(person)), list(skills_of(person))
    sources = Sources(person=person, stints=stints, addresses=addresses, positions=positions, skills=skills)
    context: dict[str, Any] = {
        "person": person,
        "stint": stints[0] if stints else None,
        "works_at": next((row for row in positions if row.ends_on is None), None),
        "facts": person_facts(sources, person),
        "stints": [(row, stint_facts(sources, row, with_reason=may_edit)) for row in stints],
        "positions": [(row, position_facts(sources, row)) for row in positions],
        "skills": [sources.facts(row, name=row.skill)["name"] for row in skills],
        "addresses": [(row, sources.of(row), sources.of(row, "given_on")) for row in addresses],
        "vouching": waiting_of(person=person, now=now()) if may_edit and _any_typed(addresses) else None,
        "consents": _consents(consents),
        "departures": list(of_person(person_id=person.pk)) if may(role, Permission.SEE_DEPARTURES) else [],
        "entries": timeline_rows(entries),
        "groups": [(code, words) for code, (words, _kinds) in GROUPS.items()],
        "group": group,
        "until": until,
        "earlier": earlier,
        "balance": balance(person=person),
        "answers": answers,
        "not_agreed": _not_agreed(request, answers),
        "chapters": chapters_with(person),
        "wants_no_letters": any(row.kind == RestrictionKind.OBJECTION for row in restrictions),
        "restrictions": _restrictions(restrictions) if may_edit else [],
        "decisions": _decisions(person) if may(role, Permission.PROPOSE_DECISIONS) else [],
        "asks_hr_first": not may(role, Permission.PROPOSE_DECISIONS)
        and asks_hr_first(person=person, day=today(now=now())),
        "may_edit": may_edit,
        "may_answer_rights": may(role, Permission.HANDLE_RIGHTS),
        "may_audit": may(role, Permission.SEE_AUDIT),
        "may_erase": may(role, Permission.ERASE_PEOPLE),
        "requests": list(requests_of(person=person)) if may(role, Permission.HANDLE_RIGHTS) else None,
        "may_note": may(role, Permission.NOTE_CONTACT),
        "contact_form": contact_form or ContactForm(),
        "died": any(stint.how_ended == HowEnded.DEATH for stint in stints) and may_edit,
    }
    return render(request, "desk/people/person.html", context, status=UNPROCESSABLE if contact_form else None)


@requires(Permission.EDIT_PEOPLE)
@require_GET
def show_proofs(request: HttpRequest, key: str) -> HttpResponse:
    """What the consent ledger can show: of each act the wording, its language and version, when and by what means."""
    person = known(request, key)
    record(deed="people.proofs_opened", by=actor(request), now=now(), subject_kind="person", subject_key=person.key)
    decided = told_to(person) if may(colleague(request).role, Permission.PROPOSE_DECISIONS) else []
    context = {"person": person, "proofs": proofs_of(person=person), "decided": decided}
    return render(request, "desk/people/proofs.html", context)


@requires(Permission.SEE_PEOPLE)
@require_GET
def explain_person(request: HttpRequest, key: str) -> HttpResponse:
    """Every rule with pass or fail, for one purpose and channel."""
    person = known(request, key)
    purpose = request.GET.get("purpose", Purpose.PERSONAL)
    channel = request.GET.get("channel", Channel.EMAIL)
    if purpose not in Purpose.values or channel not in Channel.values:
        raise Http404
    topics = shown_topics(purposes=[purpose])
    asked = request.GET.get("topic", "")
    # One of another purpose was chosen before the purpose was changed; then it is asked without.
    topic = next((each for each in topics if str(each.pk) == asked), None)
    decision = explain(person=person, purpose=Purpose(purpose), channel=Channel(channel), now=now(), topic=topic)
    changes = [rule.change for rule in decision.rules if rule.deciding]
    return render(
        request,
        "desk/people/explain.html",
        {
            "person": person,
            "decision": decision,
            "change": changes[0] if changes else "",
            "purpose": Purpose(purpose),
            "channel": Channel(channel),
            "purposes": Purpose.choices,
            "channels": Channel.choices,
            "topics": topics,
            "topic": topic,
        },
    )


@requires(Permission.ERASE_PEOPLE)
@require_http_methods(["GET", "POST"])
@sensitive
def erase_person(request: HttpRequest, key: str) -> HttpResponse:
    person = known(request, key)
    form = EraseForm(request.POST or None, expected=person.full_name)
    if request.method == "POST" and form.is_valid():
        erase(person=person, by=actor(request), now=now())
        messages.success(request, _("Erased. A later import will not bring this person back."))
        return redirect("person-erased", person.key)
    return render(
        request,
        "desk/people/erase.html",
        {"form": form, "person": person, "leftovers": would_stay(person=person)},
        status=UNPROCESSABLE if form.is_bound else None,
    )


def _any_typed(addresses: Sequence[EmailAddress]) -> bool:
    """Whether one was given on a page of ours and may wait for somebody to vouch for it."""
    return any(row.source == LEAVER and row.verified_at is None for row in addresses)


def _decisions(
    person: Person,
) -> list[tuple[str, str | Promise, PersonDecision | None, PersonDecision | None]]:
    """Of each kind its code and words, the decision that holds, and the proposal that waits."""
    rows = list(of_this_person(person=person).filter(state__in=[DecisionState.IN_FORCE, DecisionState.PROPOSED]))
    return [
        (
            kind.value,
            kind.label,
            next((row for row in rows if (row.kind, row.state) == (kind, DecisionState.IN_FORCE)), None),
            next((row for row in rows if (row.kind, row.state) == (kind, DecisionState.PROPOSED)), None),
        )
        for kind in DecisionKind
    ]


def _restrictions(rows: Iterable[Restriction]) -> list[tuple[Restriction, str, bool]]:
    """What stands, with its reason in words, and whether the person asked for it; only for those who may change it."""
    reasons = dict(RestrictionReason.choices)
    return [(row, str(reasons.get(row.reason, row.reason)), is_own_wish(row)) for row in rows]


def _answers(
    request: HttpRequest, person: Person, consents: Sequence[ConsentState]
) -> list[tuple[Purpose, Decision, str | Promise]]:
    """May I write? Per purpose agreed to by mail, with the deciding rule in a word; another page tells them all."""
    agreed = {row.purpose for row in consents if row.channel == Channel.EMAIL}
    agreed &= set(programme_of(request).purposes)
    purposes = [purpose for purpose in CONSENT_PURPOSES if purpose in agreed]
    decisions = decide_for_each(person=person, purposes=purposes, now=now(), programme=programme_of(request))
    return [(purpose, told, why(told.rule)) for purpose, told in decisions.items()]


def _consents(rows: Sequence[ConsentState]) -> list[tuple[str | Promise, list[ConsentState]]]:
    """What was agreed to, a purpose with its channels, in the order in which purposes are told everywhere."""
    by_purpose: dict[str, list[ConsentState]] = {purpose: [] for purpose in CONSENT_PURPOSES}
    for row in rows:
        by_purpose.setdefault(row.purpose, []).append(row)
    return [(Purpose(purpose).label, found) for purpose, found in by_purpose.items() if found]


def _not_agreed(request: HttpRequest, answers: Sequence[tuple[Purpose, Decision, str | Promise]]) -> list[Purpose]:
    """The purposes of the programme that the door has nothing to decide about: consent comes first."""
    agreed = {purpose for purpose, _decision, _why in answers}
    used = set(programme_of(request).purposes)
    return [purpose for purpose in CONSENT_PURPOSES if purpose in used and purpose not in agreed]


def _page_of_timeline(
    person: Person, until: datetime | None, group: str
) -> tuple[list[TimelineEntry], datetime | None]:
    """A page of lines, and the moment from which the next one tells. What came at one moment is not torn apart."""
    kinds = GROUPS[group][1] if group else None
    entries = timeline(person=person, limit=TIMELINE + 1, until=until, kinds=kinds)
    if len(entries) <= TIMELINE:
        return entries, None
    earlier = entries[TIMELINE].at
    return [entry for entry in entries if entry.at > earlier] or entries[:TIMELINE], earlier


def _moment(text: str) -> datetime | None:
    """The time in an address that we wrote; anything else is as if there were none."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and 1900 < moment.year < 3000 else None


def known(request: HttpRequest, key: str) -> Person:
    """The person with this key; raises Http404, which says the same of a key nobody has and of one that is hidden."""
    user = colleague(request)
    among = visible_to(user, also_stored_only=may(user.role, Permission.HANDLE_RIGHTS))
    person = person_with_key(key, among=among)
    if person is None:
        raise Http404
    return person
