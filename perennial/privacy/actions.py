"""Erasure over all modules."""

from datetime import datetime

from django.db import transaction

from perennial.audit.actions import record
from perennial.consent.actions import withdraw
from perennial.consent.enums import Means
from perennial.consent.models import Evidence
from perennial.contact.enums import SuppressionScope
from perennial.contact.erased import identities
from perennial.contact.models import Suppression
from perennial.departures.exit.themes import forget_unused_themes
from perennial.departures.farewell.privacy import forget_person as forget_in_farewells
from perennial.departures.models import AnswerTheme
from perennial.departures.telling.queries import letters_of_nobody
from perennial.intake.privacy import forget_person
from perennial.kernel.keys import fingerprint
from perennial.people.elsewhere import forget_unused_companies
from perennial.people.models import Person
from perennial.people.skills import forget_unused_skills
from perennial.people.words import forget as forget_words


@transaction.atomic
def erase(*, person: Person, by: str, now: datetime) -> None:
    """Deletes a person: record, addresses, answers, letters, touches, evidence.

    What stays: the ledger's keys and codes, the audit trail's codes, counts of closed batches, and keyed fingerprints
    that refuse a re-import. The withdrawal in the ledger says that nothing is agreed any more.
    """
    # First, so that nobody writes another row about this person between our deleting the rows and the person.
    Person.objects.select_for_update().filter(pk=person.pk).first()
    key = person.key
    withdraw(person=person, means=Means.ERASURE, by=by, now=now)
    marks = [fingerprint(identity) for identity in identities(person)]
    Suppression.objects.bulk_create(
        [Suppression(fingerprint=mark, scope=SuppressionScope.ERASED, reason="erased", since=now) for mark in marks],
        ignore_conflicts=True,
    )
    Evidence.objects.filter(person_key=key).delete()
    forget_person(person=person)
    forget_in_farewells(person=person)
    # A letter to one person is a mailing of its own and holds the name in its text.
    letters = list(person.messages.values_list("mailing_id", flat=True))
    companies = list(person.positions.values_list("company_id", flat=True))
    skills = list(person.skills.values_list("skill_id", flat=True))
    themes = list(AnswerTheme.objects.filter(answers__departure__person=person).values_list("theme", flat=True))
    said = person.search_text
    person.delete()
    forget_words([said])
    forget_unused_companies(among=companies)
    forget_unused_skills(among=skills)
    forget_unused_themes(among=themes)
    letters_of_nobody(among=letters).delete()
    record(deed="privacy.erased", by=by, now=now, subject_kind="person", subject_key=key)
