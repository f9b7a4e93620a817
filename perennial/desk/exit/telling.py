"""'Say what came of it': from actions that are done to a letter to everybody who agreed to hear it.

Each view asks for RUN_PROGRAMME: whoever runs the programme sees the figures and writes to people, and needs both here.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.roles import Permission
from perennial.departures.models import Telling
from perennial.departures.telling import actions, queries
from perennial.departures.telling.actions import (
    ChangedMeanwhileError,
    GoneAlreadyError,
    NobodyToTellError,
    NotADraftError,
    NothingToTellError,
    ToldOftenEnoughError,
    UnfinishedError,
)
from perennial.departures.telling.enums import TellingState
from perennial.departures.telling.queries import Contents, Reach
from perennial.departures.telling.words import starting_text
from perennial.desk.exit.words import language_name
from perennial.desk.letters.words import RULES
from perennial.kernel.clock import local_date, now
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.actions import send_as_test
from perennial.mail.compose import SUBJECT_LENGTH
from perennial.mail.models import Mailing
from perennial.mail.render import samples
from perennial.programme.models import Programme
from perennial.web.access import actor, colleague, requires
from perennial.web.context import programme_of

UNPROCESSABLE = 422
PARTS = ("subject", "body")


class TellingForm(forms.Form):
    """The words, language by language; the first language is the programme's and needs both."""

    def __init__(self, *args: Any, languages: list[str], contents: Contents, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = languages
        for language in languages:
            given = contents.get(language, {})
            attributes = {"lang": language}
            self.fields[f"subject_{language}"] = forms.CharField(
                label=_("Subject"),
                required=False,
                max_length=SUBJECT_LENGTH,
                initial=given.get("subject", ""),
                widget=forms.TextInput(attrs=attributes),
            )
            self.fields[f"body_{language}"] = forms.CharField(
                label=_("Letter"),
                required=False,
                max_length=20_000,
                initial=given.get("body", ""),
                widget=forms.Textarea(attrs={"rows": 14, "class": "letter", **attributes}),
                strip=False,
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for language, content in self._said().items():
            for part in PARTS:
                if not content[part] and (any(content.values()) or language == self.languages[0]):
                    self.add_error(f"{part}_{language}", _("This is still missing."))
        return cleaned

    def contents(self) -> dict[str, dict[str, str]]:
        """What was written, once the form is valid."""
        return self._said()

    def by_language(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """Each language with its name and its two fields."""
        return [(code, language_name(code), [self[f"{part}_{code}"] for part in PARTS]) for code in self.languages]

    def _said(self) -> dict[str, dict[str, str]]:
        return {
            language: {part: (self.cleaned_data.get(f"{part}_{language}") or "").strip() for part in PARTS}
            for language in self.languages
        }


@requires(Permission.RUN_PROGRAMME)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A draft about the actions that were ticked."""
    chosen = [int(value) for value in request.POST.getlist("action")[:100] if value.isdecimal() and len(value) < 19]
    try:
        telling = actions.begin(action_ids=chosen, by=colleague(request), now=now())
    except NothingToTellError:
        messages.warning(request, _("Tick something that is done and was not told yet."))
        return redirect("exit-themes")
    return redirect("telling", telling.key)


@requires(Permission.RUN_PROGRAMME)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Where the letter is written, in each language of those who will read it."""
    telling = _telling(key)
    if telling.state != TellingState.DRAFT:
        return _no_draft_any_more(request)
    programme = programme_of(request)
    reached = queries.reach(programme=programme, now=now())
    languages = queries.languages_to_write(telling=telling, reached=reached, programme=programme)
    form = TellingForm(request.POST or None, languages=languages, contents=telling.contents)
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_down(key=key, contents=form.contents(), by=actor(request), now=now())
        except NotADraftError:
            return _no_draft_any_more(request)
        except UnfinishedError:
            # Nothing but signs that have no place in a letter.
            form.add_error(None, _("There is no text in what was written. Please write it again."))
        else:
            if "keep" in request.POST:
                messages.success(request, _("Kept as a draft."))
                return redirect("telling", key)
            return redirect("telling-preview", key)
    context = {"telling": telling, "form": form, "about": queries.actions_of(telling), **_reach_words(reached)}
    return render(request, "desk/exit/telling.html", context, status=UNPROCESSABLE if form.is_bound else None)


@requires(Permission.RUN_PROGRAMME)
@require_GET
def preview(request: HttpRequest, key: str) -> HttpResponse:
    """The letter as it will look, who gets it and who does not, and the button that sends it."""
    telling = _telling(key)
    if telling.state != TellingState.DRAFT:
        return _no_draft_any_more(request)
    programme, moment = programme_of(request), now()
    reached = queries.reach(programme=programme, now=moment)
    again_at = actions.may_be_told_again_at(now=moment)
    missing = queries.read_in_another(contents=telling.contents, reached=reached, programme=programme)
    context = {
        "telling": telling,
        "seen": queries.fingerprint(telling.contents),
        "letters": _letters(request, telling),
        "missing": [(language_name(code), many) for code, many in missing],
        "own_language": language_name(programme.language),
        "untouched": [language_name(code) for code in _untouched(telling, programme)],
        "again_on": local_date(at=again_at, time_zone=programme.time_zone) if again_at else None,
        "pause": int(actions.PAUSE.total_seconds() // 60),
        **_reach_words(reached),
    }
    return render(request, "desk/exit/telling_preview.html", context)


@requires(Permission.RUN_PROGRAMME)
@require_POST
def send_to_me(request: HttpRequest, key: str) -> HttpResponse:
    """The letter in each of its languages, to the colleague who asks."""
    telling = _telling(key)
    user = colleague(request)
    for language, content in telling.contents.items():
        send_as_test(**content, language=language, to=user.email, by=actor(request), now=now())
    messages.success(request, _("On its way to you, to %(address)s.") % {"address": user.email})
    return redirect("telling-preview", key)


@requires(Permission.RUN_PROGRAMME)
@require_POST
def send(request: HttpRequest, key: str) -> HttpResponse:
    """Sends it off. Pressed twice, it is sent once."""
    _telling(key)
    try:
        actions.send(key=key, seen=request.POST.get("seen", ""), by=colleague(request), now=now())
    except NotADraftError:
        return _no_draft_any_more(request)
    except (ChangedMeanwhileError, UnfinishedError):
        messages.warning(request, _("The letter was changed meanwhile. Look at it once more before it goes."))
        return redirect("telling-preview", key)
    except ToldOftenEnoughError as refusal:
        day = local_date(at=refusal.again_at, time_zone=programme_of(request).time_zone)
        said = _("Not sent: a few times a year at most was promised. The next may go from {day} on.")
        messages.warning(request, said.format(day=date_format(day, "DATE_FORMAT")))
        return redirect("telling-preview", key)
    except NobodyToTellError:
        messages.warning(request, _("Not sent: at present the door lets nobody hear it."))
        return redirect("telling-preview", key)
    minutes = int(actions.PAUSE.total_seconds() // 60)
    messages.success(
        request,
        _("Sent off. It leaves in {minutes} minutes; until then all of it can be taken back.").format(minutes=minutes),
        extra_tags=f"undo={reverse('telling-take-back', args=[key])}",
    )
    return redirect("exit-themes")


@requires(Permission.RUN_PROGRAMME)
@require_POST
def take_back(request: HttpRequest, key: str) -> HttpResponse:
    """Undo: what has not left stays here."""
    _telling(key)
    try:
        back = actions.take_back(key=key, by=actor(request), now=now())
    except GoneAlreadyError:
        messages.warning(request, _("There is nothing left to take back."))
        return redirect("exit-themes")
    if back.whole:
        messages.success(request, _("Taken back: nobody got it. It is a draft again."))
        return redirect("telling", key)
    said = ngettext(
        "{letters} letter was taken back; the others had left already.",
        "{letters} letters were taken back; the others had left already.",
        back.letters,
    )
    messages.warning(request, said.format(letters=back.letters))
    return redirect("exit-themes")


@requires(Permission.RUN_PROGRAMME)
@require_POST
def discard(request: HttpRequest, key: str) -> HttpResponse:
    _telling(key)
    try:
        actions.discard(key=key, by=actor(request), now=now())
    except NotADraftError:
        return _no_draft_any_more(request)
    messages.success(request, _("Discarded. What it was about can be told another time."))
    return redirect("exit-themes")


def _telling(key: str) -> Telling:
    if not key.isprintable():
        raise Http404
    return get_object_or_404(Telling, key=key)


def _no_draft_any_more(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("It is no draft any more: it was sent off or discarded meanwhile."))
    return redirect("exit-themes")


def _letters(request: HttpRequest, telling: Telling) -> list[dict[str, Any]]:
    """The mail in each of its languages, as the preview shows it."""
    user = colleague(request)
    mailing = Mailing(
        purpose=Purpose.FEEDBACK,
        intent=Intent.GIVE,
        contents=telling.contents,
        sender_name=user.name,
        reply_to=user.email,
    )
    to = _("everybody who agreed to hear it")
    return [
        {
            "name": language_name(language),
            "mail": {
                "subject": mail.subject,
                "sender": mail.from_,
                "to": to,
                "reply_to": mail.reply_to,
                "text": mail.text,
                "language": language,
            },
        }
        for language, mail in samples(mailing).items()
    ]


def _untouched(telling: Telling, programme: Programme) -> list[str]:
    """The languages besides the programme's in which the words of colleagues still stand as they noted them."""
    about = queries.actions_of(telling)
    found = []
    for language, content in telling.contents.items():
        begun = starting_text(actions=about, language=language, organisation=programme.organisation)["body"]
        if language != programme.language and content["body"].startswith(begun):
            found.append(language)
    return found


def _reach_words(reached: Reach) -> dict[str, Any]:
    """The numbers of the door in words."""
    not_yet = {**RULES, "quiet_hours": _("it is night")}
    never = {**RULES, "frequency": _("wants personal notes only")}
    return {
        "reached": reached,
        "later": [(not_yet.get(rule, rule), many) for rule, many in reached.later],
        "not_at_all": [(never.get(rule, rule), many) for rule, many in reached.not_at_all],
    }
