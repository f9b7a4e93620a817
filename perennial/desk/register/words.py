"""The register in words: each section as a part of a paper."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from perennial.accounts.roles import ROLE_SENTENCES, Role
from perennial.desk.policy.words import value_words
from perennial.desk.register.paper import Paper, Part, StackedTable
from perennial.kernel.countries import name_of
from perennial.kernel.privacy import Erased, Privacy
from perennial.privacy.register.gathering import Entry, Register
from perennial.programme.enums import REGISTER_SECTIONS, DataKind, Section
from perennial.programme.interests import NoRecordError, Standing
from perennial.programme.models import Addition, Programme
from perennial.programme.policy import EVERYWHERE
from perennial.web.documents.blocks import Block, Facts, Heading, Items, Quote, Text

CLASSES: dict[Privacy, str | Promise] = {
    Privacy.IDENTITY: gettext_lazy("who somebody is"),
    Privacy.CONTACT: gettext_lazy("where somebody is reached"),
    Privacy.WORK: gettext_lazy("work here and elsewhere"),
    Privacy.CONSENT: gettext_lazy("what was agreed to"),
    Privacy.HISTORY: gettext_lazy("what passed between us"),
    Privacy.WORDS: gettext_lazy("somebody's own words"),
    Privacy.JUDGEMENT: gettext_lazy("what colleagues decided or noted"),
    Privacy.RECORD: gettext_lazy("when, from where, in which state"),
    Privacy.COLLEAGUE: gettext_lazy("which colleague did it"),
    Privacy.OTHERS: gettext_lazy("somebody else, like a manager"),
    Privacy.SECRET: gettext_lazy("passwords, links and sessions, none of them shown"),
}
_ERASED: dict[Erased, str | Promise] = {
    Erased.WITH_PERSON: gettext_lazy("goes with the person's record"),
    Erased.BY_ABOUT: gettext_lazy("goes by the key it bears"),
    Erased.BY_ROOM: gettext_lazy("what is theirs goes, what is others' stays"),
    Erased.KEPT: gettext_lazy("stays"),
    Erased.NOT_THEIRS: gettext_lazy("tells of nobody on file"),
}


def paper_of(register: Register) -> Paper:
    """The whole register as a document."""
    parts = {
        Section.CONTROLLER: _controller(register),
        Section.PROCESSING: _processings(register),
        Section.DATA: _tables(register),
        Section.RECIPIENTS: _recipients(register),
        Section.TRANSFERS: _transfers(register),
        Section.ERASURE: _kept(register),
        Section.MEASURES: [Items([str(each.sentence) for each in register.measures])],
    }
    return Paper(
        title=_("Register of processing"),
        lead=_("Of %(organisation)s, as GDPR 30(1) asks for it. Made on %(day)s from what is set and declared.")
        % {"organisation": register.programme.organisation, "day": day_words(register.on)},
        parts=[
            Part(each.value, str(each.label), [*parts[each], *added_to(each, register.added)])
            for each in REGISTER_SECTIONS
        ],
        language=get_language() or "en",
    )


def added_to(section: Section, added: Mapping[str, Addition]) -> Iterator[Block]:
    """What the employer adds to a section."""
    if section in added:
        yield Heading(_("Added by the employer"), level=2)
        yield Quote(added[section].text, language=get_language() or "en")


def day_words(day: date) -> str:
    return date_format(day, "j F Y")


def country_words(code: str) -> str:
    return _("everywhere else") if code == EVERYWHERE else name_of(code, language=get_language() or "en")


def role_words(roles: Iterable[Role]) -> str:
    return ", ".join(str(role.label) for role in roles) or _("nobody")


def facts_of(entry: Entry) -> list[tuple[str, str]]:
    """One processing, line by line; the CSV has the same columns."""
    processing = entry.processing
    kept = [str(DataKind(kind).label) for kind in processing.kept]
    data = ", ".join(str(CLASSES[each]) for each in entry.classes)
    if not entry.tables:
        data = _("those of the record, of contact and of agreements")
    because = f"{processing.ground.label}. {processing.because}"
    if entry.standing is not None:
        because = f"{because} {standing_words(entry.standing)}"
    return [
        (_("What for"), str(processing.purpose)),
        (_("Why it may be"), because),
        (_("Of whom"), str(processing.subjects)),
        (_("Which data"), data),
        (_("Who sees it"), role_words(entry.roles)),
        (_("How long"), " ".join([*(f"{each}." for each in kept), str(processing.ends)]).strip() or "–"),
    ]


def standing_words(standing: Standing) -> str:
    """Where a record of legitimate interest stands, as a sentence."""
    if standing.record is None:
        return _("No record yet of why it may be.")
    values = {"version": standing.record.version, "who": standing.record.decided_by}
    values["day"] = day_words(standing.record.decided_on)
    if not standing.record.prevails:
        return _("Weighed on %(day)s by %(who)s (version %(version)s): it may not be done.") % values
    if standing.review_is_due:
        return _("Weighed on %(day)s by %(who)s (version %(version)s); to be looked at again.") % values
    return _("Weighed on %(day)s by %(who)s (version %(version)s): it may be done.") % values


def missing_words(error: NoRecordError) -> str:
    """Why something does not begin, and what to do."""
    names = "; ".join(str(each.label) for each in error.missing)
    return _(
        "It rests on legitimate interest, and nobody has written down yet why it may be: %(names)s. A coordinator does "
        "so in the register, under Programme."
    ) % {"names": names}


def interests_paper(standings: Sequence[Standing], *, programme: Programme, on: date) -> Paper:
    """All records that hold, as a document."""
    return Paper(
        title=_("Records of legitimate interest"),
        lead=_("Of %(organisation)s, for what rests on GDPR 6(1)(f). As of %(day)s.")
        % {"organisation": programme.organisation, "day": day_words(on)},
        parts=[Part("", str(each.processing.label), record_blocks(each)) for each in standings],
        language=get_language() or "en",
    )


def record_blocks(standing: Standing) -> list[Block]:
    """One record: where it stands, and the three steps."""
    if standing.record is None:
        return [Text(standing_words(standing))]
    record, language = standing.record, get_language() or "en"
    return [
        Text(standing_words(standing)),
        Heading(_("The interest"), level=2),
        Quote(record.interest, language),
        Heading(_("Why it cannot be done with less"), level=2),
        Quote(record.necessity, language),
        Heading(_("What speaks against it, and how it was weighed"), level=2),
        Quote(record.balancing, language),
        Facts([(_("To be looked at again on"), day_words(record.review_on))]),
    ]


def _controller(register: Register) -> list[Block]:
    programme = register.programme
    return [
        Facts(
            [
                (_("Controller"), programme.organisation),
                (_("Address"), programme.postal_address),
                (_("Whom to ask about personal data"), programme.privacy_contact or _("Not named yet.")),
                (_("Who answers for the programme"), programme.owner.name if programme.owner else _("Nobody yet.")),
                (_("Made by"), f"Perennial {register.version}"),
            ]
        )
    ]


def _processings(register: Register) -> Iterator[Block]:
    for entry in register.entries:
        yield Heading(str(entry.processing.title), level=2)
        yield Facts(facts_of(entry))
    if register.not_offered:
        names = ", ".join(str(purpose.label) for purpose in register.not_offered)
        yield Text(_("Not offered, so nobody is asked to agree to it: %(names)s.") % {"names": names})


def _tables(register: Register) -> Iterator[Block]:
    yield Text(_("Everything that is held, as each part of the house declares it; a field without a class fails."))
    rows = [
        (
            held.model,
            held.why,
            ", ".join(str(CLASSES[each]) for each in Privacy if held.fields.get(each) and each in CLASSES)
            or _("nothing personal"),
            str(_ERASED[held.erased]) + (f": {held.rule}" if held.rule else ""),
        )
        for entry in register.entries
        for held in entry.tables
    ]
    head = [_("Table"), _("What it is for"), _("Which data"), _("When somebody is erased")]
    yield StackedTable(head, rows)


def _recipients(register: Register) -> Iterator[Block]:
    yield Text(_("Within the house, by role; a colleague has one role, and each page asks for it."))
    yield StackedTable(
        [_("Role"), _("What it may do")],
        [(str(role.label), str(ROLE_SENTENCES[role])) for role in register.roles],
    )
    if register.mail_host:
        yield Text(_("Letters are handed to the mail server %(host)s.") % {"host": register.mail_host})
    else:
        yield Text(_("No mail server is set; letters are kept and reach nobody."))
    yield Text(
        _(
            "Whoever runs the server and the database can reach what lies there; name them below, with the agreement "
            "of GDPR 28 where they are another company. Nothing is handed to anybody else."
        )
    )


def _transfers(register: Register) -> Iterator[Block]:
    yield Text(
        _("The house sends nothing abroad by itself: it asks no other site, and measures no reader of a letter.")
    )
    if register.stands_in:
        names = ", ".join(country_words(code) for code in register.stands_in)
        yield Text(_("The database is declared to stand in: %(names)s.") % {"names": names})
    if register.refused:
        names = ", ".join(country_words(code) for code in register.refused)
        yield Text(
            _("Not taken in, as their data is to be written down there first: residents of %(names)s.")
            % {"names": names}
        )
    yield Text(_("Where the server, the mail server or a backup stands elsewhere, say so below, with its safeguard."))


def _kept(register: Register) -> Iterator[Block]:
    yield StackedTable(
        [_("What"), _("People who live in"), _("How long"), _("Since"), _("By")],
        [
            (
                str(kept.kind.label),
                country_words(kept.country),
                value_words(kept.term.value),
                day_words(kept.term.since),
                kept.term.source,
            )
            for kept in register.kept
        ],
    )
