from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0003_words")]

    operations = [
        migrations.AlterField("company", "name_key", models.CharField(max_length=900)),
        migrations.AlterField("skill", "name_key", models.CharField(max_length=300)),
    ]
