"""What every page knows about the house."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.accounts.models import User
from perennial.accounts.roles import Permission, may
from perennial.programme import queries
from perennial.programme.enums import Stage
from perennial.programme.models import Programme
from perennial.web.access import lacks_second_factor

# The desk's pages in the order of the day: label, path, icon, and the permission that the page itself declares.
NAVIGATION: tuple[tuple[str | Promise, str, str, Permission], ...] = (
    (_("Today"), "/", "sunrise", Permission.SEE_TODAY),
    (_("People"), "/people/", "users", Permission.SEE_PEOPLE),
    (_("Departures"), "/departures/", "door-exit", Permission.SEE_DEPARTURES),
    (_("Letters"), "/letters/", "mail", Permission.WRITE_TO_PEOPLE),
    (_("Import"), "/import/", "file-spreadsheet", Permission.IMPORT),
    (_("Figures"), "/figures/", "chart-line", Permission.SEE_FIGURES),
    (_("What leavers answer"), "/exit/", "report-analytics", Permission.SEE_FIGURES),
    (_("Exit answers"), "/exit/answers/", "shield-lock", Permission.READ_EXIT_ANSWERS),
    (_("Requests"), "/requests/", "shield-check", Permission.HANDLE_RIGHTS),
    (_("Organisation"), "/organisation/", "building", Permission.KEEP_STRUCTURE),
    (_("Audience"), "/audience/", "filter", Permission.RUN_PROGRAMME),
    (_("Programme"), "/programme/", "adjustments", Permission.RUN_PROGRAMME),
    (_("Team"), "/team/", "users-group", Permission.MANAGE_TEAM),
    (_("Audit trail"), "/audit/", "history", Permission.SEE_AUDIT),
    (_("Outbox"), "/outbox/", "mail-forward", Permission.SEE_OUTBOX),
)
OWNER_URL = "/programme/"

STAGE_SENTENCES: dict[str, str | Promise] = {
    Stage.PREPARATION: _("In preparation: nothing leaves the house but test mail, and answers to what somebody asked."),
    Stage.SOFT_LAUNCH: _("Soft launch: only the test group is written to."),
    Stage.LIVE: "",
}


@dataclass(frozen=True)
class NavigationItem:
    """One place of the desk, as this colleague sees it from this page."""

    label: str | Promise
    url: str
    icon: str
    current: bool


def programme_of(request: HttpRequest) -> Programme:
    """The programme, read at most once a request."""
    known: Programme | None = getattr(request, "_programme", None)
    if known is None:
        known = queries.current()
        request._programme = known  # type: ignore[attr-defined]
    return known


def navigation_for(*, role: str, path: str) -> list[NavigationItem]:
    """The pages that `role` may open, the one that `path` belongs to marked as current."""
    return [
        NavigationItem(label, url, icon, current=path == url or (url != "/" and path.startswith(url)))
        for label, url, icon, permission in NAVIGATION
        if may(role, permission)
    ]


def house(request: HttpRequest) -> dict[str, Any]:
    """For every template: whose house this is, and for the desk its places and warnings."""
    programme = programme_of(request)
    context: dict[str, Any] = {
        "organisation_name": programme.organisation,
        "demo": programme.demo,
        "not_set_up": programme.set_up_at is None,
        "mail_is_kept": settings.PERENNIAL_MAIL_SERVER.keeps,
    }
    user = getattr(request, "user", None)
    if isinstance(user, User):
        context["navigation"] = [] if lacks_second_factor(user) else navigation_for(role=user.role, path=request.path)
        context["stage_label"] = STAGE_SENTENCES[programme.stage]
        context["no_owner"] = queries.has_no_owner(programme)
        context["owner_url"] = OWNER_URL if may(user.role, Permission.RUN_PROGRAMME) else ""
    return context
