"""By when somebody is answered: the term of the country whose policy holds for them, from the day it was received."""

from datetime import date

from perennial.kernel.terms import Term
from perennial.people.models import Person
from perennial.people.residence import home_country, policy_country_of
from perennial.programme.policy import policy_of


def answer_due_on(*, person: Person, received_on: date) -> date:
    """The last day of the term (Art. 12(3) GDPR: a month; other countries as their policy says)."""
    country = policy_country_of(person)
    return _last_day(policy_of(country, on=received_on).answer, country, received_on)


def extended_due_on(*, person: Person, received_on: date) -> date:
    """The same after a notice with reasons that went out within the first term; counted from the same day."""
    country = policy_country_of(person)
    return _last_day(policy_of(country, on=received_on).answer_extended, country, received_on)


def _last_day(term: Term, country: str, received_on: date) -> date:
    # Days off are those of where the work is done. Where the person's own country does not have them too, the term
    # ends by that country's calendar: sooner, never later.
    return min(term.last_day(received_on=received_on, country=each) for each in {country, home_country()})
