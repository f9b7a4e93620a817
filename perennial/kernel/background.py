"""Background work: the one place that names the library, so that moving to Django's own is one line."""

from django_tasks import task

__all__ = ["task"]
