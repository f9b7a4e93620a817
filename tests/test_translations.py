"""The wording in other languages: complete, in the right form, and said as we speak to people."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.template import Context, Template
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from perennial.accounts.roles import Role
from perennial.consent.queries import wording_text
from perennial.contact.door import explain
from perennial.departures.actions import open_due
from perennial.departures.exit.answering import Answers, receive
from perennial.departures.exit.questionnaire import asked_of, ship
from perennial.departures.letters import fresh_link, invitation
from perennial.departures.models import Departure
from perennial.departures.relation import Relation
from perennial.kernel.purposes import CONSENT_PURPOSES, Channel, Purpose
from perennial.mail.compose import write
from perennial.mail.models import Message as Mail
from perennial.mail.render import render
from perennial.mail.welcome import invite_colleague
from perennial.outreach.journeys import JOURNEYS, draft
from perennial.portal.leaver.forms import LeaverForm
from tests.cast import NOW, TODAY, person, programme
from tools import translations

OTHERS = ("nl", "de", "ru")
LANGUAGES = ("en", *OTHERS)
# What stays as it is in every language.
NAMES = {"Employer & Sons", "Carla Coordinator", "Hanna Visser", "LinkedIn", "{link}", "-- "}


SENTENCE = "The door stays open"
TEMPLATE = """{% load i18n %}{% translate "The door stays open" %}
{% blocktranslate %}Thank you, {{ called }}{% endblocktranslate %}
{% blocktranslate count number=many %}One answer{% plural %}{{ number }} answers{% endblocktranslate %}"""
GERMAN = {
    "The door stays open": "Die Tür bleibt offen",
    "Thank you, %(called)s": "Danke, %(called)s",
    "One answer": ("Eine Antwort", "%(number)s Antworten"),
}
RUSSIAN = {
    "The door stays open": "Дверь остаётся открытой",
    "Thank you, %(called)s": "Спасибо, %(called)s",
    "One answer": ("%(number)s ответ", "%(number)s ответа", "%(number)s ответов"),
}


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """The wording of one small page, whose catalogues in German and Russian are complete."""
    monkeypatch.setattr(translations, "LOCALE", tmp_path)
    monkeypatch.setattr(translations, "LANGUAGES", {"de": "German", "ru": "Russian"})
    catalog = Catalog()
    translations.add_template(catalog, TEMPLATE, "perennial/portal/templates/page.html")
    monkeypatch.setattr(translations, "extracted", lambda: catalog)
    translations.update()
    change("de", **GERMAN)
    change("ru", **RUSSIAN)
    return catalog


def change(language: str, *, doubt: bool = False, **strings: Any) -> None:
    """Translates anew, and compiles it."""
    catalog = translations._read(language)
    for key, string in strings.items():
        message = catalog[key]
        assert message is not None
        message.string = string
        if doubt:
            message.flags.add("fuzzy")
    translations._po(language).write_bytes(translations._as_po(translations._neat(language, catalog)))
    translations._mo(language).write_bytes(translations._as_mo(language, catalog))


# The tool.


@pytest.mark.parametrize("language", OTHERS)
def test_what_leavers_and_alumni_read_is_there_in_every_language(language: str) -> None:
    catalog = translations._read(language)
    known = {translations._identity(message): message for message in translations._messages(catalog)}
    for key, message in ((translations._identity(each), each) for each in translations.extracted() if each.id):
        if translations._for_everybody(message):
            assert key in known
            assert translations._faults(known[key], message, catalog) == []


def test_updating_twice_says_the_same_and_names_no_day(source: Catalog, tmp_path: Path) -> None:
    assert translations.update() == 0
    once = {path: path.read_bytes() for path in tmp_path.rglob("django.*")}
    assert translations.update() == 0
    assert {path: path.read_bytes() for path in tmp_path.rglob("django.*")} == once
    assert len(once) == 4
    head, _empty, rest = translations._po("de").read_text().partition("\n\n")
    assert head == (
        "# Perennial in German.\n"
        'msgid ""\n'
        'msgstr ""\n'
        '"Project-Id-Version: Perennial\\n"\n'
        '"Language: de\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"'
    )
    assert 'msgstr "Die Tür bleibt offen"' in rest
    assert translations.check() == 0


def test_a_language_without_a_catalogue_gets_an_empty_one(source: Catalog, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "de")
    assert translations.faults_of("de", source) == ["there is no catalogue; run make translations"]
    translations.update()
    assert translations.faults_of("de", source) == [
        f"{key!r} is not translated"
        for key in (("One answer", "%(number)s answers"), "Thank you, %(called)s", "The door stays open")
    ]


@pytest.mark.parametrize(
    ("string", "told"),
    [
        ("", "'The door stays open' is not translated"),
        ("Die Tür, %(name)s", "'Die Tür, %(name)s' has other placeholders than 'The door stays open'"),
        ("Die Tür {name}", "'Die Tür {name}' has other placeholders than 'The door stays open'"),
        ("Die Tür ", "'Die Tür ' begins or ends with other space than 'The door stays open'"),
        ("Die Tür!", "'Die Tür!' shouts"),
    ],
)
def test_a_planted_fault_is_told(string: str, told: str, source: Catalog, capsys: pytest.CaptureFixture[str]) -> None:
    assert translations.check() == 0
    change("de", **{SENTENCE: string})
    assert translations.faults_of("de", source) == [told]
    assert translations.check() == 1
    assert f"de: {told}" in capsys.readouterr().out


def test_a_translation_marked_as_doubtful_is_told(source: Catalog) -> None:
    change("de", doubt=True, **{SENTENCE: "Die Tür"})
    assert translations.faults_of("de", source) == ["'The door stays open' is marked as doubtful"]


def test_a_lost_placeholder_is_told(source: Catalog) -> None:
    change("de", **{"Thank you, %(called)s": "Danke"})
    assert translations.faults_of("de", source) == ["'Danke' lacks placeholders of 'Thank you, %(called)s'"]


def test_a_form_for_one_alone_may_leave_the_number_out_and_one_for_21_may_not(source: Catalog) -> None:
    change("ru", **{"One answer": ("Один ответ", "%(number)s ответа", "%(number)s ответов")})
    forms = ("One answer", "%(number)s answers")
    assert translations.faults_of("de", source) == []
    assert translations.faults_of("ru", source) == [f"'Один ответ' lacks placeholders of {forms!r}"]


def test_new_and_vanished_wording_and_a_stale_compilation_are_told(source: Catalog) -> None:
    source.add("Quite new", locations=[("perennial/portal/somewhere.py", 0)])
    source.delete(SENTENCE)
    translations._mo("ru").write_bytes(b"")
    assert translations.faults_of("ru", source) == [
        "'Quite new' is new; run make translations",
        "'The door stays open' is gone; run make translations",
        "the compiled catalogue is stale; run make translations",
    ]


def test_what_only_staff_read_may_stay_english(source: Catalog) -> None:
    source.add("For the desk", locations=[("perennial/desk/somewhere.py", 0)])
    translations.update()
    assert translations.faults_of("de", source) == []
    source.add("For the desk", locations=[("perennial/portal/somewhere.py", 0)])
    assert translations.faults_of("de", source) == ["'For the desk' is not translated"]


def test_every_place_that_is_said_to_be_for_staff_exists() -> None:
    assert [name for name in translations.STAFF_ONLY if not (translations.ROOT / name).exists()] == []


def test_wording_of_every_kind_is_collected() -> None:
    catalog = Catalog()
    translations.add_template(
        catalog,
        """{# A note with {{ nothing }} in it. #}{% load i18n %}
        <p>it's {% translate "Plain" %}</p>{% translate "Mail" context "button" as button %}
          {% blocktranslate trimmed %}
            On two
            lines
          {% endblocktranslate %}
      {% blocktranslate count n=many context "list" %}One{% plural %}{{ n }} of them{% endblocktranslate %}
        {% comment %}{% translate "Not this" %}{% endcomment %}{% firstof label _("Fallback") %}""",
        "perennial/portal/templates/page.html",
    )
    translations.add_python(
        catalog,
        'ngettext("%(n)d day", "%(n)d days", n); pgettext_lazy("scale", "low"); gettext_noop("A " "whole sentence")\n'
        'npgettext("pile", "letter", "letters", n)\n',
        "perennial/portal/somewhere.py",
    )
    assert {(message.context, message.id) for message in catalog if message.id} == {
        (None, "Plain"),
        ("button", "Mail"),
        (None, "On two lines"),
        ("list", ("One", "%(n)s of them")),
        (None, "Fallback"),
        (None, ("%(n)d day", "%(n)d days")),
        ("scale", "low"),
        (None, "A whole sentence"),
        ("pile", ("letter", "letters")),
    }


def test_the_tool_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert translations.main([]) == 2
    assert "translations.py update" in capsys.readouterr().out


# The forms of numbers.


@pytest.mark.parametrize(
    ("number", "answers", "days"),
    [
        (1, "1 ответ", "1 день"),
        (2, "2 ответа", "2 дня"),
        (5, "5 ответов", "5 дней"),
        (11, "11 ответов", "11 дней"),
        (21, "21 ответ", "21 день"),
        (22, "22 ответа", "22 дня"),
        (25, "25 ответов", "25 дней"),
        (101, "101 ответ", "101 день"),
        (111, "111 ответов", "111 дней"),
    ],
)
def test_russian_has_three_forms_of_a_number(number: int, answers: str, days: str) -> None:
    with translation.override("ru"):
        told = ngettext("One answer needs another look.", "%(number)s answers need another look.", number) % {
            "number": number
        }
        assert told == f"Взгляните, пожалуйста, ещё раз на {answers}."
        assert form_errors(number) == told
        last = ngettext(
            "Wish: '%(wish)s'. The last was %(days)d day ago.",
            "Wish: '%(wish)s'. The last was %(days)d days ago.",
            number,
        )
        assert last % {"wish": "x", "days": number} == f"Пожелание: «x». Прошлый раз был {days} назад."


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        ("en", "One answer needs another look.", "2 answers need another look."),
        ("nl", "Kijk nog even naar één antwoord.", "Kijk nog even naar 2 antwoorden."),
        ("de", "Bitte sehen Sie sich eine Antwort noch einmal an.", "Bitte sehen Sie sich 2 Antworten noch einmal an."),
    ],
)
def test_the_other_languages_have_two(language: str, one: str, two: str) -> None:
    with translation.override(language):
        assert form_errors(1) == one
        assert form_errors(2) == two


def form_errors(number: int) -> str:
    """What the template says, which asks for the form with the name that it gives the number."""
    page = Template('{% include "web/components/form_errors.html" %}').render(
        Context({"form": {"errors": dict.fromkeys(range(number), "wrong")}})
    )
    found = re.search(r"<p>(.*?)</p>", page)
    assert found
    return found[1]


def test_days_are_written_as_people_write_them() -> None:
    told = {}
    for language in LANGUAGES:
        with translation.override(language):
            told[language] = date_format(TODAY, "DATE_FORMAT")
    assert told == {
        "en": "14 September 2026",
        "nl": "14 september 2026",
        "de": "14. September 2026",
        "ru": "14 сентября 2026 г.",
    }


# The mails.


def leaver(language: str, **fields: Any) -> Departure:
    someone = person(language=language, **fields)
    open_due(now=NOW)
    return Departure.objects.get(person=someone)


def invitations(language: str) -> Iterator[str]:
    for days in (-3, 3, None):
        last_day = None if days is None else TODAY + timedelta(days=days)
        departure = leaver(language, ends_on=last_day, status="leaving")
        letter = invitation(departure=departure, programme=programme(), sender_name="Hanna Visser", today=TODAY)
        yield from (letter.subject, letter.body)


def fresh_links(language: str) -> Iterator[str]:
    letter = fresh_link(departure=leaver(language), programme=programme())
    yield from (letter.subject, letter.body)


def journeys(language: str) -> Iterator[str]:
    for step in (step for journey in JOURNEYS for step in journey.steps):
        for manager in ("Mara Smit", ""):
            letter = draft(
                step=step,
                language=language,
                called="Alice",
                organisation="Employer & Sons",
                manager=manager,
                sender="Hanna Visser",
            )
            yield from (letter.subject, letter.body)


def confirmations(language: str) -> Iterator[str]:
    departure = leaver(language)
    receive(
        departure=departure,
        answers=Answers(),
        relation=Relation(
            purposes=["personal"],
            channels=["email"],
            frequency="",
            language=language,
            private_email=f"alice-{language}@home.example",
            shown_in=language,
        ),
        submit=True,
        shown_in=language,
        ip=None,
        by="test",
        now=NOW,
    )
    mail = render(Mail.objects.filter(mailing__origin="mail:confirmation").latest("pk"), reveal=False)
    yield from (mail.subject, mail.text, mail.html)


def feet(language: str) -> Iterator[str]:
    """Mails with a foot, from a person and from the house; their body is in no language."""
    someone = person(language=language, private="alice@home.example")
    for purpose in CONSENT_PURPOSES:
        for sender in ("Hanna Visser", ""):
            message = write(
                person=someone,
                purpose=purpose,
                intent="give",
                subject="…",
                body="…",
                language=language,
                origin="test",
                by="test",
                now=NOW,
                sender_name=sender,
            )
            mail = render(message, reveal=False)
            yield from (mail.text, mail.html)


def welcomes(language: str) -> Iterator[str]:
    owner = programme().owner
    assert owner
    email = f"bob-{language}@employer.example"
    invite_colleague(name="Bob", email=email, role=Role.EDITOR, language=language, inviter=owner, by="test", now=NOW)
    message = Mail.objects.latest("pk")
    yield from (message.mailing.contents[language]["subject"], message.mailing.contents[language]["body"])


MAILS = [invitations, fresh_links, journeys, confirmations, feet, welcomes]


@pytest.mark.django_db
@pytest.mark.parametrize("mails", MAILS)
@pytest.mark.parametrize("language", OTHERS)
def test_no_line_of_a_mail_is_left_in_english(mails: Any, language: str) -> None:
    programme()
    with translation.override("en"):
        english = {line for text in mails("en") for line in lines(text)}
    theirs = {line for text in mails(language) for line in lines(text)}
    assert len(english) > 3
    assert theirs & english == set()
    assert "%(" not in " ".join(theirs)


def lines(text: str) -> set[str]:
    """The lines with words of ours in them."""
    text = re.sub(r"<(style|title).*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>|https?://\S+", " ", text)
    found = {unescape(line).strip() for line in text.splitlines()}
    return {
        line for line in found if line not in NAMES and re.search(r"[^\W\d_]{3}", line) and "Long Street" not in line
    }


@pytest.mark.django_db
@pytest.mark.parametrize("mails", [invitations, fresh_links, journeys, confirmations])
@pytest.mark.parametrize(("language", "greeting"), [("de", "Guten Tag Alice,"), ("ru", "Здравствуйте, Alice,")])
def test_a_sentence_goes_on_after_the_greeting(mails: Any, language: str, greeting: str) -> None:
    programme()
    for text in mails(language):
        _before, found, after = text.partition(f"{greeting}\n\n")
        if found:
            first = after.split()[0]
            assert first[0].islower() or first[0].isdigit() or first in ("Sie", "Ihr", "Вы")


@pytest.mark.django_db
@pytest.mark.parametrize("language", OTHERS)
def test_what_one_agrees_to_is_said_in_ones_own_language(language: str) -> None:
    programme()
    for purpose in CONSENT_PURPOSES:
        text = wording_text(purpose=purpose, language=language)
        assert text != wording_text(purpose=purpose, language="en")
        assert "%" not in text


@pytest.mark.django_db
@pytest.mark.parametrize("language", OTHERS)
def test_the_door_explains_itself_in_ones_own_language(language: str) -> None:
    programme()
    someone = person()
    told: dict[str, set[str]] = {}
    for spoken in ("en", language):
        with translation.override(spoken):
            told[spoken] = {
                str(rule.sentence)
                for purpose in Purpose
                for channel in Channel
                for rule in explain(person=someone, purpose=purpose, channel=channel, now=NOW).rules
            }
    assert len(told[language]) == len(told["en"])
    assert told[language] & told["en"] == set()


@pytest.mark.django_db
@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("language", OTHERS)
def test_the_questions_are_asked_in_ones_own_language(language: str, *, gone: bool) -> None:
    programme()
    told: dict[str, set[str]] = {}
    for spoken in ("en", language):
        with translation.override(spoken):
            form = LeaverForm(
                questions=asked_of(version=ship(now=NOW), how_ended="", gone=gone, language=spoken),
                offered=CONSENT_PURPOSES,
                shown_in=spoken,
                address_on_file="a•••@h•••.example",
            )
            told[spoken] = {str(field.label) for field in form} | {str(field.help_text) for field in form} - {""}
            told[spoken] |= {
                str(label)
                for field in form.fields.values()
                for value, label in getattr(field, "choices", ())
                if not str(value).isdigit() and field is not form.fields["language"]
            }
    same = told[language] & told["en"]
    assert same <= {"LinkedIn", "Post", "E-mail", "–"}


# How we speak.


@pytest.mark.parametrize(
    ("language", "never"),
    [
        ("nl", r"\b[Uu]w?\b"),
        ("de", r"\b(?:[Dd]u|[Dd]ich|[Dd]ir|[Dd]ein\w*|[Ee]uch|[Ee]uer\w*)\b"),
        ("ru", r"\b(?:вы|вас|вам|вами|ваш\w*|ты|тебя|тебе|твой|твоя|тво[её])\b"),
    ],
)
def test_everybody_is_addressed_the_same_way(language: str, never: str) -> None:
    catalog = translations._read(language)
    texts = [text for message in catalog if message.id for text in translations._strings(message)]
    assert [text for text in texts if re.search(never, text)] == []
    assert re.search(never, {"nl": "Kent u ons?", "de": "Kennst du uns?", "ru": "Знаете ли вы нас?"}[language])


def test_all_languages_of_the_house_have_a_catalogue() -> None:
    assert {code for code, _name in settings.LANGUAGES} - {"en"} == set(translations.LANGUAGES)


def test_a_language_we_do_not_speak_reads_english() -> None:
    with translation.override("fr"):
        assert gettext(SENTENCE) == SENTENCE
