"""The register as it stands on a day: gathered from declarations, settings, policy and the employer's own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from perennial import __version__
from perennial.accounts.roles import Role, may
from perennial.kernel.privacy import Held, Privacy
from perennial.kernel.purposes import CONSENT_PURPOSES, Purpose
from perennial.privacy.held import HELD
from perennial.privacy.register.measures import MEASURES, Measure
from perennial.privacy.register.processings import PROCESSINGS, Processing, agreed
from perennial.programme.additions import words_now
from perennial.programme.enums import DataKind
from perennial.programme.interests import Standing, standings
from perennial.programme.models import Addition, Programme
from perennial.programme.policy import Held as Term
from perennial.programme.policy import Policies, refused_residences

# What no reader of a register asks about: ids, and settings that are about nobody.
_UNTOLD = frozenset({Privacy.KEY, Privacy.NONE})


@dataclass(frozen=True)
class Entry:
    """One processing, with what follows from the declarations: the classes of data, the tables, who sees it."""

    processing: Processing
    classes: tuple[Privacy, ...]
    tables: tuple[Held, ...]
    roles: tuple[Role, ...]
    # Of what rests on legitimate interest: where its record stands.
    standing: Standing | None


@dataclass(frozen=True)
class Kept:
    """For how long a kind of data is kept of residents of `country`; 'EU' is everywhere else."""

    kind: DataKind
    country: str
    term: Term


@dataclass(frozen=True)
class Register:
    """All that GDPR 30(1) asks for. `mail_host` is empty where mail is kept and not sent."""

    programme: Programme
    on: date
    version: str
    policy_version: str
    entries: tuple[Entry, ...]
    not_offered: tuple[Purpose, ...]
    roles: tuple[Role, ...]
    mail_host: str
    stands_in: tuple[str, ...]
    refused: tuple[str, ...]
    kept: tuple[Kept, ...]
    measures: tuple[Measure, ...]
    added: Mapping[str, Addition]


def gather(*, programme: Programme, on: date) -> Register:
    """The register on a day; three queries, whatever is on file."""
    policies = Policies(on=on)
    offered = [purpose for purpose in CONSENT_PURPOSES if purpose in programme.purposes]
    weighed = {each.processing.value: each for each in standings(on=on)}
    entries = [_entry(each, weighed.get(each.code)) for each in (*PROCESSINGS, *map(agreed, offered))]
    return Register(
        programme=programme,
        on=on,
        version=__version__,
        policy_version=policies.version(),
        entries=tuple(entries),
        not_offered=tuple(purpose for purpose in CONSENT_PURPOSES if purpose not in offered),
        roles=tuple(role for role in Role if any(role in entry.roles for entry in entries)),
        mail_host=settings.PERENNIAL_MAIL_SERVER.host,
        stands_in=tuple(sorted(settings.PERENNIAL_STANDS_IN)),
        refused=tuple(sorted(refused_residences(on=on))),
        kept=tuple(_kept(policies)),
        measures=MEASURES,
        added=words_now(),
    )


def _entry(processing: Processing, standing: Standing | None) -> Entry:
    tables = tuple(each for each in HELD if each.model in processing.models.split())
    classes = {name for each in tables for name, fields in each.fields.items() if fields}
    return Entry(
        processing=processing,
        classes=tuple(each for each in Privacy if each in classes - _UNTOLD),
        tables=tables,
        roles=tuple(role for role in Role if any(may(role, permission) for permission in processing.seen_by)),
        standing=standing,
    )


def _kept(policies: Policies) -> list[Kept]:
    """Each kind as it is everywhere, and for each country that differs in it."""
    everywhere, *others = policies.countries()
    general = policies.of(everywhere).retention
    found: list[Kept] = []
    for kind in DataKind:
        found.append(Kept(kind, everywhere, general[kind]))
        for country in others:
            own = policies.of(country).retention[kind]
            if own.value != general[kind].value:
                found.append(Kept(kind, country, own))
    return found
