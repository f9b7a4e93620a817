"""What came to depend on what an import wrote, so that undoing it leaves that as it is. Each reason is a small query.

Of persons, stints and addresses that a batch made, and of values it changed. Nothing here is about consent given:
the ledger, touches and suppressions are only read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.audit.models import Event
from perennial.audit.queries import LOOKS
from perennial.consent.models import ConsentRequest, ConsentState, Evidence, LedgerEntry, Preference
from perennial.contact.enums import RestrictionKind
from perennial.contact.models import Restriction, Touch
from perennial.departures.farewell.enums import StepState
from perennial.departures.models import (
    AudienceChoice,
    ConversationNote,
    Departure,
    ExitAnswers,
    ExitConversation,
    FarewellStep,
    PersonDecision,
    RelationAnswer,
)
from perennial.intake.former import OF_ADDRESS, OF_STINT
from perennial.intake.models import AppliedBatch, FormerValue
from perennial.kernel import lookups as _lookups  # noqa: F401 - makes `among` known
from perennial.kernel.purposes import Frequency
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.people.enums import AddressState
from perennial.people.models import EmailAddress, Person, PersonSkill, Position, Stint

# A letter that nobody approved, or that was put aside before it left, has told nobody anything.
_UNSAID = (MessageState.DRAFT, MessageState.DISCARDED)
# What the journeys write; they stand above us and are known here by their letters only.
_JOURNEYS = "journey:"

# The first that holds is the one that is said.
REASONS: Mapping[str, Promise] = {
    "answered": _("they have answered since"),
    "agreed": _("they have said since what we may do"),
    "asked": _("they have asked something about their data since"),
    "invited": _("they were invited since"),
    "written": _("they were written to since"),
    "letter": _("a colleague has worked on a letter to them since"),
    "noted": _("a contact with them was noted since"),
    "restricted": _("contact with them was restricted since"),
    "begun": _("their farewell or exit conversation has begun since"),
    "chosen": _("a colleague has decided since whether they are welcome"),
    "changed": _("a colleague or a later import has changed it since"),
    "more": _("something was added to their record since"),
    "clash": _("what stood there before contradicts what is on file now"),
    "gone": _("what stood there before is not on file any more"),
}


@dataclass(frozen=True, slots=True)
class Made:
    """What a run made, found by the ids between which its batches wrote, their time and its source."""

    people: Q
    stints: Q
    addresses: Q


def made_by(batches: Sequence[AppliedBatch]) -> Made:
    """What `batches` made, all that there are of one run."""
    times = {batch.at for batch in batches}

    def between(table: str) -> Q:
        above = min((getattr(batch, f"{table}_above") for batch in batches), default=0)
        upto = max((getattr(batch, f"{table}_upto") for batch in batches), default=0)
        return Q(pk__gt=above, pk__lte=upto, created_at__in=times)

    return Made(between("people"), between("stints"), between("addresses"))


def people_who_stay(*, batch: AppliedBatch, run_made: Made) -> dict[int, str]:
    """Of the persons `batch` made those who stay, each with the code of the first reason."""
    low, high = batch.people_above, batch.people_upto

    def within(path: str) -> Q:
        return Q(**{f"{path}__gt": low, f"{path}__lte": high})

    people = Person.objects.filter(within("pk"))
    departures = Departure.objects.filter(within("person_id"))
    letters = Message.objects.filter(within("person_id"))
    stays: dict[int, str] = {}
    for code, found in (
        ("answered", ExitAnswers.objects.filter(within("departure__person_id")).values_list("departure__person_id")),
        ("answered", RelationAnswer.objects.filter(within("departure__person_id")).values_list("departure__person_id")),
        ("agreed", ConsentState.objects.filter(within("person_id")).values_list("person_id")),
        ("agreed", ConsentRequest.objects.filter(within("person_id")).values_list("person_id")),
        ("agreed", _chosen(Preference.objects.filter(within("person_id"))).values_list("person_id")),
        ("agreed", people.filter(key__in=LedgerEntry.objects.values("person_key")).values_list("pk")),
        ("agreed", people.filter(key__in=Evidence.objects.values("person_key")).values_list("pk")),
        ("asked", people.filter(key__in=_asked(batch).values("subject_key")).values_list("pk")),
        ("invited", departures.filter(_invited()).values_list("person_id")),
        ("written", letters.exclude(state__in=_UNSAID).values_list("person_id")),
        ("letter", letters.filter(pk__among=_letters_worked_on(batch)).values_list("person_id")),
        ("noted", Touch.objects.filter(within("person_id")).values_list("person_id")),
        ("restricted", _decided().filter(within("person_id")).values_list("person_id")),
        ("begun", departures.filter(_begun()).values_list("person_id")),
        ("chosen", AudienceChoice.objects.filter(within("person_id")).values_list("person_id")),
        ("chosen", PersonDecision.objects.filter(within("person_id")).values_list("person_id")),
        ("changed", _changed_by_import(batch).filter(within("person_ref")).values_list("person_ref")),
        ("changed", people.filter(key__in=_deeds(batch).values("subject_key")).values_list("pk")),
        ("more", Position.objects.filter(within("person_id")).values_list("person_id")),
        ("more", PersonSkill.objects.filter(within("person_id")).values_list("person_id")),
        ("more", Stint.objects.filter(within("person_id")).exclude(run_made.stints).values_list("person_id")),
        ("more", EmailAddress.objects.filter(within("person_id")).exclude(run_made.addresses).values_list("person_id")),
    ):
        for (pk,) in found.order_by().distinct():
            stays.setdefault(pk, code)
    return stays


def _decided() -> QuerySet[Restriction]:
    """What a colleague wrote down for the door. Whom the audience's rule keeps out is kept out by the machine."""
    return Restriction.objects.exclude(kind=RestrictionKind.AUDIENCE)


def stints_that_stay(*, batch: AppliedBatch, stints: Sequence[int]) -> dict[int, str]:
    """Of `stints`, which `batch` gave to people who were on file before, those that stay, with the reason."""
    departures = Departure.objects.filter(stint__among=stints)
    journeys = Message.objects.filter(pk__gt=batch.messages_above, mailing__origin__startswith=_JOURNEYS)
    corrected = Person.objects.filter(key__in=_deeds(batch, "people.stint_corrected").values("subject_key"))
    stays: dict[int, str] = {}
    for code, found in (
        ("answered", ExitAnswers.objects.filter(departure__stint__among=stints).values_list("departure__stint_id")),
        ("answered", RelationAnswer.objects.filter(departure__stint__among=stints).values_list("departure__stint_id")),
        ("invited", departures.filter(_invited()).values_list("stint_id")),
        ("begun", departures.filter(_begun()).values_list("stint_id")),
        ("letter", departures.filter(invitation__among=_letters_worked_on(batch)).values_list("stint_id")),
        ("written", departures.filter(person__in=journeys.values("person")).values_list("stint_id")),
        ("changed", _changed_by_import(batch).filter(row_ref__in=stints, field__in=OF_STINT).values_list("row_ref")),
        (
            "changed",
            Stint.objects.filter(pk__among=stints, person__in=corrected)
            .exclude(updated_at=F("created_at"))
            .values_list("pk"),
        ),
    ):
        for (pk,) in found.order_by().distinct():
            stays.setdefault(pk, code)
    return stays


def addresses_that_stay(*, batch: AppliedBatch, addresses: Sequence[int]) -> dict[int, str]:
    """Of `addresses`, which `batch` gave to people who were on file before, those that stay, with the reason."""
    rows = EmailAddress.objects.filter(pk__among=addresses)
    given = Person.objects.filter(key__in=_deeds(batch, "people.address_given").values("subject_key"))
    stays: dict[int, str] = {}
    for code, found in (
        ("agreed", rows.filter(Q(state=AddressState.VERIFIED) | Q(verified_at__isnull=False)).values_list("pk")),
        ("agreed", ConsentRequest.objects.filter(address__among=addresses).values_list("address_id")),
        ("written", _written_to(batch, rows).values_list("pk")),
        (
            "changed",
            _changed_by_import(batch).filter(row_ref__in=addresses, field__in=OF_ADDRESS).values_list("row_ref"),
        ),
        ("changed", rows.filter(person__in=given).values_list("pk")),
    ):
        for (pk,) in found.order_by().distinct():
            stays.setdefault(pk, code)
    return stays


def departures_in_use(*, batch: AppliedBatch, stints: Sequence[int]) -> dict[int, str]:
    """Of `stints`, whose days or state `batch` changed, those whose departure has seen something since."""
    departures = Departure.objects.filter(stint__among=stints)
    since = _deeds(batch).filter(Q(deed__startswith="departures.") | Q(deed__startswith="consent."))
    acted = Person.objects.filter(key__in=since.values("subject_key"))
    answers = ExitAnswers.objects.filter(departure__stint__among=stints, started_at__gte=batch.at)
    in_use: dict[int, str] = {}
    for code, found in (
        ("answered", answers.values_list("departure__stint_id")),
        ("invited", departures.filter(_invited(), pk__gt=batch.departures_above).values_list("stint_id")),
        ("begun", departures.filter(_begun(), pk__gt=batch.departures_above).values_list("stint_id")),
        ("letter", departures.filter(invitation__among=_letters_worked_on(batch)).values_list("stint_id")),
        ("written", departures.filter(person__in=acted).values_list("stint_id")),
    ):
        for (pk,) in found.order_by().distinct():
            in_use.setdefault(pk, code)
    return in_use


def addresses_in_use(*, batch: AppliedBatch, addresses: Sequence[int]) -> dict[int, str]:
    """Of `addresses`, whose day `batch` wrote, those that were used since."""
    rows = EmailAddress.objects.filter(pk__among=addresses)
    requests = ConsentRequest.objects.filter(address__among=addresses, requested_at__gte=batch.at)
    in_use: dict[int, str] = dict.fromkeys(requests.values_list("address_id", flat=True), "agreed")
    for pk in _written_to(batch, rows).values_list("pk", flat=True):
        in_use.setdefault(pk, "written")
    return in_use


def idle_departures(*, batch: AppliedBatch, stints: Iterable[int]) -> list[int]:
    """Departures that came to stand since `batch` on `stints` and of which nobody knows yet."""
    new = Departure.objects.filter(stint__among=list(stints), pk__gt=batch.departures_above)
    journeys = Message.objects.filter(pk__gt=batch.messages_above, mailing__origin__startswith=_JOURNEYS)
    busy = _invited() | Q(answers__isnull=False) | Q(relation__isnull=False) | Q(person__in=journeys.values("person"))
    busy |= Q(invitation__among=_letters_worked_on(batch)) | _begun()
    return list(new.exclude(pk__in=new.filter(busy).values("pk")).order_by("pk").values_list("pk", flat=True))


def _begun() -> Q:
    """Departures in which a step of the farewell was settled, or a conversation planned or noted."""
    settled = FarewellStep.objects.exclude(state=StepState.OPEN)
    rows = (settled, ExitConversation.objects.order_by(), ConversationNote.objects.order_by())
    return Q(*(Q(pk__in=each.values("departure")) for each in rows), _connector=Q.OR)


def _invited() -> Q:
    on_its_way = Q(invitation__state__in=[state for state in MessageState if state not in _UNSAID])
    return on_its_way | Q(handed_over_at__isnull=False) | Q(link_expires_at__isnull=False)


def _chosen(preferences: QuerySet[Preference]) -> QuerySet[Preference]:
    """A row of preferences comes by itself with the first letter; these were touched."""
    return preferences.exclude(frequency=Frequency(Preference.frequency.field.default), not_now_until=None)


def _letters_worked_on(batch: AppliedBatch) -> list[int]:
    """Letters that somebody edited, approved, put aside or took back since `batch`."""
    since = Event.objects.filter(pk__gt=batch.events_above).exclude(by="system")
    keys = since.filter(subject_kind="message").values_list("subject_key", flat=True)
    return [int(key) for key in keys if key.isdecimal()]


def _deeds(batch: AppliedBatch, deed: str = "") -> QuerySet[Event]:
    """What people did to people since `batch`. A look keeps nothing, nor what Perennial did by itself."""
    events = Event.objects.filter(pk__gt=batch.events_above, subject_kind="person").exclude(by="system").order_by()
    events = events.exclude(deed__in=LOOKS)
    return events.filter(deed=deed) if deed else events


def _asked(batch: AppliedBatch) -> QuerySet[Event]:
    """What people asked about their data since `batch`: the requests stand above us and are known here by the trail."""
    return Event.objects.filter(pk__gt=batch.events_above, subject_kind="person", deed="privacy.asked")


def _changed_by_import(batch: AppliedBatch) -> QuerySet[FormerValue]:
    return FormerValue.objects.exclude(run_id=batch.run_id)


def _written_to(batch: AppliedBatch, rows: QuerySet[EmailAddress]) -> QuerySet[EmailAddress]:
    letters = Message.objects.filter(pk__gt=batch.messages_above).exclude(state__in=_UNSAID).exclude(address="")
    return rows.filter(person__messages__in=letters, address=F("person__messages__address"))
