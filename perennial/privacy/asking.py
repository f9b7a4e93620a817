"""Asks people who gave no sign for long whether they still want to hear from us: one letter, through the door.

Whoever agreed to something and gave no sign for as long as their country's policy says (24 months, as shipped) is asked
once. Saving the page of choices, as it is or changed, is a sign. Who was asked and stays silent for the longer term too
is let go (`retention.py`), a month after the letter at the earliest.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from perennial.contact.door import Decision, decide
from perennial.contact.enums import Verdict
from perennial.contact.rules.rhythm import QuietHoursRule
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.compose import Letter, in_letter, language_of, write_all
from perennial.mail.render import preference_paths
from perennial.people.models import Person
from perennial.privacy.retention import STILL_WANTED, due
from perennial.programme.enums import DataKind
from perennial.programme.keeping import DAYS_TO_ANSWER
from perennial.programme.models import Programme
from perennial.programme.policy import Policies
from perennial.programme.queries import current, today

PAGE = 500


def ask_again(*, now: datetime) -> int:
    """Writes the letter to everybody who is due for it and whom the door lets have it. Returns how many.

    Each page is a transaction of its own. Whom the door keeps it from now is asked another week.
    """
    programme, policies = current(), Policies(on=today(now=now))
    written = after = 0
    unasked = due(kind=DataKind.INACTIVE_ASKED, now=now, policies=policies).order_by("pk")
    while page := list(unasked.filter(pk__gt=after).values_list("pk", flat=True)[:PAGE]):
        after = page[-1]
        written += _ask_page(page, programme=programme, policies=policies, now=now)
    return written


@transaction.atomic
def _ask_page(page: list[int], *, programme: Programme, policies: Policies, now: datetime) -> int:
    # Locked first and asked again: of two processes at the same page the second finds them asked.
    list(Person.objects.select_for_update(no_key=True).filter(pk__among=page).order_by("pk").values_list("pk"))
    unasked = due(kind=DataKind.INACTIVE_ASKED, now=now, policies=policies)
    people = {person.pk: person for person in unasked.filter(pk__among=page)}
    purposes = _purposes(people, programme, now)
    paths = preference_paths(set(purposes))
    letters = [
        _letter(people[pk], purpose, paths[pk], programme=programme, policies=policies, now=now)
        for pk, purpose in sorted(purposes.items())
    ]
    return len(write_all(letters=letters, by="system", now=now))


def _purposes(people: Iterable[int], programme: Programme, now: datetime) -> dict[int, Purpose]:
    """Of each whom we may write to, the first purpose of the programme for which the door lets us."""
    found: dict[int, Purpose] = {}
    for code in programme.purposes:
        left = Person.objects.filter(pk__among=set(people) - set(found))
        for decision in decide(people=left, purpose=Purpose(code), now=now, programme=programme):
            if _may_be_queued(decision):
                found[decision.person_id] = Purpose(code)
    return found


def _may_be_queued(decision: Decision) -> bool:
    """That it is night keeps no letter from the queue: the door is asked again when it is sent."""
    return decision.verdict is Verdict.YES or decision.rule == QuietHoursRule.code


def _letter(
    person: Any, purpose: Purpose, path: str, *, programme: Programme, policies: Policies, now: datetime
) -> Letter:
    language = language_of(person, programme=programme)
    ends = policies.of(person.policy_country).kept_for(DataKind.INACTIVE) is not None
    sender = programme.owner.name if programme.owner else programme.organisation
    with translation.override(language):
        named = {
            "called": in_letter(person.called or person.full_name),
            "organisation": in_letter(programme.organisation),
            "day": date_format(today(now=now) + timedelta(days=DAYS_TO_ANSWER), "DATE_FORMAT"),
        }
        paragraphs = [
            gettext("Dear %(called)s,"),
            gettext(
                "Some time ago you agreed to hear from %(organisation)s. We have heard nothing from you for long, "
                "which is quite all right; we only ask whether you still want it."
            ),
            gettext(
                "The page behind this link shows what you agreed to. Save it as it is, and nothing changes; or change "
                "it, or leave."
            ),
            "{link}",
        ]
        if ends:
            paragraphs.append(
                gettext(
                    "If we hear nothing from you, we take it that you would rather not: then our letters end and what "
                    "we keep about you is deleted, though not before %(day)s."
                )
            )
        return Letter(
            person=person,
            purpose=purpose,
            intent=Intent.NEUTRAL,
            subject=gettext("Do you still want to hear from %(organisation)s?") % named,
            body="\n\n".join([*(text % named for text in paragraphs), in_letter(sender)]),
            language=language,
            origin=STILL_WANTED,
            sender_name=sender,
            reply_to=programme.owner.email if programme.owner else "",
            link_path=path,
            automatic=True,
        )
