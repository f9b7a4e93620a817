"""Companies: what they are to us, and who works there."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.roles import Permission
from perennial.desk.people.forms import CompanyForm
from perennial.kernel.clock import now
from perennial.kernel.text import one_line
from perennial.people.elsewhere import CompanyKnownError, correct_company, join_companies, remove_company
from perennial.people.enums import CompanyRelation
from perennial.people.models import Company
from perennial.people.queries import companies, positions_at
from perennial.web.access import actor, requires

PAGE = 25
UNPROCESSABLE = 422


@requires(Permission.EDIT_PEOPLE)
@require_GET
def list_companies(request: HttpRequest) -> HttpResponse:
    text, relation = one_line(request.GET.get("q", ""))[:200], request.GET.get("relation", "")
    relation = relation if relation in CompanyRelation.values else ""
    page = Paginator(companies(text=text, relation=relation), PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "desk/people/companies.html",
        {"page": page, "q": text, "relation": relation, "relations": CompanyRelation.choices},
    )


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def show_company(request: HttpRequest, key: str) -> HttpResponse:
    """Who works there, and what we say of it; where it is another company by name or domain, the two can be joined."""
    company = _known(key)
    other = None
    kept = {"name": company.name, "domain": company.domain, "relation": company.relation}
    form = CompanyForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            correct_company(company=company, by=actor(request), now=now(), **form.cleaned_data)
        except CompanyKnownError as known:
            other = known.other
            form.add_error(None, _("%(name)s has this name or domain already.") % {"name": other.name})
        else:
            messages.success(request, _("Corrected."))
            return redirect("company", company.key)
    page = Paginator(positions_at(company), PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "desk/people/company.html",
        {"company": company, "form": form, "other": other, "page": page},
        status=UNPROCESSABLE if form.is_bound else None,
    )


@requires(Permission.EDIT_PEOPLE)
@require_POST
def join_company(request: HttpRequest, key: str) -> HttpResponse:
    """Makes one company of this one and another; whoever works here works there."""
    company, into = _known(key), _known(request.POST.get("into", "")[:40])
    try:
        kept = join_companies(company=company, into=into, by=actor(request), now=now())
    except Company.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, _("%(name)s is one company now.") % {"name": kept.name})
    return redirect("company", kept.key)


@requires(Permission.EDIT_PEOPLE)
@require_POST
def take_company_off(request: HttpRequest, key: str) -> HttpResponse:
    company = _known(key)
    if not remove_company(company=company, by=actor(request), now=now()):
        messages.error(request, _("Somebody works or worked there, so it stays."))
        return redirect("company", company.key)
    messages.success(request, _("Removed."))
    return redirect("companies")


def _known(key: str) -> Company:
    company = Company.objects.filter(key=key).first() if key.isprintable() else None
    if company is None:
        raise Http404
    return company
