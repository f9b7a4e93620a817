"""What a telling says until somebody writes it: a beginning in the language of those who read it."""

from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext

from perennial.departures.models import ThemeAction
from perennial.mail.compose import in_letter, words


def starting_text(
    *, actions: Sequence[ThemeAction], language: str, organisation: str, sender: str = ""
) -> dict[str, str]:
    """Subject and body: what was said, what was done, action by action. Themes and actions stand as they were noted."""
    with translation.override(language):
        said = [
            gettext("You told us: %(theme)s.\nWhat we did: %(action)s.")
            % {"theme": in_letter(each.theme.name).rstrip("."), "action": in_letter(each.text).rstrip(".")}
            for each in actions
        ]
        told = [
            gettext("Hello,"),
            gettext(
                "people who left %(organisation)s told us what could be better. You wanted to hear what came of it. "
                "This letter goes to everybody who did, and nobody's answers are told in it."
            )
            % {"organisation": in_letter(organisation)},
            *said,
            gettext("Thank you to everybody who told us. If you like, just answer this letter."),
        ]
        return words(
            subject=gettext("You said, we did"), body="\n\n".join([*told, *([in_letter(sender)] if sender else [])])
        )
