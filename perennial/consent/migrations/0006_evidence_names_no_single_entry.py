"""What proves which entry stands in a table of its own.

Apart from carrying it over: PostgreSQL alters no table in a transaction that has changed its rows.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("consent", "0005_proving")]
    operations = [migrations.RemoveField("evidence", "entry")]
