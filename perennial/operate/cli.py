"""The `perennial` command: for operators and scripts. Names and JSON shapes are a promise, see docs/cli.md."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import django
from django.db import OperationalError

from perennial import __version__
from perennial.operate.configuration import ConfigurationError
from perennial.operate.demo.check import check as check_demo
from perennial.operate.exits import DONE, REFUSED, RefusedError


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and exits: 0 done, 1 done with rejects, 2 refused with a sentence on standard error."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "perennial.operate.settings"
    asked = _parser().parse_args(arguments)
    if asked.command == "demo":
        os.environ["PERENNIAL_DEMO"] = "1"
    try:
        sys.exit(_carry_out(asked))
    except OperationalError as error:
        sys.stderr.write(f"The database cannot be used: {str(error).strip().splitlines()[0]}\n")
        sys.exit(REFUSED)
    except (ConfigurationError, RefusedError) as refusal:
        sys.stderr.write(f"{refusal}\n")
        sys.exit(REFUSED)
    except BrokenPipeError:
        # The reader of our output went away (`perennial outbox | head`); nothing is lost.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)


def _carry_out(asked: argparse.Namespace) -> int:
    if asked.command == "demo" and asked.check:
        # It starts a demo of its own, so it needs no settings here.
        return check_demo()
    # Settings read the environment on import; a wrong value stops here with its sentence.
    django.setup()
    from perennial.operate import commands, supervisor

    named: dict[str, Callable[[argparse.Namespace], int]] = {
        "run": supervisor.run,
        "demo": supervisor.demo,
        "setup": commands.setup,
        "check": commands.check,
        "backup": commands.backup,
        "restore": commands.restore,
        "data-copy": commands.data_copy,
        "leftovers": commands.leftovers,
        "import": commands.import_file,
        "tick": commands.tick,
        "drafts": commands.drafts,
        "outbox": commands.outbox,
        "explain": commands.explain,
        "kpi": commands.kpi,
        "consents": commands.consents,
        "retention": commands.retention,
        "worker": supervisor.worker,
        "scheduler": supervisor.scheduler,
    }
    return named[asked.command](asked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="perennial", description="Keeps the bond with people who worked here.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, sentence: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=sentence, description=sentence)
        sub.add_argument("--json", action="store_true", help="print JSON instead of words")
        return sub

    command("run", "Start web, worker and scheduler; stops all of them on Ctrl-C.")
    demo = command("demo", "The same with a demo organisation; mail is kept, never sent.")
    demo.add_argument("--check", action="store_true", help="start, ask the main pages, stop")

    setup = command("setup", "Fill in the programme without the set-up page.")
    setup.add_argument("--organisation", required=True)
    setup.add_argument("--coordinator-name", required=True)
    setup.add_argument("--coordinator-email", required=True)
    setup.add_argument("--language", required=True, choices=["en", "nl", "de", "ru"])
    setup.add_argument("--stage", required=True, choices=["preparation", "soft-launch", "live"])
    setup.add_argument("--time-zone", default="Europe/Amsterdam")
    setup.add_argument("--postal-address", default="")
    aims = ["return", "referrals", "ambassadors", "clients", "knowledge", "feedback"]
    setup.add_argument("--aim", action="append", choices=aims, help="why there is a programme; may be given often")

    command("check", "Is this installation sound? Each finding with its remedy.")
    backup = command("backup", "Write everything, keys included, to one file.")
    backup.add_argument("file", type=Path)
    backup.add_argument("--replace", action="store_true", help="write over a file that is there already")
    command("restore", "Fill an empty installation from a backup.").add_argument("file", type=Path)

    copy = command("data-copy", "Write everything that is held about one person, for that person, to a ZIP.")
    copy.add_argument("person", metavar="PERSON_KEY")
    copy.add_argument("file", type=Path)
    left = command("leftovers", "What is kept of somebody who was erased, or would be, and under which rule.")
    left.add_argument("person", metavar="PERSON_KEY")

    load = command("import", "Take in a file of leavers (CSV, XLSX, ODS). Without --apply nothing is written.")
    load.add_argument("file", type=Path, nargs="?")
    load.add_argument("--undo", metavar="KEY", help="take back an import of the last 30 days; 'last' for the latest")
    load.add_argument("--source", default="upload", help="which feed this is; employee numbers belong to it")
    load.add_argument("--date-order", choices=["dmy", "mdy"], help="for dates like 03-04-2026, which are never guessed")
    load.add_argument(
        "--mode",
        choices=["add", "add-and-update", "only-update"],
        default="add-and-update",
        help="add who is new, update who is on file, or both (the default)",
    )
    load.add_argument(
        "--empty",
        choices=["leave", "clear"],
        default="leave",
        help="an empty cell leaves what is on file (the default) or clears it; never a name, number, address or day",
    )
    how = load.add_mutually_exclusive_group()
    how.add_argument("--dry-run", action="store_true", help="say what would happen (the default)")
    how.add_argument("--apply", action="store_true", help="write the good rows")

    command("tick", "Do everything that is due.").add_argument("--at", help="a time other than now, for trying out")
    drafts = command("drafts", "Letters that wait for a human.")
    drafts.add_argument("--approve", choices=["all"], help="send them with the next tick")
    command("outbox", "Mail that was kept instead of sent.")
    explain = command("explain", "May we contact this person? Every rule in one sentence.")
    explain.add_argument("email")
    explain.add_argument("--purpose", required=True)
    explain.add_argument("--channel", default="email")
    explain.add_argument("--topic")
    explain.add_argument("--at")
    replay = command("consents", "Replay the consent ledger and hold it against what is kept as agreed.")
    replay.add_argument("--at", help="instead: what held at that time, by purpose and channel")
    command("retention", "What has been kept for long enough and would be deleted; nothing is written.").add_argument(
        "--dry-run", action="store_true", help="the default, and all there is; a run is begun on the desk"
    )
    command("kpi", "The figures, each with its definition.")
    command("worker", "Only the worker: mail and background work.")
    command("scheduler", "Only the scheduler: a tick every minute.")
    return parser


if __name__ == "__main__":
    main()
