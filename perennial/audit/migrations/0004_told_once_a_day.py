"""What is told once a day is so by the database, also when two look at the same moment."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_found_by_whom_and_deed")]

    operations = [
        migrations.AddField(
            model_name="event", name="once_on", field=models.DateField(blank=True, null=True)
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(
                condition=models.Q(("once_on__isnull", False)),
                fields=("by", "deed", "once_on", "subject_kind", "subject_key"),
                name="told_once_a_day",
            ),
        ),
    ]
