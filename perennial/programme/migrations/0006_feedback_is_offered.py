from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def offer(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A programme that aims at feedback offers to tell what came of it; nobody has agreed, so nothing is sent by that.

    The purposes follow from the aims. Left to the next saving of the settings, it would come unasked with that.
    """
    for programme in apps.get_model("programme", "Programme").objects.filter(pk=1):
        if "feedback" in programme.aims and "feedback" not in programme.purposes:
            last = [purpose for purpose in programme.purposes if purpose == "directory"]
            first = [purpose for purpose in programme.purposes if purpose != "directory"]
            programme.purposes = [*first, "feedback", *last]
            programme.save(update_fields=["purposes"])


class Migration(migrations.Migration):
    dependencies = [("programme", "0005_minimum_group")]

    operations = [migrations.RunPython(offer, migrations.RunPython.noop)]
