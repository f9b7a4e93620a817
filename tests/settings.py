"""Settings for the test-suite: the product's own, with keys of the moment and a database of our own name."""

import os
import tempfile

_HOME = tempfile.mkdtemp(prefix="perennial-tests-")
_URL = os.environ.get("PERENNIAL_TEST_DATABASE_URL", "")
_SUFFIX = os.environ.get("PERENNIAL_TEST_DB_SUFFIX", "")
for _name in [name for name in os.environ if name.startswith("PERENNIAL_") and not name.startswith("PERENNIAL_TEST_")]:
    del os.environ[_name]
os.environ["PERENNIAL_DATA_DIR"] = _HOME
os.environ["PERENNIAL_TIME_TRAVEL"] = "1"
if _URL:
    os.environ["PERENNIAL_DATABASE_URL"] = _URL

from perennial.operate.settings import *  # noqa: E402, F403
from perennial.operate.settings import DATABASES  # noqa: E402

DATABASES["default"]["TEST"] = {"NAME": f"perennial_test{_SUFFIX}" if _URL else f"{_HOME}/test.sqlite3"}
DATABASES["default"]["CONN_MAX_AGE"] = 0
if _URL:
    # No test pulls the plug of the server: what a commit wrote is there for everybody before it is on the disk.
    DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
# The real hash costs half a second a sign-in; its own test names it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
