"""The outbox: what was sent off, what became of it, and a second try for what could not be delivered."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perennial.accounts.roles import Permission
from perennial.desk.letters.words import RULES
from perennial.desk.outbox.forms import OutboxFilter
from perennial.desk.outbox.words import BADGES
from perennial.kernel.clock import now
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.mail.queries import outbox
from perennial.mail.queue import MessageNotFailedError, retry
from perennial.mail.render import content_of
from perennial.mail.render import render as render_mail
from perennial.web.access import actor, requires

PAGE = 25


@requires(Permission.SEE_OUTBOX)
@require_GET
def list_outbox(request: HttpRequest) -> HttpResponse:
    form = OutboxFilter(request.GET or None)
    wanted = form.cleaned_data if form.is_valid() else {}
    sent = outbox(state=wanted.get("state", ""), purpose=wanted.get("purpose", ""))
    page = Paginator(sent, PAGE).get_page(request.GET.get("page"))
    rows = [(message, content_of(message)["subject"], BADGES[message.state]) for message in page]
    context = {"page": page, "rows": rows, "form": form, "filtered": any(wanted.values()), **_whereabouts()}
    return render(request, "desk/outbox/list.html", context)


@requires(Permission.SEE_OUTBOX)
@require_GET
def look_at_message(request: HttpRequest, message_id: int) -> HttpResponse:
    """One message as it goes out. Outside the demo whatever opens something is hidden in it."""
    message = get_object_or_404(outbox(), pk=message_id)
    mail = render_mail(message, reveal=settings.PERENNIAL_DEMO)
    kind, icon = BADGES[message.state]
    context = {
        "message": message,
        "mail": {
            "subject": mail.subject,
            "sender": mail.from_,
            "to": mail.headers["To"],
            "reply_to": mail.reply_to,
            "at": message.at,
            "text": mail.text,
            "language": message.language,
        },
        "html": mail.html,
        "headers": mail.headers.items(),
        "facts": _facts(message),
        "badge": {"kind": kind, "icon": icon},
        "failed": message.state == MessageState.FAILED,
        "hidden": not settings.PERENNIAL_DEMO,
    }
    return render(request, "desk/outbox/message.html", context)


@requires(Permission.SEE_OUTBOX)
@require_POST
def retry_message(request: HttpRequest, message_id: int) -> HttpResponse:
    message = get_object_or_404(outbox(), pk=message_id)
    try:
        retry(message_id=message.pk, by=actor(request), now=now())
        messages.success(request, _("It is tried again. The door is asked first, as always."))
    except MessageNotFailedError:
        messages.warning(request, _("There is nothing to try again."))
    return redirect("outbox-message", message.pk)


def _whereabouts() -> dict[str, object]:
    server = settings.PERENNIAL_MAIL_SERVER
    return {"keeps": server.keeps, "server": "" if server.keeps else f"{server.host}:{server.port}"}


def _facts(message: Message) -> list[dict[str, object]]:
    facts: list[dict[str, object]] = [
        {"label": _("Purpose"), "value": message.mailing.get_purpose_display()},
        {"label": _("Language"), "value": message.language},
    ]
    if message.skip_rule:
        facts.append({"label": _("The door"), "value": RULES.get(message.skip_rule, message.skip_rule)})
    if message.state in (MessageState.QUEUED, MessageState.UNCERTAIN) and message.not_before:
        facts.append({"label": _("Not before"), "value": message.not_before})
    if message.attempts:
        facts.append({"label": _("Put off by the server"), "value": message.attempts})
    if message.uncertain:
        facts.append({"label": _("May arrive twice"), "value": _("The mail server's answer to an attempt was lost.")})
    if message.last_error:
        facts.append({"label": _("What happened"), "value": message.last_error})
    return facts
