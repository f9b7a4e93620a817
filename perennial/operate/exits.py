"""How a command ends."""

DONE, WITH_REJECTS, REFUSED = 0, 1, 2


class RefusedError(Exception):
    """The command cannot be carried out; the message is one sentence for the operator."""
