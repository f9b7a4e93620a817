"""The audit trail is only ever added to, and the database sees to that."""

from django.db import migrations

from perennial.kernel.guards import NeverChanged, NeverDeleted


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.AddConstraint(model_name="event", constraint=NeverChanged(name="no_event_is_changed")),
        migrations.AddConstraint(model_name="event", constraint=NeverDeleted(name="no_event_is_deleted")),
    ]
