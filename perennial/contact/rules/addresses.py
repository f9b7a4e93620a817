"""Whether there is an address that may be used, and whether mail arrives there."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from perennial.consent.actions import LEAVER
from perennial.contact.enums import SuppressionScope
from perennial.contact.models import Suppression
from perennial.contact.rules.rule import Condition, Question, Rule, Words, named
from perennial.kernel.purposes import Channel
from perennial.people.enums import AddressKind, AddressState
from perennial.people.models import EmailAddress, Stint
from perennial.people.queries import runs_on


class NoAddressRule(Rule):
    """There must be an address that may be used for this."""

    code = "no_address"

    def no(self, question: Question) -> Condition:
        if question.channel is not Channel.EMAIL:
            return Q(pk__isnull=False)
        return ~Exists(usable_addresses(question))

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("There is an address that may be used for this.")

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        if question.channel is not Channel.EMAIL:
            return _("There is nothing on file to reach this person by %(channel)s.") % named(question)
        if question.service:
            return _(
                "There is no address that may be used: a business address serves until the last day, "
                "a private one only if it was given for this."
            )
        return _("There is no private address that was confirmed from its mailbox.")

    def change(self, question: Question) -> Words:
        return _("The person can give a private address and confirm it.")


class SuppressedRule(Rule):
    """Mail to the address came back for good, or its owner complained."""

    code = "suppressed"

    def no(self, question: Question) -> Condition:
        if question.channel is not Channel.EMAIL:
            return None
        return Q(Exists(usable_addresses(question))) & ~Q(Exists(reachable_addresses(question)))

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("No mail to this person has come back.")

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        return _("Mail to this address came back, so we no longer use it.")

    def change(self, question: Question) -> Words:
        return _("The person can give another address.")


def usable_addresses(question: Question) -> QuerySet[EmailAddress]:
    """Addresses of the outer person that may be used for this, the best first, whether or not mail arrives there."""
    # By its time, which stays when the state says that mail came back.
    private = Q(kind=AddressKind.PRIVATE, verified_at__isnull=False)
    if question.service:
        employed = Stint.objects.filter(runs_on(question.today), person=OuterRef("person"))
        # What was only typed on a page of ours is nobody's yet: mistyped, or put there by whoever had the link.
        private |= Q(kind=AddressKind.PRIVATE, given_on__isnull=False) & ~Q(source=LEAVER)
        business = Q(kind=AddressKind.BUSINESS) & Q(Exists(employed))
        # While somebody works here the business address comes first: 'business' sorts before 'private'.
        return EmailAddress.objects.filter(private | business, person=OuterRef("pk")).order_by("kind", "-state", "pk")
    return EmailAddress.objects.filter(private, person=OuterRef("pk")).order_by("-verified_at", "pk")


def reachable_addresses(question: Question) -> QuerySet[EmailAddress]:
    """The usable addresses at which mail arrives, as far as we know."""
    came_back = Suppression.objects.filter(fingerprint=OuterRef("fingerprint"), scope=SuppressionScope.MAIL)
    return usable_addresses(question).exclude(state=AddressState.DEAD).filter(~Exists(came_back))
