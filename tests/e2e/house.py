"""A running installation for the browser: started, asked and stopped like an operator would."""

import base64
import hashlib
import hmac
import json
import os
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECONDS_TO_START = 120


@dataclass
class House:
    """`perennial COMMAND` in a data folder of its own, and the server started from it."""

    home: Path
    database_url: str = ""
    port: int = field(default_factory=lambda: free_port())
    process: "subprocess.Popen[str] | None" = None

    @property
    def base(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PERENNIAL_", "DJANGO_"))}
        own = {"PERENNIAL_DATA_DIR": str(self.home), "PORT": str(self.port), "PERENNIAL_TIME_TRAVEL": "1"}
        return kept | own | ({"PERENNIAL_DATABASE_URL": self.database_url} if self.database_url else {})

    def command(self, *arguments: str, expect: int = 0) -> Any:
        """What a command answers with --json."""
        done = subprocess.run(
            [sys.executable, "-m", "perennial.operate.cli", *arguments, "--json"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    def start(self, command: str) -> str:
        """Starts `perennial run` or `perennial demo`; returns what it printed until it answered."""
        self.home.mkdir(parents=True, exist_ok=True)
        log = self.home / "said.txt"
        with log.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "perennial.operate.cli", command],
                env=self.environment,
                stdout=said,
                stderr=subprocess.STDOUT,
                text=True,
            )
        deadline = time.monotonic() + SECONDS_TO_START
        while "Ctrl-C" not in log.read_text():
            assert self.process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        return log.read_text()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def totp(secret: str) -> str:
    """The code an authenticator app shows now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"
