"""Answers that take the same time whether or not an account exists."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

# Longer than it takes to write a mail into the queue on a slow disk; a guess by the clock would need the difference.
FLOOR_SECONDS = 0.6


def even_paced(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Holds the answer to a form back until FLOOR_SECONDS have passed. The pages' rate limits bound the waiting."""

    @wraps(view)
    def paced(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        started = time.monotonic()
        response = view(request, *args, **kwargs)
        time.sleep(max(0.0, started + FLOOR_SECONDS - time.monotonic()))
        return response

    return paced
