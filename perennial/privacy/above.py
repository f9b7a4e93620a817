"""What is held by rooms above this one, and by the libraries; and tables that no model stands for.

Models are named by their label, so nothing above is imported.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django_tasks_db.models import DBTaskResult

from perennial.kernel.privacy import Erased, Held, Privacy
from perennial.people.models import Person

_ACCOUNT = "How a colleague signs in."

HELD = (
    Held(
        model="desk.putoff",
        fields={Privacy.NONE: "until", Privacy.COLLEAGUE: "user", Privacy.KEY: "id item"},
        erased=Erased.NOT_THEIRS,
        why="Which item of Today a colleague put off, by its code.",
    ),
    Held(
        model="web.knock",
        fields={Privacy.NONE: "count until", Privacy.KEY: "id key"},
        erased=Erased.NOT_THEIRS,
        why="How often somebody knocked, by a keyed fingerprint of the address, as long as that is counted.",
    ),
    Held(
        model="auth.permission",
        fields={Privacy.NONE: "name codename", Privacy.KEY: "id content_type"},
        erased=Erased.NOT_THEIRS,
        why="Django's own permissions, which nothing here asks for.",
    ),
    Held(
        model="auth.group",
        fields={Privacy.NONE: "name", Privacy.KEY: "id"},
        erased=Erased.NOT_THEIRS,
        why="Django's own groups, which nothing here makes.",
    ),
    Held(
        model="auth.group_permissions",
        fields={Privacy.KEY: "id group permission"},
        erased=Erased.NOT_THEIRS,
        why="Django's own groups, which nothing here makes.",
    ),
    Held(
        model="contenttypes.contenttype",
        fields={Privacy.NONE: "app_label model", Privacy.KEY: "id"},
        erased=Erased.NOT_THEIRS,
        why="The names of the tables.",
    ),
    Held(
        model="account.emailaddress",
        fields={
            Privacy.CONTACT: "email",
            Privacy.NONE: "verified primary",
            Privacy.COLLEAGUE: "user",
            Privacy.KEY: "id",
        },
        erased=Erased.NOT_THEIRS,
        why=_ACCOUNT,
    ),
    Held(
        model="account.emailconfirmation",
        fields={Privacy.NONE: "created sent", Privacy.SECRET: "key", Privacy.KEY: "id email_address"},
        erased=Erased.NOT_THEIRS,
        why=_ACCOUNT,
    ),
    Held(
        model="mfa.authenticator",
        fields={
            Privacy.NONE: "type created_at last_used_at",
            Privacy.COLLEAGUE: "user",
            Privacy.SECRET: "data",
            Privacy.KEY: "id",
        },
        erased=Erased.NOT_THEIRS,
        why=_ACCOUNT,
    ),
    Held(
        model="django_tasks_database.dbtaskresult",
        fields={
            Privacy.NONE: "status enqueued_at started_at finished_at priority task_path queue_name backend_name"
            " run_after exception_class_path",
            # What a database said when it refused a row may quote the row.
            Privacy.IDENTITY: "traceback return_value",
            Privacy.KEY: "id args_kwargs worker_ids",
        },
        erased=Erased.BY_ROOM,
        why="Background work by the ids of its rows. What a failed one said may quote somebody, so all of that goes"
        " with every erasure.",
    ),
)

# Tables without a model, each with what stands in it.
TABLES = {
    "django_migrations": "Which migrations were applied.",
    "perennial_cache": "Counters of attempts that limit the rate, by hashes, for an hour at most.",
}


@contextmanager
def forgetting(*, person: Person) -> Iterator[None]:
    """What failed background work said: nobody can tell whom it quotes."""
    DBTaskResult.objects.exclude(traceback="").update(traceback="")
    yield
