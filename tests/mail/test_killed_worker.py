"""`kill -9` in the middle of 2,000 mails, again and again: none is missing, and only what was in hand comes twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from perennial.kernel import clock
from perennial.kernel.keys import fingerprint
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.compose import Letter, write_all
from perennial.mail.models import Lease, Message
from perennial.mail.send import MOST_IN_HAND
from perennial.people.models import EmailAddress, Person
from tests.cast import NOW, TODAY, programme
from tests.mail.servers import Script, ScriptedServer, mail_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MAILS = 2_000
KILLS = 6


def two_thousand_letters() -> list[Message]:
    people = Person.objects.bulk_create(
        Person(full_name=f"Person {at}", sort_name=f"{at}", language="en", created_at=NOW, updated_at=NOW)
        for at in range(MAILS)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(
            person=person,
            kind="private",
            address=f"person{at}@home.example",
            fingerprint=fingerprint(f"person{at}@home.example"),
            source="test",
            given_on=TODAY,
            created_at=NOW,
        )
        for at, person in enumerate(people)
    )
    return write_all(
        letters=[
            Letter(
                person=person,
                purpose=Purpose.SERVICE,
                intent=Intent.NEUTRAL,
                subject="Hello",
                body="Hello",
                language="en",
                origin="test",
            )
            for person in people
        ],
        by="test",
        now=NOW,
    )


def database_url() -> str:
    place: dict[str, Any] = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{place['NAME']}"
    who = f"{place['USER']}:{place['PASSWORD']}@" if place["USER"] else ""
    where = f"{place['HOST']}:{place['PORT']}" if place["PORT"] else place["HOST"]
    return f"postgresql://{who}{where}/{place['NAME']}"


def start_worker(server: ScriptedServer, now: datetime = NOW) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PERENNIAL_")} | {
        "PERENNIAL_DATABASE_URL": database_url(),
        "PERENNIAL_DATA_DIR": str(settings.PERENNIAL_DATA_DIR),
        "PERENNIAL_EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
        "DJANGO_SETTINGS_MODULE": "perennial.operate.settings",
    }
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.mail.sending_worker", now.isoformat()], cwd=root, env=environment
    )


def wait_for(server: ScriptedServer, mails: int, worker: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while len(server.deliveries) < mails and worker.poll() is None:
        assert time.monotonic() < deadline, "the worker does not get on"
        time.sleep(0.001)


def test_a_worker_killed_again_and_again_loses_no_mail_and_repeats_only_what_was_in_hand() -> None:
    programme()
    messages = two_thousand_letters()
    chance = random.Random(20260914)  # noqa: S311 - for chance, not for secrecy
    killed = 0
    with mail_server(Script()) as server:
        for _ in range(KILLS):
            worker = start_worker(server)
            wait_for(server, len(server.deliveries) + chance.randint(1, MAILS // (KILLS + 1)), worker)
            if worker.poll() is None:
                os.kill(worker.pid, signal.SIGKILL)
                killed += 1
            worker.wait()
            # Five minutes later.
            Lease.objects.update(until=clock.now() - timedelta(seconds=1))
        # Whatever two workers in a row died over waits for a minute.
        last = start_worker(server, NOW + timedelta(hours=1))
        assert last.wait(60) == 0
        arrived = Counter(each.mail["Message-ID"].strip("<>") for each in server.deliveries)
    assert killed == KILLS
    assert set(arrived) == {message.message_id for message in messages}
    repeated = {message_id for message_id, count in arrived.items() if count > 1}
    assert sum(arrived.values()) - MAILS <= KILLS * MOST_IN_HAND
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    assert repeated <= set(Message.objects.filter(uncertain=True).values_list("message_id", flat=True))
    assert Lease.objects.count() == 0
