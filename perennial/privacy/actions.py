"""Erasure over all rooms."""

from collections import Counter
from contextlib import ExitStack
from datetime import datetime

from django.db import transaction

from perennial.audit.actions import record
from perennial.consent.actions import withdraw
from perennial.consent.enums import Means
from perennial.contact.enums import SuppressionScope
from perennial.contact.erased import identities, manager_identity
from perennial.contact.models import Suppression
from perennial.kernel.keys import fingerprint
from perennial.kernel.privacy import Erased
from perennial.mail.queue import hold_mail
from perennial.people.managers import has_namesake, named_as_manager
from perennial.people.models import EmailAddress, Person
from perennial.people.turns import one_at_a_time
from perennial.privacy.held import FORGETTING, HELD, rows_about
from perennial.privacy.leftovers import CLOSED_GROUPS, NAMESAKES, closed_groups
from perennial.privacy.models import Erasure, Request
from perennial.privacy.rights.enums import RequestState
from perennial.privacy.settling import settle


@transaction.atomic
def erase(*, person: Person, by: str, now: datetime) -> None:
    """Deletes a person, as each room's declaration says: record, addresses, answers, letters, touches, evidence.

    What stays: the ledger's keys and codes, the audit trail's codes, counts of closed groups, and keyed fingerprints
    that refuse a re-import. The withdrawal in the ledger says that nothing is agreed any more. The journal and the
    wiping of the file follow once this is committed; the tick sees to it where they could not.
    """
    # First their mail: a worker that ends one writes a contact down, for which it needs the person. Then all of the
    # person, so that nobody writes another row about them between our deleting the rows and the person.
    one_at_a_time(person=person)
    hold_mail(person=person)
    Person.objects.select_for_update().filter(pk=person.pk).first()
    key = person.key
    withdraw(person=person, means=Means.ERASURE, by=by, now=now)
    shared_addresses = _addresses_of_others(person)
    told = [text for text in identities(person) if text not in shared_addresses]
    named, shared = len(named_as_manager(person=person)), has_namesake(person=person)
    if named and not shared:
        # The next list names the same managers again.
        told.append(manager_identity(person.full_name))
    marks = sorted({fingerprint(text) for text in told})
    keep_out(marks=marks, since=now)
    kept = Counter({CLOSED_GROUPS: closed_groups(person=person), NAMESAKES: named if shared else 0})
    with ExitStack() as rooms:
        for forgetting in FORGETTING:
            rooms.enter_context(forgetting(person=person))
        for held in HELD:
            if held.erased is Erased.BY_ABOUT:
                rows_about(held, person=person).delete()
        person.delete()
    _answer_requests(key=key, by=by, now=now)
    _note(key=key, marks=marks, kept=dict(+kept), by=by, now=now)
    record(deed="privacy.erased", by=by, now=now, subject_kind="person", subject_key=key)
    # The person is gone whatever becomes of this; what fails is logged, and the tick goes on with it.
    transaction.on_commit(lambda: settle(now=now), robust=True)


def _answer_requests(*, key: str, by: str, now: datetime) -> None:
    """Whatever else they asked is answered by there being nothing left, and waits for nobody."""
    Request.objects.filter(person_key=key, state=RequestState.OPEN).update(
        state=RequestState.DONE, answered_at=now, answered_by=by
    )


def keep_out(*, marks: list[str], since: datetime) -> None:
    """Lets no list bring back whom these fingerprints tell."""
    Suppression.objects.bulk_create(
        [Suppression(fingerprint=mark, scope=SuppressionScope.ERASED, reason="erased", since=since) for mark in marks],
        ignore_conflicts=True,
    )


def _addresses_of_others(person: Person) -> set[str]:
    """Addresses of theirs that somebody else has too, as a family's mailbox: they tell no one person."""
    own = person.addresses.values("address")
    return set(EmailAddress.objects.filter(address__in=own).exclude(person=person).values_list("address", flat=True))


def _note(*, key: str, marks: list[str], kept: dict[str, int], by: str, now: datetime) -> None:
    """Once a person: who comes back with an old backup is erased anew, maybe with addresses from before."""
    former = Erasure.objects.filter(person_key=key).first()
    if former is None:
        Erasure.objects.create(person_key=key, marks=marks, at=now, by=by, kept=kept)
        return
    former.marks = sorted({*former.marks, *marks})
    former.settled_at = None
    former.save(update_fields=["marks", "settled_at"])
