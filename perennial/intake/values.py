"""What stands in a cell, read as a date, a name, an address or one of our codes; and cells made safe to write out."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.intake.columns import word_set
from perennial.people.enums import ContractKind, HowEnded, StintStatus

MAX_NAME = 300
MAX_EMAIL = 254


class UnreadableValue(Exception):  # noqa: N818 - a refusal with a sentence, not a programming error
    """A cell that cannot be what its column says; `str()` is one sentence for the error file."""

    def __init__(self, sentence: Promise | str, **values: str) -> None:
        super().__init__()
        self.wording = sentence
        self.values = {name: _shortened(value) for name, value in values.items()}

    @property
    def sentence(self) -> str:
        return str(self.wording) % self.values

    def __str__(self) -> str:
        return self.sentence


def _shortened(text: str) -> str:
    """Return at most 60 characters of a cell, fit to stand inside a sentence."""
    plain = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:60])
    return plain if len(text) <= 60 else f"{plain}…"


# What people type when they mean that there is nothing.
_BLANKS = frozenset(
    {
        *("", "-", "--", "—", "–", ".", "?", "/", "n/a", "na", "n.a.", "#n/a", "#nv", "nvt", "n.v.t.", "n.v.t", "none"),
        *("null", "nil", "geen", "onbekend", "leeg", "kein", "keine", "keiner", "unbekannt", "k.a.", "entfällt"),
        *("нет", "н/д", "не указано", "не указан", "отсутствует", "(blank)", "(leeg)", "(leer)", "nan", "unknown"),
    }
)


def is_blank(text: str) -> bool:
    """Tell whether a cell says nothing: empty, a dash, 'n/a', 'n.v.t.', 'нет'."""
    return not text or text.strip().casefold() in _BLANKS


# --- dates


class DateOrder(StrEnum):
    """In which order a column writes day, month and year; AMBIGUOUS has to be asked."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"
    AMBIGUOUS = "ambiguous"


DATE_ORDER_LABELS: Mapping[DateOrder, Promise] = {
    DateOrder.YMD: _("year, month, day"),
    DateOrder.DMY: _("day, month, year"),
    DateOrder.MDY: _("month, day, year"),
    DateOrder.AMBIGUOUS: _("not to be told from the file"),
}

_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2100
# Two digits below this are in this century; nobody on a payroll started before 1950.
_CENTURY_PIVOT = 50
_EXCEL_EPOCH = date(1899, 12, 30)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_NUMERIC = re.compile(r"(\d{1,4})([-./ ]|\s*[-./]\s*)(\d{1,2})\s*[-./ ]\s*(\d{1,4})")
_COMPACT = re.compile(r"\d{8}")
# 'T00:00:00+01:00', ' 12:00:00 AM', ' г.', ' Uhr': what may follow a date and says nothing of the day.
_TAIL = re.compile(
    r"(?:[T\s,]+\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?\s*(?:[ap]\.?m\.?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?(?:\s*(?:uur|uhr))?"
    r"|\s*(?:г|года|год)\.?)\s*$",
    re.IGNORECASE,
)
# HR systems write 'for ever' as a date.
_FOR_EVER = re.compile(r"(?:9999|2999|0000)\W?\d\d?\W?\d\d?|\d\d?\W?\d\d?\W?(?:9999|2999|0000)")
_NEVER = word_set(
    """
    unlimited indefinite permanent onbepaald onbeperkt unbefristet unbegrenzt бессрочно бессрочный present
    heden heute
    """
)
_WORDY = re.compile(r"\d+|[^\W\d_]+")
_MONTHS_BY_LANGUAGE = (
    "january february march april may june july august september october november december",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan febr mrt apr mei jun jul aug sept okt nov dec",
    "jän feb mär apr mai jun jul aug sep okt nov dez",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
    "янв февр март апр мая июня июля авг сент окт нояб дек",
    "jänner feber mrz apr mai jun jul aug sept okt nov dez",
    "januari februari maerz april mei juni juli augustus september oktober november december",
)
_MONTHS: dict[str, int] = {
    name: number for names in _MONTHS_BY_LANGUAGE for number, name in enumerate(names.split(), start=1)
}
# Words that may stand around a date written out.
_DATE_FILLERS = word_set(
    """
    st nd rd th e de of der den г года год the mon monday tue tues tuesday wed wednesday thu thur thurs
    thursday fri friday sat saturday sun sunday ma maandag di dinsdag wo woensdag do donderdag vr vrijdag za
    zaterdag zo zondag mo montag dienstag mi mittwoch donnerstag freitag sa samstag so sonntag пн понедельник
    вт вторник ср среда чт четверг пт пятница сб суббота вс воскресенье
    """
)
_WRITTEN_OUT = "written out"
_Readings = dict[str, date]


def date_order(texts: Iterable[str], *, serials: bool = False) -> DateOrder:
    """Decide over a whole column; see `OrderEvidence`."""
    evidence = OrderEvidence(serials=serials)
    for text in texts:
        evidence.see(text)
    return evidence.order


class OrderEvidence:
    """Gathers over a whole column what its dates say of the order of day and month.

    One date that fits only one order decides for the column. Dates that contradict each other, and columns where every
    date fits both orders and would mean different days, are AMBIGUOUS. Dots mean day first unless a date denies it,
    as everywhere where dots are used. Cells that are no date say nothing.
    """

    def __init__(self, *, serials: bool = False) -> None:
        self._serials = serials
        self._seen: set[str] = set()
        self._only: dict[str, bool] = dict.fromkeys((DateOrder.DMY, DateOrder.MDY, DateOrder.YMD), False)
        self._open_dotted = False
        self._open_other = False
        self._indifferent = False
        self.example = ""

    def see(self, text: str) -> None:
        if text in self._seen:
            return
        if len(self._seen) < _CACHE_SIZE:
            self._seen.add(text)
        readings = _readings(text.strip(), self._serials)
        numeric = {order: reading for order, reading in readings.items() if order != _WRITTEN_OUT}
        if not numeric:
            return
        if len(numeric) == 1:
            self._only[next(iter(numeric))] = True
        elif len(set(numeric.values())) == 1:
            self._indifferent = True
        elif "." in text:
            self._open_dotted = True
            self.example = self.example or text
        else:
            self._open_other = True
            self.example = text

    @property
    def contradicts_itself(self) -> bool:
        """Whether the column has dates that are only possible day first and others only possible month first."""
        return self._only[DateOrder.DMY] and self._only[DateOrder.MDY]

    @property
    def order(self) -> DateOrder:
        day_first, month_first = self._only[DateOrder.DMY], self._only[DateOrder.MDY]
        if day_first and month_first:
            return DateOrder.AMBIGUOUS
        if day_first:
            return DateOrder.DMY
        if month_first:
            return DateOrder.MDY
        if self._open_other:
            return DateOrder.AMBIGUOUS
        if self._open_dotted or self._indifferent:
            return DateOrder.DMY
        return DateOrder.YMD


class DateReader:
    """Reads the dates of one column whose order is known, remembering those it has read."""

    def __init__(self, *, order: DateOrder, serials: bool = False) -> None:
        self._order = order
        self._serials = serials
        self._known: dict[str, date | None] = {}

    def read(self, text: str) -> date | None:
        """Return the day, or None for a blank cell and for 'unlimited'; `UnreadableValue` for all else."""
        try:
            return self._known[text]
        except KeyError:
            pass
        value = self._read(text)
        if len(self._known) < _CACHE_SIZE:
            self._known[text] = value
        return value

    def _read(self, text: str) -> date | None:
        plain = text.strip()
        if is_blank(plain) or plain.casefold() in _NEVER or _FOR_EVER.fullmatch(_TAIL.sub("", plain)):
            return None
        readings = _readings(plain, self._serials)
        if not readings:
            raise UnreadableValue(_("“%(text)s” is not a date we can read."), text=text)
        days = set(readings.values())
        if len(days) == 1 and (self._order is DateOrder.AMBIGUOUS or len(readings) > 1 or _WRITTEN_OUT in readings):
            return days.pop()
        if self._order in readings:
            return readings[self._order]
        if DateOrder.YMD in readings:
            return readings[DateOrder.YMD]
        if self._order in (DateOrder.DMY, DateOrder.MDY):
            raise UnreadableValue(
                _("“%(text)s” does not fit the order of this column (%(order)s)."),
                text=text,
                order=str(DATE_ORDER_LABELS[self._order]),
            )
        if len(days) == 1:
            return days.pop()
        raise UnreadableValue(_("“%(text)s” could be two days: say which order this column has."), text=text)


_CACHE_SIZE = 50_000


def _readings(text: str, serials: bool) -> _Readings:
    """Return the days a text can mean, by the order under which it means them; a month's name needs no order."""
    if not text or len(text) > 60 or not any(map(str.isdigit, text)):
        return {}
    if serials and (serial := _SERIAL.fullmatch(text)):
        return _ordered({_WRITTEN_OUT: _EXCEL_EPOCH + timedelta(days=int(serial[1]))})
    text = _TAIL.sub("", text)
    if _COMPACT.fullmatch(text):
        found = {DateOrder.YMD.value: _day(text[:4], text[4:6], text[6:])}
        found[DateOrder.DMY] = _day(text[4:], text[2:4], text[:2])
        found[DateOrder.MDY] = _day(text[4:], text[:2], text[2:4])
        return _ordered(found)
    if numeric := _NUMERIC.fullmatch(text):
        first, second, third = numeric[1], numeric[3], numeric[4]
        if len(first) in (3, 4):
            return _ordered({DateOrder.YMD: _day(first, second, third)}) if len(third) <= 2 else {}
        readings = _ordered({DateOrder.DMY: _day(third, second, first), DateOrder.MDY: _day(third, first, second)})
        if not readings and len(third) <= 2:
            # '99-12-31': a year of two digits in front, believed only where nothing else fits.
            return _ordered({DateOrder.YMD: _day(first, second, third)})
        return readings
    return _written_out(text)


def _ordered(found: Mapping[str, date | None]) -> _Readings:
    return {str(order): day for order, day in found.items() if day is not None and _plausible(day)}


def _plausible(day: date) -> bool:
    return _EARLIEST_YEAR <= day.year <= _LATEST_YEAR


def _day(year: str, month: str, day: str) -> date | None:
    if len(year) not in (2, 4) or len(month) > 2 or len(day) > 2:
        return None
    number = int(year)
    if len(year) == 2:
        number += 2000 if number < _CENTURY_PIVOT else 1900
    try:
        return date(number, int(month), int(day))
    except ValueError:
        return None


def _written_out(text: str) -> _Readings:
    """Read '31 December 2025', 'Dec 31st, 2025', '31-dez-25', '31 декабря 2025 г.'."""
    months: list[int] = []
    numbers: list[str] = []
    for word in _WORDY.findall(unicodedata.normalize("NFC", text).casefold()):
        if word.isdecimal():
            numbers.append(word)
        elif word in _MONTHS:
            months.append(_MONTHS[word])
        elif word not in _DATE_FILLERS:
            return {}
    if len(months) != 1 or len(numbers) != 2:
        return {}
    day, year = numbers
    if len(day) == 4:
        day, year = year, day
    return _ordered({_WRITTEN_OUT: _day(year, str(months[0]), day)})


# --- addresses and text

_SPACES_FIRST = re.compile(r"^(?:mailto:|<)|>$", re.IGNORECASE)
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:xn--[a-z0-9-]{2,59}|[a-z]{2,63})"
)


def email_address(text: str) -> str:
    """Return the address in lower case, "" for a blank cell; `UnreadableValue` where it is none.

    Line breaks, control characters, separators of any kind and letters that mail servers may refuse before the
    @ are turned down, never repaired; a domain in its own script becomes its ASCII form.
    """
    plain = text.strip(" ").lower()
    if plain[:1] != "'" and _EMAIL.fullmatch(plain) and len(plain) <= MAX_EMAIL and plain.index("@") <= 64:
        return plain
    if not text.isprintable():
        raise UnreadableValue(_("“%(text)s” has invisible characters that no e-mail address may have."), text=text)
    plain = undisarm(plain)
    if is_blank(plain):
        return ""
    plain = _SPACES_FIRST.sub("", _SPACES_FIRST.sub("", plain))
    local, at, domain = plain.rpartition("@")
    if at and not domain.isascii() and len(domain) <= MAX_EMAIL:
        try:
            plain = f"{local}@{domain.encode('idna').decode('ascii')}"
        except UnicodeError:
            plain = ""
    if len(plain) > MAX_EMAIL or len(local) > 64 or not _EMAIL.fullmatch(plain):
        raise UnreadableValue(_("“%(text)s” is not an e-mail address."), text=text)
    return plain


# Characters that turn the direction of all that follows; in a name they only serve to deceive.
_TURNERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Invisible signs that some scripts need (joiners and marks of direction); a soft hyphen or a BOM is dropped.
_DROPPED = dict.fromkeys(map(ord, "\u00ad\ufeff\u200b\u2060"))


def plain_text(text: str, *, longest: int = MAX_NAME) -> str:
    """Return a name, department or title: trimmed, single spaces, composed letters.

    Control characters, line breaks and signs that turn the direction of writing are refused, as is what is
    longer than `longest`. A formula is text like any other here and is never evaluated.
    """
    if not text:
        return ""
    if not text.isascii():
        if not text.isprintable():
            text = _without_invisible(text)
        text = unicodedata.normalize("NFC", text)
    elif not text.isprintable():
        raise UnreadableValue(_("“%(text)s” has line breaks or control characters in it."), text=text)
    text = undisarm(" ".join(text.split()))
    if len(text) > longest:
        raise UnreadableValue(
            _("“%(text)s” is too long: at most %(longest)s characters fit."), text=text, longest=str(longest)
        )
    return text


def person_name(text: str) -> str:
    """Return a name as it may be greeted: `plain_text` with at least one letter in it, or ""."""
    name = plain_text(text)
    if name and not any(map(str.isalpha, name)):
        if is_blank(name):
            return ""
        raise UnreadableValue(_("“%(text)s” is not a name."), text=text)
    return name


MAX_EMPLOYEE_NUMBER = 64
_WHOLE_NUMBER = re.compile(r"(\d+)[.,]0+")


def employee_number(text: str) -> str:
    """Return the number as text, leading zeros kept; '12345.0' is what some exports make of 12345."""
    number = plain_text(text, longest=MAX_EMPLOYEE_NUMBER)
    if not number.isalnum():
        if is_blank(number):
            return ""
        if whole := _WHOLE_NUMBER.fullmatch(number):
            return whole[1]
    return number


def _without_invisible(text: str) -> str:
    text = text.translate(_DROPPED)
    for letter in text:
        if letter.isprintable():
            continue
        category = unicodedata.category(letter)
        if category in ("Cc", "Zl", "Zp", "Cs") or letter in _TURNERS:
            raise UnreadableValue(_("“%(text)s” has line breaks or control characters in it."), text=text)
    return text


class TextReader:
    """Reads a column whose values repeat (departments, titles, managers), remembering what it has read."""

    def __init__(self, *, longest: int = MAX_NAME) -> None:
        self._longest = longest
        self._known: dict[str, str] = {}

    def read(self, text: str) -> str:
        try:
            return self._known[text]
        except KeyError:
            pass
        value = "" if is_blank(text) else plain_text(text, longest=self._longest)
        if len(self._known) < _CACHE_SIZE:
            self._known[text] = value
        return value


# --- codes


class Language(StrEnum):
    EN = "en"
    NL = "nl"
    DE = "de"
    RU = "ru"


Code = TypeVar("Code", bound=StrEnum | TextChoices)


class Vocabulary(Generic[Code]):
    """The words, in four languages, for the codes of one column.

    A text is looked up without case, accents and punctuation; then by the longest known word within it ('Dismissal -
    performance'), `weak` words last ('ontslag met wederzijds goedvinden'), and not at all where it denies something.
    `otherwise` is what a text we don't know becomes: the original is the caller's to keep.
    """

    def __init__(self, *, words: Mapping[Code, str], otherwise: Code | None, weak: str = "") -> None:
        self._otherwise = otherwise
        self._codes: dict[str, Code] = {}
        self.claimed_twice: frozenset[str] = frozenset()
        for code, block in words.items():
            for word in filter(None, map(_folded, [code.value, *block.split(";")])):
                if self._codes.setdefault(word, code) is not code:
                    self.claimed_twice |= {word}
        last = {_folded(word) for word in weak.split(";")}
        self._inside = sorted(
            (word for word in self._codes if len(word) >= 4), key=lambda word: (word in last, -len(word))
        )
        self._known: dict[str, Code | None] = {}

    def find(self, text: str) -> Code | None:
        """Return the code, None where the text says nothing or nothing we know."""
        try:
            return self._known[text]
        except KeyError:
            pass
        folded = _folded(text)
        code = self._codes.get(folded)
        if code is None and _NEGATIONS.isdisjoint(folded.split()):
            spaced = f" {folded} "
            code = next((self._codes[word] for word in self._inside if f" {word} " in spaced), None)
        if len(self._known) < _CACHE_SIZE:
            self._known[text] = code
        return code

    def read(self, text: str) -> Code | None:
        """Return the code, None for a blank cell, `otherwise` for a word we don't know."""
        code = self.find(text)
        if code is None and not is_blank(text):
            return self._otherwise
        return code


_NEGATIONS = frozenset({"not", "non", "no", "niet", "geen", "nicht", "kein", "keine", "не", "нет", "без"})


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text[:200]).casefold()
    kept = (letter if letter.isalnum() else " " for letter in folded if not unicodedata.combining(letter))
    return " ".join("".join(kept).split())


HOW_ENDED: Vocabulary[HowEnded] = Vocabulary(
    words={
        HowEnded.RESIGNATION: """
            resigned; voluntary; voluntary resignation; voluntary termination; quit; own request; employee request;
            left voluntarily; by employee; notice by employee; employee resignation; voluntarily;
            ontslag genomen; eigen verzoek; op eigen verzoek; vrijwillig; eigen ontslag; zelf opgezegd; ontslagname;
            opzegging werknemer; opzegging door werknemer; vrijwillig vertrek; ontslag op eigen verzoek;
            eigen opzegging;
            Eigenkündigung; Kündigung durch Arbeitnehmer; Kündigung durch Mitarbeiter; freiwillig; auf eigenen Wunsch;
            Arbeitnehmerkündigung; Kündigung AN; AN-Kündigung; Kündigung seitens Arbeitnehmer;
            Kündigung durch den Arbeitnehmer; gekündigt durch Arbeitnehmer; Arbeitnehmer;
            собственное желание; по собственному желанию; по инициативе работника; инициатива работника; добровольно;
            увольнение по собственному желанию; п. 3 ч. 1 ст. 77; п 3 ч 1 ст 77 ТК РФ
        """,
        HowEnded.DISMISSAL: """
            dismissed; fired; involuntary; involuntary termination; terminated by employer; for cause; terminated;
            termination for cause; by employer; summary dismissal; discharge; misconduct; performance; involuntarily;
            ontslagen; ontslag; ontslag op staande voet; ontslag door werkgever; opzegging werkgever; disfunctioneren;
            opzegging door werkgever; ontslag via kantonrechter; ontbinding kantonrechter; op staande voet;
            Arbeitgeberkündigung; Kündigung durch Arbeitgeber; fristlose Kündigung; entlassen; Entlassung;
            AG-Kündigung;
            verhaltensbedingte Kündigung; personenbedingte Kündigung; außerordentliche Kündigung; Kündigung AG;
            Kündigung durch den Arbeitgeber; unfreiwillig; Arbeitgeber; gekündigt durch Arbeitgeber;
            verhaltensbedingt;
            увольнение; уволен; по инициативе работодателя; инициатива работодателя; за нарушение; прогул;
            за нарушение дисциплины; увольнение по инициативе работодателя; недобровольно
        """,
        HowEnded.REDUNDANCY: """
            redundant; voluntary redundancy; laid off; layoff; lay-off; reduction in force; RIF; restructuring;
            reorganisation;
            reorganization;
            position eliminated; job elimination; economic reasons; made redundant; downsizing;
            boventallig; reorganisatie; bedrijfseconomisch; bedrijfseconomische redenen; boventalligheid;
            collectief ontslag;
            ontslag bedrijfseconomisch; bedrijfseconomisch ontslag; sociaal plan;
            betriebsbedingt; betriebsbedingte Kündigung; Stellenabbau; Umstrukturierung; Personalabbau; Sozialplan;
            betriebsbedingt gekündigt;
            сокращение; по сокращению; сокращение штата; сокращение штатов; реорганизация; сокращение численности;
            ликвидация; ликвидация организации; увольнение по сокращению
        """,
        HowEnded.END_OF_CONTRACT: """
            end of contract; contract ended; contract end; contract expired; expiry; expired; fixed term ended;
            end of fixed term; end of temporary contract; contract expiration; end of term; end of assignment;
            contract not renewed; non-renewal; end of internship; internship ended; completion of contract;
            einde contract; contract afgelopen; einde bepaalde tijd; contract niet verlengd; niet verlengd;
            van rechtswege;
            einde tijdelijk contract; afloop contract; einde contract bepaalde tijd; einde stage;
            einde van rechtswege;
            contract verlopen; afgelopen;
            Vertragsende; Befristung; Ende der Befristung; Zeitablauf; Ablauf der Befristung; Fristablauf;
            Befristungsende;
            Ende befristeter Vertrag; Vertragsablauf; ausgelaufen; Ende Praktikum; Ablauf des Vertrags;
            Ende des Vertrags;
            окончание договора; истечение срока; истечение срока договора; окончание срока; конец договора;
            окончание контракта;
            истечение срока трудового договора; срочный договор; истек срок договора; истёк срок договора
        """,
        HowEnded.RETIREMENT: """
            retired; pension; early retirement; pensioned; retire; normal retirement;
            pensioen; met pensioen; pensionering; vervroegd pensioen; AOW; vroegpensioen; prepensioen; FPU;
            Rente; Ruhestand; Pensionierung; Renteneintritt; Pension; Altersrente; Altersteilzeit; Vorruhestand;
            Verrentung;
            пенсия; на пенсию; выход на пенсию; пенсионер; уход на пенсию; по пенсии; в связи с выходом на пенсию
        """,
        HowEnded.DEATH: """
            died; deceased; passed away; death in service;
            overleden; overlijden; overlijden werknemer; sterfgeval;
            Tod; verstorben; gestorben; Todesfall; Tod des Arbeitnehmers;
            смерть; умер; умерла; скончался; скончалась; смерть работника; кончина
        """,
        HowEnded.MUTUAL_AGREEMENT: """
            mutual; by mutual agreement; mutual consent; by mutual consent; settlement; settlement agreement;
            mutually agreed; termination agreement; severance agreement; mutual separation; mutual termination;
            wederzijds goedvinden; met wederzijds goedvinden; vaststellingsovereenkomst; VSO; in onderling overleg;
            onderling overleg; beëindigingsovereenkomst; wederzijds;
            Aufhebungsvertrag; einvernehmlich; Aufhebung; im gegenseitigen Einvernehmen; Auflösungsvertrag;
            gegenseitiges Einvernehmen; in beiderseitigem Einvernehmen; einvernehmliche Auflösung;
            beiderseitiges Einvernehmen;
            соглашение сторон; по соглашению сторон; по соглашению; взаимное согласие; по обоюдному согласию
        """,
        HowEnded.OTHER: """
            misc; miscellaneous; other reason; various; anders; overig; overige; andere reden; diverse; Sonstiges;
            sonstige; andere; anderer Grund; другое; прочее; иное; прочие; другая причина; иные основания
        """,
    },
    otherwise=HowEnded.OTHER,
    weak="""
        ontslag; ontslagen; dismissal; dismissed; terminated; entlassen; entlassung; увольнение; уволен; by employer;
        voluntary; vrijwillig; freiwillig; voluntarily; pension; pensioen
    """,
)

CONTRACT_KIND: Vocabulary[ContractKind] = Vocabulary(
    words={
        ContractKind.EMPLOYEE: """
            permanent; regular; full time; full-time; fulltime; part time; part-time; parttime; indefinite; staff;
            salaried;
            permanent employee; open-ended; internal; internal employee; FTE; permanent contract; regular employee;
            perm;
            vast; vaste dienst; onbepaalde tijd; vast contract; vast dienstverband; voltijd; deeltijd; werknemer;
            medewerker;
            contract onbepaalde tijd; onbepaald; intern dienstverband; in loondienst; loondienst; arbeidsovereenkomst;
            unbefristet; festangestellt; Festanstellung; Vollzeit; Teilzeit; Angestellter; Angestellte; Mitarbeiter;
            fest;
            unbefristeter Vertrag; Arbeitnehmer; Tarifangestellter; interner Mitarbeiter; Minijob;
            geringfügig beschäftigt;
            постоянный; бессрочный; основной; полная занятость; трудовой договор; штатный; основное место работы;
            в штате;
            бессрочный договор; частичная занятость; постоянная; штатный сотрудник; неполная занятость
        """,
        ContractKind.TEMPORARY: """
            temp; fixed term; fixed-term; temporary employee; temporary contract; limited; agency; seasonal; casual;
            agency worker;
            fixed term contract; temporary worker; limited term; on call; on-call; term contract; fixed-term employee;
            tijdelijk; bepaalde tijd; tijdelijk contract; uitzendkracht; oproep; oproepkracht; contract bepaalde tijd;
            jaarcontract; uitzend; nul uren; nulurencontract; inval; seizoen; detachering; gedetacheerd;
            tijdelijk dienstverband;
            befristet; Zeitarbeit; Aushilfe; Leiharbeit; befristeter Vertrag; Zeitvertrag; Leiharbeitnehmer;
            Zeitarbeiter;
            Saisonkraft; Zeitarbeitnehmer; befristet angestellt;
            временный; срочный; срочный договор; сезонный; временная работа; срочный трудовой договор; временно;
            временная
        """,
        ContractKind.FREELANCER: """
            freelance; contractor; consultant; external; self-employed; self employed; independent contractor;
            contingent worker; contingent; vendor; external employee; hired;
            zzp; zzp'er; zelfstandige; inhuur; extern; ingehuurd; interim; externe; freelance medewerker;
            inhuurkracht;
            Freiberufler; Selbstständiger; selbstständig; externer Mitarbeiter; freier Mitarbeiter; Honorarkraft;
            freie Mitarbeit;
            Werkvertrag; externer; freiberuflich;
            фрилансер; подрядчик; ГПХ; договор ГПХ; самозанятый; внештатный; самозанятая; договор подряда;
            внештатник; ИП;
            гражданско-правовой договор; внешний
        """,
        ContractKind.INTERN: """
            internship; trainee; apprentice; apprenticeship; student; working student; graduate trainee; placement;
            co-op;
            stagiair; stagiaire; stage; leerling; werkstudent; BBL; leerwerkovereenkomst; stageovereenkomst;
            traineeship;
            Praktikant; Praktikantin; Praktikum; Azubi; Auszubildender; Auszubildende; Werkstudent; Werkstudentin;
            Ausbildung;
            dualer Student; Volontär; Referendar; Lehrling;
            стажёр; стажер; практикант; ученик; стажировка; практика; ученический договор; студент
        """,
        ContractKind.RETIREE: """
            retired; pensioner; retired employee;
            gepensioneerd; gepensioneerde; pensioen; pensionado;
            Rentner; Rentnerin; Pensionär; Pensionärin; im Ruhestand;
            пенсионер; пенсионерка
        """,
        ContractKind.OTHER: """
            misc; volunteer; board member; anders; overig; vrijwilliger; Sonstige; Sonstiges; andere; Ehrenamt;
            ehrenamtlich; Vorstand; другое; прочее; иное; волонтёр; волонтер
        """,
    },
    otherwise=ContractKind.OTHER,
    weak="""
        full time; fulltime; part time; parttime; voltijd; deeltijd; Vollzeit; Teilzeit; полная занятость;
        неполная занятость; частичная занятость; employee; werknemer; medewerker; Mitarbeiter; Arbeitnehmer; staff;
        трудовой договор; arbeidsovereenkomst; internal; external; extern; employee contract
    """,
)

STATUS: Vocabulary[StintStatus] = Vocabulary(
    words={
        StintStatus.ACTIVE: """
            employed; in service; current; working; on leave; yes; y; true; 1; A; active employee; on board;
            onboarding;
            parental leave; sick leave; paid leave; hired; unpaid leave; probation; ACT; 3;
            actief; in dienst; werkzaam; ja; ziek; met verlof; proeftijd; waar; in loondienst; in proeftijd;
            aktiv; beschäftigt; im Dienst; Elternzeit; wahr; Probezeit; angestellt; in Beschäftigung; in Elternzeit;
            активен; активный; активная; работает; работа; да; в отпуске; декрет; принят; действующий; отпуск;
            больничный;
            в декрете; на больничном; командировка; истина; активна; испытательный срок
        """,
        StintStatus.LEAVING: """
            notice; on notice; notice period; serving notice; resigned; notice given; pending termination;
            offboarding;
            resigning; under notice; garden leave; exit in progress; leaves; about to leave; departing; leaver;
            vertrekt; gaat uit dienst; opgezegd; opzegtermijn; in opzegging; vertrekkend; gaat weg; in opzegtermijn;
            uit dienst per; ontslag ingediend; vertrekker;
            scheidet aus; gekündigt; in Kündigung; Kündigungsfrist; ausscheidend; austretend; verlässt uns;
            in Kündigungsfrist;
            freigestellt;
            увольняется; на отработке; уходит; отработка; подал заявление; подала заявление; в процессе увольнения
        """,
        StintStatus.LEFT: """
            inactive; terminated; former; ex; ex-employee; not active; out of service; no; n; false; 0; departed;
            gone;
            left company; alumnus; alumna; separated; withdrawn; former employee; alumni; deactivated; retired;
            disabled;
            uit dienst; inactief; niet actief; weg; vertrokken; nee; oud-medewerker; uitdienst; gepensioneerd; onwaar;
            ex-medewerker; niet meer in dienst; ontslagen; archief;
            inaktiv; ausgeschieden; ausgetreten; ehemalig; nein; nicht aktiv; ehemaliger Mitarbeiter; ehemalige;
            falsch;
            entlassen; in Rente; im Ruhestand; ausgeschiedener Mitarbeiter; Austritt; ehemaliger;
            уволен; уволена; неактивен; ушел; ушёл; бывший; нет; не работает; увольнение; неактивный; неактивна;
            ложь; ушла;
            бывший сотрудник; бывшая; на пенсии; уволенный
        """,
        StintStatus.UNKNOWN: "unknown; onbekend; unbekannt; неизвестно",
    },
    otherwise=StintStatus.UNKNOWN,
    weak="active; actief; aktiv; активен; активный; активная; in dienst; employed; working; работает; true; unknown",
)

# The one-letter codes are SAP's. A language we don't write in is no error: the organisation's own is used.
LANGUAGE: Vocabulary[Language] = Vocabulary(
    words={
        Language.EN: "eng; english; Engels; Englisch; английский; E; GB; UK; US; en gb; en us; английский язык",
        Language.NL: """
            nld; dut; dutch; Nederlands; Niederländisch; нидерландский; голландский; N; nl nl; nl be; Hollands;
            Vlaams;
            Flemish; Holländisch; нидерландский язык; Flämisch
        """,
        Language.DE: "deu; ger; german; Duits; Deutsch; немецкий; D; de de; de at; de ch; немецкий язык",
        Language.RU: "rus; russian; Russisch; русский; R; ru ru; русский язык; Russisches",
    },
    otherwise=None,
)


# --- cells out

# A spreadsheet takes a cell that begins so for a formula, also behind white space and in full-width forms.
_FORMULA_STARTS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def disarm(cell: str) -> str:
    """Return the cell with an apostrophe in front where a spreadsheet could take it for a formula."""
    if cell and (cell[0] in _FORMULA_STARTS or cell.lstrip()[:1] in _FORMULA_STARTS):
        return f"'{cell}"
    return cell


def undisarm(cell: str) -> str:
    """Take off the apostrophe that `disarm` put there, so that a corrected error file reads as it was."""
    if cell[:1] == "'" and disarm(cell[1:]) != cell[1:]:
        return cell[1:]
    return cell
