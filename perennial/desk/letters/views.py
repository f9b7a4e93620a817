"""Letters that wait for a human: look, edit, send, put aside; and what was passed over, with the rule."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.roles import Permission
from perennial.contact.door import decide, explain
from perennial.contact.enums import Verdict
from perennial.desk.letters.forms import LetterForm
from perennial.desk.letters.words import outcome_words
from perennial.kernel.clock import now
from perennial.kernel.purposes import Purpose
from perennial.mail.compose import MessageNotDraftError, edit
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.mail.queue import approve, put_aside, take_back
from perennial.outreach.queries import letters, letters_to_look_at, passed_over, passed_over_by_rule
from perennial.people.models import Person
from perennial.web.access import actor, colleague, requires

PAGE = 25
UNPROCESSABLE = 422


@requires(Permission.WRITE_TO_PEOPLE)
@require_GET
def list_letters(request: HttpRequest) -> HttpResponse:
    page = Paginator(letters_to_look_at(), PAGE).get_page(request.GET.get("page"))
    rows = [(message, message.mailing.contents[message.language]["subject"]) for message in page]
    return render(request, "desk/letters/list.html", {"page": page, "rows": rows})


@requires(Permission.WRITE_TO_PEOPLE)
@require_http_methods(["GET", "POST"])
def look_at_letter(request: HttpRequest, message_id: int) -> HttpResponse:
    """Shows a draft with what the door says; keeps or sends it as the human leaves it."""
    message = _letter(message_id)
    if message.state != MessageState.DRAFT:
        return _no_draft_any_more(request)
    content = message.mailing.contents[message.language]
    form = LetterForm(request.POST or None, initial=content)
    if request.method == "POST" and form.is_valid():
        return _keep_or_send(request, message, form)
    assert message.person is not None
    decision = explain(
        person=message.person,
        purpose=Purpose(message.mailing.purpose),
        now=now(),
        topic=message.mailing.topic,
    )
    return render(
        request,
        "desk/letters/letter.html",
        {"message": message, "form": form, "decision": decision},
        status=UNPROCESSABLE if form.is_bound else None,
    )


@requires(Permission.WRITE_TO_PEOPLE)
@require_POST
def put_letter_aside(request: HttpRequest, message_id: int) -> HttpResponse:
    message = _letter(message_id)
    if message.state != MessageState.DRAFT or not put_aside(message_id=message.pk, by=actor(request), now=now()):
        return _no_draft_any_more(request)
    messages.success(request, _("Put aside. It is not drafted again."))
    return redirect("letters")


@requires(Permission.WRITE_TO_PEOPLE)
@require_POST
def take_letter_back(request: HttpRequest, message_id: int) -> HttpResponse:
    """Undo: a letter that has not left is a draft again."""
    message = _letter(message_id)
    if take_back(message_id=message.pk, by=actor(request), now=now()):
        messages.success(request, _("Taken back. It is a draft again."))
        return redirect("letter", message.pk)
    messages.warning(request, _("It has left already."))
    return redirect("today")


@requires(Permission.WRITE_TO_PEOPLE)
@require_GET
def list_passed_over(request: HttpRequest) -> HttpResponse:
    page = Paginator(passed_over(), PAGE).get_page(request.GET.get("page"))
    rows = [(outcome, outcome_words(outcome.state, outcome.rule)) for outcome in page]
    kinds = [(outcome_words(state, rule), count) for state, rule, count in passed_over_by_rule()]
    return render(request, "desk/letters/passed_over.html", {"page": page, "rows": rows, "kinds": kinds})


def _keep_or_send(request: HttpRequest, message: Message, form: LetterForm) -> HttpResponse:
    user = colleague(request)
    assert message.person is not None
    moment = now()
    try:
        edit(
            message=message,
            subject=form.cleaned_data["subject"],
            body=form.cleaned_data["body"],
            by=actor(request),
            now=moment,
        )
    except MessageNotDraftError:
        return _no_draft_any_more(request)
    if "keep" in request.POST:
        messages.success(request, _("Kept as a draft."))
        return redirect("letter", message.pk)
    people = Person.objects.filter(pk=message.person.pk)
    (decision,) = decide(people=people, purpose=Purpose(message.mailing.purpose), now=moment)
    name = message.person.called or message.person.full_name
    if decision.verdict is Verdict.NO:
        # Approved it would be passed over and be gone from the letters; as a draft nothing is lost.
        messages.warning(
            request, _("The door says no just now, so your letter to %(name)s stays a draft.") % {"name": name}
        )
        return redirect("letter", message.pk)
    approve(message_ids=[message.pk], by=actor(request), now=moment, sender_name=user.name, reply_to=user.email)
    said = {
        Verdict.YES: _("Your letter to %(name)s is on its way."),
        Verdict.LATER: _("Your letter to %(name)s goes out as soon as the door says yes."),
    }[decision.verdict]
    messages.success(request, said % {"name": name})
    return redirect("today")


def _letter(message_id: int) -> Message:
    """A letter in any state. An invitation is none: it has a page and a permission of its own."""
    return get_object_or_404(letters(), pk=message_id)


def _no_draft_any_more(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("This letter is no draft any more: it was sent, put aside or taken back meanwhile."))
    return redirect("letters")
