"""A mail server for a test, and the settings that lead to it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from perennial.operate.configuration import MailServer
from tests.mail.servers import Script, ScriptedServer, closed_port


@pytest.fixture
def served(settings: Any) -> Iterator[Callable[[Script], ScriptedServer]]:
    """Starts a server with a script; mail goes there from then on."""
    running: list[ScriptedServer] = []

    def start(script: Script) -> ScriptedServer:
        server = ScriptedServer(script)
        server.start()
        running.append(server)
        settings.PERENNIAL_MAIL_SERVER = server.address
        return server

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def server(served: Callable[[Script], ScriptedServer]) -> ScriptedServer:
    """A mail server that takes everything."""
    return served(Script())


@pytest.fixture
def nobody_there(settings: Any) -> None:
    settings.PERENNIAL_MAIL_SERVER = MailServer(host="127.0.0.1", port=closed_port())
