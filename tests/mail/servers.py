"""Mail servers for the tests: one that behaves, and one that misbehaves just as it is told."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from perennial.operate.configuration import MailServer

RECIPIENT = re.compile(rb"<([^>]*)>")


@dataclass
class Delivery:
    """A mail that arrived, with its envelope."""

    sender: str
    recipient: str
    content: bytes

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)  # type: ignore[return-value]


@dataclass
class Script:
    """What the server does out of the ordinary. Replies are whole lines; `drop` names the moment it hangs up.

    The moments: connect, mail, rcpt, data (before it has the mail), dot (when it has), answer (after saying yes).
    """

    banner: str = "220 tests ready"
    extensions: tuple[str, ...] = ("PIPELINING", "SIZE 10000000", "ENHANCEDSTATUSCODES")
    sender: str = ""
    rcpt: dict[str, str] = field(default_factory=dict)
    content: dict[str, str] = field(default_factory=dict)
    drop: dict[str, str] = field(default_factory=dict)
    # How often each drop happens before the server recovers.
    drops: int = 1_000
    seconds: float = 0.0
    mails_a_connection: int = 1_000_000


class ScriptedServer:
    """Speaks SMTP on a port of its own, a thread for each connection, and remembers what it accepted."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.deliveries: list[Delivery] = []
        self.connections = 0
        self.stopping = threading.Event()
        self.seen_recipients: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    @property
    def address(self) -> MailServer:
        return MailServer(host="127.0.0.1", port=self.port)

    def start(self) -> None:
        thread = threading.Thread(target=self._accept, daemon=True)
        self._threads.append(thread)
        thread.start()

    def stop(self) -> None:
        self.stopping.set()
        for each in [self._listening, *self._open]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                held, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            # Each reply is a small packet of its own; without this it would wait for the last one's acknowledgement.
            held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.append(held)
            thread = threading.Thread(target=self._talk, args=[held], daemon=True)
            self._threads.append(thread)
            thread.start()

    def _talk(self, held: socket.socket) -> None:
        with suppress(OSError, ValueError, EOFError), held, held.makefile("rwb") as line:
            Conversation(self, held, line).run()


class Conversation:
    def __init__(self, server: ScriptedServer, held: socket.socket, line: Any) -> None:
        self.server, self.script, self.held = server, server.script, held
        self.line = line
        self.sender = self.recipient = ""
        self.mails = 0

    def say(self, text: str) -> None:
        self.line.write(f"{text}\r\n".encode())
        self.line.flush()

    def hear(self) -> bytes:
        heard: bytes = self.line.readline()
        if not heard:
            raise EOFError
        return heard

    def drops(self, moment: str, key: str) -> bool:
        """Whether to hang up now; says how often in all."""
        if self.script.drops > 0 and self.script.drop.get(key, self.script.drop.get("*", "")) == moment:
            self.script.drops -= 1
            # Reset rather than finish, so that the other side notices at once.
            self.held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            return True
        return False

    def run(self) -> None:
        if self.drops("connect", "*"):
            return
        self.say(self.script.banner)
        while True:
            command = self.hear()
            verb = command[:4].upper()
            if verb in (b"EHLO", b"HELO"):
                lines = ["tests", *self.script.extensions]
                for text in lines[:-1]:
                    self.say(f"250-{text}")
                self.say(f"250 {lines[-1]}")
            elif verb == b"MAIL":
                if self.mails >= self.script.mails_a_connection:
                    self.say("421 4.7.0 enough for one connection")
                    return
                if self.drops("mail", "*"):
                    return
                self.sender = RECIPIENT.search(command)[1].decode()  # type: ignore[index]
                self.say(self.script.sender or "250 2.1.0 ok")
                if self.script.sender:
                    self.sender = ""
            elif verb == b"RCPT":
                if not self.hear_recipient(command):
                    return
            elif verb == b"DATA":
                if not self.hear_mail():
                    return
            elif verb == b"RSET":
                self.sender = self.recipient = ""
                self.say("250 2.0.0 ok")
            elif verb == b"QUIT":
                self.say("221 2.0.0 bye")
                return
            else:
                self.say("500 5.5.1 what?")

    def hear_recipient(self, command: bytes) -> bool:
        named = RECIPIENT.search(command)[1].decode()  # type: ignore[index]
        self.server.seen_recipients.append(named)
        if self.drops("rcpt", named):
            return False
        reply = self.script.rcpt.get(named, self.script.rcpt.get("*", "250 2.1.5 ok"))
        self.recipient = named if reply.startswith("2") and self.sender else ""
        self.say(reply if self.sender else "503 5.5.1 mail first")
        return True

    def hear_mail(self) -> bool:
        if not self.recipient:
            self.say("503 5.5.1 no recipient")
            return True
        self.say("354 go on")
        if self.drops("data", self.recipient):
            return False
        lines = []
        while (line := self.hear()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        delivery = Delivery(self.sender, self.recipient, b"".join(lines))
        if self.drops("dot", self.recipient):
            return False
        if self.script.seconds:
            self.server.stopping.wait(self.script.seconds)
        reply = self.script.content.get(self.recipient, self.script.content.get("*", "250 2.0.0 accepted"))
        if reply.startswith("2"):
            self.server.deliveries.append(delivery)
        if self.drops("answer", self.recipient):
            return False
        self.mails += 1
        self.sender = self.recipient = ""
        self.say(reply)
        return True


@contextmanager
def mail_server(script: Script | None = None) -> Iterator[ScriptedServer]:
    server = ScriptedServer(script or Script())
    server.start()
    try:
        yield server
    finally:
        server.stop()


def closed_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port
