"""What an upgrade does to evidence that is there already."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from perennial.consent.models import Evidence, Proving
from tests.cast import NOW

BEFORE, AFTER = ("consent", "0004_only_added_to"), ("consent", "0006_evidence_names_no_single_entry")
DAY = timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_evidence_of_before_the_upgrade_proves_all_that_was_confirmed_and_its_time_is_counted_anew() -> None:
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate([BEFORE])
    try:
        executor = MigrationExecutor(connection)
        old = executor.loader.project_state([node for node in latest if node[0] not in ("consent",)] + [BEFORE]).apps
        wording = old.get_model("consent", "Wording").objects.create(
            purpose="personal", language="en", version=1, text="-", sha256="-"
        )
        for name, ended in (("standing", False), ("ended", True)):
            person = old.get_model("people", "Person").objects.create(
                key=name, full_name=name, created_at=NOW, updated_at=NOW
            )
            address = old.get_model("people", "EmailAddress").objects.create(
                person=person, address=f"{name}@home.example", kind="private", created_at=NOW
            )
            request = old.get_model("consent", "ConsentRequest").objects.create(
                person=person, address=address, language="en", requested_at=NOW - DAY, confirmed_at=NOW
            )
            ledger = old.get_model("consent", "LedgerEntry").objects
            code = {"person_key": name, "channel": "email", "means": "double_opt_in", "by": "t"}
            entries = [
                ledger.create(purpose=purpose, act="granted", wording=wording, at=NOW, **code)
                for purpose in ("personal", "events")
            ]
            last = (
                ledger.create(purpose="personal", act="withdrawn", at=NOW + 500 * DAY, **code) if ended else entries[0]
            )
            old.get_model("consent", "ConsentState").objects.create(
                person=person, purpose="personal", channel="email", granted=not ended, since=last.at, entry=last
            )
            old.get_model("consent", "Evidence").objects.create(
                person_key=name, kind="confirmation", at=NOW, request=request, entry=entries[0], expires_on=NOW.date()
            )
        executor.migrate(latest)
        assert {(row.person_key, row.expires_on, row.proves.count()) for row in Evidence.objects.all()} == {
            ("standing", None, 2),
            ("ended", date(2031, 1, 27), 2),
        }
        assert Proving.objects.count() == 4
    finally:
        MigrationExecutor(connection).migrate(latest)
