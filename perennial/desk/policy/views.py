"""The page on country policy."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perennial.accounts.roles import Permission
from perennial.desk.policy.forms import TermForm
from perennial.desk.policy.words import value_words
from perennial.kernel.clock import now
from perennial.kernel.countries import name_of
from perennial.kernel.terms import Term, Unit
from perennial.programme.enums import CHANGEABLE_KINDS, DataKind
from perennial.programme.keeping import NoTimeToAnswerError, TermUnfitError, TooSoonError, set_term
from perennial.programme.models import RetentionTerm
from perennial.programme.policy import EVERYWHERE, Held, Policies
from perennial.programme.queries import today
from perennial.web.access import actor, requires

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_POLICY)
def policy(request: HttpRequest) -> HttpResponse:
    """What holds today for one country, `?country=`, and the form that says for how long things are kept."""
    policies = Policies(on=today(now=now()))
    country = request.GET.get("country", EVERYWHERE)
    if country not in policies.countries():
        raise Http404
    form = TermForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _set(form, country, request):
        messages.success(request, _("Written down. It stands on this page with its reason."))
        return redirect(f"{reverse('policy')}?country={country}")
    return _page(request, policies, country, form)


def _set(form: TermForm, country: str, request: HttpRequest) -> bool:
    asked = {name: form.cleaned_data[name] for name in ("kind", "term", "why", "starts_on")}
    try:
        set_term(country=country, **asked, by=actor(request), now=now())
    except TooSoonError as error:
        form.add_error("starts_on", _("It can begin on %(day)s at the earliest.") % {"day": error.earliest})
    except NoTimeToAnswerError:
        form.add_error("amount", _("People are asked at least thirty days before they are deleted, in every country."))
    except TermUnfitError:
        form.add_error("amount", _("Between a day and ten years."))
    else:
        return True
    return False


def _page(request: HttpRequest, policies: Policies, country: str, form: TermForm) -> HttpResponse:
    held = policies.of(country)
    context: dict[str, Any] = {
        "form": form,
        "country": country,
        "countries": [(code, _country_words(code), code == country) for code in policies.countries()],
        "country_name": _country_words(country),
        "topics": [_row(topic.label, each) for topic, each in held.topics.items()],
        "kept": [_row(kind.label, each, fixed=kind not in CHANGEABLE_KINDS) for kind, each in held.retention.items()],
        "coming": [
            (DataKind(row.kind).label, _own_words(row), row.starts_on, row.why)
            for row in RetentionTerm.objects.filter(country=country, starts_on__gt=policies.on).order_by(
                "starts_on", "pk"
            )
        ],
    }
    return render(request, "desk/policy/policy.html", context, status=UNPROCESSABLE if form.errors else 200)


def _row(label: Any, held: Held, *, fixed: bool = False) -> dict[str, Any]:
    return {
        "label": label,
        "value": value_words(held.value),
        "shipped": value_words(held.shipped) if held.by else "",
        "since": held.since,
        "source": held.source,
        "of_everywhere": held.country == EVERYWHERE,
        "fixed": fixed,
    }


def _own_words(row: RetentionTerm) -> str:
    return value_words(Term(row.amount, Unit(row.unit))) if row.amount else _("as shipped again")


def _country_words(code: str) -> str:
    return _("Everywhere else") if code == EVERYWHERE else name_of(code, language=get_language() or "en")
