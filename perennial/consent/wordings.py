"""The sentences people agree to, in English as the source of translation.

A changed text gets a new version, and keeps what was given. A text that says something else to whoever agreed gets a
new meaning as well: what was given to the former one no longer opens the door, and the page of choices asks again. It
never upgrades what was given, and nobody is written to about it: a mail that asks for agreement would need one itself
(Tw 11.7, ePrivacy Directive 13). The numbers stand beside the sentence, so that whoever changes one sees the others.
"""

from typing import NamedTuple

from django.utils.translation import gettext_noop

from perennial.kernel.purposes import Purpose


class Sentence(NamedTuple):
    """The English text, the version of its words, and the number of what it means: one for all languages."""

    version: int
    text: str
    meaning: int = 1


WORDINGS: dict[Purpose, Sentence] = {
    Purpose.NEWSLETTER: Sentence(
        1,
        gettext_noop("Send me news from %(organisation)s: what became of projects and of the people I worked with."),
    ),
    Purpose.EVENTS: Sentence(1, gettext_noop("Invite me to reunions and other gatherings.")),
    Purpose.VACANCIES: Sentence(
        1, gettext_noop("Tell me about openings at %(organisation)s, for me or for somebody I know.")
    ),
    Purpose.PERSONAL: Sentence(
        1,
        gettext_noop("Write or call me in person now and then, like a former colleague would."),
    ),
    Purpose.BUSINESS: Sentence(1, gettext_noop("Approach me about working together as client, partner or supplier.")),
    Purpose.SURVEYS: Sentence(1, gettext_noop("Ask me now and then what I think; I answer only if I like.")),
    # The figures are of groups and so is this: what changed, never who said what (requirements DEP-8).
    Purpose.FEEDBACK: Sentence(
        1,
        gettext_noop(
            "Tell me, a few times a year at most, what changed at %(organisation)s because of what people who left "
            "have said; never who said what."
        ),
    ),
    Purpose.DIRECTORY: Sentence(
        1,
        gettext_noop("Let former colleagues who also agreed find me by name and field of work."),
    ),
}
