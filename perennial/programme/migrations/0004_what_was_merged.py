import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def take_from_names(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The ids of what was merged until now, which the former names carried."""
    for merged, alias, unit in (
        ("MergedDepartment", "DepartmentAlias", "department_id"),
        ("MergedPlace", "PlaceAlias", "place_id"),
    ):
        kind = apps.get_model("programme", merged)
        names = apps.get_model("programme", alias).objects.filter(merged_id__isnull=False).order_by("since", "pk")
        leads_to = dict(names.values_list("merged_id", unit))
        kind.objects.bulk_create([kind(former_id=former, **{unit: now}) for former, now in leads_to.items()])


def merged(name: str) -> migrations.CreateModel:
    unit = models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name="merged", to=f"programme.{name}"
    )
    return migrations.CreateModel(
        name=f"Merged{name.title()}",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("former_id", models.BigIntegerField(unique=True)),
            (name, unit),
        ],
        options={"ordering": ["former_id", "pk"]},
    )


class Migration(migrations.Migration):
    dependencies = [("programme", "0003_ids_of_what_was_merged")]

    operations = [
        merged("department"),
        merged("place"),
        migrations.RunPython(take_from_names, migrations.RunPython.noop),
        migrations.RemoveField("departmentalias", "merged_id"),
        migrations.RemoveField("placealias", "merged_id"),
    ]
