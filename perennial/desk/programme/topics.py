"""Topics: what letters of a purpose are about, so that people can say what they would rather not read about."""

from collections import Counter

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.roles import Permission
from perennial.consent.topics import how_many_refuse
from perennial.kernel.clock import now
from perennial.kernel.purposes import CONSENT_PURPOSES, Purpose
from perennial.programme.models import Topic
from perennial.programme.queries import current
from perennial.programme.topics import (
    NAME_LENGTH,
    TopicNameTakenError,
    TopicUnnamedError,
    add_topic,
    all_topics,
    move_topic,
    rename_topic,
    restore_topic,
    retire_topic,
)
from perennial.web.access import actor, requires

UNPROCESSABLE = 422
NAME = "name-"


class NamesForm(forms.Form):
    """What a topic is called in each language that people read; one of them must be there."""

    def __init__(self, *args: object, names: dict[str, str] | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        own = current().language
        languages = dict(settings.LANGUAGES)
        for code in [own, *(each for each in languages if each != own)]:
            self.fields[NAME + code] = forms.CharField(
                label=_("Called in %(language)s") % {"language": languages[code]},
                max_length=NAME_LENGTH,
                required=code == own,
                initial=(names or {}).get(code, ""),
                help_text=_("It stands in where another language is missing.") if code == own else "",
                error_messages={"required": _("Write what it is called.")},
            )

    def names(self) -> dict[str, str]:
        """By language, once the form is valid."""
        return {name.removeprefix(NAME): value for name, value in self.cleaned_data.items() if name.startswith(NAME)}


class NewTopicForm(NamesForm):
    purpose = forms.ChoiceField(
        label=gettext_lazy("A topic of"),
        choices=[(purpose.value, purpose.label) for purpose in CONSENT_PURPOSES],
        help_text=gettext_lazy("Who agreed to this hears of the topic, too, until they say otherwise."),
    )


@requires(Permission.RUN_PROGRAMME)
@require_GET
def list_topics(request: HttpRequest) -> HttpResponse:
    """Topics by purpose in their order, with how many would rather not read about each."""
    topics = list(all_topics())
    refused: Counter[int] = how_many_refuse()
    groups = []
    for purpose in Purpose:
        rows = [(each, refused[each.pk]) for each in topics if each.purpose == purpose and each.retired_at is None]
        if rows:
            groups.append((purpose.label, rows))
    context = {"groups": groups, "retired": [each for each in topics if each.retired_at is not None]}
    return render(request, "desk/programme/topics.html", context)


@requires(Permission.RUN_PROGRAMME)
@require_http_methods(["GET", "POST"])
def new_topic(request: HttpRequest) -> HttpResponse:
    form = NewTopicForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        purpose = Purpose(form.cleaned_data["purpose"])
        try:
            topic = add_topic(purpose=purpose, names=form.names(), by=actor(request), now=now())
        except (TopicNameTakenError, TopicUnnamedError) as error:
            _refuse(form, error)
        else:
            messages.success(request, _("The topic “%(name)s” is there.") % {"name": topic})
            return redirect("topics")
    return _page(request, form, None)


@requires(Permission.RUN_PROGRAMME)
@require_http_methods(["GET", "POST"])
def show_topic(request: HttpRequest, pk: int) -> HttpResponse:
    topic = get_object_or_404(Topic, pk=pk)
    form = NamesForm(request.POST or None, names=topic.names)
    if request.method == "POST" and form.is_valid():
        try:
            rename_topic(topic=topic, names=form.names(), by=actor(request), now=now())
        except (TopicNameTakenError, TopicUnnamedError) as error:
            _refuse(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("topics")
    return _page(request, form, topic)


@requires(Permission.RUN_PROGRAMME)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    topic = get_object_or_404(Topic, pk=pk)
    move_topic(topic=topic, up=request.POST.get("to") == "up", by=actor(request), now=now())
    return redirect("topics")


@requires(Permission.RUN_PROGRAMME)
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    topic = get_object_or_404(Topic, pk=pk)
    if retire_topic(topic=topic, by=actor(request), now=now()):
        messages.success(request, _("Nobody is shown “%(name)s” any more. It can be taken up again.") % {"name": topic})
    else:
        messages.info(request, _("It was retired already."))
    return redirect("topics")


@requires(Permission.RUN_PROGRAMME)
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    topic = get_object_or_404(Topic, pk=pk)
    try:
        restore_topic(topic=topic, by=actor(request), now=now())
    except (TopicNameTakenError, TopicUnnamedError):
        messages.error(request, _("Another topic is called this by now. Call it otherwise first."))
    else:
        messages.success(request, _("“%(name)s” is shown again, with what people had said.") % {"name": topic})
    return redirect("topics")


def _page(request: HttpRequest, form: NamesForm, topic: Topic | None) -> HttpResponse:
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "desk/programme/topic.html", {"form": form, "topic": topic}, status=status)


def _refuse(form: NamesForm, error: Exception) -> None:
    if isinstance(error, TopicUnnamedError):
        form.add_error(NAME + current().language, _("Write what it is called."))
    else:
        form.add_error(None, _("Another topic of this purpose is called this already."))
