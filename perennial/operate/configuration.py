"""Reads the environment once, checks every value and says in a sentence what is wrong with it."""

import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url

from perennial.kernel.countries import codes

DEMO_KEY_PREFIX = "demo-"
# A name, or an IPv4 or IPv6 address.
_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+")
KEY_BYTES = 48
# A proxy on the same machine, as docs/operating.md sets it up.
LOOPBACK = "127.0.0.0/8,::1"


class ConfigurationError(Exception):
    """A value from the environment is not usable; the message says which and what was expected."""


@dataclass(frozen=True)
class MailServer:
    """Where mail goes. `host` empty: mail is kept in the database and never sent."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False

    @property
    def keeps(self) -> bool:
        return not self.host


@dataclass(frozen=True)
class Keys:
    """Three independent keys. The first of each list is used; the others still read what they once wrote."""

    signing: tuple[str, ...]
    data: tuple[str, ...]
    fingerprint: tuple[str, ...]
    demo: bool


@dataclass(frozen=True)
class Configuration:
    """What the environment asks for, checked."""

    data_dir: Path
    database: dict[str, Any]
    mail: MailServer
    keys: Keys
    port: int
    listen: str
    base_url: str
    hosts: tuple[str, ...]
    demo: bool
    debug: bool
    time_travel: bool
    watch_dir: Path | None
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    stands_in: tuple[str, ...]

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")


def read_configuration(environ: Mapping[str, str] = os.environ) -> Configuration:
    """The checked configuration. Creates the data folder and its keys when they are not there yet.

    Raises ConfigurationError with one sentence for the operator.
    """
    # Set but empty, as in many an environment file, means not set.
    environ = {name: value for name, value in environ.items() if value.strip()}
    data_dir = _data_dir(environ.get("PERENNIAL_DATA_DIR", "perennial-data"))
    wants_demo = _flag(environ, "PERENNIAL_DEMO")
    keys = _keys(environ, data_dir, wants_demo)
    demo = wants_demo or keys.demo
    port = _port(environ.get("PORT", "8000"))
    base_url = _base_url(environ.get("PERENNIAL_BASE_URL", f"http://localhost:{port}"))
    mail = _mail(environ.get("PERENNIAL_EMAIL_URL", "keep:"))
    return Configuration(
        data_dir=data_dir,
        database=_database(environ.get("PERENNIAL_DATABASE_URL", ""), data_dir),
        # The demo's people are invented, and so are their addresses.
        mail=MailServer() if demo else mail,
        keys=keys,
        port=port,
        listen=_listen(environ.get("PERENNIAL_LISTEN", "127.0.0.1")),
        base_url=base_url,
        hosts=_hosts(base_url, environ.get("PERENNIAL_ALLOWED_HOSTS", ""), demo),
        demo=demo,
        debug=_flag(environ, "PERENNIAL_DEBUG"),
        time_travel=_flag(environ, "PERENNIAL_TIME_TRAVEL"),
        watch_dir=_watch_dir(environ.get("PERENNIAL_WATCH_DIR", "")),
        trusted_proxies=_trusted_proxies(environ.get("PERENNIAL_TRUSTED_PROXIES", LOOPBACK)),
        stands_in=_stands_in(environ.get("PERENNIAL_STANDS_IN", "")),
    )


def _flag(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "").strip()
    if value not in ("", "0", "1"):
        raise ConfigurationError(f"{name} is {value!r}; expected 1 or 0.")
    return value == "1"


def _port(value: str) -> int:
    if not value.isdecimal() or len(value) > 5 or not 1 <= int(value) <= 65535:
        raise ConfigurationError(f"PORT is {value!r}; expected a number from 1 to 65535.")
    return int(value)


def _listen(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError as error:
        raise ConfigurationError(
            f"PERENNIAL_LISTEN is {value!r}; expected an address of this machine: 127.0.0.1 for itself alone, "
            "0.0.0.0 for everybody who can reach it."
        ) from error


def _trusted_proxies(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    if value.strip() == "none":
        return ()
    try:
        return tuple(ip_network(part.strip()) for part in value.split(","))
    except ValueError as error:
        raise ConfigurationError(
            f"PERENNIAL_TRUSTED_PROXIES is {value!r}; expected the addresses of your reverse proxies, separated by "
            "commas, like 127.0.0.1,10.0.0.0/8, or none."
        ) from error


def _base_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError as error:
        raise ConfigurationError(f"PERENNIAL_BASE_URL is {value!r}: {error}.") from error
    more = (parts.path.strip("/"), parts.query, parts.fragment, parts.username)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(more) or not _HOST.fullmatch(parts.hostname):
        raise ConfigurationError(
            f"PERENNIAL_BASE_URL is {value!r}; "
            "expected the address people use, like https://alumni.example.org, and nothing after it."
        )
    return value.rstrip("/")


def _hosts(base_url: str, extra: str, demo: bool) -> tuple[str, ...]:
    named = [urlsplit(base_url).hostname or ""] + [host.strip() for host in extra.split(",") if host.strip()]
    local = ["localhost", "127.0.0.1", "[::1]"] if demo or base_url.startswith("http://localhost") else []
    return tuple(dict.fromkeys(named + local))


def _data_dir(value: str) -> Path:
    path = Path(value).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigurationError(
            f"PERENNIAL_DATA_DIR is {value!r} and cannot be made ({error.strerror}); "
            "expected a folder that this user may write to."
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ConfigurationError(f"PERENNIAL_DATA_DIR is {value!r}; expected a folder that this user may write to.")
    return path


def _stands_in(value: str) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(code.strip().upper() for code in value.split(",") if code.strip()))
    if unknown := set(named) - codes():
        raise ConfigurationError(
            f"PERENNIAL_STANDS_IN names {', '.join(sorted(unknown))}; expected codes of countries, like RU, in which "
            "the database and its backups stand."
        )
    return named


def _watch_dir(value: str) -> Path | None:
    if not value:
        return None
    path = Path(value).expanduser().resolve()
    if not path.is_dir() or not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise ConfigurationError(
            f"PERENNIAL_WATCH_DIR is {value!r}; expected a folder that is there and that this user may read and write."
        )
    return path


def _database(url: str, data_dir: Path) -> dict[str, Any]:
    if not url:
        url = f"sqlite:///{data_dir / 'perennial.sqlite3'}"
    expected = "expected sqlite:///path/to/file or postgresql://user:password@host:5432/name"
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except Exception as error:  # the library raises several kinds, all of them meaning the same to the operator
        raise ConfigurationError(f"PERENNIAL_DATABASE_URL cannot be read; {expected}.") from error
    engine = database.get("ENGINE")
    if engine == "django.db.backends.sqlite3":
        if database.get("NAME") in (None, "", ":memory:"):
            raise ConfigurationError(f"PERENNIAL_DATABASE_URL names no file; {expected}.")
        if not Path(database["NAME"]).parent.is_dir():
            raise ConfigurationError(
                f"PERENNIAL_DATABASE_URL names a file in a folder that is not there; {expected}, in a folder that is."
            )
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            # What is deleted is written over in the file: an erased person must not be readable in it.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
            "PRAGMA secure_delete=ON; PRAGMA recursive_triggers=ON;",
        }
    elif engine == "django.db.backends.postgresql":
        if not database.get("NAME"):
            raise ConfigurationError(f"PERENNIAL_DATABASE_URL names no database; {expected}.")
        database["CONN_MAX_AGE"] = 600
        # Compiling a statement costs more than our largest one takes: the door over 100,000 people spent 0.9 of 1.7 s
        # on it.
        # What we read through a cursor we read to its end, so it is planned for all of it, not for its first tenth.
        # A row in memory or on a solid disk costs about as much wherever it lies. Without that said, PostgreSQL reads
        # all stints there ever were to find those of the few thousand who leave.
        database.setdefault("OPTIONS", {})["options"] = "-c jit=off -c cursor_tuple_fraction=1 -c random_page_cost=1.1"
        database["CONN_HEALTH_CHECKS"] = True
    else:
        raise ConfigurationError(f"PERENNIAL_DATABASE_URL asks for an unknown kind of database; {expected}.")
    return database


def _mail(url: str) -> MailServer:
    expected = "expected smtp://user:password@host:587?starttls=1, smtps://host:465, or keep: to keep mail unsent"
    if url in ("keep:", "keep"):
        return MailServer()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigurationError(f"PERENNIAL_EMAIL_URL cannot be read; {expected}.") from error
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
        raise ConfigurationError(f"PERENNIAL_EMAIL_URL cannot be read; {expected}.")
    options = parse_qs(parts.query, keep_blank_values=True)
    unknown = set(options) - {"starttls"}
    if unknown:
        raise ConfigurationError(f"PERENNIAL_EMAIL_URL has the unknown option {sorted(unknown)[0]!r}; {expected}.")
    tls = parts.scheme == "smtps"
    starttls = options.get("starttls", ["0"])[-1]
    if starttls not in ("0", "1") or (tls and starttls == "1"):
        raise ConfigurationError(
            f"PERENNIAL_EMAIL_URL has starttls={starttls}; expected starttls=1 or starttls=0, and neither with smtps."
        )
    return MailServer(
        host=parts.hostname,
        port=port or (465 if tls else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=starttls == "1",
        tls=tls,
    )


def _keys(environ: Mapping[str, str], data_dir: Path, demo: bool) -> Keys:
    given = environ.get("PERENNIAL_SECRET_KEY", "")
    if given and len(given) < 32:
        raise ConfigurationError(
            "PERENNIAL_SECRET_KEY is too short; expected at least 32 random characters, "
            "or leave it out and one is made and kept."
        )
    path = data_dir / "keys.json"
    stored = _stored_keys(path) or _make_keys(path, demo)
    signing = (given, *stored.signing) if given else stored.signing
    # The data and fingerprint keys are the folder's in any case, so a signing key of one's own makes no demo real.
    return Keys(signing, stored.data, stored.fingerprint, stored.demo or given.startswith(DEMO_KEY_PREFIX))


def _stored_keys(path: Path) -> Keys | None:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}); this user must own it.") from error
    try:
        return read_keys(text)
    except ValueError as error:
        raise ConfigurationError(f"{path} is damaged; put back the copy from your backup.") from error


def read_keys(text: str) -> Keys:
    """The keys in the text of a keys.json. Raises ValueError when it is none."""
    kept = json.loads(text)
    if not isinstance(kept, dict):
        raise ValueError("no table of keys")
    lists = {}
    for name in ("signing", "data", "fingerprint"):
        keys = kept.get(name)
        if not isinstance(keys, list) or not keys or not all(isinstance(key, str) and len(key) >= 32 for key in keys):
            raise ValueError(f"no usable {name} key")
        lists[name] = tuple(keys)
    return Keys(**lists, demo=lists["signing"][0].startswith(DEMO_KEY_PREFIX))


def keys_as_text(keys: Keys) -> str:
    """What `read_keys` reads."""
    lists = {"signing": keys.signing, "data": keys.data, "fingerprint": keys.fingerprint}
    return json.dumps(lists, indent=1)


def _make_keys(path: Path, demo: bool) -> Keys:
    prefix = DEMO_KEY_PREFIX if demo else ""
    signing, data, fingerprint = ((prefix + secrets.token_urlsafe(KEY_BYTES),) for _ in range(3))
    # Written whole under another name and then linked, so that of two starts at once one wins and both read the same.
    draft = path.with_name(f"keys.{secrets.token_hex(8)}.tmp")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(keys_as_text(Keys(signing, data, fingerprint, demo)))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    stored = _stored_keys(path)
    if stored is None:
        raise ConfigurationError(f"{path} cannot be written.")
    return stored
