"""One command for everything: web, worker and scheduler under one parent that restarts what falls over."""

import argparse
import contextlib
import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command

from perennial.kernel.clock import now
from perennial.kernel.links import absolute, path_to
from perennial.kernel.tokens import LinkPurpose
from perennial.operate.configuration import read_configuration
from perennial.operate.exits import DONE, REFUSED, RefusedError
from perennial.programme.queries import current

WEB_THREADS = 4
SECONDS_TO_STOP = 20
SECONDS_TO_START = 60
SECONDS_BETWEEN_TICKS = 60
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A process of ours: how it is started, and when it may be started again after it fell over."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    falls: int = 0
    start_at: float = field(default=0.0)

    def start(self) -> None:
        # A session of its own, so that Ctrl-C reaches the parent only and the parent stops its children in order.
        self.process = subprocess.Popen(self.command, start_new_session=True, preexec_fn=_die_with_parent)  # noqa: S603

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


def run(_: argparse.Namespace) -> int:
    """`perennial run`: refuses what must not stand on the open net, then starts everything."""
    configuration = read_configuration()
    if configuration.keys.demo:
        raise RefusedError(
            f"The keys in {configuration.data_dir} are those of the demo. "
            "Point PERENNIAL_DATA_DIR at a fresh folder (and PERENNIAL_DATABASE_URL at a fresh database)."
        )
    if configuration.demo:
        raise RefusedError("PERENNIAL_DEMO is set; `perennial run` is for real people. Unset it.")
    if configuration.debug:
        raise RefusedError("PERENNIAL_DEBUG is set; `perennial run` shows no debugging pages to the world. Unset it.")
    if any("*" in host for host in configuration.hosts):
        raise RefusedError("PERENNIAL_ALLOWED_HOSTS holds '*'; name the hosts people really use.")
    prepare_database()
    keep_erased()
    programme = current()
    if programme.demo:
        raise RefusedError(
            "This database holds the demo organisation. Point PERENNIAL_DATABASE_URL at a fresh database."
        )
    notes = []
    if programme.set_up_at is None:
        link = absolute(path_to(purpose=LinkPurpose.SET_UP, row=programme.pk, random=programme.set_up_random))
        notes = ["Set up the programme with this link; it works once:", f"  {link}"]
    return supervise(notes)


def demo(_: argparse.Namespace) -> int:
    """`perennial demo`: the same with the demo organisation."""
    from perennial.operate.demo.story import load_once, sign_ins

    configuration = read_configuration()
    prepare_database()
    if not configuration.keys.demo or (current().set_up_at is not None and not current().demo):
        raise RefusedError(
            f"{configuration.data_dir} or its database belongs to a real installation. "
            "Point PERENNIAL_DATA_DIR (and PERENNIAL_DATABASE_URL) elsewhere for the demo."
        )
    load_once(now=now())
    return supervise(["Sign in as one of these (nobody here is real; mail is kept, not sent):", *sign_ins()])


def prepare_database() -> None:
    """Brings the tables up to date; does nothing when they are."""
    call_command("migrate", verbosity=0, interactive=False)


def keep_erased() -> None:
    """Before anybody is written to: whoever the journal says is erased is not in this database, or goes now."""
    from perennial.privacy.journal import JournalDamagedError
    from perennial.privacy.replaying import replay

    try:
        replay(thoroughly=False, now=now())
    except (JournalDamagedError, OSError) as error:
        raise RefusedError(str(error)) from error


def supervise(notes: list[str]) -> int:
    """Starts web, worker and scheduler, says where to go, and keeps them going until told to stop."""
    configuration = read_configuration()
    listen, port = configuration.listen, configuration.port
    _refuse_if_taken(listen, port)
    children = _children(listen, port)
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        for child in children:
            child.start()
        if not _answers(listen, port, children[0], stopping):
            if stopping.is_set():
                return DONE
            sys.stderr.write("The web server did not start; what it said stands above.\n")
            return REFUSED
        _say([f"Perennial is at {settings.BASE_URL}", *notes, "Ctrl-C stops it."])
        while not stopping.wait(0.5):
            for child in children:
                _restart_if_fallen(child)
    finally:
        _stop_all(children)
    return DONE


def worker(_: argparse.Namespace) -> int:
    """`perennial worker`: sends mail and does background work until told to stop."""
    from perennial.mail.worker import run as send_mail

    stopping = _stop_on_signal()
    tasks = threading.Thread(target=_background_work, args=(stopping,), name="background work")
    tasks.start()
    send_mail(stopping)
    tasks.join()
    return DONE


def scheduler(_: argparse.Namespace) -> int:
    """`perennial scheduler`: a tick every minute until told to stop. Two of them do no harm."""
    from perennial.operate.tick import tick

    stopping = _stop_on_signal()
    name = f"{socket.gethostname()}:{os.getpid()}"
    _every(SECONDS_BETWEEN_TICKS, stopping, lambda: tick(now=now(), worker=name))
    return DONE


def _background_work(stopping: threading.Event) -> None:
    from perennial.operate.background import run_queued

    _every(1, stopping, lambda: run_queued(worker=f"{socket.gethostname()}:{os.getpid()}"))


def _every(seconds: float, stopping: threading.Event, work: Callable[[], object]) -> None:
    import logging

    from django.db import close_old_connections

    logger = logging.getLogger("perennial.operate")
    while not stopping.is_set():
        try:
            close_old_connections()
            work()
        except Exception:  # the edge of the process: said with its trace, tried again at the next turn
            logger.exception("A turn failed; it is tried again.")
        stopping.wait(seconds)


def _stop_on_signal() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopping.set())
    return stopping


def _children(listen: str, port: int) -> list[Child]:
    python = [sys.executable, "-m"]
    web = [*python, "granian", "--interface", "wsgi", "--host", listen, "--port", str(port)]
    web += ["--workers", "1", "--blocking-threads", str(WEB_THREADS), "--respawn-failed-workers", "--no-ws"]
    web += ["--log-level", "warning", "perennial.operate.wsgi:application"]
    return [
        Child("web", web),
        Child("worker", [*python, "perennial.operate.cli", "worker"]),
        Child("scheduler", [*python, "perennial.operate.cli", "scheduler"]),
    ]


def _restart_if_fallen(child: Child) -> None:
    if child.running():
        return
    if child.start_at == 0.0:
        # What it started itself may have outlived it: the web server's worker goes on answering at the port.
        _signal(child, signal.SIGKILL)
        child.falls += 1
        pause = min(2**child.falls, 60)
        sys.stderr.write(f"The {child.name} fell over; it is started again in {pause} seconds.\n")
        child.start_at = time.monotonic() + pause
    elif time.monotonic() >= child.start_at:
        child.start_at = 0.0
        child.start()


def _stop_all(children: list[Child]) -> None:
    for child in reversed(children):
        _signal(child, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_STOP
    for child in children:
        if child.process is None:
            continue
        try:
            child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(child, signal.SIGKILL)
            child.process.wait()


def _signal(child: Child, number: signal.Signals) -> None:
    if child.process is None:
        return
    with contextlib.suppress(ProcessLookupError):
        # The whole group: the web server's own workers would outlive it and keep the port.
        os.killpg(child.process.pid, number)


def _die_with_parent() -> None:
    # Runs between fork and exec. On Linux the kernel then ends us with our parent, even when that was killed hard.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _refuse_if_taken(listen: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in listen else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen, port))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise RefusedError(f"PERENNIAL_LISTEN is {listen}, which is no address of this machine.") from error
            raise RefusedError(f"Port {port} is taken; set PORT to another number.") from error


def _answers(listen: str, port: int, web: Child, stopping: threading.Event) -> bool:
    """Waits until the web server answers, it fell over, or we are told to stop."""
    # By the name that people use: another one the web server would not answer to.
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen, listen)  # noqa: S104 - a name for all of them
    question = urllib.request.Request(
        f"http://{f'[{here}]' if ':' in here else here}:{port}/health/",
        headers={"Host": urlsplit(settings.BASE_URL).netloc},
    )
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and web.running() and not stopping.is_set():
        try:
            with urllib.request.urlopen(question, timeout=5) as answer:  # noqa: S310 - our own server
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            stopping.wait(0.2)
    return False


def _say(lines: list[str]) -> None:
    sys.stdout.write("\n".join(["", *lines, ""]) + "\n")
    sys.stdout.flush()
