"""How data is kept safe, for the register: what holds, by the rows of docs/security.md that show it.

A measure stands here only while every row it names is met; a test reads the table. That texts are encrypted has no row
there: the models say it, and the same test looks at them.
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Measure(NamedTuple):
    sentence: str | Promise
    rows: tuple[int, ...]


MEASURES: tuple[Measure, ...] = (
    Measure(_("Every page declares who may open it; one that declares nothing opens for nobody."), (1, 3)),
    Measure(
        _("What single leavers answered is behind a wall: one role alone reads it, and that is written down."), (2,)
    ),
    Measure(_("Colleagues sign in with a second factor; passwords are kept by a memory-hard hash."), (7, 8, 11)),
    Measure(_("Guessing is slowed down, and nobody learns who has an account."), (12, 13, 14)),
    Measure(_("Sessions end by themselves, and at once when an account is closed or a role is lost."), (6, 18, 19, 20)),
    Measure(
        _("Links in letters are random, of one purpose each, and kept out of logs and other sites."), (22, 23, 24, 25)
    ),
    Measure(_("Free text of exit talks and decisions is encrypted where it lies, under a key of its own."), ()),
    Measure(_("What is read from files, forms and letters is data, never a command."), (30, 31, 32, 33, 34, 35, 36)),
    Measure(_("Browsers keep no page, load nothing from elsewhere, and tell no other site."), (26, 27, 28, 29)),
    Measure(_("The agreements and the audit trail are only ever added to; the database refuses anything else."), (43,)),
    Measure(_("Nothing is sent where it cannot be asked whether it may be."), (44,)),
    Measure(_("Of what the software is made is listed with versions and hashes."), (45,)),
)
