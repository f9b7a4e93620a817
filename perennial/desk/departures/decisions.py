"""Decisions about a person: proposed by one colleague, approved by another, looked at again, ended."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.queries import names_behind
from perennial.accounts.roles import Permission, may
from perennial.departures.decisions.actions import (
    AlreadyProposedError,
    DecisionDatesError,
    DecisionIncompleteError,
    NotHoldingError,
    NotWaitingError,
    OwnProposalError,
    approve,
    decline,
    end_early,
    look_again,
    note_appeal,
    note_run_out,
    propose,
    withdraw,
)
from perennial.departures.decisions.enums import NEVER_A_REASON, DecisionKind, DecisionState
from perennial.departures.decisions.queries import decision_with_id, holding, of_person, to_approve, to_look_at
from perennial.departures.models import PersonDecision
from perennial.desk.departures.decision_forms import AppealForm, ProposalForm, ReviewForm
from perennial.desk.people.views.person import known
from perennial.desk.register.words import missing_words
from perennial.kernel.clock import now
from perennial.programme.interests import NoRecordError
from perennial.programme.queries import today
from perennial.web.access import actor, colleague, requires

PAGE = 25
UNPROCESSABLE = 422
WAITING, DUE, HOLDING = "waiting", "due", "holding"


@requires(Permission.PROPOSE_DECISIONS)
@require_GET
def list_decisions(request: HttpRequest) -> HttpResponse:
    """What waits for a second colleague, what is due, and what holds against somebody."""
    day = today(now=now())
    lists = {WAITING: to_approve(), DUE: to_look_at(day=day), HOLDING: holding()}
    view = request.GET.get("view", WAITING)
    if view not in lists:
        raise Http404
    page = Paginator(lists[view], PAGE).get_page(request.GET.get("page"))
    names = names_behind({row.proposed_by for row in page})
    labels = {
        WAITING: _("Wait for a second colleague"),
        DUE: _("To look at again"),
        HOLDING: _("Hold now"),
    }
    return render(
        request,
        "desk/departures/decisions/list.html",
        {
            "page": page,
            "rows": [(row, names.get(row.proposed_by, ""), row.proposed_by == actor(request)) for row in page],
            "view": view,
            "views": [(name, labels[name], rows.count()) for name, rows in lists.items()],
        },
    )


@never_cache
@requires(Permission.PROPOSE_DECISIONS)
@require_GET
def show_decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    return _page(request, _decision(decision_id))


@never_cache
@requires(Permission.PROPOSE_DECISIONS)
@require_http_methods(["GET", "POST"])
def propose_decision(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """Proposes what another colleague has to approve, with all that was decided before beside it."""
    person = known(request, key)
    if kind not in DecisionKind.values:
        raise Http404
    asked, moment = DecisionKind(kind), now()
    form = ProposalForm(request.POST or None, kind=asked, day=today(now=moment))
    if request.method == "POST" and form.is_valid():
        try:
            decision = propose(person=person, kind=asked, proposal=form.proposal(), by=actor(request), now=moment)
        except AlreadyProposedError:
            messages.warning(request, _("Something is proposed already and waits for a second colleague."))
            return redirect("person", key)
        except NoRecordError as error:
            form.add_error(None, missing_words(error))
        except (DecisionIncompleteError, DecisionDatesError):
            form.add_error(None, _("This does not fit together. Look at the reason and the days once more."))
        else:
            messages.success(
                request,
                _("Proposed. It holds when another colleague has approved it."),
                extra_tags=f"undo={reverse('decision-withdraw', args=[decision.pk])}",
            )
            return redirect("decision", decision.pk)
    return render(
        request,
        "desk/departures/decisions/propose.html",
        {
            "form": form,
            "person": person,
            "kind": asked,
            "never_a_reason": NEVER_A_REASON,
            "former": [row for row in of_person(person=person) if row.kind == asked],
        },
        status=UNPROCESSABLE if form.is_bound else None,
    )


@requires(Permission.APPROVE_DECISIONS)
@require_POST
def approve_decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    decision = _decision(decision_id)
    try:
        approve(decision=decision, by=actor(request), now=now())
    except (OwnProposalError, NotWaitingError, DecisionDatesError) as refused:
        messages.warning(request, _refused(refused))
    else:
        messages.success(request, _("Approved. It holds from now on, and the door knows what it needs to know."))
    return redirect("decision", decision_id)


@requires(Permission.APPROVE_DECISIONS)
@require_POST
def decline_decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    decision = _decision(decision_id)
    try:
        decline(decision=decision, by=actor(request), now=now())
    except (OwnProposalError, NotWaitingError) as refused:
        messages.warning(request, _refused(refused))
    else:
        messages.success(request, _("Not approved. Nothing has changed for {name}.").format(name=_name(decision)))
    return redirect("decision", decision_id)


@requires(Permission.PROPOSE_DECISIONS)
@require_POST
def withdraw_decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Undo: whoever proposed takes it back as long as nobody has answered."""
    decision = _decision(decision_id)
    try:
        withdraw(decision=decision, by=actor(request), now=now())
    except OwnProposalError:
        messages.warning(request, _("Only whoever proposed it takes it back. You can say that you do not approve."))
    except NotWaitingError as refused:
        messages.warning(request, _refused(refused))
    else:
        messages.success(request, _("Withdrawn."))
    return redirect("decision", decision_id)


@requires(Permission.PROPOSE_DECISIONS)
@require_POST
def look_at_decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    """It stands a while longer, until another day on which somebody looks at it."""
    decision = _decision(decision_id)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, decision, review_form=form)
    try:
        look_again(decision=decision, review_on=form.cleaned_data["review_on"], by=actor(request), now=now())
    except DecisionDatesError:
        form.add_error("review_on", _("Choose a day ahead on which it still holds."))
        return _page(request, decision, review_form=form)
    except NotHoldingError as refused:
        messages.warning(request, _refused(refused))
    else:
        messages.success(request, _("Noted. You are reminded again."))
    return redirect("decision", decision_id)


@requires(Permission.PROPOSE_DECISIONS)
@require_POST
def end_decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    """It holds no more, or its running out was seen."""
    decision = _decision(decision_id)
    try:
        if decision.state == DecisionState.EXPIRED:
            note_run_out(decision=decision, by=actor(request), now=now())
            messages.success(request, _("Noted."))
        else:
            end_early(decision=decision, by=actor(request), now=now())
            messages.success(request, _("Ended. It no longer speaks against {name}.").format(name=_name(decision)))
    except NotHoldingError as refused:
        messages.warning(request, _refused(refused))
    return redirect("decision", decision_id)


@requires(Permission.PROPOSE_DECISIONS)
@require_POST
def appeal_decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    decision = _decision(decision_id)
    form = AppealForm(request.POST)
    if not form.is_valid():
        return _page(request, decision, appeal_form=form)
    note_appeal(decision=decision, by=actor(request), now=now(), **form.cleaned_data)
    messages.success(request, _("Noted beside the decision. Somebody else than whoever decided should look at it."))
    return redirect("decision", decision_id)


def due_words(decision: PersonDecision, day: date) -> str:
    """What is due now, or nothing."""
    if decision.state == DecisionState.EXPIRED:
        return _("Has run out; it no longer holds.")
    if decision.state == DecisionState.IN_FORCE and decision.review_on and decision.review_on <= day:
        return _("Look at it again.")
    return ""


def _page(
    request: HttpRequest,
    decision: PersonDecision,
    *,
    review_form: ReviewForm | None = None,
    appeal_form: AppealForm | None = None,
) -> HttpResponse:
    names = names_behind(
        {decision.proposed_by, decision.answered_by, *(appeal.noted_by for appeal in decision.appeals.all())}
    )
    mine = decision.proposed_by == actor(request)
    waits = decision.state == DecisionState.PROPOSED
    gone = _("a former colleague")
    return render(
        request,
        "desk/departures/decisions/decision.html",
        {
            "decision": decision,
            "person": decision.person,
            "proposed_by": names.get(decision.proposed_by, gone),
            "answered_by": names.get(decision.answered_by, gone) if decision.answered_by else "",
            "appeals": [(appeal, names.get(appeal.noted_by, gone)) for appeal in decision.appeals.all()],
            "due": due_words(decision, today(now=now())),
            "may_approve": waits and not mine and may(colleague(request).role, Permission.APPROVE_DECISIONS),
            "may_withdraw": waits and mine,
            "holds": decision.state == DecisionState.IN_FORCE,
            "has_run_out": decision.state == DecisionState.EXPIRED,
            "review_form": review_form or ReviewForm(initial={"review_on": decision.review_on}),
            "appeal_form": appeal_form or AppealForm(),
        },
        status=UNPROCESSABLE if review_form or appeal_form else None,
    )


def _refused(refused: Exception) -> str:
    if isinstance(refused, OwnProposalError):
        return _("You proposed it yourself. Another colleague has to look at it.")
    if isinstance(refused, DecisionDatesError):
        return _("Its last day has passed in the meantime. Propose it anew if it is still needed.")
    return _("This has changed in the meantime; nothing was written.")


def _name(decision: PersonDecision) -> str:
    return decision.person.full_name


def _decision(decision_id: int) -> PersonDecision:
    decision = decision_with_id(decision_id)
    if decision is None:
        raise Http404
    return decision
