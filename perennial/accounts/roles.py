"""Roles as code: what each may do, with the sentence that says so to a human."""

from enum import Enum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(Enum):
    """What a view may ask for. Each view declares exactly one."""

    SEE_TODAY = "see today"
    SEE_PEOPLE = "see people"
    EDIT_PEOPLE = "edit people"
    ERASE_PEOPLE = "erase people"
    IMPORT = "import people"
    SEE_DEPARTURES = "see departures"
    INVITE_LEAVERS = "invite leavers"
    PLAN_CONVERSATIONS = "plan exit conversations"
    READ_EXIT_ANSWERS = "read exit answers"
    PROPOSE_DECISIONS = "propose decisions about people"
    APPROVE_DECISIONS = "approve decisions about people"
    WRITE_TO_PEOPLE = "write to people"
    NOTE_CONTACT = "note contact"
    SEE_FIGURES = "see figures"
    KEEP_STRUCTURE = "keep departments and places"
    RUN_PROGRAMME = "run the programme"
    MANAGE_TEAM = "manage the team"
    SEE_OUTBOX = "see the outbox"
    HANDLE_RIGHTS = "answer requests about personal data"
    KEEP_POLICY = "keep retention, holds and country policy"
    SEE_AUDIT = "search the audit trail"
    OWN_ACCOUNT = "own account"


class Role(TextChoices):
    COORDINATOR = "coordinator", _("Coordinator")
    HR = "hr", _("HR")
    EXIT_INTERVIEWER = "exit_interviewer", _("Exit interviewer")
    RECRUITER = "recruiter", _("Recruiter")
    EDITOR = "editor", _("Editor")
    HOST = "host", _("Host")
    LEADERSHIP = "leadership", _("Leadership")
    MEMBER = "member", _("Member")


ROLE_SENTENCES: dict[Role, str | Promise] = {
    Role.COORDINATOR: _(
        "Runs the programme: people, letters, figures, settings, the team, the audit trail; never reads exit answers."
    ),
    Role.HR: _(
        "Keeps the records: imports, corrects, erases; departments and places; opens departures and invites leavers; "
        "answers what people ask about their data."
    ),
    Role.EXIT_INTERVIEWER: _(
        "Sees departures, leads exit conversations, and alone reads what single leavers answer and what was noted of "
        "the talk; each opening is written down. Sees no figures."
    ),
    Role.RECRUITER: _("Sees people and notes calls and meetings; never sees why somebody left."),
    Role.EDITOR: _("Writes to people, after the door said yes."),
    Role.HOST: _("Sees the people of their chapters, to welcome them, and notes calls and meetings."),
    Role.LEADERSHIP: _("Sees figures, never a single person."),
    Role.MEMBER: _("Has an account and sees only that."),
}

_EVERYBODY = frozenset({Permission.OWN_ACCOUNT})
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    # The wall between exit answers and the rest.
    Role.COORDINATOR: frozenset(Permission) - {Permission.READ_EXIT_ANSWERS},
    Role.HR: _EVERYBODY
    | {
        Permission.SEE_TODAY,
        Permission.SEE_PEOPLE,
        Permission.EDIT_PEOPLE,
        Permission.ERASE_PEOPLE,
        Permission.IMPORT,
        Permission.SEE_DEPARTURES,
        Permission.INVITE_LEAVERS,
        Permission.PLAN_CONVERSATIONS,
        Permission.PROPOSE_DECISIONS,
        Permission.APPROVE_DECISIONS,
        Permission.NOTE_CONTACT,
        Permission.SEE_FIGURES,
        Permission.KEEP_STRUCTURE,
        Permission.HANDLE_RIGHTS,
    },
    Role.EXIT_INTERVIEWER: _EVERYBODY
    | {
        Permission.SEE_TODAY,
        Permission.SEE_PEOPLE,
        Permission.SEE_DEPARTURES,
        Permission.PLAN_CONVERSATIONS,
        Permission.READ_EXIT_ANSWERS,
    },
    Role.RECRUITER: _EVERYBODY | {Permission.SEE_TODAY, Permission.SEE_PEOPLE, Permission.NOTE_CONTACT},
    Role.EDITOR: _EVERYBODY
    | {Permission.SEE_TODAY, Permission.SEE_PEOPLE, Permission.WRITE_TO_PEOPLE, Permission.NOTE_CONTACT},
    Role.HOST: _EVERYBODY | {Permission.SEE_TODAY, Permission.SEE_PEOPLE, Permission.NOTE_CONTACT},
    Role.LEADERSHIP: _EVERYBODY | {Permission.SEE_FIGURES},
    Role.MEMBER: _EVERYBODY,
}

# Those who see only the people of their chapters (people.queries.visible_to); everybody else who sees people sees all.
CHAPTER_ROLES = frozenset({Role.HOST})


def may(role: str, permission: Permission) -> bool:
    """Whether `role` holds `permission`; an unknown role holds none."""
    return role in Role.values and permission in PERMISSIONS[Role(role)]
