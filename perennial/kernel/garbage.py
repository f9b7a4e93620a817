"""What a long-running process tells Python's garbage collector."""

import gc


def spare_what_stands() -> None:
    """Call once a process has loaded what it needs: all of that stands for good.

    Without this each full look for garbage goes through every module again: 50 to 70 ms in the middle of somebody's
    page, measured.
    """
    gc.collect()
    gc.freeze()
