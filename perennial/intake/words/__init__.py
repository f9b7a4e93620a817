"""Words as they stand in HR's files, in four languages. What reads them is beside this folder."""


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, so that long lists of words stay readable where they are declared."""
    return frozenset(text.split())
