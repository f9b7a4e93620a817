"""What the audit trail holds of people: keys, codes and counts."""

from django.utils.translation import gettext_lazy as _

from perennial.kernel.privacy import By, Erased, Held, Privacy

HELD = (
    Held(
        model="audit.event",
        about="subject_key",
        by=By.KEY,
        where={"subject_kind": "person"},
        fields={
            Privacy.RECORD: "at once_on",
            Privacy.HISTORY: "deed details",
            Privacy.COLLEAGUE: "by",
            Privacy.KEY: "id subject_kind subject_key",
        },
        erased=Erased.KEPT,
        why="Who did what, and when: codes and counts without a personal word, never changed and never deleted.",
        title=_("What was done with your data, and by whom"),
        rule=_("Accountability (Art. 5(2) GDPR): what was done is shown by codes that name nobody."),
    ),
)
