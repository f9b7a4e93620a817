"""The trail is searched by colleague and by deed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_only_added_to")]

    operations = [
        migrations.AddIndex(
            model_name="event", index=models.Index(fields=["by", "at"], name="events_by_whom")
        ),
        migrations.AddIndex(
            model_name="event", index=models.Index(fields=["deed", "at"], name="events_of_a_kind")
        ),
    ]
