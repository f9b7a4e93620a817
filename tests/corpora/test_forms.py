"""Every naughty string typed into every field of a person: kept as the text it is, or refused in a sentence."""

import unicodedata
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from perennial.accounts.roles import Role
from perennial.desk.people.forms import AddressForm, ContactForm, NewPersonForm
from perennial.people.models import Person
from tests.cast import colleague, programme
from tests.corpora.naughty import NAUGHTY, is_refused, normal
from tests.corpora.reading import made_of, scripts, texts, values

pytestmark = pytest.mark.django_db

NAMES = ("full_name", "called")
TEXTS = ("title", "department", "place", "manager", "employee_number")
LIMITS = {"employee_number": 100}
# One of each mixture of kinds of characters, for the walks that take longer.
OF_EACH_KIND = list(
    {"".join(sorted({unicodedata.category(each)[0] for each in text})): text for text in NAUGHTY}.values()
)


@pytest.fixture
def desk(client: Client, settings: Any) -> Client:
    settings.PERENNIAL_DEMO = True
    programme()
    client.force_login(colleague(Role.COORDINATOR, email="carla.now@employer.example"))
    return client


def may_be_typed(field: str, text: str) -> bool:
    if is_refused(text.strip()) or len(normal(text)) > LIMITS.get(field, 300):
        return False
    # A name without letters is none, and nothing is said of how somebody is called by a dash.
    return field not in NAMES or any(map(str.isalpha, text)) or (field == "called" and blank_name(text))


def blank_name(text: str) -> bool:
    return not normal(text) or normal(text) in ("-", "--", "–", ".")


def test_each_field_keeps_the_text_or_says_why_not() -> None:
    for text in NAUGHTY:
        typed = {"full_name": text, "called": text, "status": "leaving", **dict.fromkeys(TEXTS, text)}
        form = NewPersonForm(typed | {"business_email": text, "private_email": text})
        for field in (*NAMES, *TEXTS):
            assert (field not in form.errors) == may_be_typed(field, text), (field, text)
            if field in form.errors:
                assert all(sentence.endswith(".") for sentence in form.errors[field])
            elif field == "called" and blank_name(text):
                assert form.cleaned_data[field] == ""
            else:
                assert form.cleaned_data[field] == normal(text)
        # None of them is an address.
        assert text.strip() == "" or {"business_email", "private_email"} <= form.errors.keys()
        assert not AddressForm({"address": text, "kind": "private"}).is_valid()


def test_a_note_keeps_the_text_on_one_line() -> None:
    for text in NAUGHTY:
        form = ContactForm({"what": "called", "summary": text})
        if form.is_valid():
            assert not any(unicodedata.category(each) in ("Cc", "Zl", "Zp") for each in form.cleaned_data["summary"])


def answered(desk: Client) -> tuple[list[tuple[str, HttpResponse]], list[tuple[str, HttpResponse]]]:
    """What the form says to each text in all fields at once: which were refused and which taken, refusals first."""
    fits = {text: all(may_be_typed(field, text) for field in (*NAMES, *TEXTS)) for text in OF_EACH_KIND}
    answers = []
    for text in sorted(fits, key=fits.__getitem__):
        typed = {"full_name": text, "called": text, "status": "leaving", **dict.fromkeys(TEXTS, text)}
        answers.append((text, desk.post("/people/new/", typed)))
    refused = [(text, answer) for text, answer in answers if not fits[text]]
    return refused, answers[len(refused) :]


def test_what_is_typed_is_on_file_or_still_in_the_form(desk: Client) -> None:
    harmless = dict.fromkeys((*NAMES, *TEXTS), "Harm\nless")
    plain = desk.post("/people/new/", harmless | {"status": "leaving"}).content.decode()
    refused, taken = answered(desk)
    assert min(len(refused), len(taken)) > 10
    for text, answer in refused:
        assert answer.status_code == 422
        html = answer.content.decode()
        assert texts(html, ".field-errors li")
        assert scripts(html) == scripts(plain)
        assert shapes(html) <= shapes(plain)
        # A field of one line holds no line ends; a browser drops them.
        assert values(html, "input[name=full_name]") == [text or None] or not text.isprintable()
    said = " ".join(texts(desk.get("/people/new/").content.decode(), "body"))
    for text, answer in taken:
        assert answer.status_code == 302
        person = Person.objects.get(key=answer["Location"].split("/")[-2])
        stint = person.stints.select_related("department", "place").get()
        kept = [stint.title, str(stint.department), str(stint.place), stint.manager, stint.employee_number]
        assert [person.full_name, person.called, *kept] == [normal(text)] * 7
        assert f"{normal(text)} is on file." in said


def shapes(html: str) -> set[tuple[str, tuple[str, ...]]]:
    """Of which elements a page is made, whichever fields of it are filled or at fault."""
    of_an_answer = {"value", "aria-invalid", "aria-describedby"}
    return {(tag, tuple(name for name in names if name not in of_an_answer)) for tag, names in made_of(html)}
