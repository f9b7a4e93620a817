"""Gives each departure its checklist, set by set, and another one when the facts it was chosen by have changed."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from perennial.audit.actions import record
from perennial.departures.enums import DepartureState
from perennial.departures.farewell.choosing import Chooser, Facts
from perennial.departures.farewell.enums import StepState
from perennial.departures.farewell.manager_mails import (
    forget_letters_of,
    forget_managers_of,
    keys_of,
    mails_to_managers,
)
from perennial.departures.farewell.shipped import ship_checklists
from perennial.departures.models import Departure, Farewell, FarewellStep
from perennial.departures.queries import departures_in_use, kept_out
from perennial.kernel.lookups import among
from perennial.mail.enums import NOT_GONE
from perennial.people.enums import HowEnded
from perennial.people.models import Person
from perennial.programme.models import Programme
from perennial.programme.queries import current, today

STANDING = (DepartureState.OPEN, DepartureState.QUESTION)
# Whoever left longer ago when we hear of it: most of a checklist would be late on the day it is made.
DAYS_PAST_TO_BEGIN = 14
_BATCH = 1000

# What was settled under a former checklist is not asked a second time by the new one.
_TAKE_OVER = """
    INSERT INTO departures_farewellstep (
        departure_id, template_step_id, kind, title, owner, anchor, offset_days, usual_cost, currency, position,
        state, settled_by, reason, occasion, cost_currency
    )
    SELECT f.departure_id, s.id, s.kind, s.title, s.owner, s.anchor, s.offset_days, s.usual_cost, s.currency,
        s.position, 'open', '', '', '', ''
    FROM departures_farewell f
    JOIN departures_checkliststep s ON s.template_id = f.template_id AND s.retired_at IS NULL
    WHERE f.id {farewells}{only}
        AND NOT EXISTS (
            SELECT 1 FROM departures_farewellstep settled
            WHERE settled.departure_id = f.departure_id AND settled.kind = s.kind
                AND settled.kind <> 'other' AND settled.state <> 'open'
        )
    ON CONFLICT DO NOTHING
"""


@transaction.atomic
def keep_farewells(*, now: datetime, person: Person | None = None) -> int:
    """Hands out checklists to standing departures that have none. Returns how many. Safe to repeat.

    Not to people who are kept out of the programme. A cancelled departure keeps its rows and shows none of them, so
    that they are there again when it comes back.
    """
    programme = current()
    if programme.set_up_at is None:
        return 0
    # One at a time, as for the departures themselves.
    Programme.objects.select_for_update().filter(pk=1).first()
    ship_checklists(language=programme.language, now=now)
    departures = departures_in_use().filter(state__in=STANDING)
    if person is not None:
        departures = departures.filter(person=person)
    _keep_mails_back(departures, now, person)
    begun = _begin(departures, now)
    changed = _choose_anew(departures)
    if begun or changed:
        details = {"begun": begun, "chosen_anew": changed}
        record(deed="departures.checklists_handed_out", by="system", now=now, details=details)
    return begun


def take_over(*, farewells: Iterable[int], step: int | None = None) -> int:
    """Writes the steps of their checklist for `farewells`, or only `step` of it. Returns how many were new."""
    chosen, parameters = among(ids=farewells, vendor=connection.vendor)
    only = " AND s.id = %s" if step is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE_OVER.format(farewells=chosen, only=only), [*parameters, *([step] if step is not None else [])]
        )
        return int(cursor.rowcount)


def _begin(departures: QuerySet[Departure], now: datetime) -> int:
    day = today(now=now)
    earliest = day - timedelta(days=DAYS_PAST_TO_BEGIN)
    waiting = departures.filter(Q(stint__ends_on=None) | Q(stint__ends_on__gte=earliest), farewell=None).exclude(
        stint__how_ended=HowEnded.DEATH
    )
    out = kept_out(departures=departures, day=day).values("pk")
    rows = list(
        waiting.exclude(pk__in=out)
        .order_by("pk")
        .values_list("pk", "stint__how_ended", "stint__contract_kind", "stint__department")
    )
    if not rows:
        return 0
    chooser = Chooser()
    new = []
    for departure, how_ended, contract_kind, department in rows:
        template = chooser.choose(Facts(how_ended, contract_kind, department or 0))
        if template is not None:
            new.append(
                Farewell(
                    departure_id=departure,
                    template=template,
                    how_ended=how_ended,
                    contract_kind=contract_kind,
                    department_ref=department or 0,
                )
            )
    made = Farewell.objects.bulk_create(new, batch_size=_BATCH)
    take_over(farewells=[farewell.pk for farewell in made])
    return len(made)


def _keep_mails_back(departures: QuerySet[Departure], now: datetime, person: Person | None) -> None:
    """Deletes mails to managers that have not left, where the leaver is kept out by now or does not leave any more."""
    waiting = keys_of(mails_to_managers().filter(state__in=NOT_GONE))
    if not waiting:
        return
    about = Departure.objects.filter(key__in=waiting)
    if person is not None:
        about = about.filter(person=person)
    out = kept_out(departures=about, day=today(now=now)).values("pk")
    runs = about.filter(pk__in=departures.values("pk")).exclude(pk__in=out)
    held = set(about.exclude(pk__in=runs.values("pk")).values_list("key", flat=True))
    if not held:
        return
    forget_letters_of(keys=held, unsent=True)
    # Where the link never arrived, it can be sent when the farewell runs again.
    unheard = held - keys_of(mails_to_managers())
    forget_managers_of(farewells=list(Farewell.objects.filter(departure__key__in=unheard)))


def _choose_anew(departures: QuerySet[Departure]) -> int:
    """Takes another checklist where the stint says something else by now. What is done or skipped stays."""
    moved = list(
        Farewell.objects.filter(departure__in=departures)
        .exclude(
            how_ended=F("departure__stint__how_ended"),
            contract_kind=F("departure__stint__contract_kind"),
            department_ref=Coalesce("departure__stint__department", Value(0)),
        )
        .select_related("departure__stint")
        .order_by("pk")
    )
    if not moved:
        return 0
    chooser = Chooser()
    changed = []
    for farewell in moved:
        stint = farewell.departure.stint
        facts = Facts(stint.how_ended, stint.contract_kind, stint.department_id or 0)
        farewell.how_ended, farewell.contract_kind = facts.how_ended, facts.contract_kind
        farewell.department_ref = facts.department
        template = chooser.choose(facts)
        if template is not None and template.pk != farewell.template_id:
            farewell.template = template
            changed.append(farewell)
    Farewell.objects.bulk_update(moved, ["template", "how_ended", "contract_kind", "department_ref"], batch_size=_BATCH)
    FarewellStep.objects.filter(
        departure__in=[farewell.departure_id for farewell in changed], state=StepState.OPEN
    ).exclude(template_step__template=F("departure__farewell__template")).delete()
    take_over(farewells=[farewell.pk for farewell in changed])
    return len(changed)
