"""The `perennial` command: names, JSON shapes and ways to end are a promise."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from perennial.accounts.models import User
from perennial.consent import documents
from perennial.consent.models import ConsentState
from perennial.contact.rules import RULES
from perennial.departures.actions import open_due
from perennial.kernel.clock import now as present
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.actions import send_test
from perennial.mail.compose import write
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.operate import cli, soundness
from perennial.operate.configuration import MailServer
from perennial.people.actions import add_address, correct_person
from perennial.people.models import Person
from perennial.privacy.actions import erase
from perennial.privacy.settling import settle
from perennial.programme.models import Programme
from tests.cast import NOW, person, programme
from tests.departures.exit.saying import closed_group
from tests.desk.walkers import leaver

pytestmark = pytest.mark.django_db

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `perennial ...` in this process: how it ended, what it said, and what it complained of."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")

    def command(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        said = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return code, said.out, said.err

    return command


@pytest.fixture
def asked(run: Run) -> Callable[..., Any]:
    """Runs `perennial ... --json`, which must end well, and reads the answer."""

    def command(*arguments: str) -> Any:
        code, out, err = run(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return command


SETUP = {
    "--organisation": "Employer & Sons",
    "--coordinator-name": "Carla Jansen",
    "--coordinator-email": "Carla@employer.example",
    "--language": "nl",
    "--stage": "live",
}


def with_(**changes: str) -> list[str]:
    options = {**SETUP, **{f"--{name.replace('_', '-')}": value for name, value in changes.items()}}
    return [word for option in options.items() for word in option]


def test_setup_asks_nothing_and_prints_the_link_by_which_the_coordinator_comes_in(asked: Any, client: Any) -> None:
    answer = asked("setup", *with_())
    link = answer.pop("sign_in_link")
    assert answer == {"organisation": "Employer & Sons", "coordinator": "carla@employer.example", "stage": "live"}
    assert client.get(link.removeprefix("http://localhost:8000")).status_code == 200
    row = Programme.objects.get()
    assert (row.language, row.stage, row.time_zone, row.owner) == (
        "nl",
        "live",
        "Europe/Amsterdam",
        User.objects.get(),
    )


def test_setup_happens_once(run: Run) -> None:
    assert run("setup", *with_())[0] == 0
    code, out, err = run("setup", *with_(organisation="Another"))
    assert (code, out, err) == (
        2,
        "",
        "This installation is set up already; change it on the Programme page.\n",
    )
    assert Programme.objects.get().organisation == "Employer & Sons"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"coordinator_email": "carla"}, "--coordinator-email is 'carla'; expected an e-mail address."),
        ({"time_zone": "Mars/Olympus"}, "--time-zone is 'Mars/Olympus'; expected a name like Europe/Amsterdam."),
        ({"organisation": " "}, "--organisation needs 1 to 200 characters."),
        ({"coordinator_name": "x" * 201}, "--coordinator-name needs 1 to 200 characters."),
    ],
)
def test_setup_refuses_what_the_page_would_refuse(run: Run, changes: dict[str, str], sentence: str) -> None:
    assert run("setup", *with_(**changes)) == (2, "", sentence + "\n")
    assert User.objects.count() == 0


@pytest.mark.parametrize("wrong", [{"language": "fr"}, {"stage": "loud"}])
def test_setup_knows_its_choices(run: Run, wrong: dict[str, str]) -> None:
    code, _out, err = run("setup", *with_(**wrong))
    assert code == 2
    assert "invalid choice" in err


@pytest.mark.parametrize(
    "command",
    [["tick"], ["drafts"], ["outbox"], ["kpi"], ["explain", "a@b.example", "--purpose", "personal"], ["backup", "x"]],
)
def test_before_it_is_set_up_every_command_says_so(run: Run, command: list[str]) -> None:
    assert run(*command) == (
        2,
        "",
        "The programme is not set up yet; `perennial setup` or the set-up page does that.\n",
    )


def test_the_walk_by_command(asked: Any) -> None:
    programme()
    leaver("Alice van Dam", language="en", manager="Mara Smit")
    leaver("Bob Stone", agrees=False)
    assert asked("drafts") == []
    assert asked("tick", "--at", "2026-09-28") == {"drafted": 3, "queued": 0, "sent": 0, "skipped": {"consent": 1}}
    drafts = asked("drafts")
    assert [set(draft) for draft in drafts] == [{"id", "to", "subject", "text", "language", "purpose", "origin"}] * 3
    letter = next(draft for draft in drafts if draft["origin"] == "journey:farewell/two_weeks")
    assert (letter["to"], letter["subject"], letter["language"], letter["purpose"]) == (
        "Alice van Dam",
        "How are you, Alice?",
        "en",
        "personal",
    )
    assert "Mara Smit" in letter["text"]
    assert asked("drafts", "--approve", "all") == {"approved": 3}
    # At night only what serves goes out.
    assert asked("tick", "--at", "2026-09-28T22:30") == {"drafted": 0, "queued": 1, "sent": 2, "skipped": {}}
    assert asked("tick", "--at", "2026-09-29T08:30+02:00") == {"drafted": 0, "queued": 0, "sent": 1, "skipped": {}}
    outbox = asked("outbox")
    assert [list(mail) for mail in outbox] == [
        ["to", "from", "reply_to", "subject", "text", "html", "headers", "purpose", "state", "at"]
    ] * 3
    mail = next(mail for mail in outbox if mail["purpose"] == "personal")
    assert mail["to"] == "Alice van Dam <alice@home.example>" or "alice@home.example" in mail["to"]
    assert (mail["subject"], mail["state"]) == ("How are you, Alice?", "kept")
    assert mail["at"] == "2026-09-29T06:30:00+00:00"
    assert "alumni@employer.example" in mail["from"]
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    invitation = next(mail for mail in outbox if mail["purpose"] == "service")
    assert "http://localhost:8000/leaver/" in invitation["text"]


# An import looks at the present day, whatever time is tried out.
LAST_DAY = present().date() + timedelta(days=10)
LEAVERS = (
    "name;end date;private email;private email given on;language;employee number\n"
    f"Zoë Peeters;{LAST_DAY};zoe@home.example;2026-09-01;nl;0071\n"
    f"Ольга Смирнова;{LAST_DAY};;;ru;0072\n"
)


@pytest.mark.django_db(transaction=True)
def test_an_import_is_taken_back_and_what_stays_is_said(asked: Any, run: Run, tmp_path: Path, settings: Any) -> None:
    settings.PERENNIAL_DATA_DIR = tmp_path
    programme()
    file = tmp_path / "leavers.csv"
    file.write_text(LEAVERS, encoding="utf-8")
    key = asked("import", str(file), "--apply")["key"]
    zoe = Person.objects.get(full_name="Zoë Peeters")
    correct_person(person=zoe, full_name="Zoë Peters", called="Zoë", language="nl", by="user:1", now=present())
    gone = {"people": 1, "stints": 0, "addresses": 0, "departures": 0, "values": 0}
    stays = ["1 person stays: a colleague or a later import has changed it since."]
    assert asked("import", "--undo", "last") == {"key": key, "file": "leavers.csv", **gone, "stays": stays}
    assert list(Person.objects.all()) == [zoe]
    for refused, why in (
        (("--undo", key), "It wrote nothing, is not over, is undone already, or is older than 30 days."),
        (("--undo", "last"), "There is no import 'last' to take back."),
        (("--undo", "nobody's"), 'There is no import "nobody\'s" to take back.'),
        ((), "Name a file to take in, or an import to take back with --undo."),
        ((str(file), "--undo", key), "Name a file to take in, or an import to take back with --undo."),
    ):
        code, _out, err = run("import", *refused)
        assert (code, err.strip()) == (2, why)


@pytest.mark.django_db(transaction=True)
def test_import_says_what_it_did_and_writes_only_when_told(asked: Any, run: Run, tmp_path: Path, settings: Any) -> None:
    settings.PERENNIAL_DATA_DIR = tmp_path
    programme()
    file = tmp_path / "leavers.csv"
    file.write_text(LEAVERS, encoding="utf-8")
    counted = {"rows": 2, "created": 2, "updated": 0, "unchanged": 0, "rejected": 0, "departures": 2}
    made = {**counted, "errors_file": None, "columns_left_out": [], "key": None}
    assert list(asked("import", str(file))) == list(made)
    assert asked("import", str(file), "--dry-run") == made
    assert Person.objects.count() == 0
    applied = asked("import", str(file), "--apply")
    assert {**applied, "key": None} == made
    again = asked("import", str(file), "--apply")
    assert {**again, "key": None} == {**made, "created": 0, "unchanged": 2, "departures": 0}
    assert len({applied["key"], again["key"]}) == 2
    assert Person.objects.count() == 2
    file.write_text(LEAVERS + "Bob Stone;;;;nl;0073\n", encoding="utf-8")
    code, out, _err = run("import", str(file), "--apply", "--json")
    answer = json.loads(out)
    assert (code, answer["rejected"], answer["unchanged"]) == (1, 1, 2)
    assert "Bob Stone" in Path(answer["errors_file"]).read_text(encoding="utf-8-sig")
    file.write_text(
        LEAVERS.replace("Zoë Peeters", "Zoë Peters") + f"Bob Stone;{LAST_DAY};;;nl;0073\n", encoding="utf-8"
    )
    code, out, _err = run("import", str(file), "--mode", "add")
    assert (code, "1 of the unchanged would be left alone, because the mode is 'add'." in out) == (0, True)
    assert asked("import", str(file), "--mode", "only-update", "--empty", "clear")["updated"] == 1
    file.write_text("Shoe size;name;end date\n44;Bob Stone;2026-10-01\n", encoding="utf-8")
    assert "Columns that were not known and are left out: 'Shoe size'." in run("import", str(file))[1]
    assert asked("import", str(file))["columns_left_out"] == ["Shoe size"]
    code, _out, err = run("import", str(tmp_path / "nothing.csv"), "--apply")
    assert code == 2
    assert err.endswith(".\n")


def test_explain_says_each_rule_in_one_sentence(asked: Any) -> None:
    programme()
    leaver("Alice van Dam")
    answer = asked("explain", "ALICE@home.example", "--purpose", "personal", "--at", "2026-09-28")
    assert list(answer) == ["verdict", "rule", "until", "rules"]
    assert (answer["verdict"], answer["rule"], answer["until"]) == ("yes", "", None)
    always = [rule for rule in RULES if not rule.for_topic]
    assert [list(rule) for rule in answer["rules"]] == [["rule", "passed", "sentence"]] * len(always)
    assert answer["rules"][0] == {
        "rule": "consent",
        "passed": True,
        "sentence": "Agreed to 'Personal notes' by e-mail on 14 September 2026.",
    }
    answer = asked("explain", "alice@home.example", "--purpose", "personal", "--at", "2026-09-28T23:00")
    assert (answer["verdict"], answer["rule"]) == ("later", "quiet_hours")
    assert answer["until"] == "2026-09-29T06:00:00+00:00"
    answer = asked("explain", "alice@home.example", "--purpose", "personal", "--channel", "phone")
    assert (answer["verdict"], answer["rule"]) == ("no", "consent")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["nobody@home.example", "--purpose", "personal"],
            "Nobody with this address is on file.",
        ),
        (
            ["alice@home.example", "--purpose", "gossip"],
            "The purpose 'gossip' is not known; it is one of "
            "newsletter, events, vacancies, personal, business, surveys, feedback, directory, service.",
        ),
        (
            ["alice@home.example", "--purpose", "personal", "--channel", "pigeon"],
            "The channel 'pigeon' is not known; it is one of email, phone, linkedin, post.",
        ),
        (
            ["alice@home.example", "--purpose", "personal", "--at", "soon"],
            "--at is 'soon'; expected a time like 2026-03-01T09:00.",
        ),
        (
            ["shared@home.example", "--purpose", "personal"],
            "More than one person has this address; ask on the person's page.",
        ),
    ],
)
def test_explain_refuses_with_a_sentence(run: Run, arguments: list[str], sentence: str) -> None:
    programme()
    for someone in (leaver("Alice van Dam"), person("Bob Stone")):
        add_address(person=someone, address="shared@home.example", kind="private", source="x", now=NOW)
    assert run("explain", *arguments) == (2, "", sentence + "\n")


def test_explain_tells_the_time_where_the_programme_lives(run: Run) -> None:
    programme(time_zone="Asia/Kolkata")
    leaver("Alice van Dam")
    told = run("explain", "alice@home.example", "--purpose", "personal", "--at", "2026-09-28T23:00")[1]
    assert told.startswith("later until 2026-09-29 08:00 (Asia/Kolkata), because of 'quiet_hours'\n")


def test_a_backup_writes_over_another_only_when_told_to(run: Run, tmp_path: Path) -> None:
    programme()
    file = tmp_path / "perennial.zip"
    file.write_text("the only copy of last year")
    assert run("backup", str(file)) == (
        2,
        "",
        f"{file} is there already; name another file, or say --replace to write over it.\n",
    )
    assert file.read_text() == "the only copy of last year"


def test_kpi_prints_every_figure_with_its_definition(asked: Any, run: Run) -> None:
    programme()
    closed_group(5, 3, 2, closed_at=present())
    figures = asked("kpi")
    assert [list(figure) for figure in figures] == [
        ["kpi", "value", "unit", "numerator", "denominator", "n", "interval", "period", "definition"]
    ] * 7
    by_name = {figure["kpi"]: figure for figure in figures}
    assert list(by_name) == [
        "nps_at_departure",
        "promoter_share",
        "recommend_share",
        "satisfaction",
        "response_rate",
        "capture_rate",
        "consent_rate",
    ]
    nps = by_name["nps_at_departure"]
    assert (nps["value"], nps["unit"], nps["numerator"], nps["denominator"], nps["n"]) == (30.0, "points", 3, 10, 10)
    assert [round(bound) for bound in nps["interval"]] == [-19, 65]
    rate = by_name["capture_rate"]
    assert (rate["value"], rate["unit"], rate["numerator"], rate["n"], rate["interval"]) == (
        None,
        "percent",
        None,
        0,
        None,
    )
    assert "capture_rate       –, n = 0  (" in run("kpi")[1]
    assert "nps_at_departure   +30, n = 10  (" in run("kpi")[1]


def test_another_time_is_only_for_trying_out(run: Run, settings: Any) -> None:
    programme()
    refusal = (
        2,
        "",
        "--at is for trying out: set PERENNIAL_TIME_TRAVEL=1 and let mail be kept (no PERENNIAL_EMAIL_URL).\n",
    )
    settings.PERENNIAL_TIME_TRAVEL = False
    assert run("tick", "--at", "2026-09-28") == refusal
    assert run("tick")[0] == 0
    settings.PERENNIAL_TIME_TRAVEL = True
    settings.PERENNIAL_MAIL_SERVER = MailServer("mail.example.org")
    assert run("tick", "--at", "2026-09-28") == refusal
    settings.PERENNIAL_MAIL_SERVER = MailServer()
    assert run("tick", "--at", "yesterday")[0] == 2
    assert run("tick", "--at", "2026-09-28")[0] == 0


def test_the_outbox_is_told_in_the_order_in_which_it_happened(asked: Any) -> None:
    programme()
    for number, days in (("first", 2), ("second", 1)):
        row = send_test(to=f"{number}@elsewhere.example", by="user:1", now=present())
        Message.objects.filter(pk=row.pk).update(
            state=MessageState.KEPT, not_before=None, done_at=present() + timedelta(days=days)
        )
    assert [mail["to"] for mail in asked("outbox")] == ["second@elsewhere.example", "first@elsewhere.example"]


def test_the_outbox_is_only_for_kept_mail(run: Run, settings: Any) -> None:
    programme()
    settings.PERENNIAL_MAIL_SERVER = MailServer("mail.example.org")
    code, out, err = run("outbox")
    assert (code, out) == (2, "")
    assert err == "Mail is sent here, not kept; the outbox is for installations without PERENNIAL_EMAIL_URL.\n"


def test_check_names_each_finding_with_its_remedy(run: Run) -> None:
    code, out, _err = run("check", "--json")
    findings = json.loads(out)
    assert code == 2
    assert [set(finding) for finding in findings] == [{"finding", "ok", "remedy"}] * len(findings)
    assert [finding["ok"] for finding in findings].count(False) > 0
    assert [finding for finding in findings if finding["ok"] == bool(finding["remedy"])] == []
    programme()
    person(private="alice@home.example")
    wrong = [finding["finding"] for finding in json.loads(run("check", "--json")[1]) if not finding["ok"]]
    assert wrong == ["No mail server is set: mail is kept and never sent."]
    assert "MEND No mail server is set" in run("check")[1]


def test_check_finds_keys_that_do_not_fit_mail_that_waits_and_a_missing_owner(run: Run, settings: Any) -> None:
    programme()
    alice = person(private="alice@home.example")
    open_due(now=NOW)
    Message.objects.create(
        mailing_id=_mailing(alice), person=alice, language="en", state="queued", created_at=NOW, not_before=NOW
    )
    Programme.objects.update(owner=None)
    settings.PERENNIAL_FINGERPRINT_KEYS = ("another key",)
    settings.PERENNIAL_MAIL_SERVER = MailServer("mail.example.org")
    wrong = [finding["finding"] for finding in json.loads(run("check", "--json")[1]) if not finding["ok"]]
    assert wrong == [
        "The programme has no owner.",
        "1 messages have waited for more than 2 hours.",
        "Addresses are not recognised by the fingerprints on file, so nobody stays erased or suppressed.",
    ]


def _mailing(alice: Any) -> int:
    message = write(
        person=alice,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject="s",
        body="b",
        language="en",
        origin="test",
        by="test",
        now=present() + timedelta(days=1),
    )
    mailing = message.mailing_id
    message.delete()
    return mailing


def test_words_are_for_people_and_every_command_has_its_help(run: Run) -> None:
    programme()
    assert run("tick")[1] == "0 drafted, 0 queued for later, 0 sent; skipped: none.\n"
    assert run("drafts")[1] == "No letter waits to be looked at.\n"
    assert run("outbox")[1] == "The outbox is empty.\n"
    code, out, _err = run("--help")
    assert code == 0
    names = (
        "run",
        "demo",
        "setup",
        "check",
        "backup",
        "restore",
        "import",
        "tick",
        "drafts",
        "outbox",
        "explain",
        "kpi",
    )
    for name in (*names, "explain", "kpi", "worker", "scheduler"):
        assert f"    {name} " in out or f"    {name}\n" in out
    assert run()[0] == 2
    assert run("fly")[0] == 2


@pytest.mark.django_db(transaction=True)
def test_check_says_whether_dropped_lists_can_be_taken_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programme()
    (tmp_path / "hr-nl").mkdir()
    monkeypatch.setenv("PERENNIAL_WATCH_DIR", str(tmp_path))
    monkeypatch.setattr(soundness.os, "access", lambda path, _mode: not str(path).endswith("hr-nl"))
    [finding] = [each for each in soundness.findings() if "hr-nl" in each.sentence]
    assert finding == soundness.Finding(
        f"Lists cannot be taken in from {tmp_path / 'hr-nl'}.", False, "Let this user read and write there."
    )
    monkeypatch.setattr(soundness.os, "access", lambda _path, _mode: True)
    assert soundness.Finding(f"Lists that are dropped in {tmp_path} can be taken in.", True) in soundness.findings()


def test_check_says_whether_each_purpose_has_its_document(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    programme(purposes=["newsletter", "events"])
    assert soundness._documents() == []
    settings.PERENNIAL_STANDS_IN = ("RU",)
    assert soundness._documents() == [soundness.Finding("Each purpose has its document, as RU asks.", True)]
    monkeypatch.delitem(documents.PARTS, Purpose.SURVEYS)
    assert [each.ok for each in soundness._documents()] == [True]
    monkeypatch.delitem(documents.PARTS, Purpose.EVENTS)
    [finding] = soundness._documents()
    assert (finding.ok, finding.sentence) == (
        False,
        "In RU each purpose is agreed to by a document of its own, in ru, and there is none for events.",
    )
    programme(purposes=["newsletter"], postal_address=" ")
    [finding] = soundness._documents()
    assert (finding.ok, finding.remedy) == (False, "A coordinator writes it down under Programme.")


def test_check_says_whether_erasures_and_consents_can_be_replayed(tmp_path: Path, settings: Any) -> None:
    settings.PERENNIAL_DATA_DIR = tmp_path
    programme()
    alice, bob = leaver("Alice van Dam"), leaver("Bob Jansen")

    def said() -> list[tuple[str, bool]]:
        found = (soundness._consents(), soundness._journal())
        return [(each.sentence.partition(":")[0], each.ok) for each in found]

    sound = [
        ("The consent ledger replayed comes to what is kept for the door.", True),
        ("The journal of erasures is whole.", True),
    ]
    assert said() == sound
    erase(person=bob, by="test", now=NOW)
    assert said()[1] == ("The journal of erasures lacks 1 of the erasures that the database knows.", False)
    settle(now=NOW)
    assert said() == sound
    ConsentState.objects.filter(person=alice).update(granted=False)
    (tmp_path / "erased.jsonl").write_text("no line of ours\n")
    assert said() == [
        ("What 1 people agreed to cannot be told from the consent ledger alone", False),
        (
            f"Line 1 of {tmp_path / 'erased.jsonl'}, the journal of erasures, is damaged, or one before it is missing",
            False,
        ),
    ]


def test_consents_replays_the_ledger_and_says_where_the_state_differs(asked: Any, run: Run) -> None:
    programme()
    alice = leaver("Alice van Dam")
    assert asked("consents") == {"agreements": 1, "differences": []}
    assert run("consents")[1] == "The ledger comes to 1 agreements, and the same is kept.\n"
    assert asked("consents", "--at", "2026-09-30") == [{"purpose": "personal", "channel": "email", "people": 1}]
    assert asked("consents", "--at", "2020-01-01") == []
    ConsentState.objects.update(granted=False)
    code, out, err = run("consents", "--json")
    assert (code, err) == (1, "")
    differs = {"person_key": alice.key, "purpose": "personal", "channel": "email", "kind": "differs"}
    assert json.loads(out) == {"agreements": 1, "differences": [differs]}
    said = f"{alice.key}  personal by email: the state says something else than the last act.\n"
    assert run("consents") == (1, said, "")
