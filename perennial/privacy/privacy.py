"""What this room itself holds: that somebody was erased."""

from django.utils.translation import gettext_lazy as _

from perennial.kernel.privacy import Erased, Held, Privacy

HELD = (
    Held(
        model="privacy.erasure",
        fields={
            Privacy.RECORD: "at kept settled_at",
            Privacy.COLLEAGUE: "by",
            Privacy.KEY: "id person_key marks",
        },
        erased=Erased.KEPT,
        why="That an erasure was carried out, so that it is carried out again after an old backup was put back: a key,"
        " keyed fingerprints and counts.",
        rule=_("To keep somebody erased after a backup was put back (Art. 17, 32 GDPR): a key and keyed fingerprints."),
    ),
)
