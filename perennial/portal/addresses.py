"""Shows an address so that its owner knows which one is meant, and nobody else can use it."""


def masked(address: str) -> str:
    """'fenna@home.example' reads 'f•••@h•••.example'."""
    name, _at, domain = address.rpartition("@")
    host, _dot, ending = domain.rpartition(".")
    return f"{name[:1]}•••@{host[:1]}•••.{ending}"
