"""Today: what is to be done, by whom, in which order, and how it says that all is done."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.safestring import SafeString

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.consent.actions import change_preferences
from perennial.contact.actions import record_touch
from perennial.contact.enums import Direction, TouchKind
from perennial.departures.actions import open_due
from perennial.departures.invitations import draft_invitations
from perennial.departures.models import Departure
from perennial.desk.models import PutOff
from perennial.desk.today.item import Item
from perennial.desk.today.later import back_on
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.mail.queue import approve
from perennial.outreach.actions import plan
from perennial.outreach.queries import letters
from perennial.privacy.models import RetentionRun
from perennial.privacy.retention import hold, lift
from perennial.programme.enums import Stage
from perennial.programme.models import Programme
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.desk.walkers import draft_letters, leaver
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def today_of(client: Client) -> Callable[[Role], Any]:
    """Opens Today as somebody with this role."""
    programme()

    def open_page(role: Role) -> Any:
        address = f"{role.value}.now@employer.example"
        client.force_login(User.objects.filter(email=address).first() or colleague(role, email=address))
        return client.get("/")

    return open_page


def told(response: Any) -> list[str]:
    return [sentences(str(item.sentence).encode()) for item in response.context["items"]]


def a_bit_of_everything() -> None:
    leaver("Alice van Dam", ends_on=TODAY - 14 * DAY)
    draft_letters(at=NOW)
    person("Bob Stone", ends_on=None, status="leaving")
    person("Charlie <b>Day</b>", ends_on=TODAY + 5 * DAY)
    leaver("Dora Kok", ends_on=TODAY + 30 * DAY)
    open_due(now=NOW)
    Departure.objects.filter(person__full_name__startswith="Charlie").update(opened_at=NOW - 7 * DAY)
    Departure.objects.filter(person__full_name__startswith="Alice").update(opened_at=NOW - 20 * DAY)
    draft_invitations(now=NOW)
    Message.objects.create(
        mailing=letters().get().mailing,
        address="staff@employer.example",
        language="en",
        state=MessageState.FAILED,
        created_at=NOW,
        done_at=NOW,
    )


def test_the_coordinator_sees_everything_what_is_late_first_then_what_becomes_late(today_of: Any) -> None:
    a_bit_of_everything()
    response = today_of(Role.COORDINATOR)
    assert told(response) == [
        "Invite Alice van Dam to the exit conversation.",
        "Invite Charlie <b>Day</b> to the exit conversation.".replace("<b>", "&lt;b&gt;").replace("</b>", "&lt;/b&gt;"),
        "1 mail could not be delivered.",
        "Bob Stone leaves, but no last day is known.",
        "1 leaver is about to go with nothing but administration.",
        "Write to Alice van Dam : two weeks since the last day.",
        "1 leaver has no private address and leaves this week.",
        "Invite Dora Kok to the exit conversation.",
    ]
    assert [item.why for item in response.context["items"]] == [
        "Left 14 days ago. This is late. Draft ready.",
        "Leaves in 5 days. This is late. No letter is drafted; there is a sheet to hand over.",
        "",
        "",
        "Nothing personal has happened, and nothing is planned.",
        "Draft ready.",
        "",
        "Leaves in 30 days. Draft ready.",
    ]
    page = response.content.decode()
    assert "<b>Day</b>" not in page
    assert "Charlie &lt;b&gt;Day&lt;/b&gt;" in page


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.COORDINATOR, {"Invite", "Bob", "Write", "mail", "leaver"}),
        (Role.HR, {"Invite", "Bob", "leaver"}),
        (Role.EXIT_INTERVIEWER, {"Bob", "leaver"}),
        (Role.EDITOR, {"Write"}),
        (Role.RECRUITER, set()),
        (Role.HOST, set()),
    ],
)
def test_each_role_sees_what_it_can_act_on(today_of: Any, role: Role, sees: set[str]) -> None:
    a_bit_of_everything()
    response = today_of(role)
    lines = " ".join(told(response))
    words = {"Invite", "Bob", "Write", "mail could not", "leaver"}
    found = {word for word in words if word in lines}
    assert {"mail" if word == "mail could not" else word for word in found} == sees


def test_who_loses_touch_is_on_the_list_that_the_item_leads_to(today_of: Any, client: Client) -> None:
    person("Charlie Day", ends_on=TODAY + 5 * DAY)
    leaver("Dora Kok", ends_on=TODAY + 30 * DAY)
    open_due(now=NOW)
    (item,) = [each for each in today_of(Role.HR).context["items"] if each.key == "losing-touch"]
    page = sentences(client.get(item.action_url).content)
    assert "Charlie Day" in page
    assert "Dora Kok" not in page


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.HR, Role.EXIT_INTERVIEWER, Role.EDITOR, Role.RECRUITER])
def test_every_link_on_today_opens_for_whoever_sees_it(today_of: Any, client: Client, role: Role) -> None:
    a_bit_of_everything()
    response = today_of(role)
    approve(message_ids=[letters().first().pk], by="user:1", now=NOW)  # type: ignore[union-attr]
    links = {item.action_url for item in response.context["items"]} | set(_links(client.get("/").content.decode()))
    for link in links:
        assert client.get(link, follow=True).status_code == 200, link


def _links(page: str) -> list[str]:
    main = page.split("<main", 1)[1].split("</main", 1)[0]
    return [link for link in re.findall(r'href="(/[^"]*)"', main) if "static" not in link]


def test_with_nobody_on_file_it_says_what_to_do_first(today_of: Any) -> None:
    page = sentences(today_of(Role.COORDINATOR).content)
    assert "Nobody is in here yet Begin with the list of people who leave, as HR has it." in page
    assert "Take in a list" in page


def test_who_may_not_import_is_not_sent_there(today_of: Any) -> None:
    page = sentences(today_of(Role.EDITOR).content)
    assert "Nobody is in here yet" in page
    assert "Take in a list" not in page


def test_when_all_is_done_it_says_so_and_suggests_one_good_thing(today_of: Any) -> None:
    person("Alice van Dam", ends_on=TODAY - 300 * DAY)
    page = sentences(today_of(Role.COORDINATOR).content)
    assert "All done for today A good moment to call somebody you have not spoken to for long." in page


def test_in_preparation_it_does_not_speak_of_a_missing_address(today_of: Any) -> None:
    programme(Stage.PREPARATION)
    leaver("Alice van Dam", ends_on=TODAY + 20 * DAY)
    draft_invitations(now=NOW)
    response = today_of(Role.HR)
    assert [item.why for item in response.context["items"]] == [
        "Leaves in 20 days. Nothing leaves before the programme is live."
    ]


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "Leaves today."), (1, "Leaves in 1 day."), (-1, "Left 1 day ago."), (2, "Leaves in 2 days.")],
)
def test_the_last_day_is_told_in_words(today_of: Any, days: int, words: str) -> None:
    leaver("Alice van Dam", ends_on=TODAY + days * DAY)
    response = today_of(Role.HR)
    assert response.context["items"][0].why.startswith(words)


def test_who_has_no_draft_is_not_said_to_be_out_of_reach(today_of: Any) -> None:
    leaver("Alice van Dam", ends_on=TODAY + 20 * DAY)
    person("Charlie Day", ends_on=TODAY + 25 * DAY)
    open_due(now=NOW)
    response = today_of(Role.HR)
    assert [item.why for item in response.context["items"]] == [
        "Leaves in 20 days. No letter is drafted; there is a sheet to hand over.",
        "Leaves in 25 days. No letter is drafted; there is a sheet to hand over.",
    ]


def test_more_than_eight_of_a_kind_are_told_as_one(today_of: Any) -> None:
    for number in range(10):
        person(f"Person {number}", ends_on=None, status="leaving")
    open_due(now=NOW)
    lines = told(today_of(Role.EXIT_INTERVIEWER))
    assert len(lines) == 9
    assert "More leavers without a last day." in lines


def test_the_programmes_month_is_one_quiet_line(today_of: Any) -> None:
    alice = leaver("Alice van Dam", agrees=False, ends_on=TODAY - 14 * DAY)
    record_touch(
        person=alice,
        at=NOW - DAY,
        direction=Direction.OURS,
        kind=TouchKind.CALL,
        purpose=Purpose.PERSONAL,
        origin="test",
        intent=Intent.GIVE,
    )
    response = today_of(Role.COORDINATOR)
    assert "1 person reached. Given 1×, asked 0×." in sentences(response.content)


def test_a_letter_on_its_way_can_be_taken_back_and_an_invitation_not_from_here(today_of: Any, client: Client) -> None:
    leaver("Alice van Dam", ends_on=TODAY - 14 * DAY)
    draft_letters(at=NOW)
    draft_invitations(now=NOW)
    approve(message_ids=list(Message.objects.values_list("pk", flat=True)), by="user:1", now=NOW)
    response = today_of(Role.COORDINATOR)
    letter = letters().get()
    assert response.context["done"] == [letter]
    assert "1 letter on its way" in sentences(response.content)
    assert client.post(f"/letters/{letter.pk}/take-back/")["Location"] == f"/letters/{letter.pk}/"
    letter.refresh_from_db()
    assert letter.state == MessageState.DRAFT


def test_the_week_ahead_names_last_days_to_those_who_see_departures(today_of: Any) -> None:
    leaver("Alice van Dam", ends_on=TODAY + 6 * DAY)
    leaver("Bob Stone", ends_on=TODAY + 7 * DAY)
    open_due(now=NOW)
    assert "The week ahead" not in sentences(today_of(Role.RECRUITER).content)
    page = sentences(today_of(Role.HR).content)
    aside = page.split("The week ahead", 1)[1]
    assert aside.strip().startswith("Sun 20 Sep last day of Alice van Dam")
    assert "Bob" not in aside


def test_who_is_away_stands_on_today_until_they_are_back(today_of: Any, client: Client) -> None:
    today_of(Role.HR)
    dates = {"first_day": (TODAY + DAY).isoformat(), "last_day": (TODAY + 3 * DAY).isoformat()}
    assert "Have a good time." in sentences(client.post("/away/", dates, follow=True).content)
    assert "Away Carla HR, 15 Sep – 17 Sep" in sentences(today_of(Role.EDITOR).content)
    today_of(Role.HR)
    client.post("/away/", {"first_day": "", "last_day": ""})
    assert "15 Sep – 17 Sep" not in sentences(today_of(Role.EDITOR).content)


@pytest.mark.parametrize(("first", "last"), [("2026-10-02", "2026-10-01"), ("2026-10-02", ""), ("", "2026-10-02")])
def test_being_away_has_two_days_in_order(today_of: Any, client: Client, first: str, last: str) -> None:
    today_of(Role.HR)
    response = client.post("/away/", {"first_day": first, "last_day": last})
    assert response.status_code == 422
    assert "Give a first and a last day" in sentences(response.content)


def test_whoever_writes_no_letters_is_not_told_whose_wait(today_of: Any) -> None:
    alice = leaver("Alice van Dam", ends_on=TODAY - 14 * DAY)
    Programme.objects.update(quiet_from=0, quiet_until=0)
    change_preferences(person=alice, not_now_until=TODAY + 5 * DAY, by="test", now=NOW)
    plan(now=NOW)
    assert "waits for its moment" in sentences(today_of(Role.COORDINATOR).content)
    assert "waits for its moment" not in sentences(today_of(Role.HR).content)


def test_what_is_put_off_folds_away_for_one_colleague_and_can_be_brought_back(today_of: Any, client: Client) -> None:
    leaver("Alice van Dam", ends_on=TODAY - 14 * DAY)
    draft_letters(at=NOW)
    response = today_of(Role.COORDINATOR)
    item = next(item for item in response.context["items"] if item.key.startswith("letter."))
    page = sentences(client.post(item.later_url, follow=True).content)
    assert "Put off; you see it again on 15 September 2026." in page
    assert "1 put off" in page
    response = client.get("/")
    assert item not in response.context["items"]
    assert response.context["put_off"] == [(item, TODAY + DAY)]
    # An editor goes on seeing it.
    assert item in today_of(Role.EDITOR).context["items"]
    today_of(Role.COORDINATOR)
    client.post(f"/today/{item.key}/back/")
    assert item in client.get("/").context["items"]


def test_what_is_put_off_comes_back_by_itself(today_of: Any, client: Client) -> None:
    person("Bob Stone", ends_on=None, status="leaving")
    open_due(now=NOW)
    (item,) = today_of(Role.HR).context["items"]
    client.post(item.later_url)
    assert client.get("/").context["items"] == []
    with time_machine.travel(NOW + DAY, tick=False):
        assert [each.key for each in today_of(Role.HR).context["items"]] == [item.key]


def test_what_is_done_already_cannot_be_put_off(today_of: Any, client: Client) -> None:
    today_of(Role.HR)
    assert "That is done already." in sentences(client.post("/today/letter.17/later/", follow=True).content)
    assert not PutOff.objects.exists()


def test_what_is_put_off_takes_nobodys_place(today_of: Any, client: Client) -> None:
    for number in range(10):
        person(f"Person {number}", ends_on=None, status="leaving")
    open_due(now=NOW)
    first, *_others = today_of(Role.EXIT_INTERVIEWER).context["items"]
    client.post(first.later_url)
    assert len(client.get("/").context["items"]) == 9


@pytest.mark.parametrize(
    ("due_in", "back_in"), [(-3, 1), (0, 1), (1, 1), (4, 4), (30, 7)], ids=["late", "today", "tomorrow", "soon", "far"]
)
def test_nothing_is_put_off_beyond_the_day_it_is_due(due_in: int, back_in: int) -> None:
    item = Item(
        key="x", icon="mail", sentence=SafeString(""), action_url="", action_label="", due_on=TODAY + due_in * DAY
    )
    assert back_on(item, day=TODAY) == TODAY + back_in * DAY


OVER = {"inactive": {"DE": 2, "": 1}, "exit_texts": {"NL": 1}}


@pytest.mark.parametrize(
    ("by_itself", "over", "says"),
    [
        (True, OVER, ["On 21 September ends by policy what is kept: the data of 3 people, 1 text of a leaver."]),
        (None, OVER, ["Kept for longer than the policy says: the data of 3 people, 1 text of a leaver."]),
        (False, OVER, ["What is kept for longer than the policy says is not removed."]),
        (True, {}, []),
        (None, {}, []),
        (False, {}, ["What is kept for longer than the policy says is not removed."]),
    ],
)
def test_what_is_over_by_policy_is_announced_or_said_to_stay(
    today_of: Any, by_itself: bool | None, over: dict[str, Any], says: list[str]
) -> None:
    programme(lets_go_by_itself=by_itself)
    RetentionRun.objects.create(state="announced", at=NOW, begins_on=TODAY + 7 * DAY, due=over, by="system")
    response = today_of(Role.COORDINATOR)
    assert told(response) == says
    assert [item.action_url for item in response.context["items"]] == ["/programme/retention/?count=1"] * len(says)
    assert told(today_of(Role.HR)) == []


def test_a_hold_that_lapsed_stands_there_until_it_is_lifted_or_held_anew(today_of: Any) -> None:
    today_of(Role.COORDINATOR)
    someone, owner = person("Bob Stone"), User.objects.get(email="coordinator.now@employer.example")
    asked = {"person": someone, "reason": "law", "sentence": "A law.", "owner": owner, "by": "user:1"}
    row = hold(**asked, ends_on=TODAY + DAY, now=NOW)
    assert told(today_of(Role.COORDINATOR)) == []
    with time_machine.travel(NOW + 2 * DAY, tick=False):
        (item,) = today_of(Role.COORDINATOR).context["items"]
        assert sentences(str(item.sentence).encode()) == "The hold on the data of Bob Stone has lapsed."
        assert item.late
        lift(held=row, by="user:1", now=NOW)
        assert told(today_of(Role.COORDINATOR)) == []


@pytest.mark.parametrize("many", [1, 3])
def test_today_costs_the_same_for_one_and_for_three(today_of: Any, client: Client, many: int) -> None:
    for number in range(many):
        leaver(f"Person{number} Stone", ends_on=TODAY - 14 * DAY)
        person(f"Undated{number}", ends_on=None, status="leaving")
        person(f"Leaving{number}", ends_on=TODAY + DAY)
    open_due(now=NOW)
    draft_letters(at=NOW)
    draft_invitations(now=NOW)
    today_of(Role.COORDINATOR)
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/")
    assert len(response.context["items"]) == 4 * many + 2
    assert len(queries) == QUERIES


# The programme, session, user; what is put off; the day; questions, leavers without an address, invitations, the
# programme and whose letter may be drafted, letters, stuck mail, letters on their way; the month and its touches, who
# was passed over; is anybody here; the week ahead, who is away; exclusions to look at, new addresses, leavers who
# wait; steps of farewells and who goes without a word, each with the zone of its days; conversations; decisions of two
# kinds; themes; what people ask about their data; records of legitimate interest; places and what those who represent
# the staff there said; the run of retention to come, holds that lapsed; who takes much.
QUERIES = 33
