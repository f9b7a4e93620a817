"""`perennial demo --check`: whether the demo starts and its pages answer."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from perennial.operate.demo.cast import COORDINATOR, PASSWORD
from perennial.operate.exits import DONE, REFUSED

# The demo is told before the first page answers; on a slow machine with other work that has taken two minutes.
SECONDS_TO_START = 300


def check() -> int:
    """`perennial demo --check`: starts the demo in a place of its own, asks the main pages, stops."""
    home = Path(tempfile.mkdtemp(prefix="perennial-check-"))
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PERENNIAL_")}
    environment |= {"PERENNIAL_DATA_DIR": str(home), "PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "perennial.operate.cli", "demo"], env=environment)
    try:
        failures = _ask_pages(f"http://localhost:{port}", process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(home, ignore_errors=True)
    if failures:
        sys.stderr.write("\n".join(failures) + "\n")
        return REFUSED
    sys.stdout.write("The demo starts, its pages answer, and it stops.\n")
    return DONE


def _ask_pages(base: str, process: "subprocess.Popen[bytes]") -> list[str]:
    """Waits for the first page, signs in and asks each page of the desk; returns what went wrong."""
    browser = _Browser(base)
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        if browser.get("/health/")[0] == 200:
            break
        time.sleep(0.3)
    else:
        return ["The demo did not start; what it said stands above."]
    failures = []
    if not browser.sign_in(COORDINATOR.email, PASSWORD):
        failures.append("Signing in as the coordinator did not lead to Today.")
    for path in ("/", "/people/", "/departures/", "/letters/", "/import/", "/figures/", "/programme/", "/outbox/"):
        status, text = browser.get(path)
        if status != 200 or "Halvorsen" not in text:
            failures.append(f"{path} answered {status} instead of its page.")
    return failures


class _Browser:
    """Just enough of a browser to sign in: cookies and one form."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def get(self, path: str, form: Sequence[tuple[str, str]] | None = None) -> tuple[int, str]:
        from urllib.parse import urlencode

        body = urlencode(form).encode() if form else None
        request = urllib.request.Request(self.base + path, data=body, headers={"Referer": self.base + path})  # noqa: S310
        try:
            with self.opener.open(request, timeout=20) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, ""
        except OSError:
            return 0, ""

    def sign_in(self, email: str, password: str) -> bool:
        path = "/account/sign-in/"
        _status, page = self.get(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if token is None:
            return False
        form = [("csrfmiddlewaretoken", token[1]), ("login", email), ("password", password)]
        status, page = self.get(path, form)
        return status == 200 and 'name="password"' not in page


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
