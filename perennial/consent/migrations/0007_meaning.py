"""Wordings say on which basis they stand and what number their meaning has; all that were read so far are the first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0006_evidence_names_no_single_entry")]
    operations = [
        migrations.AddField("wording", "meaning", models.PositiveIntegerField(default=1)),
        migrations.AddField(
            "wording",
            "basis",
            models.CharField(
                choices=[("consent", "Agreement"), ("legitimate_interest", "Legitimate interest")],
                default="consent",
                max_length=20,
            ),
        ),
        migrations.AddField("consentstate", "meaning", models.PositiveIntegerField(default=1)),
    ]
