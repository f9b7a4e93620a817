from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def keep_words(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The words of everybody who is on file already. As `people.words` picked them when this was written."""
    Person, Word = apps.get_model("people", "Person"), apps.get_model("people", "Word")
    seen: set[str] = set()
    for text in Person.objects.order_by("pk").values_list("search_text", flat=True).iterator(chunk_size=5000):
        new = {
            word
            for word in text.split()
            if 3 <= len(word) <= 40 and word not in seen and word.replace("-", "").replace("'", "").isalpha()
        }
        if new:
            seen |= new
            Word.objects.bulk_create([Word(text=word) for word in sorted(new)], ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("people", "0002_companies_skills_provenance")]

    operations = [
        migrations.CreateModel(
            name="Word",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=40, unique=True)),
            ],
            options={"ordering": ["text", "pk"]},
        ),
        migrations.RunPython(keep_words, migrations.RunPython.noop),
    ]
