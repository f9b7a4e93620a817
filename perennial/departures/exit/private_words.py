"""Words that often speak of what an exit conversation must not be about, in four languages.

A help, and no proof: a text without any of these words may speak of somebody's health all the same, and 'the health of
the company' is about nobody's. So a text with one of them waits for a human, and no text is shown below ten anyway
(standards.md P18).

Matched without case and diacritics. A word with a star is a stem: whatever begins with it counts.
"""

import re

from perennial.kernel.text import searchable

WORDS: dict[str, tuple[str, ...]] = {
    "en": (
        *("illness*", "sick*", "disease*", "depress*", "burnout", "burn-out", "burned out", "burnt out", "cancer"),
        *("disab*", "therap*", "medica*", "hospital*", "diagnos*", "surgery", "mental health", "my health", "adhd"),
        *("autis*", "hiv", "addict*", "alcoholi*", "anxiety", "panic attack*", "suicid*", "miscarriage*"),
        *("pregnan*", "maternity", "parental leave", "fertility", "ivf", "religio*", "church*", "mosque*"),
        *("synagogue*", "muslim*", "islam*", "jewish", "jew", "jews", "christian*", "catholic*", "hindu*", "headscar*"),
        *("hijab*", "ramadan", "atheis*", "trade union*", "labour union*", "labor union*", "union member*"),
        *("works council*", "shop steward*", "strike", "politic*", "left-wing", "right-wing", "ethnic*", "racis*"),
        *("skin colo*", "foreigner*", "immigrant*", "refugee*", "nationalit*", "gay", "lesbian*", "homosexual*"),
        *("bisexual*", "transgender*", "queer", "sexual*", "coming out"),
    ),
    "nl": (
        *(
            "ziek*",
            "gezondheid*",
            "depress*",
            "burnout",
            "burn-out",
            "overspannen",
            "kanker",
            "handicap*",
            "arbeidsbeperking*",
        ),
        *("therap*", "medisch*", "medicijn*", "ziekenhuis*", "diagnos*", "operatie", "psych*", "autis*", "adhd"),
        *("verslaafd*", "verslaving*", "alcohol*", "angststoornis*", "zelfmoord*", "suicid*", "miskraam*"),
        *(
            "zwanger*",
            "bevalling*",
            "ouderschapsverlof",
            "religie*",
            "mijn geloof",
            "geloofsovertuiging*",
            "kerk*",
            "moskee*",
            "synagoge*",
        ),
        *("moslim*", "islam*", "jood", "joods*", "joden", "christelijk*", "christen*", "katholiek*", "hindoe*"),
        *("hoofddoek*", "ramadan", "atheis*", "vakbond*", "ondernemingsraad*", "staking*", "politiek*"),
        *("etnisch*", "racis*", "huidskleur*", "buitenlander*", "allochtoon*", "allochtonen", "vluchteling*"),
        *("nationaliteit*", "afkomst", "homo", "homo's", "homoseksu*", "lesbisch*", "biseksu*", "transgender*"),
        *("queer", "seksu*"),
    ),
    "de": (
        *("krank*", "gesundheit*", "depress*", "burnout", "burn-out", "krebs", "behinder*", "schwerbehinder*"),
        *("therap*", "medizin*", "medikament*", "klinik*", "diagnos*", "operiert", "psych*", "autis*", "adhs"),
        *("suchtig*", "suchterkrank*", "alkohol*", "angststorung*", "selbstmord*", "suizid*", "fehlgeburt*"),
        *("schwanger*", "mutterschutz*", "elternzeit*", "religi*", "kirche*", "kirchlich*", "moschee*", "synagoge*"),
        *("moslem*", "muslim*", "islam*", "jude", "juden", "judisch*", "christlich*", "christen", "katholi*"),
        *("evangelisch*", "hindu*", "kopftuch*", "ramadan", "atheis*", "gewerkschaft*", "betriebsrat*"),
        *("betriebsrät*", "streik*", "politi*", "ethni*", "rassis*", "hautfarbe*", "auslander*", "migrant*"),
        *("fluchtling*", "nationalitat*", "herkunft*", "schwul*", "lesbisch*", "homosexu*", "bisexu*", "transgender*"),
        *("queer", "sexu*"),
    ),
    "ru": (
        *("болезн*", "болел*", "болею", "больни*", "заболе*", "здоровь*", "депресс*", "выгоран*", "выгорел*"),
        *(
            "рак",
            "раком",
            "инвалид*",
            "терап*",
            "психо*",
            "психи*",
            "лекарств*",
            "диагноз*",
            "операцию",
            "после операции",
            "аутизм*",
        ),
        *("зависимость", "алкогол*", "тревожн*", "паническ*", "суицид*", "самоубийств*", "выкидыш*"),
        *("беремен*", "декрет*", "религ*", "церк*", "мечет*", "синагог*", "мусульман*", "ислам*", "еврей*", "евре*"),
        *("иуде*", "христиан*", "православ*", "католи*", "хиджаб*", "рамадан*", "атеис*", "профсоюз*", "забастов*"),
        *("политик*", "политич*", "этнич*", "расис*", "национальност*", "цвет кожи", "иностран*", "мигрант*"),
        *("беженц*", "происхожден*", "гей", "геи", "лесбиян*", "гомосекс*", "бисекс*", "трансгендер*", "сексуальн*"),
    ),
}


def speaks_of_private_life(text: str) -> bool:
    """Whether `text` holds one of the words, in any of the languages: people write in the one they feel in."""
    return _PATTERN.search(searchable(text)) is not None


def _pattern() -> re.Pattern[str]:
    parts = []
    for word in dict.fromkeys(word for words in WORDS.values() for word in words):
        stem = word.endswith("*")
        plain = r"\s+".join(re.escape(piece) for piece in searchable(word.rstrip("*")).split())
        parts.append(plain + ("" if stem else r"(?!\w)"))
    return re.compile(r"(?<!\w)(?:" + "|".join(parts) + ")")


_PATTERN = _pattern()
