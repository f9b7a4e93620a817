"""The ledger and its wordings are only ever added to, and the database sees to that."""

from django.db import migrations

from perennial.kernel.guards import NeverChanged, NeverDeleted


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_vouching")]
    operations = [
        migrations.AddConstraint(model_name="wording", constraint=NeverChanged(name="no_wording_is_changed")),
        migrations.AddConstraint(model_name="wording", constraint=NeverDeleted(name="no_wording_is_deleted")),
        migrations.AddConstraint(model_name="ledgerentry", constraint=NeverChanged(name="no_act_is_changed")),
        migrations.AddConstraint(model_name="ledgerentry", constraint=NeverDeleted(name="no_act_is_deleted")),
    ]
