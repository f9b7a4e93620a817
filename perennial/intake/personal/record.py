"""What somebody's own export says of them: frozen, saved nowhere; every text is one clean line."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PartialDate:
    """A year, a month of a year, or a day: as exactly as it was said. `str()` is ISO 8601."""

    year: int
    month: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        return "-".join([f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part is not None)])


@dataclass(frozen=True, kw_only=True)
class PositionHeld:
    """A job as somebody tells it. `until` is None where it lasts or where nothing is said."""

    company: str = ""
    title: str = ""
    place: str = ""
    since: PartialDate | None = None
    until: PartialDate | None = None


@dataclass(frozen=True, kw_only=True)
class Education:
    school: str = ""
    degree: str = ""
    field: str = ""
    since: PartialDate | None = None
    until: PartialDate | None = None


@dataclass(frozen=True, kw_only=True)
class Language:
    name: str
    level: str = ""


@dataclass(frozen=True, kw_only=True)
class Certificate:
    name: str
    issuer: str = ""
    url: str = ""
    since: PartialDate | None = None
    until: PartialDate | None = None


@dataclass(frozen=True, kw_only=True)
class Link:
    """A page of theirs, http or https only."""

    url: str
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Address:
    """An e-mail address in lower case. Whether its owner confirmed it elsewhere proves nothing to us."""

    address: str
    confirmed: bool = False
    primary: bool = False


@dataclass(frozen=True, kw_only=True)
class PersonalRecord:
    """All that was taken from one export; what it does not say is empty."""

    name: str = ""
    headline: str = ""
    place: str = ""
    positions: tuple[PositionHeld, ...] = ()
    education: tuple[Education, ...] = ()
    skills: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    links: tuple[Link, ...] = ()
    addresses: tuple[Address, ...] = ()
