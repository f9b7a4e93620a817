"""The interviewer's guide, and the notes on the same questions: the notes only behind the wall."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from perennial.accounts.roles import Permission, may
from perennial.departures.conversation.guide import EXPECTED
from perennial.departures.conversation.notes import EXPECTATIONS, keep_notes, open_notes
from perennial.departures.conversation.queries import has_notes, latest_of
from perennial.departures.exit.questionnaire import Asked, asked_of, screens, version_of
from perennial.departures.letters import language_of
from perennial.departures.models import Departure
from perennial.departures.queries import has_gone
from perennial.desk.departures.conversation import departure_or_404
from perennial.desk.departures.conversation_forms import NotesForm
from perennial.kernel.clock import now
from perennial.programme.queries import today
from perennial.web.access import actor, colleague, requires
from perennial.web.context import programme_of

UNPROCESSABLE = 422
HINTS: tuple[str | Promise, ...] = (
    gettext_lazy("Listen. Whoever leaves has the word; let silences be."),
    gettext_lazy("Do not argue and do not defend anybody. Ask how it was, and what would have helped."),
    gettext_lazy("Do not promise what is not yours to give, and do not try to change a decision that was made."),
    gettext_lazy("Everything may be left unanswered. Say so at the beginning, and that it has no consequences."),
    gettext_lazy("Say who reads your notes: those who lead these conversations, and nobody else."),
)
# standards.md P18: what is never asked; if somebody tells it by themselves, it is not noted.
NEVER_ASKED: tuple[str | Promise, ...] = (
    gettext_lazy("health"),
    gettext_lazy("union or works council"),
    gettext_lazy("religion or politics"),
    gettext_lazy("sexual orientation"),
    gettext_lazy("pregnancy or family plans"),
    gettext_lazy("origin"),
)
EXPECTATION_WORDS: dict[str, str | Promise] = {
    "expects_of_us": gettext_lazy("What they expect of us about staying in touch"),
    "we_said": gettext_lazy("What you said they can expect of us"),
}


@never_cache
@requires(Permission.PLAN_CONVERSATIONS)
@require_GET
def show_guide(request: HttpRequest, key: str) -> HttpResponse:
    """The questions as the leaver would read them, with room to write; nothing that anybody answered is on it."""
    departure = departure_or_404(key)
    language, questions = _questions(request, departure)
    with override(language):
        expected = [str(words) for words in EXPECTED]
    return render(
        request,
        "desk/departures/conversation/guide.html",
        {
            "departure": departure,
            "person": departure.person,
            "conversation": latest_of(departure=departure),
            "language": language,
            "topics": _topics(questions),
            "expected": expected,
            "hints": HINTS,
            "never_asked": NEVER_ASKED,
            "may_note": may(colleague(request).role, Permission.READ_EXIT_ANSWERS),
        },
    )


@never_cache
@requires(Permission.READ_EXIT_ANSWERS)
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def notes(request: HttpRequest, key: str) -> HttpResponse:
    """A field for each question. What is noted stays closed until somebody opens it, which is logged."""
    departure = departure_or_404(key)
    _language, questions = _questions(request, departure)
    asked = [(topic.code, topic.label) for topic in _topics(questions)]
    asked += [(code, str(EXPECTATION_WORDS[code])) for code in EXPECTATIONS]
    if "open" in request.POST:
        kept = open_notes(departure=departure, by=actor(request), now=now())
        form = NotesForm(questions=_with_former(asked, kept), kept=kept)
        return _page(request, departure, form, opened=True)
    if request.method == "POST":
        form = NotesForm(request.POST, questions=asked, kept={})
        if not form.is_valid():
            return _page(request, departure, form, opened="opened" in request.POST, status=UNPROCESSABLE)
        written = keep_notes(
            departure=departure, notes=form.cleaned_data, opened="opened" in request.POST, by=actor(request), now=now()
        )
        messages.success(request, _("Kept, encrypted.")) if written else messages.info(request, _("Nothing was noted."))
        return redirect("conversation-notes", key)
    closed = has_notes(departure=departure)
    return _page(request, departure, None if closed else NotesForm(questions=asked, kept={}))


def _page(
    request: HttpRequest, departure: Departure, form: NotesForm | None, *, opened: bool = False, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "departure": departure,
        "person": departure.person,
        "form": form,
        "opened": opened,
        "language": language_of(departure=departure, programme=programme_of(request)),
        "hints": HINTS,
        "never_asked": NEVER_ASKED,
    }
    return render(request, "desk/departures/conversation/notes.html", context, status=status)


@dataclass(frozen=True)
class Topic:
    """What is talked about at one go, and noted in one field."""

    code: str
    label: str
    hint: str
    choices: str


def _topics(questions: list[Asked]) -> list[Topic]:
    """The questions, those about single matters that stand together on a screen as one: a talk is no form."""
    topics = []
    for code, group in screens(questions).items():
        matters = [question.label for question in group if question.about]
        if matters:
            topics.append(Topic(code, " · ".join(matters), "", ""))
        topics += [
            Topic(each.code, each.label, each.hint, " · ".join(choice.label for choice in each.choices))
            for each in group
            if not each.about
        ]
    return topics


def _questions(request: HttpRequest, departure: Departure) -> tuple[str, list[Asked]]:
    """The leaver's language, and the questions that are put to them in it."""
    language = language_of(departure=departure, programme=programme_of(request))
    gone = has_gone(departure=departure, today=today(now=now()))
    version = version_of(departure=departure)
    how_ended = departure.stint.how_ended
    return language, asked_of(version=version, how_ended=how_ended, gone=gone, language=language)


def _with_former(asked: list[tuple[str, str]], kept: dict[str, str]) -> list[tuple[str, str]]:
    """The questions, and those of an earlier version to which something was noted."""
    codes = {code for code, _words in asked}
    return [*asked, *((code, code) for code in kept if code not in codes)]
