"""A new address needs a second word."""

import django.db.models.deletion
from django.db import migrations, models

import perennial.kernel.keys


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0002_purpose_feedback"),
        ("people", "0005_made_redundant"),
    ]

    operations = [
        migrations.CreateModel(
            name="Vouching",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("random", models.CharField(default=perennial.kernel.keys.new_random, max_length=40)),
                ("mailbox_at", models.DateTimeField(null=True)),
                ("vouched_at", models.DateTimeField(null=True)),
                (
                    "on_file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="people.emailaddress",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vouching",
                        to="consent.consentrequest",
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
    ]
