"""The questionnaire that comes with Perennial, in four languages. Plain facts: nothing here asks the database.

Codes that existed before there were versions (`reason`, `improve`, `recommend` and the reasons) stay: they are field
names of the leaver's page, a promise of docs/cli.md. Reasons: standards.md 5, level 1 as JOLTS has it and level 2.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Words:
    """One wording in each of our languages."""

    en: str
    nl: str
    de: str
    ru: str

    def by_language(self) -> dict[str, str]:
        return {"en": self.en, "nl": self.nl, "de": self.de, "ru": self.ru}


@dataclass(frozen=True)
class ShippedQuestion:
    """A question as it is first written down; `options` are (code, wording)."""

    code: str
    kind: str
    screen: int
    words: Words
    gone: Words | None = None
    hint: Words | None = None
    about: str = ""
    left_out_after: tuple[str, ...] = ()
    # Other wordings after a certain ending: (code of HowEnded, wording).
    after: tuple[tuple[str, Words], ...] = ()
    options: tuple[tuple[str, Words], ...] = field(default=())


# Nobody asks somebody why they leave whom we have sent away, or who leaves because of their age.
NOT_OF_THEIR_OWN = ("dismissal", "redundancy", "retirement")

_REASONS = (
    ("pay", Words("Pay", "Salaris", "Bezahlung", "Оплата труда")),
    ("benefits", Words("Other conditions", "Andere arbeidsvoorwaarden", "Sonstige Bedingungen", "Другие условия")),
    ("career_growth", Words("Room to grow", "Ruimte om te groeien", "Raum für Entwicklung", "Возможности для роста")),
    (
        "manager",
        Words(
            "Working with my manager",
            "De samenwerking met mijn leidinggevende",
            "Die Zusammenarbeit mit meiner Führungskraft",
            "Работа с моим руководителем",
        ),
    ),
    (
        "leadership",
        Words(
            "The direction of the organisation",
            "De koers van de organisatie",
            "Der Kurs des Unternehmens",
            "Курс компании",
        ),
    ),
    ("workload", Words("The workload", "De werkdruk", "Die Arbeitsbelastung", "Нагрузка")),
    (
        "job_fit",
        Words(
            "The work did not suit me",
            "Het werk paste niet bij me",
            "Die Arbeit passte nicht zu mir",
            "Работа мне не подошла",
        ),
    ),
    (
        "flexibility",
        Words(
            "Working hours and place", "Werktijden en werkplek", "Arbeitszeit und Arbeitsort", "Время и место работы"
        ),
    ),
    ("relocation", Words("I am moving", "Ik ga verhuizen", "Ich ziehe um", "Я переезжаю")),
    ("study", Words("I am going to study", "Ik ga studeren", "Ich beginne ein Studium", "Я иду учиться")),
    (
        "family",
        Words(
            "Personal circumstances",
            "Persoonlijke omstandigheden",
            "Persönliche Umstände",
            "Личные обстоятельства",
        ),
    ),
    (
        "other_employer",
        Words(
            "An offer I could not refuse",
            "Een aanbod dat ik niet kon laten liggen",
            "Ein Angebot, das ich nicht ausschlagen konnte",
            "Предложение, от которого трудно отказаться",
        ),
    ),
    ("other", Words("Something else", "Iets anders", "Etwas anderes", "Другое")),
)

_KEEP_OUT = Words(
    "Please leave out what is nobody's business here: health, religion, politics, membership of a union, origin, or "
    "whom you love, yours or anybody else's.",
    "Laat hier liever weg wat niemand iets aangaat: gezondheid, geloof, politiek, lidmaatschap van een vakbond, "
    "afkomst of van wie je houdt. Dat geldt voor jezelf en voor anderen.",
    "Bitte lassen Sie weg, was hier niemanden etwas angeht: Gesundheit, Religion, Politik, Mitgliedschaft in einer "
    "Gewerkschaft, Herkunft oder wen man liebt. Das gilt für Sie selbst und für andere.",
    "Пожалуйста, не пишите здесь о том, что никого не касается: о здоровье, религии, политике, членстве в профсоюзе, "
    "происхождении и о том, кто кого любит. Это относится и к Вам, и к другим людям.",
)

_SUBJECTS = (
    (
        "satisfied_work",
        "work",
        Words("The work itself", "Het werk zelf", "Die Arbeit selbst", "Сама работа"),
    ),
    (
        "satisfied_pay",
        "pay",
        Words("Pay and conditions", "Salaris en voorwaarden", "Bezahlung und Bedingungen", "Оплата и условия труда"),
    ),
    (
        "satisfied_growth",
        "growth",
        Words("Room to learn and grow", "Ruimte om te leren en te groeien", "Lernen und Entwicklung", "Учёба и рост"),
    ),
    (
        "satisfied_manager",
        "manager",
        Words("My manager", "Mijn leidinggevende", "Meine Führungskraft", "Мой руководитель"),
    ),
    ("satisfied_team", "team", Words("My team", "Mijn team", "Mein Team", "Моя команда")),
    (
        "satisfied_workload",
        "workload",
        Words("How much there was to do", "De hoeveelheid werk", "Die Menge an Arbeit", "Объём работы"),
    ),
    (
        "satisfied_balance",
        "balance",
        Words(
            "Time for life beside work",
            "Tijd voor het leven naast het werk",
            "Zeit für das Leben neben der Arbeit",
            "Время для жизни вне работы",
        ),
    ),
    (
        "satisfied_culture",
        "culture",
        Words(
            "How we treat one another",
            "Hoe we met elkaar omgaan",
            "Wie wir miteinander umgehen",
            "Как у нас относятся друг к другу",
        ),
    ),
)

QUESTIONS: tuple[ShippedQuestion, ...] = (
    ShippedQuestion(
        "reason",
        "multiple",
        1,
        Words("Why are you leaving?", "Waarom ga je weg?", "Warum gehen Sie?", "Почему Вы уходите?"),
        Words("Why did you leave?", "Waarom ben je weggegaan?", "Warum sind Sie gegangen?", "Почему Вы ушли?"),
        Words(
            "Tick whatever applies.",
            "Vink aan wat klopt.",
            "Kreuzen Sie an, was zutrifft.",
            "Отметьте всё, что подходит.",
        ),
        left_out_after=NOT_OF_THEIR_OWN,
        after=(
            (
                "end_of_contract",
                Words(
                    "If it was also your own choice: what made you choose so?",
                    "Als het ook je eigen keuze was: waarom koos je daarvoor?",
                    "Falls es auch Ihre eigene Entscheidung war: Was hat Sie dazu bewogen?",
                    "Если это было и Ваше решение: что к нему привело?",
                ),
            ),
        ),
        options=_REASONS,
    ),
    ShippedQuestion(
        "main_reason",
        "single",
        1,
        Words(
            "And what counted most?",
            "En wat gaf de doorslag?",
            "Und was gab den Ausschlag?",
            "А что было главным?",
        ),
        left_out_after=NOT_OF_THEIR_OWN,
        options=_REASONS,
    ),
    ShippedQuestion(
        "decided_by",
        "single",
        1,
        Words(
            "Whose decision was it?", "Wiens besluit was het?", "Wessen Entscheidung war es?", "Чьё это было решение?"
        ),
        left_out_after=NOT_OF_THEIR_OWN,
        options=(
            ("quit", Words("Mine", "Dat van mij", "Meine eigene", "Моё")),
            (
                "discharge",
                Words(
                    "My employer's",
                    "Dat van mijn werkgever",
                    "Die meines Arbeitgebers",
                    "Работодателя",
                ),
            ),
            (
                "other",
                Words(
                    "Neither: it came to its end",
                    "Van geen van beiden: het liep af",
                    "Von keinem von beiden: Es ging zu Ende",
                    "Ничьё: просто подошёл срок",
                ),
            ),
        ),
    ),
    ShippedQuestion(
        "improve",
        "text",
        2,
        Words(
            "What could we have done better?",
            "Wat hadden we beter kunnen doen?",
            "Was hätten wir besser machen können?",
            "Что мы могли бы сделать лучше?",
        ),
        hint=_KEEP_OUT,
    ),
    ShippedQuestion(
        "keep",
        "text",
        2,
        Words(
            "What would have made you stay?",
            "Waarvoor was je gebleven?",
            "Was hätte Sie zum Bleiben bewogen?",
            "Ради чего Вы бы остались?",
        ),
        left_out_after=NOT_OF_THEIR_OWN,
    ),
    *(
        ShippedQuestion(
            code,
            "scale",
            3,
            words,
            about=about,
        )
        for code, about, words in _SUBJECTS
    ),
    ShippedQuestion(
        "would_return",
        "single",
        4,
        Words(
            "Would you work with us again one day?",
            "Zou je ooit weer bij ons willen werken?",
            "Würden Sie eines Tages wieder bei uns arbeiten?",
            "Хотели бы Вы когда-нибудь снова работать у нас?",
        ),
        options=(
            ("yes", Words("Yes", "Ja", "Ja", "Да")),
            ("perhaps", Words("Perhaps", "Misschien", "Vielleicht", "Возможно")),
            ("no", Words("No", "Nee", "Nein", "Нет")),
        ),
    ),
    ShippedQuestion(
        "return_if",
        "multiple",
        4,
        Words(
            "What would have to be so?",
            "Wat zou daarvoor nodig zijn?",
            "Was müsste dafür gegeben sein?",
            "Что для этого нужно?",
        ),
        hint=Words(
            "Tick whatever applies.",
            "Vink aan wat klopt.",
            "Kreuzen Sie an, was zutrifft.",
            "Отметьте всё, что подходит.",
        ),
        options=(
            ("role", Words("Another kind of work", "Ander werk", "Eine andere Aufgabe", "Другая работа")),
            ("pay", Words("Better pay", "Een beter salaris", "Bessere Bezahlung", "Более высокая оплата")),
            ("hours", Words("Other hours", "Andere werktijden", "Andere Arbeitszeiten", "Другой график")),
            (
                "place",
                Words(
                    "Another place, or from home",
                    "Een andere plek, of thuis",
                    "Ein anderer Ort oder von zu Hause",
                    "Другое место или работа из дома",
                ),
            ),
            (
                "manager",
                Words(
                    "Another manager", "Een andere leidinggevende", "Eine andere Führungskraft", "Другой руководитель"
                ),
            ),
            (
                "growth",
                Words(
                    "More room to grow",
                    "Meer ruimte om te groeien",
                    "Mehr Raum für Entwicklung",
                    "Больше возможностей для роста",
                ),
            ),
            (
                "project",
                Words(
                    "For one project",
                    "Voor één project",
                    "Für ein einzelnes Projekt",
                    "Отдельный проект",
                ),
            ),
            ("later", Words("Only later in life", "Pas later in mijn leven", "Erst später im Leben", "Только позже")),
        ),
    ),
    ShippedQuestion(
        "expect",
        "text",
        5,
        Words(
            "What would you like from us after your last day?",
            "Wat zou je na je laatste dag van ons willen?",
            "Was wünschen Sie sich von uns nach Ihrem letzten Tag?",
            "Чего Вы ждёте от нас после последнего рабочего дня?",
        ),
        Words(
            "What would you like from us now that you have left?",
            "Wat zou je van ons willen, nu je weg bent?",
            "Was wünschen Sie sich von uns, seit Sie gegangen sind?",
            "Чего Вы ждёте от нас теперь, когда Вы ушли?",
        ),
        Words(
            "A word now and then, an invitation, nothing at all: whatever it is. On the last page you say what we may "
            "do.",
            "Af en toe een bericht, een uitnodiging, helemaal niets: alles is goed. Op de laatste pagina zeg je wat we "
            "mogen doen.",
            "Ab und zu ein Wort, eine Einladung, gar nichts: ganz wie Sie mögen. Auf der letzten Seite sagen Sie, was "
            "wir tun dürfen.",
            "Иногда весточку, приглашение или совсем ничего — как Вам угодно. На последней странице Вы скажете, что "
            "нам можно.",
        ),
    ),
    ShippedQuestion(
        "recommend",
        "scale",
        6,
        Words(
            "Would you recommend us as an employer to a friend?",
            "Zou je ons als werkgever aanraden aan een vriend of vriendin?",
            "Würden Sie uns im Freundeskreis als Arbeitgeber empfehlen?",
            "Посоветовали бы Вы нас друзьям как работодателя?",
        ),
        hint=Words(
            "0 means certainly not, 10 means certainly.",
            "0 betekent: zeker niet. 10 betekent: zeker wel.",
            "0 heißt: sicher nicht. 10 heißt: ganz sicher.",
            "0 — точно нет, 10 — точно да.",
        ),
    ),
)


def rows() -> list[tuple[dict[str, object], list[dict[str, object]]]]:
    """Each question as fields of Question, with its options as fields of Option, in order."""
    return [
        (
            {
                "code": each.code,
                "kind": each.kind,
                "about": each.about,
                "screen": each.screen,
                "position": position,
                "texts": each.words.by_language(),
                "variants": {name: words.by_language() for name, words in (("gone", each.gone), *each.after) if words},
                "hints": each.hint.by_language() if each.hint else {},
                "left_out_after": list(each.left_out_after),
            },
            [
                {"code": code, "position": number, "texts": words.by_language()}
                for number, (code, words) in enumerate(each.options, start=1)
            ],
        )
        for position, each in enumerate(QUESTIONS, start=1)
    ]
