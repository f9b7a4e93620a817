"""The questionnaire: what is asked, a draft of what shall be, each question in every language, and a preview."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.roles import Permission
from perennial.departures.exit import editing
from perennial.departures.exit.editing import (
    CodeUnusableError,
    KindFixedError,
    NoDraftError,
    NothingAskedError,
    OptionsMissingError,
    Wanted,
    WordingMissingError,
)
from perennial.departures.exit.enums import QuestionKind
from perennial.departures.exit.questionnaire import asked, in_use, questions_of, screens
from perennial.departures.models import Question
from perennial.desk.exit.words import language_name
from perennial.desk.register.words import missing_words
from perennial.kernel.clock import now
from perennial.people.enums import HowEnded
from perennial.programme.interests import NoRecordError
from perennial.web.access import actor, requires

UNPROCESSABLE = 422
LANGUAGES = [(code, str(name)) for code, name in settings.LANGUAGES]
BAR = "|"


class QuestionForm(forms.Form):
    """One question with its wordings and ready answers."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("Small letters, digits and _. It means the same in every version; figures follow it."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=QuestionKind.choices)
    screen = forms.IntegerField(
        label=gettext_lazy("Screen"),
        min_value=1,
        max_value=99,
        help_text=gettext_lazy("Questions with the same number stand together on the leaver's page."),
    )
    about = forms.CharField(
        label=gettext_lazy("Subject"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Of a number from 0 to 10 that belongs to the satisfaction: work, pay, team."),
    )
    options = forms.CharField(
        label=gettext_lazy("Ready answers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "One a line: its code, then its wording in English, Dutch, German and Russian, with | between. "
            "Their order here is their order on the page."
        ),
    )
    left_out_after = forms.MultipleChoiceField(
        label=gettext_lazy("Not asked after"),
        required=False,
        choices=HowEnded.choices,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for group, label, rows in (
            ("texts", _("The question"), 2),
            ("gone", _("The question once the last day has passed"), 2),
            ("hints", _("A hint below it"), 2),
        ):
            for code, name in LANGUAGES:
                self.fields[f"{group}-{code}"] = forms.CharField(
                    label=f"{label}: {_(name)}",
                    required=False,
                    max_length=1000,
                    widget=forms.Textarea(attrs={"rows": rows, "lang": code}),
                )

    def clean_options(self) -> list[tuple[str, dict[str, str]]]:
        found = []
        for line in filter(str.strip, self.cleaned_data["options"].splitlines()):
            code, *words = (part.strip() for part in line.split(BAR))
            if len(words) > len(LANGUAGES):
                raise forms.ValidationError(
                    _("This line has more parts than there are languages: %(line)s") % {"line": line}
                )
            languages = [language for language, _name in LANGUAGES]
            found.append((code, dict(zip(languages, words, strict=False))))
        return found

    def wanted(self) -> Wanted:
        """The question as it was written, once the form is valid."""
        said = self.cleaned_data

        def words(group: str) -> dict[str, str]:
            return {code: said[f"{group}-{code}"] for code, _name in LANGUAGES}

        return Wanted(
            code=said["code"],
            kind=said["kind"],
            screen=said["screen"],
            about=said["about"],
            texts=words("texts"),
            gone=words("gone"),
            hints=words("hints"),
            left_out_after=said["left_out_after"],
            options=said["options"],
        )


@requires(Permission.RUN_PROGRAMME)
@require_GET
def questionnaire(request: HttpRequest) -> HttpResponse:
    """What is asked, and the draft beside it."""
    version = editing.draft()
    shown = version or in_use()
    if shown is None:
        return render(request, "desk/exit/questionnaire.html", {"version": None})
    context = {
        "version": shown,
        "is_draft": version is not None,
        "questions": [(question, _asked(question)) for question in questions_of(shown)],
        "missing": [(code, ", ".join(map(language_name, lacks))) for code, lacks in _missing(shown)],
    }
    return render(request, "desk/exit/questionnaire.html", context)


@requires(Permission.RUN_PROGRAMME)
@require_GET
def preview(request: HttpRequest) -> HttpResponse:
    """The screens as a leaver reads them, in one language; nothing can be sent from here."""
    language = request.GET.get("lang", "") or get_language() or "en"
    if language not in dict(LANGUAGES):
        raise Http404
    version = editing.draft() or in_use()
    if version is None:
        raise Http404
    questions = [asked(question, language=language) for question in questions_of(version)]
    context = {"screens": screens(questions).values(), "language": language, "languages": LANGUAGES}
    return render(request, "desk/exit/preview.html", context)


@requires(Permission.RUN_PROGRAMME)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    editing.begin_draft(by=actor(request), now=now())
    return redirect("questionnaire")


@requires(Permission.RUN_PROGRAMME)
@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    try:
        editing.discard_draft(by=actor(request), now=now())
        messages.success(request, _("The draft is thrown away; what is asked stays as it is."))
    except NoDraftError:
        messages.warning(request, _("There is no draft any more."))
    return redirect("questionnaire")


@requires(Permission.RUN_PROGRAMME)
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest) -> HttpResponse:
    """Asks once, with what is missing, and then puts the draft in use."""
    version = editing.draft()
    if version is None:
        messages.warning(request, _("There is no draft any more."))
        return redirect("questionnaire")
    if request.method == "GET":
        missing = [(code, ", ".join(map(language_name, lacks))) for code, lacks in _missing(version)]
        context = {"version": version, "missing": missing, "many": version.questions.count()}
        return render(request, "desk/exit/publish.html", context)
    try:
        editing.publish(by=actor(request), now=now())
        messages.success(request, _("From now on this is asked. Whoever has begun goes on with what they began."))
    except NoRecordError as error:
        messages.error(request, missing_words(error))
    except NothingAskedError:
        messages.error(request, _("A questionnaire without a question cannot be put in use."))
    except NoDraftError:
        messages.warning(request, _("There is no draft any more."))
    return redirect("questionnaire")


@requires(Permission.RUN_PROGRAMME)
@require_http_methods(["GET", "POST"])
def add_question(request: HttpRequest) -> HttpResponse:
    if editing.draft() is None:
        raise Http404
    form = QuestionForm(request.POST or None, initial={"screen": 1, "kind": QuestionKind.SINGLE})
    return _written(request, form, was="")


@requires(Permission.RUN_PROGRAMME)
@require_http_methods(["GET", "POST"])
def change_question(request: HttpRequest, code: str) -> HttpResponse:
    version = editing.draft()
    question = next((each for each in questions_of(version) if each.code == code), None) if version else None
    if question is None:
        raise Http404
    return _written(request, QuestionForm(request.POST or None, initial=_initial(question)), was=code)


@requires(Permission.RUN_PROGRAMME)
@require_POST
def move_question(request: HttpRequest, code: str) -> HttpResponse:
    try:
        editing.move_question(code=code, up="up" in request.POST, by=actor(request), now=now())
    except NoDraftError as error:
        raise Http404 from error
    return redirect("questionnaire")


@requires(Permission.RUN_PROGRAMME)
@require_POST
def remove_question(request: HttpRequest, code: str) -> HttpResponse:
    try:
        editing.remove_question(code=code, by=actor(request), now=now())
    except NoDraftError as error:
        raise Http404 from error
    messages.success(request, _("Taken out of the draft."))
    return redirect("questionnaire")


def _written(request: HttpRequest, form: QuestionForm, *, was: str) -> HttpResponse:
    """Keeps the question, or says what is wrong with it."""
    context = {"form": form, "was": was}
    if request.method == "GET":
        return render(request, "desk/exit/question.html", context)
    if form.is_valid():
        try:
            editing.write_question(wanted=form.wanted(), was=was, by=actor(request), now=now())
        except CodeUnusableError:
            form.add_error(None, _("A code is missing, is used already, or has other signs than small letters."))
        except KindFixedError as error:
            kind = QuestionKind(error.kind).label
            form.add_error("kind", _("Earlier this code was of the kind '%(kind)s', and stays so.") % {"kind": kind})
        except WordingMissingError:
            form.add_error(None, _("A wording is missing: the question's, or that of a ready answer."))
        except OptionsMissingError:
            form.add_error("options", _("Write at least two ready answers."))
        except NoDraftError as error:
            raise Http404 from error
        else:
            messages.success(request, _("Kept in the draft."))
            return redirect("questionnaire")
    return render(request, "desk/exit/question.html", context, status=UNPROCESSABLE)


def _initial(question: Question) -> dict[str, Any]:
    lines = [
        f" {BAR} ".join([option.code, *(option.texts.get(code, "") for code, _name in LANGUAGES)])
        for option in question.options.all()
    ]
    initial: dict[str, Any] = {
        name: getattr(question, name) for name in ("code", "kind", "screen", "about", "left_out_after")
    }
    initial["options"] = "\n".join(lines)
    groups = {"texts": question.texts, "gone": question.variants.get("gone", {}), "hints": question.hints}
    for group, texts in groups.items():
        initial |= {f"{group}-{code}": texts.get(code, "") for code, _name in LANGUAGES}
    return initial


def _asked(question: Question) -> str:
    return asked(question, language=get_language() or "en").label


def _missing(version: Any) -> list[tuple[str, list[str]]]:
    return editing.missing_words(version)
