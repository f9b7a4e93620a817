"""The impact assessment in words: a document to be read, judged and signed."""

from collections.abc import Iterator

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from perennial.desk.register.paper import Paper, Part, StackedTable
from perennial.desk.register.words import added_to, country_words, day_words, facts_of, standing_words
from perennial.privacy.register.assessment import ENOUGH, Assessment
from perennial.programme.councils import Gate
from perennial.programme.enums import ASSESSMENT_SECTIONS, CouncilOutcome, Section
from perennial.web.documents.blocks import Block, Facts, Heading, Text

# To be filled in by hand or in a word processor.
_BLANK = "……………………"


def assessment_paper(assessment: Assessment) -> Paper:
    """The whole assessment, with what is still to be judged left open."""
    register = assessment.register
    parts = {
        Section.REASON: _reason(assessment),
        Section.DESCRIPTION: _description(assessment),
        Section.NECESSITY: _necessity(assessment),
        Section.RISKS: _risks(assessment),
        Section.VIEWS: _views(assessment),
        Section.CONCLUSION: _conclusion(assessment),
    }
    return Paper(
        title=_("Data protection impact assessment"),
        lead=_("Of %(organisation)s, as GDPR 35 asks for it; a draft made on %(day)s from what is set and declared.")
        % {"organisation": register.programme.organisation, "day": day_words(register.on)},
        parts=[
            Part(each.value, str(each.label), [*parts[each], *added_to(each, register.added)])
            for each in ASSESSMENT_SECTIONS
        ],
        language=get_language() or "en",
    )


def gate_words(gate: Gate) -> str:
    """What became of asking, as a sentence."""
    if gate.answer is None:
        return _("Nothing is written down yet.")
    said = f"{CouncilOutcome(gate.answer.outcome).label}, {day_words(gate.answer.answered_on)}."
    return f"{said} {gate.answer.note}".strip()


def open_gates_words(gates: list[Gate]) -> str:
    """What is said where the stage is changed; empty where nothing is open."""
    countries = sorted({country_words(gate.country) for gate in gates if gate.is_open})
    if not countries:
        return ""
    return _(
        "Before this begins, those who represent the staff have a say in: %(countries)s. Write down what they said, in "
        "the register under Staff representatives."
    ) % {"countries": ", ".join(countries)}


def _reason(assessment: Assessment) -> Iterator[Block]:
    yield Text(
        _("Of the nine criteria of the guidelines WP 248, %(met)s are met here; %(enough)s suffice.")
        % {"met": assessment.met, "enough": ENOUGH}
    )
    words = {True: _("yes"), False: _("no"), None: _("for you to say")}
    yield StackedTable(
        [_("Criterion"), _("Met"), _("Why")],
        [(str(each.name), words[each.met], str(each.why)) for each in assessment.criteria],
    )


def _description(assessment: Assessment) -> Iterator[Block]:
    people = assessment.people
    yield Text(ngettext("%(many)s person is on file.", "%(many)s people are on file.", people) % {"many": people})
    yield Text(_("Recipients, transfers, terms and the tables one by one stand in the register of processing."))
    for entry in assessment.register.entries:
        yield Heading(str(entry.processing.title), level=2)
        yield Facts(facts_of(entry))


def _necessity(assessment: Assessment) -> Iterator[Block]:
    yield Text(
        _(
            "People are asked only about purposes that serve an aim of the programme, each apart. What nobody agreed "
            "to is done only where the law asks for it, or where it was weighed:"
        )
    )
    yield StackedTable(
        [_("Processing"), _("Where its record stands")],
        [
            (str(entry.processing.title), standing_words(entry.standing))
            for entry in assessment.register.entries
            if entry.standing is not None
        ],
    )


def _risks(assessment: Assessment) -> Iterator[Block]:
    yield Text(_("How likely and how grave each is after what is done, judge yourselves: low, middle or high."))
    yield StackedTable(
        [_("What could go wrong"), _("What is done about it"), _("Likely"), _("Grave")],
        [(str(each.what), str(each.done), _BLANK, _BLANK) for each in assessment.risks],
    )


def _views(assessment: Assessment) -> Iterator[Block]:
    if not assessment.gates:
        yield Text(_("The law of the countries where you have places, as we know it, names nobody who must be asked."))
        return
    yield StackedTable(
        [_("Country"), _("Who is asked"), _("What they said"), _("By")],
        [
            (country_words(gate.country), str(gate.gate.label), gate_words(gate), gate.source)
            for gate in assessment.gates
        ],
    )


def _conclusion(assessment: Assessment) -> Iterator[Block]:
    yield Text(
        _(
            "Where a high risk remains although all this is done, the supervisory authority is asked before it begins "
            "(GDPR 36). The assessment is made again when something of it changes."
        )
    )
    yield Facts(
        [
            (_("Advice of the privacy officer"), _BLANK),
            (_("Date and signature"), _BLANK),
            (_("Decision of the controller"), _BLANK),
            (_("Name, date and signature"), _BLANK),
            (_("To be made again on"), _BLANK),
        ]
    )
