"""Calls and meetings, noted by whoever had them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from perennial.accounts.roles import Permission
from perennial.contact.actions import record_touch
from perennial.contact.enums import Direction, TouchKind
from perennial.desk.people.forms import ContactForm
from perennial.desk.people.views.person import known, person_page
from perennial.kernel.clock import now
from perennial.kernel.keys import new_key
from perennial.kernel.purposes import Intent, Purpose
from perennial.web.access import requires

WHAT = {
    "called": (TouchKind.CALL, Direction.OURS),
    "met": (TouchKind.MEETING, Direction.OURS),
    "heard": (TouchKind.CALL, Direction.THEIRS),
}


@requires(Permission.NOTE_CONTACT)
@require_POST
def note_contact(request: HttpRequest, key: str) -> HttpResponse:
    person = known(request, key)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return person_page(request, person, contact_form=form)
    kind, direction = WHAT[form.cleaned_data["what"]]
    record_touch(
        person=person,
        at=now(),
        direction=direction,
        kind=kind,
        # Counts against the budget like a letter: who was called yesterday is not written to today.
        purpose=Purpose.PERSONAL,
        intent=Intent(form.cleaned_data["intent"] or Intent.NEUTRAL),
        origin=f"desk:{new_key()}",
        summary=form.cleaned_data["summary"],
    )
    messages.success(request, _("Noted."))
    return redirect("person", person.key)
