"""Sends 10,000 personal letters through the real worker to a local SMTP sink, beside smtplib with ready-made bytes.

Both speak over one connection to the same sink, take turns over several rounds, and carry the same mails. Runs on the
database that PERENNIAL_DATABASE_URL names (its server, that is: it makes and drops a database of its own).

    python bench/sending.py [--mails 10000] [--rounds 3]
"""

import argparse
import cProfile
import os
import pstats
import shutil
import smtplib
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from place import place

BAR = 0.60
NOW = datetime.now(tz=UTC)
BODY = """Beste {called},

Twee weken geleden was je laatste dag bij ons. Ik hoop dat je goed bent begonnen en dat je nieuwe collega's snel merken
wat wij al wisten: dat je eerst luistert en dan pas iets zegt, en dat het dan ook ergens over gaat.

Hier is het project waar je aan werkte intussen af. De eerste gebruikers zijn er, en de kinderziektes ook. Mara vroeg
nog naar de tekening die jij in het voorjaar maakte; die hangt nu ingelijst naast de koffie.

Als je eens in de buurt bent: de koffie staat klaar, zonder agenda en zonder dat iemand je iets vraagt. En als je liever
niets meer hoort, is dat ook goed; onderaan deze brief staat hoe.

Hartelijke groet,
Mara Smit"""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--mails", type=int, default=10_000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--profile", action="store_true")
    options = asked.parse_args()
    with sink() as (port, kind), place(PERENNIAL_EMAIL_URL=f"smtp://127.0.0.1:{port}") as vendor:
        people = prepare(options.mails)
        theirs, ours = [], []
        for _ in range(options.rounds):
            ready = write_letters(people)
            theirs.append(with_smtplib(ready, port))
            ours.append(with_the_worker(options.mails, options.profile))
    size = statistics.mean(len(content) for _, content in ready)
    baseline, figure = statistics.median(theirs), statistics.median(ours)
    ratio = figure / baseline
    print(f"sending {options.mails:,} personal letters of {size:,.0f} bytes over one connection to {kind} ({vendor})")
    print(f"  smtplib, ready-made bytes  {baseline:7,.0f} mails/s  (of {', '.join(f'{each:,.0f}' for each in theirs)})")
    print(f"  the worker                 {figure:7,.0f} mails/s  (of {', '.join(f'{each:,.0f}' for each in ours)})")
    print(f"  ratio                      {ratio:7.0%}         (bar {BAR:.0%})")
    return 0 if ratio >= BAR else 1


def prepare(count: int) -> list:
    """The programme and its people: each with a confirmed address and consent to personal notes."""
    from perennial.consent.models import ConsentState, LedgerEntry, Wording
    from perennial.kernel.keys import fingerprint
    from perennial.people.models import EmailAddress, Person, Stint
    from perennial.programme.queries import current

    programme = current()
    programme.organisation, programme.postal_address = "Example Works", "Long Street 1, 1000 AA Amsterdam"
    programme.sender_address, programme.stage, programme.set_up_at = "alumni@works.example", "live", NOW
    # Whenever this runs, it is day.
    programme.quiet_from = programme.quiet_until = 0
    programme.save()
    names = ("Alice van Dam", "Zoë Brüning", "Bob de Wit", "Дарья Орлова")
    people = Person.objects.bulk_create(
        [
            Person(
                full_name=f"{names[at % 4]} {at}",
                called=names[at % 4].split()[0],
                sort_name=f"{at}",
                language="nl",
                created_at=NOW,
                updated_at=NOW,
            )
            for at in range(count)
        ],
        batch_size=500,
    )
    Stint.objects.bulk_create(
        [
            Stint(person=person, source="bench", ends_on=date(2026, 9, 1), created_at=NOW, updated_at=NOW)
            for person in people
        ],
        batch_size=500,
    )
    EmailAddress.objects.bulk_create(
        [
            EmailAddress(
                person=person,
                kind="private",
                address=f"person{at}@home.example",
                fingerprint=fingerprint(f"person{at}@home.example"),
                state="verified",
                verified_at=NOW,
                source="bench",
                created_at=NOW,
            )
            for at, person in enumerate(people)
        ],
        batch_size=500,
    )
    wording = Wording.objects.create(purpose="personal", language="nl", version=1, text="…", sha256="-")
    entries = LedgerEntry.objects.bulk_create(
        [
            LedgerEntry(
                person_key=person.key,
                purpose="personal",
                channel="email",
                act="granted",
                means="double_opt_in",
                wording=wording,
                at=NOW,
                by="bench",
            )
            for person in people
        ],
        batch_size=500,
    )
    ConsentState.objects.bulk_create(
        [
            ConsentState(person=person, purpose="personal", channel="email", granted=True, since=NOW, entry=entry)
            for person, entry in zip(people, entries, strict=True)
        ],
        batch_size=500,
    )
    return people


def write_letters(people: list) -> list[tuple[str, bytes]]:
    """A letter to each in the queue, and the same ready made for smtplib."""
    from django.db import connection

    from perennial.contact.models import Touch
    from perennial.kernel.purposes import Intent, Purpose
    from perennial.mail.compose import Letter, write_all
    from perennial.mail.models import Mailing
    from perennial.mail.render import letterhead, render

    Touch.objects.all().delete()
    Mailing.objects.all().delete()
    messages = write_all(
        letters=[
            Letter(
                person=person,
                purpose=Purpose.PERSONAL,
                intent=Intent.GIVE,
                subject=f"Hoe is het, {person.called}?",
                body=BODY.format(called=person.called),
                language="nl",
                origin="bench",
                sender_name="Mara Smit",
                reply_to="mara.smit@works.example",
            )
            for person in people
        ],
        by="bench",
        now=NOW,
    )
    head = letterhead(messages=messages, at=NOW)
    ready = []
    for at, message in enumerate(messages):
        message.address = f"person{at}@home.example"
        ready.append((message.address, render(message, reveal=True, head=head).as_bytes(boundary="=_ready")))
        message.address = ""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return ready


def with_smtplib(ready: list[tuple[str, bytes]], port: int) -> float:
    started = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for address, content in ready:
            server.sendmail("alumni@works.example", [address], content)
    return len(ready) / (time.perf_counter() - started)


class WhenIdle(threading.Event):
    """Stops the worker the first time it has nothing to do."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


def with_the_worker(count: int, profile: bool) -> float:
    from perennial.contact.models import Touch
    from perennial.mail import worker
    from perennial.mail.models import Message

    started = time.perf_counter()
    if profile:
        with cProfile.Profile() as watched:
            worker.run(WhenIdle())
        pstats.Stats(watched).sort_stats("cumulative").print_stats(45)
    else:
        worker.run(WhenIdle())
    took = time.perf_counter() - started
    if (Message.objects.filter(state="sent").count(), Touch.objects.count()) != (count, count):
        raise SystemExit("Not all were sent.")
    return count / took


@contextmanager
def sink() -> Iterator[tuple[int, str]]:
    """Postfix's smtp-sink, or our own where that is not installed, on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    if command:
        running = subprocess.Popen([command, *user, f"127.0.0.1:{port}", "100"])
    else:
        running = subprocess.Popen([sys.executable, str(Path(__file__).with_name("sink.py")), str(port)])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, "smtp-sink" if command else "our own sink"
    finally:
        running.terminate()
        running.wait()


if __name__ == "__main__":
    sys.exit(main())
