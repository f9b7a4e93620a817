"""How many examples a property is tried with."""

import os


def examples(first: int) -> int:
    """So many; a fifth where the suite has run on another database already.

    The first run looks for what our own code does wrong. What is left for the second is what the other database does
    otherwise, and that a few examples meet as well as many.
    """
    return max(first // 5, 3) if os.environ.get("PERENNIAL_TEST_AGAIN") == "1" else first
