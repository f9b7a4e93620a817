"""Work that an answer does not wait for, so that neither its time nor what is done for it tells whom we know."""

import logging
from collections.abc import Callable

from django.http import HttpResponse
from django.utils import translation

logger = logging.getLogger("perennial.web")


def after_answer(response: HttpResponse, deed: Callable[[], object]) -> None:
    """Has `deed` done once the server has handed `response` over, in the language of now.

    A process that dies in between forgets it: for what somebody asks for again when nothing comes.
    """
    language = translation.get_language()

    def carry_out() -> None:
        try:
            with translation.override(language):
                deed()
        except Exception:
            # Django swallows what is raised here.
            logger.exception("What was to be done after an answer failed")
            raise

    # As a file response has its file closed; WSGI has no other place after the last byte (PEP 3333, `close`).
    response._resource_closers.append(carry_out)  # type: ignore[attr-defined]
