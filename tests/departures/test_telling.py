"""'You said, we did': to everybody who agreed and to nobody else, once, and taken back as long as it is here."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from perennial.accounts.models import User
from perennial.accounts.roles import PERMISSIONS, Permission
from perennial.audit.models import Event
from perennial.consent.actions import change_preferences, withdraw
from perennial.consent.enums import Means
from perennial.consent.queries import granted, replayed
from perennial.contact.actions import suppress
from perennial.contact.models import Touch
from perennial.departures.actions import open_due
from perennial.departures.exit.theme_actions import ActionToldError, mark_done
from perennial.departures.exit.themes import set_themes
from perennial.departures.models import Departure, Telling, Theme, ThemeAction
from perennial.departures.telling import actions, queries
from perennial.departures.telling.actions import (
    PAUSE,
    ChangedMeanwhileError,
    GoneAlreadyError,
    NobodyToTellError,
    NotADraftError,
    NothingToTellError,
    ToldOftenEnoughError,
    UnfinishedError,
    begin,
    discard,
    send,
    take_back,
    write_down,
    write_letters,
)
from perennial.mail.models import Mailing, Message
from perennial.mail.render import render, unsubscribe_path
from perennial.mail.send import send_due
from perennial.people.models import Person
from perennial.privacy.actions import erase
from perennial.programme.enums import Stage
from tests.cast import NOW, TODAY, exclude, programme
from tests.departures.exit.saying import counted_theme, say
from tests.mail.people import agreed

pytestmark = pytest.mark.django_db

BY: dict[str, Any] = {"by": "user:1", "now": NOW}
LATER = NOW + PAUSE
WORDS = {"subject": "You said, we did", "body": "Hello,\n\nthere are more places to park."}


@pytest.fixture
def carla() -> User:
    owner = programme().owner
    assert owner is not None
    return owner


def done_action(theme: Theme | None = None, text: str = "The city gave us twenty places") -> ThemeAction:
    theme = theme or counted_theme("Parking")
    return theme.actions.create(text=text, due_on=TODAY, done_at=NOW, done_by="user:1")


def hears(name: str, *, language: str = "nl", purposes: tuple[str, ...] = ("feedback",)) -> Person:
    someone = agreed(name, f"{name.lower()}@home.example", purposes=purposes)
    Person.objects.filter(pk=someone.pk).update(language=language)
    return someone


def draft(carla: User, **contents: dict[str, str]) -> Telling:
    telling = begin(action_ids=[done_action().pk], by=carla, now=NOW)
    return write_down(key=telling.key, contents=contents or {"en": WORDS}, **BY)


def sent_off(carla: User, telling: Telling | None = None) -> Telling:
    telling = telling or draft(carla)
    return send(key=telling.key, seen=queries.fingerprint(telling.contents), by=carla, now=NOW)


def went_out(carla: User, telling: Telling | None = None) -> Telling:
    telling = sent_off(carla, telling)
    write_letters(now=NOW)
    assert send_due(now=LATER, worker="w").failed == 0
    telling.refresh_from_db()
    return telling


def who(state: str = "kept") -> set[str]:
    return set(
        Message.objects.filter(state=state, mailing__origin__startswith="departures:telling/").values_list(
            "person__full_name", flat=True
        )
    )


def test_everybody_who_agreed_hears_it_and_nobody_else(carla: User) -> None:
    hears("Alice")
    hears("Bob", purposes=("newsletter", "surveys"))
    dora = hears("Dora")
    withdraw(person=dora, means=Means.PREFERENCES, by="test", now=NOW)
    telling = went_out(carla)
    assert who() == {"Alice"}
    assert telling.state == "told"
    assert queries.how_far([telling])[telling.pk] == queries.Told(sent=1)
    message = Message.objects.select_related("mailing").get(mailing=telling.mailing)
    assert (message.mailing.intent, message.mailing.purpose, message.mailing.automatic) == ("give", "feedback", False)
    mail = render(message, reveal=True)
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Auto-Submitted" not in mail.headers
    assert (mail.reply_to, mail.headers["Reply-To"]) == (carla.email, f"{carla.name} <{carla.email}>")
    [touch] = Touch.objects.filter(kind="mail")
    assert (touch.purpose, touch.intent, touch.summary) == ("feedback", "give", WORDS["subject"])


def test_it_goes_to_all_who_agreed_and_never_to_those_alone_who_spoke_of_it(carla: User) -> None:
    """Getting the letter must not tell whose answers the theme was noted on."""
    hears("Alice")
    hears("Bob")
    theme = counted_theme("Parking")
    open_due(now=NOW)
    of_alice = Departure.objects.get(person__full_name="Alice")
    say(of_alice, keep="Parking")
    set_themes(departure=of_alice, keys=[theme.key], **BY)
    telling = begin(action_ids=[done_action(theme).pk], by=carla, now=NOW)
    telling = write_down(key=telling.key, contents={"en": WORDS}, **BY)
    with CaptureQueriesContext(connection) as statements:
        sent_off(carla, telling)
        write_letters(now=NOW)
    assert not [each for each in statements if "departures_answer" in each["sql"] or "exitanswers" in each["sql"]]
    assert who("queued") == {"Alice", "Bob"}


def test_the_door_is_asked_when_it_is_written_and_again_when_it_leaves(carla: User) -> None:
    exclude(hears("Excluded"))
    suppress(address="suppressed@home.example", reason="came back", now=NOW)
    hears("Suppressed")
    change_preferences(person=hears("Personal"), frequency="only_personal", by="test", now=NOW)
    change_preferences(person=hears("Pauses"), not_now_until=TODAY + timedelta(days=9), by="test", now=NOW)
    withdraws, alice = hears("Withdraws"), hears("Alice")
    reached = queries.reach(programme=programme(), now=NOW)
    assert (reached.at_once, reached.later, reached.hear) == (2, [("not_now", 1)], 3)
    assert dict(reached.not_at_all) == {"excluded": 1, "suppressed": 1, "frequency": 1}
    sent_off(carla)
    write_letters(now=NOW)
    assert who("queued") == {"Pauses", "Withdraws", "Alice"}
    withdraw(person=withdraws, means=Means.ONE_CLICK, by="test", now=NOW)
    send_due(now=LATER, worker="w")
    assert (who("kept"), who("skipped"), who("queued")) == ({alice.full_name}, {"Withdraws"}, {"Pauses"})
    send_due(now=NOW + timedelta(days=9), worker="w")
    assert who("kept") == {"Alice", "Pauses"}


def test_each_reads_it_in_their_language_or_openly_in_the_programmes(carla: User) -> None:
    for name, language in [("Anna", "de"), ("Boris", "ru"), ("Chantal", "fr"), ("Dirk", "nl"), ("Eve", "en")]:
        hears(name, language=language)
    telling = begin(action_ids=[done_action().pk], by=carla, now=NOW)
    assert set(telling.contents) == {"en", "nl", "de", "ru"}
    said = {"en": WORDS, "nl": {"subject": "Jullie zeiden", "body": "Hallo"}, "de": {"subject": "", "body": " \n"}}
    telling = write_down(key=telling.key, contents=said, **BY)
    reached = queries.reach(programme=programme(), now=NOW)
    assert set(telling.contents) == {"en", "nl"}
    missing = queries.read_in_another(contents=telling.contents, reached=reached, programme=programme())
    assert missing == [("de", 1), ("fr", 1), ("ru", 1)]
    went_out(carla, telling)
    read = dict(Message.objects.values_list("person__full_name", "language"))
    assert read == {"Anna": "en", "Boris": "en", "Chantal": "en", "Dirk": "nl", "Eve": "en"}
    dirk = render(Message.objects.select_related("mailing").get(person__full_name="Dirk"), reveal=False)
    assert dirk.subject == "Jullie zeiden"
    assert "Wat we hebben veranderd" in dirk.text


@pytest.mark.parametrize("language", ["nl", "de", "ru"])
def test_a_beginning_stands_there_in_each_language(carla: User, language: str) -> None:
    hears("Alice", language=language)
    with translation.override("en"):
        telling = begin(action_ids=[done_action(text="Asked the city.").pk], by=carla, now=NOW)
    english, theirs = telling.contents["en"], telling.contents[language]
    for text in (english["body"], theirs["body"]):
        assert "Parking" in text
        assert "Asked the city." in text
        assert carla.name in text
        assert "%(" not in text
    same = set(english["body"].splitlines()) & set(theirs["body"].splitlines())
    assert same == {"", carla.name}
    assert english["subject"] != theirs["subject"]


def test_what_no_closed_group_counts_cannot_be_told_about(carla: User) -> None:
    hidden = done_action(Theme.objects.create(name="Bullying by the CFO", made_by="user:2", made_at=NOW))
    undone = counted_theme("Canteen").actions.create(text="Ask", due_on=TODAY)
    for ids in ([hidden.pk], [undone.pk], [10**9], [], [done_action().pk, hidden.pk]):
        with pytest.raises(NothingToTellError):
            begin(action_ids=ids, by=carla, now=NOW)
    assert Telling.objects.count() == 0
    assert ThemeAction.objects.exclude(told_in=None).count() == 0


def test_whoever_runs_the_programme_sees_figures_and_writes_to_people() -> None:
    """The views declare one permission; it must stand for the two that are needed."""
    for held in PERMISSIONS.values():
        if Permission.RUN_PROGRAMME in held:
            assert {Permission.SEE_FIGURES, Permission.WRITE_TO_PEOPLE} <= held


def test_nothing_is_told_twice(carla: User) -> None:
    hears("Alice")
    action = done_action()
    telling = begin(action_ids=[action.pk], by=carla, now=NOW)
    with pytest.raises(NothingToTellError):
        begin(action_ids=[action.pk], by=carla, now=NOW)
    telling = write_down(key=telling.key, contents={"en": WORDS}, **BY)
    went_out(carla, telling)
    with pytest.raises(NotADraftError):
        sent_off(carla, telling)
    for _ in range(2):
        write_letters(now=NOW)
        # As after a crash between a page and its mark.
        Telling.objects.update(state="writing", written_up_to=0)
    write_letters(now=NOW)
    assert Message.objects.count() == 1
    with pytest.raises(NothingToTellError):
        begin(action_ids=[action.pk], by=carla, now=NOW)
    for change in ({"done": False}, {"done": True}):
        with pytest.raises(ActionToldError):
            mark_done(action_id=action.pk, **change, **BY)


def test_a_draft_is_written_kept_and_discarded(carla: User) -> None:
    telling = draft(carla)
    for unfinished in (
        {},
        {"nl": WORDS},
        {"en": {"subject": " ", "body": "x"}},
        {"en": WORDS, "de": {**WORDS, "subject": ""}},
    ):
        with pytest.raises(UnfinishedError):
            write_down(key=telling.key, contents=unfinished, **BY)
    telling.refresh_from_db()
    assert telling.contents == {"en": WORDS}
    write_down(key=telling.key, contents={"en": WORDS, "xx": WORDS}, **BY)
    discard(key=telling.key, **BY)
    assert ThemeAction.objects.get().told_in is None
    for gone in (lambda: discard(key=telling.key, **BY), lambda: write_down(key=telling.key, contents={}, **BY)):
        with pytest.raises(NotADraftError):
            gone()
    deeds = Event.objects.filter(deed__startswith="departures.telling_").order_by("pk").values_list("deed", flat=True)
    assert list(deeds) == [f"departures.telling_{what}" for what in ("begun", "changed", "changed", "discarded")]


def test_what_is_sent_is_what_was_looked_at(carla: User) -> None:
    hears("Alice")
    telling = draft(carla)
    seen = queries.fingerprint(telling.contents)
    write_down(key=telling.key, contents={"en": {**WORDS, "body": "Something else"}}, **BY)
    with pytest.raises(ChangedMeanwhileError):
        send(key=telling.key, seen=seen, by=carla, now=NOW)
    assert not Mailing.objects.filter(purpose="feedback").exists()


def test_where_nobody_would_hear_it_nothing_is_used_up(carla: User) -> None:
    telling = draft(carla)
    with pytest.raises(NobodyToTellError):
        sent_off(carla, telling)
    hears("Alice")
    programme(Stage.PREPARATION)
    with pytest.raises(NobodyToTellError):
        sent_off(carla, telling)
    programme()
    went_out(carla, telling)
    assert who() == {"Alice"}


def test_a_few_times_a_year_is_kept_to(carla: User) -> None:
    hears("Alice")
    theme = counted_theme("Parking")
    for number in range(5):
        telling = begin(action_ids=[done_action(theme, f"Step {number}").pk], by=carla, now=NOW)
        seen = queries.fingerprint(telling.contents)
        at = NOW + timedelta(days=30 * number)
        if number < 4:
            send(key=telling.key, seen=seen, by=carla, now=at)
    with pytest.raises(ToldOftenEnoughError) as refused:
        send(key=telling.key, seen=seen, by=carla, now=at)
    assert refused.value.again_at == NOW + timedelta(days=365)
    send(key=telling.key, seen=seen, by=carla, now=refused.value.again_at)


def test_it_waits_a_while_and_all_of_it_can_be_taken_back(carla: User) -> None:
    alice = hears("Alice")
    telling = sent_off(carla)
    assert take_back(key=telling.key, **BY) == actions.TakenBack(letters=0, whole=True)
    write_letters(now=NOW)
    assert Message.objects.count() == 0
    sent_off(carla, Telling.objects.get())
    write_letters(now=NOW)
    assert send_due(now=LATER - timedelta(seconds=1), worker="w").kept == 0
    assert take_back(key=telling.key, **BY) == actions.TakenBack(letters=1, whole=True)
    held = Telling.objects.get()
    assert (held.state, held.mailing, held.sent_at, held.contents) == ("draft", None, None, {"en": WORDS})
    assert send_due(now=LATER, worker="w").kept == 0
    with pytest.raises(GoneAlreadyError):
        take_back(key=telling.key, **BY)
    went_out(carla, held)
    assert list(Message.objects.filter(state="kept").values_list("person", flat=True)) == [alice.pk]
    with pytest.raises(GoneAlreadyError):
        take_back(key=telling.key, **BY)
    assert Telling.objects.get().state == "told"


def test_what_has_left_stays_told_and_the_rest_is_taken_back(carla: User) -> None:
    for name in ("Alice", "Bob", "Dora"):
        hears(name)
    telling = sent_off(carla)
    write_letters(now=NOW)
    assert send_due(now=LATER, worker="w", limit=1).kept == 1
    assert take_back(key=telling.key, **BY) == actions.TakenBack(letters=2, whole=False)
    telling.refresh_from_db()
    assert telling.state == "told"
    assert queries.how_far([telling])[telling.pk] == queries.Told(sent=1, taken_back=2)
    assert send_due(now=LATER, worker="w").kept == 0


def test_an_erased_persons_letter_goes_and_what_was_told_stays(carla: User) -> None:
    alice, bob = hears("Alice"), hears("Bob")
    telling = sent_off(carla)
    write_letters(now=NOW)
    erase(person=alice, by="user:1", now=NOW)
    assert who("queued") == {"Bob"}
    send_due(now=LATER, worker="w")
    erase(person=bob, by="user:1", now=LATER)
    assert Message.objects.count() == 0
    telling.refresh_from_db()
    assert telling.mailing is not None
    assert telling.mailing.contents == {"en": WORDS}


def test_the_database_holds_that_a_draft_was_not_sent_and_that_only_what_is_done_is_told(carla: User) -> None:
    draft(carla)
    for change in ({"state": "told"}, {"sent_at": NOW}, {"sent_by": "user:1"}, {"state": "sent"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Telling.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        ThemeAction.objects.update(done_at=None, done_by="")


@pytest.mark.parametrize("many", [3, 9])
def test_it_costs_the_same_however_many_hear_it(carla: User, many: int) -> None:
    for number in range(many):
        hears(f"Person{number}")
    row, telling = programme(), draft(carla)
    with CaptureQueriesContext(connection) as asked:
        assert queries.reach(programme=row, now=NOW).hear == many
    telling = sent_off(carla, telling)
    with CaptureQueriesContext(connection) as written:
        assert write_letters(now=NOW) == many
    assert (len(asked), len(written)) == (2, 20)


def test_its_letters_are_written_page_by_page(carla: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "PAGE", 2)
    names = {hears(name).full_name for name in ("Alice", "Bob", "Dora", "Erin", "Frank")}
    sent_off(carla)
    assert write_letters(now=NOW) == 5
    assert who("queued") == names
    assert Telling.objects.get().state == "told"
    assert write_letters(now=NOW) == 0


def test_one_click_in_the_letter_ends_it_and_nothing_else(client: Client, carla: User) -> None:
    alice = hears("Alice", purposes=("feedback", "events"))
    went_out(carla)
    message = Message.objects.select_related("mailing").get(person=alice)
    assert client.post(unsubscribe_path(message), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert granted(person=alice) == replayed(person_key=alice.key) == {("events", "email")}
    assert queries.reach(programme=programme(), now=LATER).hear == 0
