"""One parent over web, worker and scheduler: started together, restarted when they fall, stopped together."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from perennial.operate import supervisor
from perennial.operate.exits import RefusedError
from perennial.operate.supervisor import Child

SECONDS = 60


def eventually(holds: Callable[[], Any], *, seconds: float = SECONDS) -> Any:
    """What `holds` gives once it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := holds():
            return found
        time.sleep(0.1)
    raise AssertionError("It never came true.")


def sleeper(name: str = "worker", code: str = "import time; time.sleep(600)") -> Child:
    return Child(name, [sys.executable, "-c", code])


def alive(pid: int) -> bool:
    """Whether a process runs: one that ended and waits to be asked about does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_child_that_fell_is_started_again_after_a_growing_pause(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: clock[0])
    started: list[float] = []
    child = sleeper()
    monkeypatch.setattr(Child, "start", lambda self: started.append(clock[0]))
    for _ in range(20):
        supervisor._restart_if_fallen(child)
        clock[0] += 1
    assert started == [1002.0, 1007.0, 1016.0]
    assert capsys.readouterr().err.splitlines()[:2] == [
        "The worker fell over; it is started again in 2 seconds.",
        "The worker fell over; it is started again in 4 seconds.",
    ]
    child.falls, child.start_at = 500, 0.0
    supervisor._restart_if_fallen(child)
    assert child.start_at == clock[0] + 60


def test_stopping_ends_every_child_and_what_it_started(tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    code = (
        "import subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        f"open({str(note)!r}, 'w').write(str(child.pid)); time.sleep(600)"
    )
    children = [sleeper(), sleeper("web", code)]
    for child in children:
        child.start()
    grandchild = int(eventually(lambda: note.exists() and note.read_text()))
    pids = [child.process.pid for child in children if child.process] + [grandchild]
    assert [alive(pid) for pid in pids] == [True, True, True]
    supervisor._stop_all(children)
    eventually(lambda: not any(alive(pid) for pid in pids), seconds=10)


def test_a_child_that_does_not_listen_is_ended_hard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(supervisor, "SECONDS_TO_STOP", 0.5)
    ready = tmp_path / "ready"
    deaf = sleeper(
        code="import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"open({str(ready)!r}, 'w').close(); time.sleep(600)"
    )
    deaf.start()
    eventually(ready.exists)
    supervisor._stop_all([deaf])
    assert not deaf.running()


def test_a_taken_port_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(supervisor, "_children", lambda *_where: pytest.fail("it went on"))
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(RefusedError, match=f"Port {port} is taken; set PORT to another number."):
            supervisor.supervise([])


def test_an_address_of_another_machine_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_children", lambda *_where: pytest.fail("it went on"))
    monkeypatch.setenv("PERENNIAL_LISTEN", "192.0.2.7")
    with pytest.raises(RefusedError, match=r"PERENNIAL_LISTEN is 192.0.2.7, which is no address of this machine."):
        supervisor.supervise([])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`perennial run` on an empty place, behind an https address as in production; ended afterwards in any case."""
    port = free_port()
    environ = {
        "PATH": os.environ["PATH"],
        "PERENNIAL_DATA_DIR": str(tmp_path / "house"),
        "PERENNIAL_BASE_URL": "https://alumni.example.org",
        "PORT": str(port),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "perennial.operate.cli", "run"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, port
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=SECONDS)


def ask(port: int, path: str) -> int:
    question = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": "alumni.example.org"})
    try:
        with urllib.request.urlopen(question, timeout=5) as answer:  # noqa: S310 - our own server
            return int(answer.status)
    except OSError:
        return 0


# What runs under one supervisor. Whatever has just been forked still bears the name of its parent.
HOUSE = {"web", "worker", "scheduler"}


def children_of(pid: int) -> dict[str, int]:
    """The processes that `pid` started: by what they are, their id."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            words = (stat.parent / "cmdline").read_text().split("\0")
        except OSError:
            continue
        if parent == pid and any(words):
            found["web" if "granian" in words else words[-2]] = int(stat.parent.name)
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")
def test_the_house_starts_on_an_empty_place_heals_and_stops(house: tuple[subprocess.Popen[str], int]) -> None:
    process, port = house
    assert process.stdout is not None
    said: list[str] = []
    while not said or not said[-1].startswith("Ctrl-C"):
        line = process.stdout.readline()
        assert line, "it stopped before it had started"
        said.append(line.strip())
    assert "Perennial is at https://alumni.example.org" in said
    link = next(line for line in said if "/set-up/" in line)
    assert ask(port, "/health/") == 200
    assert ask(port, link.removeprefix("https://alumni.example.org")) == 200
    family = eventually(lambda: set(found := children_of(process.pid)) == HOUSE and found)
    assert set(family) == HOUSE
    # Each is ended by its own id, never by a name.
    orphan = eventually(lambda: list(children_of(family["web"]).values()))[0]
    for name in ("worker", "web"):
        os.kill(family[name], signal.SIGKILL)
    # What the web server had started does not go on answering beside the new one.
    eventually(lambda: not alive(orphan), seconds=10)
    healed = eventually(
        lambda: (
            set(found := children_of(process.pid)) == HOUSE
            and found["worker"] != family["worker"]
            and found["web"] != family["web"]
            and found
        )
    )
    assert healed["scheduler"] == family["scheduler"]
    eventually(lambda: ask(port, "/health/") == 200)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=SECONDS) == 0
    eventually(lambda: not any(alive(pid) for pid in healed.values()), seconds=10)
    assert ask(port, "/health/") == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")
def test_when_the_parent_is_ended_hard_nobody_is_left_behind(house: tuple[subprocess.Popen[str], int]) -> None:
    process, port = house
    eventually(lambda: ask(port, "/health/") == 200)
    family = eventually(lambda: set(found := children_of(process.pid)) == HOUSE and found)
    process.kill()
    eventually(lambda: not any(alive(pid) for pid in family.values()), seconds=30)
    eventually(lambda: ask(port, "/health/") == 0, seconds=10)


@pytest.mark.slow
def test_the_demo_checks_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "perennial.operate.cli", "demo", "--check"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (
        0,
        ["The demo starts, its pages answer, and it stops."],
    ), done.stderr
