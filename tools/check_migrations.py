"""Fails when a model differs from its migrations."""

import os
import sys
import tempfile


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "perennial.operate.settings"
    os.environ["PERENNIAL_DATA_DIR"] = tempfile.mkdtemp(prefix="perennial-migrations-")
    import django
    from django.core.management import call_command

    django.setup()
    apps = [config.label for config in django.apps.apps.get_app_configs() if config.name.startswith("perennial.")]
    try:
        call_command("makemigrations", *apps, check=True, dry_run=True, verbosity=1)
    except SystemExit as stop:
        return int(bool(stop.code))
    return 0


if __name__ == "__main__":
    sys.exit(main())
