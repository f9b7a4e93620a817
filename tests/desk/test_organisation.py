"""The organisation's pages: departments, places and chapters, by whoever may."""

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.people.models import Person, Stint
from perennial.people.queries import visible_to
from perennial.programme.chapters import end_chapter
from perennial.programme.models import Chapter, ChapterHost, Department, DepartmentAlias, Place
from tests.cast import NOW, chapter, colleague, person, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def carla(client: Client) -> User:
    """The coordinator, signed in with `client`."""
    user = programme().owner
    assert user is not None
    client.force_login(user)
    return user


@pytest.fixture
def hr(client: Client) -> User:
    programme()
    user = colleague(Role.HR, name="Hanna Visser")
    client.force_login(user)
    return user


def said(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return sentences(answer.content)


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("/organisation/", "They come with the lists of HR."),
        ("/organisation/places/", "They come with the lists of HR, in the column of the location."),
        ("/organisation/chapters/", "A small programme needs none."),
    ],
)
def test_an_empty_page_says_what_to_do_first(client: Client, carla: User, path: str, first: str) -> None:
    assert first in said(client, path)


def test_departments_stand_in_their_tree_with_how_many_people(client: Client, hr: User) -> None:
    works = Department.objects.create(name="Works")
    roads = Department.objects.create(name="Roads", parent=works)
    person("Alice", department=roads)
    person("Bob", department=works)
    person("Carla", department=roads)
    page = client.get("/organisation/")
    assert [(branch.name, depth, people) for branch, depth, people in page.context["rows"]] == [
        ("Works", 0, 1),
        ("Roads", 1, 2),
    ]
    # To HR the chapters are not offered.
    assert "/organisation/chapters/" not in page.content.decode()


def test_the_filter_of_the_directory_finds_those_below_too_and_is_told_as_a_tree(client: Client, hr: User) -> None:
    works = Department.objects.create(name="Works")
    roads = Department.objects.create(name="Roads", parent=works)
    Department.objects.create(name="Archive")
    person("Alice", department=roads)
    person("Bob")
    page = client.get("/people/", {"department": works.pk})
    assert [each.full_name for each in page.context["found"].people] == ["Alice"]
    offered = [label for _value, label in page.context["form"].fields["department"].choices]
    assert offered[1:] == ["Archive", "Works", "\N{NO-BREAK SPACE}" * 3 + "Roads"]


def test_a_department_is_added_below_another_and_a_name_that_is_taken_is_refused(client: Client, hr: User) -> None:
    works = Department.objects.create(name="Works")
    answer = client.post("/organisation/departments/new/", {"name": " Roads ", "parent": works.pk})
    roads = Department.objects.get(name="Roads")
    assert (answer.status_code, answer["Location"]) == (302, f"/organisation/departments/{roads.pk}/")
    assert roads.parent == works
    again = client.post("/organisation/departments/new/", {"name": "Roads"})
    assert again.status_code == 422
    assert "This name leads to “Roads” already. Are they one? Then merge them." in sentences(again.content)
    assert client.post("/organisation/departments/new/", {"name": " "}).status_code == 422
    assert Department.objects.count() == 2


def test_a_renamed_department_keeps_its_former_name_and_tells_who_did_it(client: Client, hr: User) -> None:
    streets = Department.objects.create(name="Streets")
    person("Alice", department=streets)
    path = f"/organisation/departments/{streets.pk}/"
    answer = client.post(path, {"name": "Roads"}, follow=True)
    page = sentences(answer.content)
    assert "Saved; it concerns 1 person." in page
    assert "Former names Streets leads here since 14 Sep 2026" in page
    assert "Renamed: formerly “Streets”, 1 person 14 Sep 2026, 11:00 , Hanna Visser" in page
    alias = DepartmentAlias.objects.get()
    answer = client.post(f"{path}names/{alias.pk}/", follow=True)
    assert "“Streets” leads nowhere any more. A list that writes it makes it anew." in sentences(answer.content)
    assert not DepartmentAlias.objects.exists()


def test_a_department_is_moved_and_a_ring_is_refused_in_words(client: Client, hr: User) -> None:
    works, roads = Department.objects.create(name="Works"), Department.objects.create(name="Roads")
    assert client.post(f"/organisation/departments/{roads.pk}/move/", {"parent": works.pk}).status_code == 302
    refused = client.post(f"/organisation/departments/{works.pk}/move/", {"parent": roads.pk})
    assert refused.status_code == 422
    assert "A department cannot belong to itself, nor to one that belongs to it." in sentences(refused.content)
    assert sorted(Department.objects.values_list("name", "parent__name")) == [("Roads", "Works"), ("Works", None)]


def test_a_merge_is_looked_at_before_it_is_done(client: Client, hr: User) -> None:
    streets, roads = Department.objects.create(name="Streets"), Department.objects.create(name="Roads")
    Department.objects.create(name="Lanes", parent=streets)
    chapter("Of the streets", department=streets)
    for name in ("Alice", "Bob"):
        person(name, department=streets)
    path = f"/organisation/departments/{streets.pk}/merge/"
    assert "Show what would move" in said(client, path)
    preview = said(client, f"{path}?into={roads.pk}")
    for sentence in (
        "Streets becomes Roads",
        "2 people move.",
        "1 department below it belongs to Roads then.",
        "1 chapter goes along: its hosts see the people of Roads then.",
        "A list that still writes “Streets” means “Roads” from then on.",
    ):
        assert sentence in preview
    assert (Department.objects.count(), Event.objects.filter(deed="programme.department_merged").count()) == (3, 0)
    answer = client.post(path, {"into": roads.pk}, follow=True)
    assert "2 people moved. Who still writes “Streets” means “Roads” from now on." in sentences(answer.content)
    assert set(Stint.objects.values_list("department__name", flat=True)) == {"Roads"}
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("into", ["", "x", "999999", "self"])
def test_nothing_is_merged_into_what_is_not_there_or_into_itself(client: Client, hr: User, into: str) -> None:
    streets = Department.objects.create(name="Streets")
    path = f"/organisation/departments/{streets.pk}/merge/"
    answer = client.post(path, {"into": streets.pk if into == "self" else into})
    assert answer.status_code in (404, 422)
    assert Department.objects.get() == streets


def test_a_place_is_added_named_located_and_merged(client: Client, hr: User) -> None:
    client.post("/organisation/places/new/", {"name": "Quay", "city": "Rotterdam", "country": "Netherlands"})
    quay, harbour = Place.objects.get(), Place.objects.create(name="Harbour")
    person("Alice", place=quay)
    # Written like the city that is there, whatever the case.
    client.post(f"/organisation/places/{harbour.pk}/locate/", {"city": "ROTTERDAM", "country": "netherlands"})
    harbour.refresh_from_db()
    assert (harbour.city, harbour.country) == ("Rotterdam", "Netherlands")
    client.post(f"/organisation/places/{harbour.pk}/", {"name": "Harbour 2"})
    assert "1 person moves." in said(client, f"/organisation/places/{quay.pk}/merge/?into={harbour.pk}")
    client.post(f"/organisation/places/{quay.pk}/merge/", {"into": harbour.pk})
    assert Stint.objects.get().place == harbour
    page = said(client, f"/organisation/places/{harbour.pk}/")
    assert "Former names" in page
    assert "Another was merged into it: formerly “Quay”, 1 person" in page
    assert "Harbour 2 Rotterdam Netherlands 1" in said(client, "/organisation/places/")


# Chapters


def test_a_chapter_is_begun_changed_ended_and_begun_again(client: Client, carla: User) -> None:
    roads = Department.objects.create(name="Roads")
    Place.objects.create(name="Quay", city="Rotterdam", country="Netherlands")
    person("Alice", department=roads)
    helen = colleague(Role.HOST, name="Helen Bos", email="helen@employer.example")
    wim = colleague(Role.HOST, name="Wim Smit", email="wim@employer.example")
    asked = {"name": "Road builders", "department": roads.pk, "hosts": [helen.pk]}
    assert client.post("/organisation/chapters/new/", asked).status_code == 302
    row = Chapter.objects.get()
    assert visible_to(helen).count() == 1
    assert "Road builders Roads with those below it 1 person Hosts: Helen Bos" in said(
        client, "/organisation/chapters/"
    )
    path = f"/organisation/chapters/{row.pk}/"
    changed = {"name": "Rotterdam", "city": "Rotterdam", "hosts": [helen.pk, wim.pk]}
    assert client.post(path, changed).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.department, row.city) == ("Rotterdam", None, "Rotterdam")
    assert "0 people Hosts: Helen Bos, Wim Smit" in said(client, "/organisation/chapters/")
    client.post(f"{path}end/")
    assert "This chapter ended on 14 Sep 2026" in said(client, path)
    refused = client.post(path, changed, follow=True)
    assert "This chapter has ended. Begin it again to change it." in sentences(refused.content)
    client.post(f"{path}resume/")
    row.refresh_from_db()
    assert row.ended_at is None
    assert list(Event.objects.filter(subject_kind="chapter").order_by("pk").values_list("deed", "by")) == [
        (f"programme.chapter_{deed}", f"user:{carla.pk}") for deed in ("added", "changed", "ended", "resumed")
    ]
    assert Event.objects.get(deed="programme.chapter_changed").details == {
        "fields": ["name", "department", "city"],
        "hosts": sorted([helen.pk, wim.pk]),
    }


def test_a_chapter_of_everybody_is_refused_and_so_are_a_taken_name_and_an_unfit_host(
    client: Client, carla: User
) -> None:
    roads = Department.objects.create(name="Roads")
    chapter("Roads", department=roads)
    editor = colleague(Role.EDITOR)
    for asked, sentence in (
        (
            {"name": "Everybody"},
            "Choose a department, a city or a country; a chapter of everybody would be no chapter.",
        ),
        ({"name": "Roads", "department": roads.pk}, "Another chapter is called this"),
        ({"name": "Others", "department": roads.pk, "hosts": [editor.pk]}, f"{editor.pk} is not one of the"),
        ({"name": "Others", "city": "Atlantis"}, "Atlantis is not one of the"),
    ):
        answer = client.post("/organisation/chapters/new/", asked)
        assert answer.status_code == 422
        assert sentence in sentences(answer.content)
    assert (Chapter.objects.count(), ChapterHost.objects.count()) == (1, 0)


def test_a_persons_page_names_their_chapters_and_who_hosts_them(client: Client, carla: User) -> None:
    roads, office = Department.objects.create(name="Roads"), Department.objects.create(name="Office")
    alice = person("Alice", department=roads)
    helen = colleague(Role.HOST, name="Helen Bos")
    gone = colleague(Role.HOST, name="Gone Host", email="gone@employer.example", is_active=False)
    first = chapter("Road builders", helen, department=roads)
    ChapterHost.objects.create(chapter=first, host=gone)
    chapter("Office people", department=office)
    end_chapter(chapter=chapter("Old roads", helen, department=roads), by="test", now=NOW)
    page = said(client, f"/people/{alice.key}/")
    assert "Chapters Road builders Hosts: Helen Bos" in page
    for absent in ("Office people", "Old roads", "Gone Host"):
        assert absent not in page


def test_the_pages_cost_the_same_for_one_and_for_three(client: Client, carla: User) -> None:
    counts: dict[str, list[int]] = {}
    alice = None
    for number in range(3):
        department = Department.objects.create(name=f"Department {number}", parent=Department.objects.first())
        place = Place.objects.create(name=f"Place {number}", city=f"City {number}")
        alice = alice or person("Alice", department=department, place=place)
        person(f"Person {number}", department=department, place=place)
        host = colleague(Role.HOST, email=f"host{number}@employer.example")
        chapter(f"Chapter {number}", host, department=Department.objects.order_by("pk")[0])
        chapter(f"City {number}", host, city=f"City {number}")
        first = Department.objects.order_by("pk")[0]
        if number:
            client.post(f"/organisation/departments/{first.pk}/", {"name": f"Renamed {number}"})
        paths = ["/organisation/", "/organisation/places/", "/organisation/chapters/", f"/people/{alice.key}/"]
        for path in [*paths, f"/organisation/departments/{first.pk}/"]:
            client.get(path)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(path).status_code == 200
            counts.setdefault(path, []).append(len(asked))
    for path, (one, _two, three) in counts.items():
        if path == f"/organisation/departments/{first.pk}/":
            # Who did it is asked once there is something to tell.
            assert _two == three
        else:
            assert one == three, path
    assert Person.objects.count() == 4
