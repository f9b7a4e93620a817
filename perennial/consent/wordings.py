"""The sentences people agree to, in English as the source of translation.

A change of meaning gets a new version and asks again; it never upgrades what was given. The number stands beside the
sentence, so that whoever changes one sees the other.
"""

from django.utils.translation import gettext_noop

from perennial.kernel.purposes import Purpose

WORDINGS: dict[Purpose, tuple[int, str]] = {
    Purpose.NEWSLETTER: (
        1,
        gettext_noop("Send me news from %(organisation)s: what became of projects and of the people I worked with."),
    ),
    Purpose.EVENTS: (1, gettext_noop("Invite me to reunions and other gatherings.")),
    Purpose.VACANCIES: (1, gettext_noop("Tell me about openings at %(organisation)s, for me or for somebody I know.")),
    Purpose.PERSONAL: (
        1,
        gettext_noop("Write or call me in person now and then, like a former colleague would."),
    ),
    Purpose.BUSINESS: (1, gettext_noop("Approach me about working together as client, partner or supplier.")),
    Purpose.SURVEYS: (1, gettext_noop("Ask me now and then what I think; I answer only if I like.")),
    # The figures are of groups and so is this: what changed, never who said what (requirements DEP-8).
    Purpose.FEEDBACK: (
        1,
        gettext_noop(
            "Tell me, a few times a year at most, what changed at %(organisation)s because of what people who left "
            "have said; never who said what."
        ),
    ),
    Purpose.DIRECTORY: (
        1,
        gettext_noop("Let former colleagues who also agreed find me by name and field of work."),
    ),
}
