"""Who may open which route, written out by hand, one line each; `test_access.py` walks the URLconf against it.

The letters are roles: C coordinator, H HR, X exit interviewer, R recruiter, E editor, T host, L leadership, M member.
PUBLIC opens without an account.
"""

from perennial.accounts.roles import Role

LETTERS = {
    "C": Role.COORDINATOR,
    "H": Role.HR,
    "X": Role.EXIT_INTERVIEWER,
    "R": Role.RECRUITER,
    "E": Role.EDITOR,
    "T": Role.HOST,
    "L": Role.LEADERSHIP,
    "M": Role.MEMBER,
}
ALL = "CHXRETLM"
PUBLIC = "public"

ROUTES: dict[str, str] = {
    # Sign-in pages.
    "account/confirm/": ALL,
    "account/password/change/": ALL,
    "account/password/reset/": PUBLIC,
    "account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/": PUBLIC,
    "account/password/reset/key/done/": PUBLIC,
    "account/password/reset/sent/": PUBLIC,
    "account/password/set/": ALL,
    "account/security/": ALL,
    "account/security/app/": ALL,
    "account/security/app/remove/": ALL,
    "account/security/confirm/": ALL,
    "account/security/passkeys/": ALL,
    "account/security/passkeys/<int:pk>/remove/": ALL,
    "account/security/passkeys/<int:pk>/rename/": ALL,
    "account/security/passkeys/confirm/": ALL,
    "account/security/passkeys/new/": ALL,
    "account/security/recovery-codes/": ALL,
    "account/security/recovery-codes/download/": ALL,
    "account/security/recovery-codes/new/": ALL,
    "account/sign-in/": PUBLIC,
    "account/sign-in/code/": PUBLIC,
    "account/sign-in/code/confirm/": PUBLIC,
    "account/sign-in/passkey/": PUBLIC,
    "account/sign-in/second-factor/": PUBLIC,
    "account/sign-out/": PUBLIC,
    # Desk.
    "": "CHXRET",
    "departures/": "CHX",
    "departures/<str:key>/": "CHX",
    "departures/<str:key>/handed-over/": "CH",
    "departures/<str:key>/invite/": "CH",
    "departures/<str:key>/last-day/": "CH",
    "departures/<str:key>/sheet/": "CH",
    "departures/<str:key>/stays/": "CH",
    "departures/<str:key>/take-back/": "CH",
    "figures/": "CHL",
    "health/": PUBLIC,
    "import/": "CH",
    "import/<str:key>/": "CH",
    "import/<str:key>/apply/": "CH",
    "import/<str:key>/cancel/": "CH",
    "import/<str:key>/columns/": "CH",
    "import/<str:key>/file/": "CH",
    "import/<str:key>/progress/": "CH",
    "import/<str:key>/rejected/": "CH",
    "import/<str:key>/resume/": "CH",
    "import/template/<str:name>": "CH",
    "import/upload/": "CH",
    "letters/": "CE",
    "letters/<int:message_id>/": "CE",
    "letters/<int:message_id>/aside/": "CE",
    "letters/<int:message_id>/take-back/": "CE",
    "letters/passed-over/": "CE",
    "outbox/": "C",
    "outbox/<int:message_id>/": "C",
    "outbox/<int:message_id>/retry/": "C",
    "people/": "CHXRET",
    "people/<str:key>/": "CHXRET",
    "people/<str:key>/addresses/new/": "CH",
    "people/<str:key>/correct/": "CH",
    "people/<str:key>/erase/": "CH",
    "people/<str:key>/restrictions/<int:restriction_id>/lift/": "CH",
    "people/<str:key>/restrictions/new/": "CH",
    "people/<str:key>/stints/<int:stint_id>/": "CH",
    "people/<str:key>/stints/new/": "CH",
    "people/<str:key>/why/": "CHXRET",
    "people/new/": "CH",
    "programme/": "C",
    "programme/owner/": "C",
    "programme/stage/": "C",
    "programme/test-mail/": "C",
    "team/": "C",
    "team/<int:pk>/": "C",
    "team/<int:pk>/disable/": "C",
    "team/<int:pk>/enable/": "C",
    "team/<int:pk>/invite-again/": "C",
    "team/<int:pk>/role/": "C",
    "team/<int:pk>/second-factor/": "C",
    "team/invite/": "C",
    # Portal.
    "privacy/": PUBLIC,
    # Signed links.
    "confirm/<str:token>/": PUBLIC,
    "leaver/<str:token>/": PUBLIC,
    "preferences/<str:token>/": PUBLIC,
    "set-up/<str:token>/": PUBLIC,
    "unsubscribe/<str:token>/": PUBLIC,
    "welcome/<str:token>/": PUBLIC,
}

# Public routes that answer an unknown token with a page of their own and 200, each with the reason.
EXPLAIN_THEMSELVES: dict[str, str] = {
    "account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/": "allauth says on it that the link has expired",
}
