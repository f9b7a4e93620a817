"""A letter says whether it answers what its recipient asked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mail", "0002_purpose_feedback")]

    operations = [
        migrations.AddField(
            model_name="mailing",
            name="answer",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
