"""People as an application of Django."""

from django.apps import AppConfig
from django.db.models import CharField
from django.db.models.signals import post_migrate


class PeopleConfig(AppConfig):
    name = "perennial.people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.postgres.lookups import TrigramSimilar

        from perennial.people.indexes import keep_index

        CharField.register_lookup(TrigramSimilar)
        post_migrate.connect(keep_index, sender=self)
