"""Themes of the exit answers as figures, and what is done about them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from perennial.accounts.models import User
from perennial.accounts.roles import Permission, may
from perennial.departures.exit import theme_actions, themes
from perennial.departures.exit.theme_actions import ActionToldError, ActionUnusableError
from perennial.departures.exit.themes import ThemeGoneError
from perennial.departures.models import Telling
from perennial.departures.telling import queries as tellings
from perennial.desk.exit.words import language_name, row_of, section
from perennial.desk.fields import DayInput, LineField
from perennial.kernel.clock import now
from perennial.programme.queries import today
from perennial.web.access import actor, colleague, requires

UNPROCESSABLE = 422
# Letters about what came of themes, a page.
PAGE = 5


class ActionForm(forms.Form):
    """What is done about a theme, by whom, until when."""

    theme = forms.ChoiceField(label=gettext_lazy("Theme"))
    text = LineField(label=gettext_lazy("What we do about it"))
    owner = forms.ModelChoiceField(label=gettext_lazy("Who"), queryset=User.objects.none())
    due_on = forms.DateField(label=gettext_lazy("Until"), widget=DayInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].choices = [(theme.key, theme.name) for theme in themes.counted_themes()]  # type: ignore[attr-defined]
        active = User.objects.filter(is_active=True).order_by("name", "pk")
        self.fields["owner"].queryset = active  # type: ignore[attr-defined]


@requires(Permission.SEE_FIGURES)
@require_GET
def show_themes(request: HttpRequest) -> HttpResponse:
    return _page(request)


@requires(Permission.RUN_PROGRAMME)
@require_POST
def plan_action(request: HttpRequest) -> HttpResponse:
    form = ActionForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=UNPROCESSABLE)
    said = form.cleaned_data
    try:
        theme_actions.plan_action(
            theme_key=said["theme"],
            text=said["text"],
            owner=said["owner"],
            due_on=said["due_on"],
            by=actor(request),
            now=now(),
        )
    except (ThemeGoneError, ActionUnusableError):
        messages.warning(request, _("Nothing was planned: say what is done, about a theme that is there."))
    else:
        messages.success(request, _("Planned. It stands on their Today when it is due."))
    return redirect("exit-themes")


@requires(Permission.RUN_PROGRAMME)
@require_POST
def mark_done(request: HttpRequest, action_id: int) -> HttpResponse:
    """Done, or with `undo` not yet after all."""
    try:
        theme_actions.mark_done(action_id=action_id, done="undo" not in request.POST, by=actor(request), now=now())
    except ThemeGoneError as error:
        raise Http404 from error
    except ActionToldError:
        messages.warning(request, _("People are told that this is done, so it stays done."))
    return redirect("exit-themes")


def _page(request: HttpRequest, *, form: ActionForm | None = None, status: int = 200) -> HttpResponse:
    found, tally = themes.counted_themes(), themes.theme_tally()
    rows = [row_of(theme.name, tally, option=theme.key) for theme in found]
    # The theme that is spoken of most stands first; those of which nothing may be said come after, by name.
    rows.sort(key=lambda row: -(row.value or 0))
    may_plan = may(colleague(request).role, Permission.RUN_PROGRAMME)
    page = Paginator(tellings.told(), PAGE).get_page(request.GET.get("page"))
    how_far = tellings.how_far(list(page))
    actions = list(theme_actions.actions_of(found))
    context = {
        "section": section("", _("Spoken of by"), rows, tally),
        "actions": actions,
        "may_tell": may_plan and any(action.done_at and not action.told_in_id for action in actions),
        "drafts": list(tellings.drafts()) if may_plan else [],
        "page": page,
        "told": [(telling, how_far[telling.pk], _texts(telling)) for telling in page],
        "day": today(now=now()),
        "form": form or (ActionForm() if may_plan and found else None),
        "may_plan": may_plan,
    }
    return render(request, "desk/exit/themes.html", context, status=status)


def _texts(telling: Telling) -> list[tuple[str, str, dict[str, str]]]:
    """What was told, language by language."""
    return [(code, language_name(code), content) for code, content in telling.contents.items()]
