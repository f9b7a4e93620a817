"""Speaks to the mail server: one connection, one recipient a mail, and a clear answer for each.

What matters is *where* a conversation breaks. Up to the final dot the mail has not gone and may be tried again; once
the dot is out and no answer came, nobody can know.
"""

import contextlib
import re
import select
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Protocol, Self

# How long each step of opening a connection may take.
CONNECT_SECONDS = 10.0
# How long one answer may take. RFC 5321 would wait ten minutes for the last; a lease is five.
ANSWER_SECONDS = 60.0
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


class Server(Protocol):
    """Where mail goes, as the configuration has it."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def starttls(self) -> bool: ...
    @property
    def tls(self) -> bool: ...


class Result(Enum):
    ACCEPTED = "accepted"
    REFUSED = "refused"  # for good
    DEFERRED = "deferred"  # not now
    HUNG_UP = "hung up"  # the connection broke before the final dot: not sent
    UNANSWERED = "unanswered"  # it broke after the final dot: nobody knows


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one mail. `dead`: nothing will ever arrive at this address."""

    result: Result
    sentence: str = ""
    dead: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Mail:
    """One mail with its envelope."""

    sender: str
    recipient: str
    content: bytes


class ServerUnavailableError(Exception):
    """The mail server cannot be reached or will not talk to us; no mail is to blame. The message is for humans."""


class Connection:
    """One connection to the mail server, opened on entering. Raises ServerUnavailableError."""

    def __init__(self, server: Server, *, name: str) -> None:
        self._server = server
        # How we greet. Left to itself, smtplib asks the DNS for our name, which may take its time.
        self._name = name
        self._smtp = self._opened()
        self._fresh = True
        self._cut = False
        # The mail whose envelope went out with the end of the one before it (RFC 2920); its answers are still to come.
        self._announced: Mail | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._announced is not None:
            # The server waits for that mail. Without its final dot there is none.
            self._smtp.close()
        try:
            self._smtp.quit()
        except (smtplib.SMTPException, OSError):
            self._smtp.close()

    @property
    def open(self) -> bool:
        return self._smtp.sock is not None

    def cut(self) -> None:
        """Ends the connection from another thread; whoever waits for an answer stops waiting."""
        self._cut = True
        held = self._smtp.sock
        if held is not None:
            with contextlib.suppress(OSError):
                # Below TLS: its own shutdown would leave the waiting thread reading in the clear.
                socket.socket.shutdown(held, socket.SHUT_RDWR)

    def send(self, mail: Mail, *, following: Mail | None = None) -> Answer:
        """Hands one mail over, and announces the `following` one where the server takes several commands at once.

        Raises ServerUnavailableError when the server refuses us as such.
        """
        try:
            return self._one(mail, following)
        except _ClosedError as closing:
            # Servers close a connection after so many mails or so much idling; that is no mail's fault.
            if not closing.used:
                return Answer(Result.HUNG_UP, closing.sentence)
        self._smtp = self._opened()
        self._fresh = True
        try:
            return self._one(mail, following)
        except _ClosedError as closing:
            return Answer(Result.HUNG_UP, closing.sentence)

    def _opened(self) -> smtplib.SMTP:
        server = self._server
        where = f"{server.host}:{server.port}"
        smtp: smtplib.SMTP | None = None
        try:
            if server.tls:
                context = ssl.create_default_context()
                smtp = smtplib.SMTP_SSL(server.host, server.port, self._name, timeout=CONNECT_SECONDS, context=context)
            else:
                smtp = smtplib.SMTP(server.host, server.port, self._name, timeout=CONNECT_SECONDS)
            smtp.ehlo_or_helo_if_needed()
            if server.starttls:
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            if server.user:
                smtp.login(server.user, server.password)
        except smtplib.SMTPAuthenticationError as error:
            raise self._given_up(
                smtp, f"The mail server {where} refuses our user name or password: {_said(error)}"
            ) from error
        except smtplib.SMTPResponseException as error:
            raise self._given_up(smtp, f"The mail server {where} refuses to talk to us: {_said(error)}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise self._given_up(smtp, f"The mail server {where} cannot do what was configured: {error}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise self._given_up(smtp, f"The mail server {where} cannot be reached: {_reason(error)}") from error
        if smtp.sock is None:  # pragma: no cover - smtplib always has one here
            raise ServerUnavailableError(where)
        smtp.sock.settimeout(ANSWER_SECONDS)
        # Body and final dot go out apart; without this the second would wait for the first to be acknowledged.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return smtp

    @staticmethod
    def _given_up(smtp: smtplib.SMTP | None, sentence: str) -> ServerUnavailableError:
        if smtp is not None:
            smtp.close()
        return ServerUnavailableError(sentence)

    def _one(self, mail: Mail, following: Mail | None) -> Answer:
        if self._cut:
            return Answer(Result.HUNG_UP, "The mail server took too long altogether.")
        announced, self._announced = self._announced is mail, None
        if not self.open:
            raise _ClosedError("The mail server had closed the connection.", used=not self._fresh)
        used, self._fresh = not self._fresh, False
        if not self._speaks_of(mail):
            return Answer(Result.REFUSED, "The mail server cannot write to an address with letters like these.")
        try:
            answer = self._enveloped(mail, announced, used)
            if answer is not None:
                return answer
            self._body(mail, following)
        except (smtplib.SMTPException, OSError) as error:
            self._smtp.close()
            return Answer(Result.HUNG_UP, f"The mail server broke off before it had the whole mail: {_reason(error)}")
        try:
            code, said = self._reply()
        except (smtplib.SMTPException, OSError) as error:
            self._smtp.close()
            return Answer(
                Result.UNANSWERED, f"The mail server had the whole mail, but its answer was lost: {_reason(error)}"
            )
        if code == 421:
            self._smtp.close()
        return _content_answer(code, said)

    def _speaks_of(self, mail: Mail) -> bool:
        return mail.recipient.isascii() or self._smtp.has_extn("smtputf8")

    def _commands(self, mail: Mail) -> list[bytes]:
        """The envelope: from, to, and the wish to begin."""
        options = f" SIZE={len(mail.content)}" if self._smtp.has_extn("size") else ""
        if not mail.recipient.isascii():
            options += " SMTPUTF8"
        return [
            f"MAIL FROM:<{mail.sender}>{options}\r\n".encode(),
            f"RCPT TO:<{mail.recipient}>\r\n".encode(),
            b"DATA\r\n",
        ]

    def _enveloped(self, mail: Mail, announced: bool, used: bool) -> Answer | None:
        """Has the envelope answered. None: the server waits for the mail."""
        smtp = self._smtp
        together = smtp.has_extn("pipelining")
        answers: list[tuple[int, str]] = []
        try:
            if together and not announced:
                self._write(b"".join(self._commands(mail)))
            for command in self._commands(mail):
                if not together:
                    self._write(command)
                answers.append(self._reply())
                if answers[-1][0] == 421 or not (together or answers[-1][0] < 400):
                    break
        except (smtplib.SMTPException, OSError) as error:
            if answers:
                raise
            smtp.close()
            raise _ClosedError(f"The mail server hung up: {_reason(error)}", used=used) from error
        if answers[-1][0] == 421:
            smtp.close()
            if len(answers) == 1:
                raise _ClosedError(f"The mail server closed the connection: {answers[0][1]}", used=used)
            return Answer(Result.HUNG_UP, f"The mail server closed the connection: {answers[-1][1]}")
        for step, (code, said) in enumerate(answers):
            if not 200 <= code < 400:
                self._take_back(answers)
                return (_sender_answer, _recipient_answer, _content_answer)[step](code, said)
        return None

    def _take_back(self, answers: list[tuple[int, str]]) -> None:
        """After a refusal: leaves the connection ready for the next mail."""
        try:
            if len(answers) == 3 and answers[2][0] == 354:
                # Asked for all at once, the server now waits for a mail that has no recipient: it gets none.
                self._write(b"\r\n.\r\n")
                self._reply()
            code, _ = self._smtp.rset()
            if code != 250:
                self._smtp.close()
        except (smtplib.SMTPException, OSError):
            self._smtp.close()

    def _body(self, mail: Mail, following: Mail | None) -> None:
        """Sends the mail, and its final dot only while the server has nothing else to say."""
        self._write(mail.content.replace(b"\r\n.", b"\r\n.."))
        if _speaks(self._smtp.sock):
            raise smtplib.SMTPServerDisconnected("it spoke before the mail was complete")
        end = b".\r\n"
        if following is not None and self._smtp.has_extn("pipelining") and self._speaks_of(following):
            end += b"".join(self._commands(following))
            self._announced = following
        self._write(end)

    def _write(self, line: bytes) -> None:
        if self._smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("it had closed the connection")
        self._smtp.sock.sendall(line)

    def _reply(self) -> tuple[int, str]:
        code, said = self._smtp.getreply()
        if not 200 <= code < 600:
            self._smtp.close()
            raise smtplib.SMTPServerDisconnected("it answered something that is no answer")
        return code, said.decode("utf-8", "replace")


@contextlib.contextmanager
def watched(connection: Connection, *, seconds: float) -> Iterator[None]:
    """Cuts the connection after `seconds`: a server that dribbles its answers would never time out by itself."""
    timer = threading.Timer(seconds, connection.cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class _ClosedError(Exception):
    """The server ended the connection before it heard of this mail. `used`: it had carried mail before."""

    def __init__(self, sentence: str, *, used: bool) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.used = used


def _speaks(held: socket.socket | None) -> bool:
    """Whether the server has closed, or has said something nobody asked for. TLS is looked at from outside."""
    if held is None:
        return True
    looking = select.poll()
    looking.register(held, select.POLLIN)
    return bool(looking.poll(0))


def _sender_answer(code: int, said: str) -> Answer:
    """A refusal of our own address is about us, not about this mail; only its size is."""
    if code == 552 or _status(said)[:2] == ("5", "3"):
        return Answer(Result.REFUSED, f"The mail server refuses the mail: {code} {said}")
    raise ServerUnavailableError(f"The mail server refuses our sender address: {code} {said}")


def _recipient_answer(code: int, said: str) -> Answer:
    """A refusal of the recipient; for good only when the reply says so, and fatal for the address only if about it.

    RFC 3463 and standards.md M4: 5.1.x is the address; 5.7.x is policy or authentication; 5.2.2 is a full mailbox.
    """
    status = _status(said)
    if code in (530, 534, 535, 538):
        raise ServerUnavailableError(f"The mail server wants us to sign in first: {code} {said}")
    if code < 500 or code == 552 or status[1:] == ("2", "2"):
        return Answer(Result.DEFERRED, f"The mail server puts the recipient off: {code} {said}")
    about_others = status[1] in ("3", "5", "6", "7") or status[1:] in (("1", "7"), ("1", "8"), ("2", "3"), ("4", "6"))
    dead = not about_others if status[0] else code in (550, 551, 553, 554)
    return Answer(Result.REFUSED, f"The mail server refuses the recipient: {code} {said}", dead=dead)


def _content_answer(code: int, said: str) -> Answer:
    """The answer to the mail itself. Some servers look at the recipient only now; then the status says so."""
    if 200 <= code < 300:
        return Answer(Result.ACCEPTED)
    status = _status(said)
    if code < 500 or status[1:] == ("2", "2"):
        return Answer(Result.DEFERRED, f"The mail server puts the mail off: {code} {said}")
    dead = status[1:] in (("1", "1"), ("1", "2"), ("1", "3"), ("1", "6"), ("1", "10"), ("2", "1"))
    return Answer(Result.REFUSED, f"The mail server refuses the mail: {code} {said}", dead=dead)


def _status(said: str) -> tuple[str, str, str]:
    """The enhanced status code (RFC 3463) in a reply, or three empty words."""
    found = _ENHANCED.match(said.strip())
    return (found[1], found[2], found[3]) if found else ("", "", "")


def _said(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    return str(error) or type(error).__name__
