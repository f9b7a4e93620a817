"""The environment: what it may say, and the sentence for everything else."""

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from perennial.operate import supervisor
from perennial.operate.configuration import (
    Configuration,
    ConfigurationError,
    MailServer,
    keys_as_text,
    read_configuration,
    read_keys,
)
from perennial.operate.exits import RefusedError

LONG = "a signing key of at least thirty-two letters"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "house"


def read(home: Path, **environ: str) -> Configuration:
    return read_configuration({"PERENNIAL_DATA_DIR": str(home), **environ})


def test_without_a_word_there_is_sqlite_kept_mail_and_localhost(home: Path) -> None:
    found = read(home)
    assert (found.port, found.base_url, found.hosts) == (
        8000,
        "http://localhost:8000",
        ("localhost", "127.0.0.1", "[::1]"),
    )
    assert (found.demo, found.debug, found.time_travel, found.https) == (False, False, False, False)
    assert found.listen == "127.0.0.1"
    assert found.database["NAME"] == str(home.resolve() / "perennial.sqlite3")
    assert found.mail.keeps


def test_what_is_set_but_empty_is_not_set(home: Path) -> None:
    names = (
        "PORT",
        "PERENNIAL_LISTEN",
        "PERENNIAL_DATABASE_URL",
        "PERENNIAL_EMAIL_URL",
        "PERENNIAL_SECRET_KEY",
        "PERENNIAL_BASE_URL",
        "PERENNIAL_DEBUG",
        "PERENNIAL_ALLOWED_HOSTS",
        "PERENNIAL_DEMO",
        "PERENNIAL_TIME_TRAVEL",
    )
    plain = read(home)
    assert read(home, **dict.fromkeys(names, "")) == plain
    assert read(home, **dict.fromkeys(names, "  ")) == plain


EXPECTED_ADDRESS = "expected the address people use, like https://alumni.example.org, and nothing after it."
EXPECTED_LISTEN = (
    "expected an address of this machine: 127.0.0.1 for itself alone, 0.0.0.0 for everybody who can reach it."
)
EXPECTED_DATABASE = "expected sqlite:///path/to/file or postgresql://user:password@host:5432/name"
EXPECTED_MAIL = "expected smtp://user:password@host:587?starttls=1, smtps://host:465, or keep: to keep mail unsent"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "http", "PORT is 'http'; expected a number from 1 to 65535."),
        ("PORT", "0", "PORT is '0'; expected a number from 1 to 65535."),
        ("PORT", "65536", "PORT is '65536'; expected a number from 1 to 65535."),
        ("PORT", "-1", "PORT is '-1'; expected a number from 1 to 65535."),
        ("PORT", "80.0", "PORT is '80.0'; expected a number from 1 to 65535."),
        ("PORT", "9" * 9, f"PORT is '{'9' * 9}'; expected a number from 1 to 65535."),
        ("PERENNIAL_LISTEN", "everybody", f"PERENNIAL_LISTEN is 'everybody'; {EXPECTED_LISTEN}"),
        ("PERENNIAL_LISTEN", "127.0.0.1:80", f"PERENNIAL_LISTEN is '127.0.0.1:80'; {EXPECTED_LISTEN}"),
        ("PERENNIAL_DEMO", "yes", "PERENNIAL_DEMO is 'yes'; expected 1 or 0."),
        ("PERENNIAL_DEBUG", "True", "PERENNIAL_DEBUG is 'True'; expected 1 or 0."),
        ("PERENNIAL_TIME_TRAVEL", "2", "PERENNIAL_TIME_TRAVEL is '2'; expected 1 or 0."),
        *[
            ("PERENNIAL_BASE_URL", value, f"PERENNIAL_BASE_URL is {value!r}; {EXPECTED_ADDRESS}")
            for value in (
                "alumni.example.org",
                "ftp://alumni.example.org",
                "https://",
                "https://alumni.example.org/people",
                "https://alumni.example.org?x=1",
                "https://alumni.example.org#x",
                "https://carla@alumni.example.org",
                "https://*.example.org",
                "https://alumni example.org",
                "https://alumni.example.org,other.example.org",
            )
        ],
        (
            "PERENNIAL_BASE_URL",
            "https://alumni.example.org:port",
            "PERENNIAL_BASE_URL is 'https://alumni.example.org:port': "
            "Port could not be cast to integer value as 'port'.",
        ),
        (
            "PERENNIAL_SECRET_KEY",
            "short",
            "PERENNIAL_SECRET_KEY is too short; expected at least 32 random characters, "
            "or leave it out and one is made and kept.",
        ),
        ("PERENNIAL_DATABASE_URL", "nonsense", f"PERENNIAL_DATABASE_URL cannot be read; {EXPECTED_DATABASE}."),
        (
            "PERENNIAL_DATABASE_URL",
            "postgresql://host:port/name",
            f"PERENNIAL_DATABASE_URL cannot be read; {EXPECTED_DATABASE}.",
        ),
        (
            "PERENNIAL_DATABASE_URL",
            "mysql://host/name",
            f"PERENNIAL_DATABASE_URL asks for an unknown kind of database; {EXPECTED_DATABASE}.",
        ),
        (
            "PERENNIAL_DATABASE_URL",
            "postgresql://host",
            f"PERENNIAL_DATABASE_URL names no database; {EXPECTED_DATABASE}.",
        ),
        ("PERENNIAL_DATABASE_URL", "sqlite://", f"PERENNIAL_DATABASE_URL names no file; {EXPECTED_DATABASE}."),
        (
            "PERENNIAL_DATABASE_URL",
            "sqlite:////no/such/folder/file.sqlite3",
            f"PERENNIAL_DATABASE_URL names a file in a folder that is not there; {EXPECTED_DATABASE}, "
            "in a folder that is.",
        ),
        *[
            ("PERENNIAL_EMAIL_URL", value, f"PERENNIAL_EMAIL_URL cannot be read; {EXPECTED_MAIL}.")
            for value in ("mail.example.org", "http://mail.example.org", "smtp://", "smtp://host:port", "smtp://host/x")
        ],
        (
            "PERENNIAL_EMAIL_URL",
            "smtp://host?tls=1",
            f"PERENNIAL_EMAIL_URL has the unknown option 'tls'; {EXPECTED_MAIL}.",
        ),
        *[
            (
                "PERENNIAL_EMAIL_URL",
                f"{scheme}://host?starttls={value}",
                f"PERENNIAL_EMAIL_URL has starttls={value}; expected starttls=1 or starttls=0, and neither with smtps.",
            )
            for scheme, value in (("smtp", "yes"), ("smtp", ""), ("smtps", "1"))
        ],
    ],
)
def test_a_wrong_value_stops_with_a_sentence_that_says_which_and_what_was_expected(
    home: Path, name: str, value: str, sentence: str
) -> None:
    with pytest.raises(ConfigurationError) as stopped:
        read(home, **{name: value})
    assert str(stopped.value) == sentence
    # The demo is no excuse: what is set is looked at.
    with pytest.raises(ConfigurationError):
        read(home.with_name("demo"), **{"PERENNIAL_DEMO": "1", name: value})


def test_a_password_in_an_address_is_never_repeated(home: Path) -> None:
    for name, value in (
        ("PERENNIAL_DATABASE_URL", "mysql://carla:hunter2@host/name"),
        ("PERENNIAL_EMAIL_URL", "http://carla:hunter2@host"),
    ):
        with pytest.raises(ConfigurationError) as stopped:
            read(home, **{name: value})
        assert "hunter2" not in str(stopped.value)


def test_a_data_folder_that_cannot_be_made_stops_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigurationError) as stopped:
        read(tmp_path / "file")
    assert str(stopped.value).endswith("expected a folder that this user may write to.")
    with pytest.raises(ConfigurationError):
        read(tmp_path / "file" / "below")


def test_right_values_are_taken_as_they_are(home: Path) -> None:
    found = read(
        home,
        PORT="9000",
        PERENNIAL_LISTEN="::",
        PERENNIAL_BASE_URL="https://Alumni.example.org:8443/",
        PERENNIAL_ALLOWED_HOSTS="inside.example.org, 10.0.0.7 ,",
        PERENNIAL_EMAIL_URL="smtp://carla:p%40ss@mail.example.org:587?starttls=1",
        PERENNIAL_DATABASE_URL="postgresql://u:p@db.example.org:6543/perennial?sslmode=require",
        PERENNIAL_TIME_TRAVEL="1",
    )
    assert (found.port, found.listen, found.https, found.time_travel) == (9000, "::", True, True)
    assert found.base_url == "https://Alumni.example.org:8443"
    assert found.hosts == ("alumni.example.org", "inside.example.org", "10.0.0.7")
    assert found.mail == MailServer("mail.example.org", 587, "carla", "p@ss", starttls=True)
    assert found.database["OPTIONS"]["sslmode"] == "require"
    assert (found.database["HOST"], found.database["PORT"], found.database["NAME"]) == (
        "db.example.org",
        6543,
        "perennial",
    )


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("keep:", MailServer()),
        ("smtp://host", MailServer("host", 25)),
        ("smtps://host", MailServer("host", 465, tls=True)),
        ("smtp://host:2525?starttls=0", MailServer("host", 2525)),
    ],
)
def test_mail_servers(home: Path, url: str, server: MailServer) -> None:
    assert read(home, PERENNIAL_EMAIL_URL=url).mail == server


def test_the_demo_keeps_its_mail_whatever_server_is_named(home: Path) -> None:
    assert read(home, PERENNIAL_DEMO="1", PERENNIAL_EMAIL_URL="smtp://host").mail.keeps
    # Once a demo, the folder stays one.
    assert read(home, PERENNIAL_EMAIL_URL="smtp://host").demo
    assert read(home, PERENNIAL_EMAIL_URL="smtp://host").mail.keeps


def test_keys_are_made_once_and_only_this_user_may_read_them(home: Path) -> None:
    first = read(home).keys
    assert stat.S_IMODE((home / "keys.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert [path.name for path in home.iterdir()] == ["keys.json"]
    assert len({*first.signing, *first.data, *first.fingerprint}) == 3
    assert min(len(key) for key in (*first.signing, *first.data, *first.fingerprint)) >= 64
    assert read(home).keys == first


def test_two_starts_at_once_have_the_same_keys(home: Path) -> None:
    code = (
        "import sys; from perennial.operate.configuration import read_configuration, keys_as_text;"
        "sys.stdout.write(keys_as_text(read_configuration({'PERENNIAL_DATA_DIR': sys.argv[1]}).keys))"
    )
    starts = [
        subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    said = {start.communicate(timeout=60)[0] for start in starts}
    assert said == {(home / "keys.json").read_text()}


def test_a_key_of_ones_own_signs_and_the_one_on_file_still_opens(home: Path) -> None:
    kept = read(home).keys
    given = read(home, PERENNIAL_SECRET_KEY=LONG).keys
    assert given.signing == (LONG, *kept.signing)
    assert (given.data, given.fingerprint, given.demo) == (kept.data, kept.fingerprint, False)


def test_a_key_of_ones_own_does_not_make_a_demo_real(home: Path) -> None:
    read(home, PERENNIAL_DEMO="1")
    assert read(home, PERENNIAL_SECRET_KEY=LONG).keys.demo
    assert read(home, PERENNIAL_SECRET_KEY=LONG, PERENNIAL_DEMO="1").keys.demo


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        '{"signing": ["x"], "data": ["x"], "fingerprint": ["x"]}',
        json.dumps({"signing": LONG, "data": [LONG], "fingerprint": [LONG]}),
        json.dumps({"signing": [LONG], "data": [], "fingerprint": [LONG]}),
        json.dumps({"signing": [LONG], "data": [1], "fingerprint": [LONG]}),
        json.dumps({"signing": [LONG], "data": [LONG]}),
    ],
)
def test_a_damaged_key_file_stops_and_is_left_as_it_is(home: Path, text: str) -> None:
    home.mkdir()
    path = home / "keys.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as stopped:
        read(home)
    assert str(stopped.value) == f"{path} is damaged; put back the copy from your backup."
    assert path.read_text() == text


def test_keys_come_back_from_their_text(home: Path) -> None:
    keys = read(home).keys
    assert read_keys(keys_as_text(keys)) == keys


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"PERENNIAL_DEMO": "1"}, "The keys in {home} are those of the demo."),
        ({"PERENNIAL_SECRET_KEY": "demo-" + LONG}, "The keys in {home} are those of the demo."),
        ({"PERENNIAL_DEBUG": "1"}, "PERENNIAL_DEBUG is set; `perennial run` shows no debugging pages to the world."),
        ({"PERENNIAL_ALLOWED_HOSTS": "*"}, "PERENNIAL_ALLOWED_HOSTS holds '*'; name the hosts people really use."),
        (
            {"PERENNIAL_ALLOWED_HOSTS": "a.example.org,*.example.org"},
            "PERENNIAL_ALLOWED_HOSTS holds '*'; name the hosts people really use.",
        ),
    ],
)
def test_run_refuses_what_must_not_stand_on_the_open_net(
    home: Path, environ: dict[str, str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = read(home, **environ)
    monkeypatch.setattr(supervisor, "read_configuration", lambda: configuration)
    monkeypatch.setattr(supervisor, "prepare_database", lambda: pytest.fail("it went on"))
    with pytest.raises(RefusedError) as refused:
        supervisor.run(None)  # type: ignore[arg-type]
    assert str(refused.value).startswith(sentence.format(home=home.resolve()))


def test_run_refuses_the_demo_even_with_keys_that_are_not_its_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read(home)
    configuration = read(home, PERENNIAL_DEMO="1")
    assert not configuration.keys.demo
    monkeypatch.setattr(supervisor, "read_configuration", lambda: configuration)
    with pytest.raises(RefusedError, match="PERENNIAL_DEMO is set"):
        supervisor.run(None)  # type: ignore[arg-type]


SHOW = (
    "import json; from perennial.operate import settings as s;"
    "print(json.dumps({name: getattr(s, name, None) for name in "
    "('SESSION_COOKIE_NAME', 'CSRF_COOKIE_NAME', 'SESSION_COOKIE_SECURE', 'CSRF_COOKIE_SECURE', "
    "'SECURE_HSTS_SECONDS', 'DEBUG', 'ALLOWED_HOSTS', 'SESSION_COOKIE_HTTPONLY', 'X_FRAME_OPTIONS')}))"
)


def settings_of(home: Path, **environ: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={"PERENNIAL_DATA_DIR": str(home), "PATH": "/usr/bin", **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_where_the_address_is_https_cookies_are_bound_to_host_and_tls(home: Path) -> None:
    found = settings_of(home, PERENNIAL_BASE_URL="https://alumni.example.org")
    assert found == {
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "DEBUG": False,
        "ALLOWED_HOSTS": ["alumni.example.org"],
        "SESSION_COOKIE_HTTPONLY": True,
        "X_FRAME_OPTIONS": "DENY",
    }


def test_without_tls_a_browser_would_refuse_such_cookies_so_they_have_plain_names(home: Path) -> None:
    found = settings_of(home)
    assert (found["SESSION_COOKIE_NAME"], found["SESSION_COOKIE_SECURE"], found["SECURE_HSTS_SECONDS"]) == (
        None,
        None,
        None,
    )


def test_the_watched_folder_must_be_one_that_can_be_used(home: Path, tmp_path: Path) -> None:
    assert read(home).watch_dir is None
    assert read(home, PERENNIAL_WATCH_DIR=str(tmp_path)).watch_dir == tmp_path
    (tmp_path / "file").touch()
    for value in (str(tmp_path / "missing"), str(tmp_path / "file")):
        with pytest.raises(ConfigurationError) as refused:
            read(home, PERENNIAL_WATCH_DIR=value)
        assert str(refused.value) == (
            f"PERENNIAL_WATCH_DIR is {value!r}; expected a folder that is there and that this user may read and write."
        )


def test_the_proxy_on_this_machine_is_trusted_unless_others_are_named(home: Path) -> None:
    assert [str(each) for each in read(home).trusted_proxies] == ["127.0.0.0/8", "::1/128"]
    named = read(home, PERENNIAL_TRUSTED_PROXIES="10.0.0.5, 2001:db8::/32").trusted_proxies
    assert [str(each) for each in named] == ["10.0.0.5/32", "2001:db8::/32"]
    assert read(home, PERENNIAL_TRUSTED_PROXIES="none").trusted_proxies == ()


@pytest.mark.parametrize("value", ["everybody", "10.0.0.5,", "10.0.0.5/8", "proxy.example"])
def test_a_proxy_that_is_no_address_is_refused(home: Path, value: str) -> None:
    with pytest.raises(ConfigurationError, match="expected the addresses of your reverse proxies"):
        read(home, PERENNIAL_TRUSTED_PROXIES=value)
