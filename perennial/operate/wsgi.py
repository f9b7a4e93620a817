"""What the web server runs."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from perennial.kernel.garbage import spare_what_stands

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perennial.operate.settings")
application = get_wsgi_application()
# Every page is loaded now rather than while the first visitor waits.
get_resolver().url_patterns  # noqa: B018
spare_what_stands()
