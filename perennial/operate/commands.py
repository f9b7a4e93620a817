"""What the commands of `perennial` do, one function each. Every answer exists in words and as JSON."""

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from perennial.kernel.clock import now
from perennial.kernel.links import absolute
from perennial.kernel.purposes import Channel, Purpose
from perennial.kernel.text import one_line
from perennial.operate.exits import DONE, REFUSED, WITH_REJECTS, RefusedError
from perennial.programme.models import Programme, Topic
from perennial.programme.queries import current

BY = "command"
NOON = time(12)


def setup(asked: argparse.Namespace) -> int:
    """Fills in the programme; the coordinator chooses a password by the link that is printed."""
    from perennial.accounts.actions import AddressTakenError, invitation_path
    from perennial.operate.supervisor import prepare_database
    from perennial.programme.actions import AlreadySetUpError, set_up
    from perennial.programme.enums import Aim

    _check_setup(asked)
    prepare_database()
    try:
        programme = set_up(
            organisation=asked.organisation,
            postal_address=asked.postal_address,
            privacy_notice="",
            language=asked.language,
            time_zone=asked.time_zone,
            coordinator_name=asked.coordinator_name,
            coordinator_email=asked.coordinator_email,
            password=None,
            # Three is a good start; all of them at once is not.
            aims=asked.aim or [Aim.AMBASSADORS, Aim.REFERRALS, Aim.FEEDBACK],
            stage=asked.stage,
            by=BY,
            now=now(),
        )
    except AlreadySetUpError as error:
        raise RefusedError("This installation is set up already; change it on the Programme page.") from error
    except AddressTakenError as error:
        raise RefusedError(f"Somebody has an account with {asked.coordinator_email} already.") from error
    if programme.owner is None:
        raise RefusedError("The coordinator's account could not be made.")
    link = absolute(invitation_path(programme.owner))
    answer = {
        "organisation": programme.organisation,
        "coordinator": programme.owner.email,
        "stage": programme.stage,
        "sign_in_link": link,
    }
    words = [
        f"{programme.organisation} is set up, in stage '{programme.stage}'.",
        f"{programme.owner.name} chooses a password here, once:",
        f"  {link}",
    ]
    return _answer(asked, answer, words)


def _check_setup(asked: argparse.Namespace) -> None:
    """Refuses what the set-up page would refuse."""
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    try:
        validate_email(asked.coordinator_email.strip())
    except ValidationError as error:
        raise RefusedError(
            f"--coordinator-email is {asked.coordinator_email!r}; expected an e-mail address."
        ) from error
    if asked.time_zone not in available_timezones():
        raise RefusedError(f"--time-zone is {asked.time_zone!r}; expected a name like Europe/Amsterdam.")
    for name, longest in (("organisation", 200), ("coordinator_name", 200)):
        length = len(one_line(getattr(asked, name)))
        if not 1 <= length <= longest:
            raise RefusedError(f"--{name.replace('_', '-')} needs 1 to {longest} characters.")


def check(asked: argparse.Namespace) -> int:
    """Every finding with its remedy; 2 when something must be mended."""
    from perennial.operate.soundness import findings

    found = findings()
    words = [
        f"{'ok  ' if finding.ok else 'MEND'} {finding.sentence}" + (f" {finding.remedy}" if not finding.ok else "")
        for finding in found
    ]
    answer = [{"finding": each.sentence, "ok": each.ok, "remedy": each.remedy} for each in found]
    _answer(asked, answer, words)
    return DONE if all(finding.ok for finding in found) else REFUSED


def backup(asked: argparse.Namespace) -> int:
    from perennial.operate.backup import write_backup

    _ready()
    if asked.file.exists() and not asked.replace:
        raise RefusedError(f"{asked.file} is there already; name another file, or say --replace to write over it.")
    try:
        counts = write_backup(asked.file)
    except OSError as error:
        raise RefusedError(f"{asked.file} cannot be written ({error.strerror}).") from error
    return _answer(asked, counts, [f"{counts['rows']} rows and the keys are in {asked.file}; keep it safe."])


def restore(asked: argparse.Namespace) -> int:
    from perennial.operate.backup import BackupUnusableError, read_backup
    from perennial.operate.supervisor import prepare_database
    from perennial.privacy.journal import JournalDamagedError, entries
    from perennial.privacy.replaying import replay

    prepare_database()
    try:
        # Before anything is written: without it nobody can say who must not come back.
        entries()
        counts = read_backup(asked.file)
        _use_keys_put_back()
        erased = replay(thoroughly=True, now=now())
    except (BackupUnusableError, JournalDamagedError) as error:
        raise RefusedError(str(error)) from error
    words = [f"{counts['rows']} rows are back, and the keys with them."]
    if erased:
        words.append(f"{erased} people who were erased since this backup was made are erased again.")
    return _answer(asked, {**counts, "erased_again": erased}, words)


def _use_keys_put_back() -> None:
    """What was read on start are the keys from before: under them the texts that are back could not be read."""
    from perennial.operate.configuration import read_configuration

    keys = read_configuration().keys
    settings.PERENNIAL_DATA_KEYS, settings.PERENNIAL_FINGERPRINT_KEYS = keys.data, keys.fingerprint


def data_copy(asked: argparse.Namespace) -> int:
    """Everything about one person, exit answers too: whoever runs this command owns the database anyway."""
    import os

    from perennial.people.models import Person
    from perennial.privacy.copying import write_copy

    _ready()
    person = Person.objects.filter(key=asked.person).first()
    if person is None:
        raise RefusedError(f"Nobody on file has the key {asked.person!r}; it stands in the address of their page.")
    try:
        handle = os.open(asked.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise RefusedError(f"{asked.file} is there already; name another file.") from error
    except OSError as error:
        raise RefusedError(f"{asked.file} cannot be written ({error.strerror}).") from error
    try:
        with os.fdopen(handle, "wb") as file:
            rows = write_copy(person=person, to=file, behind_the_wall=True, by=BY, now=now())
    except OSError as error:
        asked.file.unlink(missing_ok=True)
        raise RefusedError(f"{asked.file} cannot be written ({error.strerror}).") from error
    return _answer(asked, {"rows": rows}, [f"{rows} rows are in {asked.file}, for the person alone."])


def leftovers(asked: argparse.Namespace) -> int:
    """What is kept of somebody, by rule; before an erasure what would be."""
    from perennial.people.models import Person
    from perennial.privacy.leftovers import what_stayed, would_stay
    from perennial.privacy.models import Erasure

    _ready()
    erasure = Erasure.objects.filter(person_key=asked.person).first()
    person = Person.objects.filter(key=asked.person).first()
    if person is not None:
        found = would_stay(person=person)
    elif erasure is not None:
        found = what_stayed(erasure=erasure)
    else:
        raise RefusedError(f"Nobody with the key {asked.person!r} is on file, or was erased.")
    told = [{"kind": each.code, "count": each.count, "what": str(each.what), "rule": str(each.rule)} for each in found]
    words = [f"{'-' if each.count is None else each.count:>4}  {each.what}: {each.rule}" for each in found]
    return _answer(asked, {"erased": person is None, "kept": told}, words)


def import_file(asked: argparse.Namespace) -> int:
    """Takes in a file; rejected rows go to a file of their own, with the reason in words."""
    from perennial.intake.at_once import run_import
    from perennial.intake.enums import EmptyCells, Mode
    from perennial.intake.receiving import FileRefusedError

    if (asked.file is None) == (asked.undo is None):
        raise RefusedError("Name a file to take in, or an import to take back with --undo.")
    _ready()
    if asked.undo is not None:
        return _undo_import(asked)
    try:
        result = run_import(
            path=asked.file,
            source=asked.source,
            apply=asked.apply,
            date_order=asked.date_order,
            mode=Mode(asked.mode),
            empty_cells=EmptyCells(asked.empty),
            by=BY,
            now=now(),
        )
    except FileRefusedError as error:
        raise RefusedError(str(error)) from error
    answer = {
        "rows": result.rows,
        "created": result.created,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "rejected": result.rejected,
        "departures": result.departures,
        "errors_file": result.errors_file,
        "columns_left_out": list(result.columns_left_out),
        "key": result.key,
    }
    verb = "" if asked.apply else "would be "
    words = [
        f"{result.rows} rows: {result.created} {verb}new, {result.updated} {verb}changed, "
        f"{result.unchanged} unchanged, {result.rejected} rejected; {result.departures} departures {verb}opened."
    ]
    if result.left_alone:
        words.append(f"{result.left_alone} of the unchanged {verb}left alone, because the mode is '{asked.mode}'.")
    if result.columns_left_out:
        names = ", ".join(f"'{one_line(name)[:60]}'" for name in result.columns_left_out)
        words.append(f"Columns that were not known and are left out: {names}. On the desk you can say what they mean.")
    if result.errors_file:
        words.append(f"The rejected rows stand in {result.errors_file}, each with its reason.")
    if not asked.apply:
        words.append("Nothing was written. Say --apply to write the good rows.")
    elif result.created or result.updated:
        words.append(f"For 30 days `perennial import --undo {result.key}` takes it back.")
    _answer(asked, answer, words)
    return WITH_REJECTS if result.rejected else DONE


def _undo_import(asked: argparse.Namespace) -> int:
    """Takes an import back as far as nothing depends on it; what stays is said."""
    from perennial.intake.at_once import UnknownImportError, run_undo
    from perennial.intake.enums import ImportState
    from perennial.intake.steps import NotNowError
    from perennial.intake.undo_queries import last_undoable, undo_result

    key = last_undoable(now=now()) if asked.undo == "last" else asked.undo
    try:
        run = run_undo(key=key, by=BY, now=now())
    except UnknownImportError as error:
        raise RefusedError(f"There is no import {asked.undo!r} to take back.") from error
    except NotNowError as error:
        raise RefusedError("It wrote nothing, is not over, is undone already, or is older than 30 days.") from error
    if run.state != ImportState.UNDONE:
        raise RefusedError(run.failure)
    told = undo_result(run)
    taken = told.taken
    answer = {"key": run.key, "file": run.file_name, **asdict(taken), "stays": told.sentences}
    words = [
        f"{run.file_name} is undone: {taken.people} people, {taken.stints} periods, {taken.addresses} addresses and "
        f"{taken.departures} departures are gone, {taken.values} fields have their former value again.",
        *told.sentences,
    ]
    return _answer(asked, answer, words)


def tick(asked: argparse.Namespace) -> int:
    import os
    import socket

    from perennial.operate.tick import tick as do_what_is_due

    programme = _ready()
    at = now()
    if asked.at:
        if not settings.PERENNIAL_TIME_TRAVEL or not settings.PERENNIAL_MAIL_SERVER.keeps:
            raise RefusedError(
                "--at is for trying out: set PERENNIAL_TIME_TRAVEL=1 and let mail be kept (no PERENNIAL_EMAIL_URL)."
            )
        at = _moment(asked.at, programme)
    report = do_what_is_due(now=at, worker=f"{socket.gethostname()}:{os.getpid()}")
    skipped = dict(sorted(report.skipped.items()))
    answer = {"drafted": report.drafted, "queued": report.queued, "sent": report.sent, "skipped": skipped}
    told = ", ".join(f"{count} by '{rule}'" for rule, count in skipped.items()) or "none"
    return _answer(
        asked,
        answer,
        [f"{report.drafted} drafted, {report.queued} queued for later, {report.sent} sent; skipped: {told}."],
    )


def drafts(asked: argparse.Namespace) -> int:
    from perennial.mail.enums import MessageState
    from perennial.mail.models import Message
    from perennial.mail.queue import approve

    programme = _ready()
    waiting = Message.objects.filter(state=MessageState.DRAFT).select_related("mailing", "person").order_by("pk")
    if asked.approve:
        approved = approve(
            message_ids=list(waiting.values_list("pk", flat=True)),
            by=BY,
            now=now(),
            sender_name=programme.owner.name if programme.owner else "",
            reply_to=programme.owner.email if programme.owner else "",
        )
        return _answer(asked, {"approved": approved}, [f"{approved} letters go out with the next tick."])
    answer = []
    for message in waiting:
        content = message.mailing.contents.get(message.language, {})
        answer.append(
            {
                "id": message.pk,
                "to": message.recipient_name,
                "subject": content.get("subject", ""),
                "text": content.get("body", ""),
                "language": message.language,
                "purpose": message.mailing.purpose,
                "origin": message.mailing.origin,
            }
        )
    words = [f"{each['id']}  {each['to']}: {each['subject']} ({each['origin']})" for each in answer]
    return _answer(asked, answer, words or ["No letter waits to be looked at."])


def outbox(asked: argparse.Namespace) -> int:
    """Kept mail as it would have been sent, links and all: whoever runs this command owns the database anyway."""
    from perennial.mail.queries import outbox as kept
    from perennial.mail.render import render

    _ready()
    if not settings.PERENNIAL_MAIL_SERVER.keeps:
        raise RefusedError("Mail is sent here, not kept; the outbox is for installations without PERENNIAL_EMAIL_URL.")
    answer: list[dict[str, Any]] = []
    for message in kept().order_by("at", "pk"):
        rendered = render(message, reveal=True)
        answer.append(
            {
                "to": rendered.to,
                "from": rendered.from_,
                "reply_to": rendered.reply_to,
                "subject": rendered.subject,
                "text": rendered.text,
                "html": rendered.html,
                "headers": rendered.headers,
                "purpose": message.mailing.purpose,
                "state": message.state,
                "at": message.at.isoformat(),
            }
        )
    words = [f"{each['at'][:16]}  {each['state']:9}  {each['to']}: {each['subject']}" for each in answer]
    return _answer(asked, answer, words or ["The outbox is empty."])


def _topic(named: str, purpose: str) -> Topic:
    """The topic of `purpose` that is called this in one of its languages."""
    from perennial.programme.topics import all_topics

    ours = list(all_topics().filter(purpose=purpose))
    wished = named.strip().casefold()
    # A name may be free again since its topic was retired: what is written about now comes first.
    for topic in sorted(ours, key=lambda each: each.retired_at is not None):
        if wished in {str(name).casefold() for name in topic.names.values()}:
            return topic
    if not ours:
        raise RefusedError(f"The purpose {purpose!r} has no topics.")
    raise RefusedError(f"The topic {named!r} is not known; it is one of {', '.join(map(str, ours))}.")


def explain(asked: argparse.Namespace) -> int:
    from perennial.contact.door import explain as ask_the_door
    from perennial.people.models import Person

    programme = _ready()
    if asked.purpose not in Purpose.values:
        raise RefusedError(f"The purpose {asked.purpose!r} is not known; it is one of {', '.join(Purpose.values)}.")
    if asked.channel not in Channel.values:
        raise RefusedError(f"The channel {asked.channel!r} is not known; it is one of {', '.join(Channel.values)}.")
    people = list(Person.objects.filter(addresses__address=asked.email.strip().lower()).distinct()[:2])
    if not people:
        raise RefusedError("Nobody with this address is on file.")
    if len(people) > 1:
        raise RefusedError("More than one person has this address; ask on the person's page.")
    at = _moment(asked.at, programme) if asked.at else now()
    told = ask_the_door(
        person=people[0],
        purpose=Purpose(asked.purpose),
        channel=Channel(asked.channel),
        now=at,
        topic=_topic(asked.topic, asked.purpose) if asked.topic else None,
    )
    answer = {
        "verdict": str(told.verdict),
        "rule": told.rule,
        "until": told.until.isoformat() if told.until else None,
        "rules": [{"rule": rule.rule, "passed": rule.passed, "sentence": str(rule.sentence)} for rule in told.rules],
    }
    zone = ZoneInfo(programme.time_zone)
    until = f" until {told.until.astimezone(zone):%Y-%m-%d %H:%M} ({programme.time_zone})" if told.until else ""
    words = [f"{told.verdict}{until}" + (f", because of '{told.rule}'" if told.rule else "")]
    words += [f"  {'pass' if rule.passed else 'FAIL'}  {rule.rule:12} {rule.sentence}" for rule in told.rules]
    return _answer(asked, answer, words)


def consents(asked: argparse.Namespace) -> int:
    """The ledger replayed, against what is kept as agreed or to a moment. 1 where they differ: the ledger is right."""
    from perennial.consent.replay import differences, state_at

    programme = _ready()
    if asked.at:
        held = Counter(state_at(_moment(asked.at, programme)).order_by().values_list("purpose", "channel"))
        rows = [{"purpose": what, "channel": way, "people": count} for (what, way), count in sorted(held.items())]
        words = [f"{row['people']:8} {row['purpose']} by {row['channel']}" for row in rows]
        return _answer(asked, rows, words or ["Nobody had agreed to anything then."])
    grants, found = state_at().count(), list(differences())
    words = [f"{each.person_key}  {each.purpose} by {each.channel}: {each.sentence}." for each in found]
    if not found:
        words = [f"The ledger comes to {grants} agreements, and the same is kept."]
    _answer(asked, {"agreements": grants, "differences": [asdict(each) for each in found]}, words)
    return WITH_REJECTS if found else DONE


def kpi(asked: argparse.Namespace) -> int:
    from perennial.insights.queries import kpis

    _ready()
    figures = kpis(now=now())
    answer: list[dict[str, Any]] = [
        {
            "kpi": figure.kpi.code,
            "value": figure.value,
            "unit": figure.kpi.measure.unit,
            "numerator": figure.numerator,
            "denominator": figure.denominator,
            "n": figure.n,
            "interval": list(figure.interval) if figure.interval else None,
            "period": figure.period,
            "definition": figure.kpi.printed_definition,
        }
        for figure in figures
    ]
    words = [f"{each.kpi.code:18} {each.printed()}, n = {each.n}  ({each.kpi.printed_definition})" for each in figures]
    return _answer(asked, answer, words)


def retention(asked: argparse.Namespace) -> int:
    """Counts what is due, by kind and country."""
    from perennial.privacy.retention import dry_run

    _ready()
    found = dry_run(now=now())
    answer = [{"kind": each.kind.value, "due": each.count, "by_country": each.by_country} for each in found]
    words = [f"{each.count:8} {each.kind.label}" for each in found]
    return _answer(asked, answer, words)


def _ready() -> Programme:
    """The programme, once the tables are there and somebody set it up."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RefusedError(
            "The database is empty or of another version; `perennial setup` or `perennial run` brings it up to date."
        )
    programme = current()
    if programme.set_up_at is None:
        raise RefusedError("The programme is not set up yet; `perennial setup` or the set-up page does that.")
    return programme


def _moment(text: str, programme: Programme) -> datetime:
    """ISO time; without zone it is the programme's, a bare day means its noon."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusedError(f"--at is {text!r}; expected a time like 2026-03-01T09:00.") from error
    zone = ZoneInfo(programme.time_zone)
    if len(text) == len("2026-03-01"):
        moment = datetime.combine(moment.date(), NOON, zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _answer(asked: argparse.Namespace, answer: Any, words: list[str]) -> int:
    text = json.dumps(answer, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1) if asked.json else "\n".join(words)
    sys.stdout.write(text + "\n")
    return DONE
