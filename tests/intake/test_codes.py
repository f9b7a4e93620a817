"""Words in four languages become our codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.intake.codes import CONTRACT_KIND, HOW_ENDED, LANGUAGE, STATUS
from perennial.intake.enums import Language
from perennial.intake.values import (
    is_blank,
)
from perennial.people.enums import ContractKind, HowEnded, StintStatus


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Resignation", HowEnded.RESIGNATION),
        ("Ontslag op eigen verzoek", HowEnded.RESIGNATION),
        ("Eigenkündigung", HowEnded.RESIGNATION),
        ("По собственному желанию", HowEnded.RESIGNATION),
        ("Dismissal - performance", HowEnded.DISMISSAL),
        ("Ontslag", HowEnded.DISMISSAL),
        ("Arbeitgeberkündigung", HowEnded.DISMISSAL),
        ("Voluntary redundancy", HowEnded.REDUNDANCY),
        ("betriebsbedingte Kündigung", HowEnded.REDUNDANCY),
        ("Сокращение штата", HowEnded.REDUNDANCY),
        ("END_OF_CONTRACT", HowEnded.END_OF_CONTRACT),
        ("Einde contract (van rechtswege)", HowEnded.END_OF_CONTRACT),
        ("Vertragsende", HowEnded.END_OF_CONTRACT),
        ("Pensioen", HowEnded.RETIREMENT),
        ("Выход на пенсию", HowEnded.RETIREMENT),
        ("Overleden", HowEnded.DEATH),
        ("Tod", HowEnded.DEATH),
        ("Ontslag met wederzijds goedvinden", HowEnded.MUTUAL_AGREEMENT),
        ("Aufhebungsvertrag", HowEnded.MUTUAL_AGREEMENT),
        ("Увольнение по соглашению сторон", HowEnded.MUTUAL_AGREEMENT),
        ("Went fishing", HowEnded.OTHER),
        ("niet vrijwillig", HowEnded.OTHER),
        ("", None),
        ("n/a", None),
    ],
)
def test_how_it_ended_is_recognised(text: str, code: HowEnded | None) -> None:
    assert HOW_ENDED.read(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Full-time employee", ContractKind.EMPLOYEE),
        ("Vast dienstverband", ContractKind.EMPLOYEE),
        ("unbefristet", ContractKind.EMPLOYEE),
        ("Бессрочный", ContractKind.EMPLOYEE),
        ("Vollzeit, befristet", ContractKind.TEMPORARY),
        ("Tijdelijk (fulltime)", ContractKind.TEMPORARY),
        ("срочный договор", ContractKind.TEMPORARY),
        ("ZZP'er", ContractKind.FREELANCER),
        ("Договор ГПХ", ContractKind.FREELANCER),
        ("Stagiair", ContractKind.INTERN),
        ("Werkstudent", ContractKind.INTERN),
        ("Стажёр", ContractKind.INTERN),
        ("Gepensioneerd", ContractKind.RETIREE),
        ("Mascot", ContractKind.OTHER),
        (" ", None),
    ],
)
def test_the_kind_of_contract_is_recognised(text: str, code: ContractKind | None) -> None:
    assert CONTRACT_KIND.read(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Active", StintStatus.ACTIVE),
        ("in dienst", StintStatus.ACTIVE),
        ("Работает", StintStatus.ACTIVE),
        ("Notice period", StintStatus.LEAVING),
        ("Actief - opgezegd", StintStatus.LEAVING),
        ("scheidet aus", StintStatus.LEAVING),
        ("увольняется", StintStatus.LEAVING),
        ("Uit dienst", StintStatus.LEFT),
        ("ausgeschieden", StintStatus.LEFT),
        ("Уволен", StintStatus.LEFT),
        ("niet actief", StintStatus.LEFT),
        ("purple", StintStatus.UNKNOWN),
        ("", None),
    ],
)
def test_the_status_is_recognised(text: str, code: StintStatus | None) -> None:
    assert STATUS.read(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nl", Language.NL),
        ("nl-BE", Language.NL),
        ("Niederländisch", Language.NL),
        ("de_DE", Language.DE),
        ("Duits", Language.DE),
        ("русский", Language.RU),
        ("R", Language.RU),
        ("English (UK)", Language.EN),
        ("French", None),
        ("", None),
    ],
)
def test_the_language_is_recognised(text: str, code: Language | None) -> None:
    assert LANGUAGE.read(text) == code


def test_no_word_means_two_codes() -> None:
    """The first would win in silence; the words of each vocabulary are counted against its blocks."""
    for vocabulary in (HOW_ENDED, CONTRACT_KIND, STATUS, LANGUAGE):
        assert vocabulary.claimed_twice == frozenset()


@given(st.text(max_size=60))
def test_any_word_is_answered(text: str) -> None:
    assert (STATUS.read(text) is None) == is_blank(text) or STATUS.find(text) is not None
