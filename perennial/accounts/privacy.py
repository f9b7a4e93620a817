"""What is held of colleagues who work with Perennial. None of it is about people on file."""

from perennial.kernel.privacy import Erased, Held, Privacy

HELD = (
    Held(
        model="accounts.user",
        fields={
            Privacy.IDENTITY: "name",
            Privacy.CONTACT: "email",
            Privacy.RECORD: "role language is_active created_at last_login invite_expires_at away_from away_until",
            Privacy.SECRET: "password invite_random",
            Privacy.KEY: "id sessions_version",
        },
        erased=Erased.NOT_THEIRS,
        why="A colleague's account: who may do what, and who answers for it.",
    ),
    Held(
        model="accounts.session",
        fields={
            Privacy.SECRET: "session_key session_data",
            Privacy.RECORD: "device started_at seen_at",
            Privacy.COLLEAGUE: "user",
            Privacy.NONE: "expire_date",
        },
        erased=Erased.NOT_THEIRS,
        why="Who is signed in, on what browser and system, for twelve hours at most; no address. Alumni and leavers"
        " have no sessions.",
    ),
)
