"""What people ask about their data: a copy of it, and what is kept once they are erased."""

from tempfile import TemporaryFile

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from perennial.accounts.roles import Permission
from perennial.consent.documents import documents_of
from perennial.desk.people.proof import document_of
from perennial.desk.people.views.person import known
from perennial.kernel.clock import now
from perennial.privacy.copying import write_copy
from perennial.privacy.leftovers import what_stayed
from perennial.privacy.models import Erasure
from perennial.privacy.proof import ActUnknownError, make_proof, note_document_printed
from perennial.web.access import actor, requires
from perennial.web.documents.consent import consent_file
from perennial.web.documents.pdf import pdf_of

DISPOSITION = "Content-Disposition"


@requires(Permission.HANDLE_RIGHTS)
@require_POST
def copy_person(request: HttpRequest, key: str) -> FileResponse:
    """Everything about a person as a ZIP, but for what is behind the wall: colleagues are not to see that."""
    person = known(request, key)
    # Without a name on the disk, so that nothing of it is left there.
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        write_copy(person=person, to=file, behind_the_wall=False, by=actor(request), now=now())
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="data-copy.zip", content_type="application/zip")


@requires(Permission.HANDLE_RIGHTS)
@require_POST
def prove_consents(request: HttpRequest, key: str) -> HttpResponse:
    """What proves one act of a person, or all, as PDF or JSON. The name of the file tells nobody whose it is."""
    person = known(request, key)
    form, act = request.POST.get("format", ""), request.POST.get("act", "")
    if form not in ("pdf", "json") or (act and not (act.isascii() and act.isdecimal() and len(act) < 19)):
        raise Http404
    moment = now()
    try:
        proof = make_proof(person=person, act=int(act) if act else None, form=form, by=actor(request), now=moment)
    except ActUnknownError as error:
        raise Http404 from error
    name = f'attachment; filename="proof-of-consent.{form}"'
    if form == "json":
        return JsonResponse(proof, json_dumps_params={"ensure_ascii": False, "indent": 1}, headers={DISPOSITION: name})
    file = pdf_of(document_of(proof), made_at=moment)
    return HttpResponse(file, content_type="application/pdf", headers={DISPOSITION: name})


@requires(Permission.HANDLE_RIGHTS)
@require_POST
def print_document(request: HttpRequest, key: str, evidence_id: int) -> HttpResponse:
    """The document by which somebody agreed to a purpose, as they have it on their own page."""
    person, moment = known(request, key), now()
    for row, kept in documents_of(person_key=person.key):
        if row.pk == evidence_id:
            note_document_printed(person=person, by=actor(request), now=moment)
            return consent_file(row, kept)
    raise Http404


@requires(Permission.ERASE_PEOPLE)
@require_GET
def show_leftovers(request: HttpRequest, key: str) -> HttpResponse:
    """What is kept of somebody who was erased, and under which rule."""
    erasure = Erasure.objects.filter(person_key=key).first()
    if erasure is None:
        raise Http404
    context = {"erasure": erasure, "leftovers": what_stayed(erasure=erasure)}
    return render(request, "desk/people/erased.html", context)
