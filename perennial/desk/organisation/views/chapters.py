"""Chapters: whom each is of, who hosts it; begun, changed and ended."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.roles import Permission
from perennial.desk.organisation.forms import ChapterForm
from perennial.kernel.clock import now
from perennial.people.queries import people_by_chapter
from perennial.programme.chapters import (
    ChapterEndedError,
    ChapterNameTakenError,
    HostUnfitError,
    add_chapter,
    change_chapter,
    end_chapter,
    resume_chapter,
)
from perennial.programme.models import Chapter
from perennial.programme.structure import ended_chapters, running_chapters, with_hosts
from perennial.web.access import actor, requires

UNPROCESSABLE = 422


@requires(Permission.RUN_PROGRAMME)
@require_GET
def list_chapters(request: HttpRequest) -> HttpResponse:
    running = list(with_hosts(running_chapters()))
    people = people_by_chapter(running)
    context = {
        "rows": [(chapter, people[chapter.pk]) for chapter in running],
        "ended": list(ended_chapters()),
        "part": "chapters",
        "sees_chapters": True,
    }
    return render(request, "desk/organisation/chapters.html", context)


@requires(Permission.RUN_PROGRAMME)
@require_http_methods(["GET", "POST"])
def new_chapter(request: HttpRequest) -> HttpResponse:
    form = ChapterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            chapter = add_chapter(**form.cleaned_data, by=actor(request), now=now())
        except (ChapterNameTakenError, HostUnfitError) as error:
            _refuse(form, error)
        else:
            messages.success(request, _("The chapter “%(name)s” has begun.") % {"name": chapter.name})
            return redirect("chapters")
    return _page(request, form, None)


@requires(Permission.RUN_PROGRAMME)
@require_http_methods(["GET", "POST"])
def show_chapter(request: HttpRequest, pk: int) -> HttpResponse:
    chapter = get_object_or_404(Chapter, pk=pk)
    kept = {
        "name": chapter.name,
        "department": chapter.department_id,
        "city": chapter.city,
        "country": chapter.country,
        "hosts": list(chapter.hosts.values_list("pk", flat=True)),
    }
    form = ChapterForm(request.POST or None, initial=kept, chapter=chapter)
    if request.method == "POST" and form.is_valid():
        try:
            change_chapter(chapter=chapter, **form.cleaned_data, by=actor(request), now=now())
        except (ChapterNameTakenError, HostUnfitError) as error:
            _refuse(form, error)
        except ChapterEndedError:
            messages.error(request, _("This chapter has ended. Begin it again to change it."))
            return redirect("chapter", pk)
        else:
            messages.success(request, _("Saved."))
            return redirect("chapters")
    return _page(request, form, chapter)


@requires(Permission.RUN_PROGRAMME)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    chapter = get_object_or_404(Chapter, pk=pk)
    try:
        end_chapter(chapter=chapter, by=actor(request), now=now())
    except ChapterEndedError:
        messages.info(request, _("It had ended already."))
    else:
        messages.success(request, _("The chapter has ended; its hosts see nobody by it any more."))
    return redirect("chapter", pk)


@requires(Permission.RUN_PROGRAMME)
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    chapter = get_object_or_404(Chapter, pk=pk)
    resume_chapter(chapter=chapter, by=actor(request), now=now())
    messages.success(request, _("The chapter goes on, with the hosts there were."))
    return redirect("chapter", pk)


def _page(request: HttpRequest, form: ChapterForm, chapter: Chapter | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "chapter": chapter, "hosts_to_choose": bool(form.fields["hosts"].queryset)}  # type: ignore[attr-defined]
    if chapter is not None:
        context["people"] = people_by_chapter([chapter])[chapter.pk]
    return render(request, "desk/organisation/chapter.html", context, status=UNPROCESSABLE if form.errors else 200)


def _refuse(form: ChapterForm, error: Exception) -> None:
    if isinstance(error, ChapterNameTakenError):
        form.add_error("name", _("Another chapter is called this; one that has ended can be begun again."))
    else:
        form.add_error("hosts", _("A host is a colleague with the role Host whose account is open."))
