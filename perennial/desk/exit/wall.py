"""The other side of the wall: who has answered, and, after saying why, what. For exit interviewers alone."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.models import User
from perennial.accounts.roles import Permission
from perennial.departures.exit import themes, wall
from perennial.departures.exit.questionnaire import TEXT_LENGTH
from perennial.departures.exit.themes import NameTakenError, NameUnusableError, ThemeGoneError, ThemesCountedError
from perennial.departures.exit.wall import NoTextError, NothingAnsweredError, Why
from perennial.departures.models import Departure
from perennial.departures.queries import departure_with_key
from perennial.desk.fields import LineField
from perennial.kernel.clock import now
from perennial.web.access import actor, requires

PAGE = 50
UNPROCESSABLE = 422
# Remembered for the session, so that it is chosen once and still said each time.
REMEMBERED = "why_exit_answers_are_read"


class WhyForm(forms.Form):
    """Why somebody opens these answers."""

    why = forms.ChoiceField(
        label=gettext_lazy("Why do you open them?"),
        choices=Why.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say why; it is written down with your name.")},
    )


class RedactForm(forms.Form):
    """What is left of a text."""

    text = forms.CharField(required=False, max_length=TEXT_LENGTH, strip=True)


class ThemeNameForm(forms.Form):
    """Another name for a theme."""

    theme = forms.ChoiceField(label=gettext_lazy("Theme"))
    name = LineField(label=gettext_lazy("Its new name"), max_length=themes.NAME_LENGTH)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].choices = [(theme.key, theme.name) for theme in themes.themes()]  # type: ignore[attr-defined]


@requires(Permission.READ_EXIT_ANSWERS)
@require_GET
def answered(request: HttpRequest) -> HttpResponse:
    """Who has answered, by name; those with a text that waits first. Never what."""
    page = Paginator(wall.answered(), PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/exit/answered.html", {"page": page, "waiting": wall.texts_that_wait()})


@requires(Permission.READ_EXIT_ANSWERS)
@never_cache
@sensitive_variables()
@require_http_methods(["GET", "POST"])
def answers(request: HttpRequest, key: str) -> HttpResponse:
    """Asks why, and shows what was answered in the answer to that: each look is a deed of its own."""
    departure = _departure(key)
    form = WhyForm(request.POST if request.method == "POST" else None, initial={"why": _remembered(request)})
    context: dict[str, Any] = {"departure": departure, "person": departure.person, "form": form}
    if request.method == "GET" or not form.is_valid():
        context |= {"readings": _readings(departure)}
        return render(request, "desk/exit/closed.html", context, status=UNPROCESSABLE if form.errors else 200)
    request.session[REMEMBERED] = form.cleaned_data["why"]
    try:
        context["opened"] = wall.open_answers(
            departure=departure,
            why=form.cleaned_data["why"],
            by=actor(request),
            now=now(),
            language=get_language() or "en",
        )
    except NothingAnsweredError as error:
        raise Http404 from error
    chosen = themes.themes_of(departure=departure)
    context["themes"] = [(theme, theme.key in chosen) for theme in themes.themes()]
    return render(request, "desk/exit/opened.html", context)


@requires(Permission.READ_EXIT_ANSWERS)
@sensitive_post_parameters()
@sensitive_variables()
@require_POST
def review(request: HttpRequest, key: str, answer_id: int) -> HttpResponse:
    """Clears a text, or keeps what is left of it."""
    departure = _departure(key)
    form = RedactForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This is longer than we can keep; nothing was changed."))
        return redirect("exit-answers", key=key)
    try:
        if "clear" in request.POST:
            wall.clear_text(departure=departure, answer_id=answer_id, by=actor(request), now=now())
            messages.success(request, _("Cleared: among ten others it may be shown."))
        else:
            wall.redact_text(
                departure=departure, answer_id=answer_id, text=form.cleaned_data["text"], by=actor(request), now=now()
            )
            messages.success(request, _("Kept as you left it; what was written before is gone."))
    except NoTextError as error:
        raise Http404 from error
    return redirect("exit-answers", key=key)


@requires(Permission.READ_EXIT_ANSWERS)
@require_POST
def set_themes(request: HttpRequest, key: str) -> HttpResponse:
    """What somebody's answers are about."""
    departure = _departure(key)
    try:
        themes.set_themes(
            departure=departure,
            keys=request.POST.getlist("theme"),
            new=request.POST.get("new", ""),
            by=actor(request),
            now=now(),
        )
        messages.success(request, _("Noted. Five people's themes are counted together, and then they stay."))
    except ThemesCountedError:
        messages.warning(request, _("These themes are part of a figure already, so they stay as they are."))
    except (NothingAnsweredError, ThemeGoneError) as error:
        raise Http404 from error
    return redirect("exit-answers", key=key)


@requires(Permission.READ_EXIT_ANSWERS)
@never_cache
@require_http_methods(["GET", "POST"])
def rename_theme(request: HttpRequest) -> HttpResponse:
    """Another name for any theme, also for one that nobody outside the wall knows yet."""
    form = ThemeNameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            themes.rename_theme(theme_key=said["theme"], name=said["name"], by=actor(request), now=now())
        except NameTakenError:
            form.add_error("name", _("Another theme has this name already. Two themes cannot be made one."))
        except NameUnusableError:
            form.add_error("name", _("Write a name."))
        except ThemeGoneError:
            messages.warning(request, _("This theme is gone: nobody's answers are about it any more."))
            return redirect("exit-theme-names")
        else:
            messages.success(request, _("Renamed. What is counted of it stays."))
            return redirect("exit-theme-names")
    return render(request, "desk/exit/theme_names.html", {"form": form}, status=UNPROCESSABLE if form.errors else 200)


def _departure(key: str) -> Departure:
    departure = departure_with_key(key)
    if departure is None:
        raise Http404
    return departure


def _remembered(request: HttpRequest) -> str:
    why: str = request.session.get(REMEMBERED, "")
    return why


def _readings(departure: Departure) -> list[dict[str, Any]]:
    readings = wall.readings_of(person=departure.person)
    ids = {reading.by.removeprefix("user:") for reading in readings if reading.by.startswith("user:")}
    names = {f"user:{pk}": name for pk, name in User.objects.filter(pk__in=ids).values_list("pk", "name")}
    reasons = dict(Why.choices)
    return [
        {"at": reading.at, "name": names.get(reading.by, reading.by), "why": reasons.get(reading.why, "")}
        for reading in readings
    ]
