"""Evidence proves every entry that came of a confirmation, and its time runs from the end of what it proves."""

from datetime import timedelta

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import perennial.consent.models

THREE_YEARS = timedelta(days=3 * 365 + 1)


def link(apps: StateApps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Entries of one confirmation were written at its very moment; until now evidence named the first of them only."""
    evidence = apps.get_model("consent", "Evidence").objects
    ledger = apps.get_model("consent", "LedgerEntry").objects
    proving = apps.get_model("consent", "Proving")
    standing = dict(
        apps.get_model("consent", "ConsentState").objects.filter(granted=True).values_list("entry_id", "granted")
    )
    rows = evidence.filter(request__confirmed_at__isnull=False).values_list("pk", "person_key", "request__confirmed_at")
    found, still, over = [], [], {}
    # As few as people who agreed, and once.
    for pk, person_key, confirmed_at in rows.iterator():
        mine = list(ledger.filter(person_key=person_key, act="granted", at=confirmed_at).values_list("pk", flat=True))
        found += [proving(evidence_id=pk, entry_id=entry) for entry in mine]
        if any(entry in standing for entry in mine):
            still.append(pk)
        else:
            ended = ledger.filter(person_key=person_key, at__gt=confirmed_at).order_by("-at").values_list("at").first()
            over[pk] = (ended[0] if ended else confirmed_at) + THREE_YEARS
    proving.objects.bulk_create(found, batch_size=1000)
    for start in range(0, len(still), 500):
        evidence.filter(pk__in=still[start : start + 500]).update(expires_on=None)
    for pk, end in over.items():
        evidence.filter(pk=pk).update(expires_on=end.date())
    evidence.filter(request__confirmed_at=None, request__isnull=False).update(expires_on=None)


class Migration(migrations.Migration):
    dependencies = [("consent", "0004_only_added_to")]
    operations = [
        migrations.CreateModel(
            name="Proving",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proven_by",
                        to="consent.ledgerentry",
                    ),
                ),
                (
                    "evidence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="proves", to="consent.evidence"
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.AddConstraint(
            model_name="proving",
            constraint=models.UniqueConstraint(
                fields=("evidence", "entry"), name="each_entry_once_a_piece_of_evidence"
            ),
        ),
        migrations.AlterField("evidence", "expires_on", models.DateField(blank=True, null=True)),
        migrations.AlterField(
            "evidence",
            "kind",
            models.CharField(
                choices=[
                    ("request", "What was ticked"),
                    ("confirmation_mail", "The mail that asked to confirm"),
                    ("mailbox", "The button pressed in the new mailbox"),
                    ("vouched", "The word for the new address"),
                    ("confirmation", "The confirmation"),
                    ("one_click", "The press that unsubscribed"),
                ],
                max_length=30,
            ),
        ),
        migrations.AlterField(
            "evidence",
            "request",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=perennial.consent.models.unless_confirmed,
                to="consent.consentrequest",
            ),
        ),
        migrations.RunPython(link, migrations.RunPython.noop),
    ]
