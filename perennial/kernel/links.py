"""The paths that stand in mails and on paper.

The sites' urls use the same table, so nobody below a site reverses a URL.
"""

from urllib.parse import urlsplit

from django.conf import settings

from perennial.kernel.tokens import LinkPurpose, code, sign

# One path for each purpose; `<token>` is where the token goes.
PATHS: dict[LinkPurpose, str] = {
    LinkPurpose.LEAVER: "leaver/<token>/",
    # The same page, for whoever types the address from paper.
    LinkPurpose.LEAVER_TYPED: "l/<token>/",
    LinkPurpose.CONFIRM: "confirm/<token>/",
    # From the address on file: a new one is theirs too.
    LinkPurpose.VOUCH: "vouch/<token>/",
    LinkPurpose.PREFERENCES: "preferences/<token>/",
    # To somebody's own page; opens nothing without the code that is mailed then.
    LinkPurpose.OWN: "own/<token>/",
    LinkPurpose.UNSUBSCRIBE: "unsubscribe/<token>/",
    # Of the manager of somebody who leaves: their own steps of the farewell.
    LinkPurpose.MANAGER: "manager/<token>/",
    LinkPurpose.INVITE: "welcome/<token>/",
    LinkPurpose.SET_UP: "set-up/<token>/",
}


def route(purpose: LinkPurpose) -> str:
    """The path as a Django route."""
    return PATHS[purpose].replace("<token>", "<str:token>")


def path_to(*, purpose: LinkPurpose, row: int, random: str) -> str:
    """The path of a signed link, beginning with a slash. Secret: whoever has it may open the page."""
    return "/" + PATHS[purpose].replace("<token>", sign(purpose=purpose, row=row, random=random))


def typed_path_to(*, purpose: LinkPurpose, row: int, random: str) -> str:
    """The path of a link that can be typed, beginning with a slash. As secret as the other."""
    return "/" + PATHS[purpose].replace("<token>", code(purpose=purpose, row=row, random=random)).rstrip("/")


def absolute(path: str) -> str:
    """`path` with the address of this installation before it."""
    return f"{settings.BASE_URL}{path}"


def host() -> str:
    """The name of this installation, as it stands in its address."""
    return urlsplit(settings.BASE_URL).hostname or "localhost"
