"""What is held of contact with people, of what keeps it from them, and of those who must not be taken in again."""

from django.utils.translation import gettext_lazy as _

from perennial.kernel.privacy import By, Erased, Held, Privacy

HELD = (
    Held(
        model="contact.touch",
        about="person",
        fields={
            Privacy.HISTORY: "at direction kind channel purpose intent summary",
            Privacy.RECORD: "origin",
            Privacy.KEY: "id person",
        },
        erased=Erased.WITH_PERSON,
        why="The history of contact in both directions: how often, what for, who gave and who asked.",
        title=_("Contact between us"),
    ),
    Held(
        model="contact.restriction",
        about="person",
        fields={
            Privacy.JUDGEMENT: "kind purpose reason starts_on ends_on review_on",
            Privacy.RECORD: "created_at lifted_at",
            Privacy.COLLEAGUE: "by owner",
            Privacy.KEY: "id person",
        },
        erased=Erased.WITH_PERSON,
        why="What keeps us from writing to somebody, in coded reasons, until when, and who looks at it again.",
        title=_("What keeps us from writing to you, and why"),
    ),
    Held(
        model="contact.suppression",
        about="fingerprint",
        by=By.MARKS,
        fields={Privacy.RECORD: "scope reason since", Privacy.KEY: "id fingerprint"},
        erased=Erased.KEPT,
        why="Keyed fingerprints of addresses we do not write to, and of erased people we do not take in again.",
        title=_("Fingerprints that keep us from writing to you"),
        rule=_(
            "To keep somebody erased and unwritten to (Art. 17(3)(b), 21(3) GDPR): keyed fingerprints, used for that"
            " alone."
        ),
    ),
)
