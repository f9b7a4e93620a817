"""Is this installation sound? Each finding is a sentence with its remedy."""

import os
import stat
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.consent.documents import lacking
from perennial.consent.replay import differences
from perennial.departures.models import Answer
from perennial.departures.relation import offered_purposes
from perennial.intake.drop_folder import DONE, REFUSED, TAKEN, paths, place
from perennial.kernel.clock import now
from perennial.kernel.guards import missing_guards
from perennial.kernel.keys import fingerprints
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.operate.configuration import read_configuration
from perennial.people.models import EmailAddress, Person
from perennial.people.residence import document_languages_in_use
from perennial.privacy.journal import JournalDamagedError, entries
from perennial.privacy.models import Erasure
from perennial.programme.interests import standings
from perennial.programme.policy import refused_residences
from perennial.programme.queries import current, has_no_owner

HOURS_A_QUEUE_MAY_WAIT = 2


@dataclass(frozen=True)
class Finding:
    sentence: str
    ok: bool
    remedy: str = ""


def findings() -> list[Finding]:
    """All findings; those about the programme only once the tables are there."""
    migrated = _tables()
    found = [migrated, _keys(), _address(), *_watched()]
    if migrated.ok:
        found += [
            _guards(),
            _consents(),
            _journal(),
            _residence(),
            *_documents(),
            _programme(),
            _interests(),
            _coordinator(),
            _mail(),
            _queue(),
        ]
        found += [_data_key(), _fingerprint_key()]
    return found


def _tables() -> Finding:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        return Finding(
            f"The database lacks {missing} steps to this version.", False, "Run `perennial setup` or `perennial run`."
        )
    return Finding("The database is up to date.", True)


def _guards() -> Finding:
    missing = ", ".join(f"{name} on {table}" for name, table in missing_guards())
    if missing:
        return Finding(
            f"Tables that are only ever added to could be changed: the database lacks {missing}.",
            False,
            "Find out who took it away, and restore a backup into a fresh database, which has them all.",
        )
    return Finding("The ledger and the audit trail are only ever added to; the database refuses anything else.", True)


def _consents() -> Finding:
    """Whether what the door asks is what the ledger comes to: where they part, it can be replayed only up to there."""
    differing = {(each.person_key, each.purpose, each.channel) for each in differences()}
    if differing:
        people = len({person for person, _purpose, _channel in differing})
        return Finding(
            f"What {people} people agreed to cannot be told from the consent ledger alone: {len(differing)} agreements "
            "kept for the door say something else.",
            False,
            "The ledger is right; `perennial consents` names each. Find out who wrote into the tables, and have those "
            "people choose anew on their own page.",
        )
    return Finding("The consent ledger replayed comes to what is kept for the door.", True)


def _journal() -> Finding:
    """Whether an old backup that is put back would leave erased who was erased."""
    try:
        held = {entry.key for entry in entries()}
    except JournalDamagedError as damaged:
        return Finding(str(damaged), False, "Until then neither `run` nor `restore` begins.")
    missing = Erasure.objects.exclude(person_key__in=held).count()
    if missing:
        return Finding(
            f"The journal of erasures lacks {missing} of the erasures that the database knows.",
            False,
            "`perennial tick` writes them; where it keeps lacking them, see whether this user may write there.",
        )
    return Finding("The journal of erasures is whole.", True)


def _keys() -> Finding:
    path = read_configuration().data_dir / "keys.json"
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Finding(f"{path} can be read by others (mode {mode:o}).", False, f"chmod 600 {path}")
    return Finding("The keys are readable by this user only.", True)


def _address() -> Finding:
    configuration = read_configuration()
    if configuration.https or configuration.demo or "localhost" in configuration.base_url:
        return Finding(f"People reach it at {configuration.base_url}.", True)
    return Finding(
        f"{configuration.base_url} is not encrypted.",
        False,
        "Put a reverse proxy with TLS before it and set PERENNIAL_BASE_URL to its https address.",
    )


def _watched() -> list[Finding]:
    """The watched folder and those of sources below it, where there is one."""
    folder = read_configuration().watch_dir
    if folder is None:
        return []
    try:
        watched = paths(folder)
    except OSError:
        return [
            Finding(f"The watched folder {folder} cannot be read.", False, "Is it there, and may this user read it?")
        ]
    closed = [path for path in watched if not os.access(path, os.R_OK | os.W_OK | os.X_OK)]
    if closed:
        names = ", ".join(str(path) for path in closed)
        return [Finding(f"Lists cannot be taken in from {names}.", False, "Let this user read and write there.")]
    odd = [path for path in watched if not _is_usable(path, folder)]
    if odd:
        names = ", ".join(str(path) for path in odd)
        return [
            Finding(
                f"Lists in {names} are left alone: {TAKEN}, {DONE} or {REFUSED} there is a link, no folder, or not this"
                " user's.",
                False,
                "Find out who made it, and move it away; Perennial makes these folders itself.",
            )
        ]
    return [Finding(f"Lists that are dropped in {folder} can be taken in.", True)]


def _is_usable(path: Path, folder: Path) -> bool:
    try:
        with place(path, folder):
            return True
    except OSError:
        return False


def _residence() -> Finding:
    """Whose residents are taken in."""
    day = now().date()
    refused = refused_residences(on=day)
    if here := Person.objects.filter(country__in=refused).count():
        return Finding(
            f"{here} people on file live in a country where this installation does not stand.",
            False,
            "Look at their records; erase them, or declare where it stands by PERENNIAL_STANDS_IN.",
        )
    return Finding(
        f"Residents of {', '.join(sorted(refused)) or 'no country'} are refused; set PERENNIAL_STANDS_IN where the "
        "database stands there.",
        True,
    )


def _documents() -> list[Finding]:
    """Whether there is a document for each purpose that is offered, where somebody's country asks for one."""
    languages, programme = document_languages_in_use(on=now().date()), current()
    found = []
    for country, language in languages.items():
        if missing := lacking(purposes=offered_purposes(), language=language):
            found.append(
                Finding(
                    f"In {country} each purpose is agreed to by a document of its own, in {language}, and there is "
                    f"none for {', '.join(missing)}.",
                    False,
                    "Switch these purposes off under Programme until a version of Perennial has them.",
                )
            )
    if languages and not (programme.organisation.strip() and programme.postal_address.strip()):
        found.append(
            Finding(
                "The documents by which people agree name who processes their data, and the programme has no name or "
                "no postal address.",
                False,
                "A coordinator writes it down under Programme.",
            )
        )
    if languages and not found:
        found.append(Finding(f"Each purpose has its document, as {', '.join(languages)} asks.", True))
    return found


def _programme() -> Finding:
    if current().set_up_at is None:
        return Finding("The programme is not set up.", False, "Run `perennial setup`, or `perennial run` for the page.")
    return Finding("The programme is set up.", True)


def _interests() -> Finding:
    """What rests on legitimate interest (GDPR 6(1)(f)) without a record of why it may be."""
    open_ones = [each.processing for each in standings(on=now().date()) if not each.stands]
    if open_ones:
        return Finding(
            f"Nobody has written down why these may be done on legitimate interest: {', '.join(open_ones)}.",
            False,
            "A coordinator does so under Programme, Register, Legitimate interest.",
        )
    return Finding("Whatever rests on legitimate interest has a record of why it may be.", True)


def _coordinator() -> Finding:
    if has_no_owner(current()):
        return Finding("The programme has no owner.", False, "Name one on the Programme page.")
    if not User.objects.filter(role=Role.COORDINATOR, is_active=True).exists():
        return Finding(
            "No coordinator can sign in yet.", False, "Choose a password by the link that `perennial setup` printed."
        )
    return Finding("The programme has an owner, and a coordinator who can sign in.", True)


def _mail() -> Finding:
    if not settings.PERENNIAL_MAIL_SERVER.keeps:
        return Finding(f"Mail goes out by {settings.PERENNIAL_MAIL_SERVER.host}.", True)
    if settings.PERENNIAL_DEMO:
        return Finding("Mail is kept, as it should be in the demo.", True)
    return Finding(
        "No mail server is set: mail is kept and never sent.",
        False,
        "Set PERENNIAL_EMAIL_URL, like smtp://user:password@host:587?starttls=1.",
    )


def _queue() -> Finding:
    late = now() - timedelta(hours=HOURS_A_QUEUE_MAY_WAIT)
    waiting = Message.objects.filter(state=MessageState.QUEUED, not_before__lt=late).count()
    if waiting:
        return Finding(
            f"{waiting} messages have waited for more than {HOURS_A_QUEUE_MAY_WAIT} hours.",
            False,
            "Is the worker running (`perennial run`)? Does the mail server answer? See the Outbox page.",
        )
    return Finding("No mail is stuck.", True)


def _data_key() -> Finding:
    try:
        Answer.objects.exclude(text="").order_by("-pk").values_list("text", flat=True).first()
    except InvalidToken:
        return Finding(
            "Encrypted texts cannot be read with the keys at hand.", False, "Put back keys.json from your backup."
        )
    return Finding("Encrypted texts can be read.", True)


def _fingerprint_key() -> Finding:
    known = EmailAddress.objects.order_by("-pk").values_list("address", "fingerprint").first()
    if known is not None and known[1] not in fingerprints(known[0]):
        return Finding(
            "Addresses are not recognised by the fingerprints on file, so nobody stays erased or suppressed.",
            False,
            "Put back keys.json from your backup.",
        )
    return Finding("Addresses are recognised by their fingerprints.", True)
