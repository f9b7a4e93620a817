"""What is held of departures, answers, talks and decisions, and what erasure does beyond the person's own rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _

from perennial.departures.exit.themes import forget_unused_themes
from perennial.departures.farewell.privacy import forget_person as forget_in_farewells
from perennial.departures.models import AnswerTheme
from perennial.departures.telling.queries import letters_of_nobody
from perennial.kernel.privacy import Erased, Held, Privacy
from perennial.people.models import Person

_SETTING = "A setting of the programme; it tells of nobody."
_STEP = "kind title owner anchor offset_days usual_cost currency position"

HELD = (
    Held(
        model="departures.departure",
        about="person",
        fields={
            Privacy.WORK: "state recorded_ending",
            Privacy.RECORD: "opened_at was_leaving link_expires_at handed_over_at invite_from",
            Privacy.SECRET: "link_random",
            Privacy.KEY: "id key person stint drafted_sha256 invitation",
        },
        shown={"last_day": "stint__ends_on"},
        erased=Erased.WITH_PERSON,
        why="A stint coming to its end, and what we do about it.",
        title=_("Your departure"),
    ),
    Held(
        model="departures.questionnaire",
        fields={
            Privacy.NONE: "number state made_at published_at",
            Privacy.COLLEAGUE: "made_by published_by",
            Privacy.KEY: "id",
        },
        erased=Erased.NOT_THEIRS,
        why=_SETTING,
    ),
    Held(
        model="departures.question",
        fields={
            Privacy.NONE: "code kind about screen position texts variants hints left_out_after",
            Privacy.KEY: "id questionnaire",
        },
        erased=Erased.NOT_THEIRS,
        why=_SETTING,
    ),
    Held(
        model="departures.option",
        fields={Privacy.NONE: "code position texts", Privacy.KEY: "id question"},
        erased=Erased.NOT_THEIRS,
        why=_SETTING,
    ),
    Held(
        model="departures.answergroup",
        fields={
            Privacy.NONE: "question kind closed_at in_a_round department band ending n total squares promoters passives"
            " detractors",
            Privacy.KEY: "id",
        },
        erased=Erased.KEPT,
        why="A closed group of five or more, counted once: a figure that moved with one person would tell what that"
        " person said.",
        rule=_("Statistics (Art. 89, recital 162 GDPR): counts of closed groups of five and more, which name nobody."),
    ),
    Held(
        model="departures.groupcount",
        fields={Privacy.NONE: "option count", Privacy.KEY: "id group"},
        erased=Erased.NOT_THEIRS,
        why="How many of such a group chose a ready answer.",
    ),
    Held(
        model="departures.exitanswers",
        about="departure__person",
        fields={
            Privacy.WORDS: "language",
            Privacy.RECORD: "started_at submitted_at",
            Privacy.KEY: "id departure questionnaire",
        },
        erased=Erased.WITH_PERSON,
        why="That somebody answered what leavers are asked. Only figures over closed groups leave the wall.",
        title=_("That you answered our questions"),
        behind_the_wall=True,
    ),
    Held(
        model="departures.answer",
        about="answers__departure__person",
        fields={
            Privacy.WORDS: "number text",
            Privacy.JUDGEMENT: "review",
            Privacy.COLLEAGUE: "reviewed_by",
            Privacy.KEY: "id answers question option group held",
        },
        shown={
            "question_code": "question__code",
            "question": "question__texts",
            "option_code": "option__code",
            "option": "option__texts",
        },
        erased=Erased.WITH_PERSON,
        why="One answer of a leaver's; texts are encrypted.",
        title=_("What you answered"),
        behind_the_wall=True,
    ),
    Held(
        model="departures.answertheme",
        about="answers__departure__person",
        fields={Privacy.COLLEAGUE: "by", Privacy.KEY: "id answers theme group held"},
        shown={"theme": "theme__name"},
        erased=Erased.WITH_PERSON,
        why="What an exit interviewer noted that somebody's answers are about.",
        title=_("What your answers are about, as it was noted"),
        behind_the_wall=True,
    ),
    Held(
        model="departures.theme",
        fields={
            Privacy.JUDGEMENT: "name",
            Privacy.RECORD: "made_at",
            Privacy.COLLEAGUE: "made_by",
            Privacy.KEY: "id key",
        },
        erased=Erased.BY_ROOM,
        why="What several people speak of. One that nobody else's answers, no figure and no action names goes.",
    ),
    Held(
        model="departures.themeaction",
        fields={
            Privacy.NONE: "text due_on done_at",
            Privacy.COLLEAGUE: "owner done_by",
            Privacy.KEY: "id theme told_in",
        },
        erased=Erased.NOT_THEIRS,
        why="What is done about a theme that a closed group counts. It names nobody whose answers it comes of.",
    ),
    Held(
        model="departures.telling",
        fields={
            Privacy.NONE: "state contents made_at sent_at",
            Privacy.COLLEAGUE: "made_by sent_by",
            Privacy.KEY: "id key mailing written_up_to",
        },
        erased=Erased.NOT_THEIRS,
        why="A letter to all who agreed to hear what changed. It names nobody and stands for the others.",
    ),
    Held(
        model="departures.relationanswer",
        about="departure__person",
        fields={Privacy.CONSENT: "agreed", Privacy.RECORD: "submitted_at", Privacy.KEY: "id departure"},
        erased=Erased.WITH_PERSON,
        why="Whether somebody agreed to anything, or kindly declined.",
        title=_("Whether you want to stay in touch"),
    ),
    Held(
        model="departures.audience",
        fields={
            Privacy.NONE: "mode contract_kinds departments places minimum_months left_from left_until decided_at",
            Privacy.COLLEAGUE: "by",
            Privacy.KEY: "id",
        },
        erased=Erased.NOT_THEIRS,
        why=_SETTING,
    ),
    Held(
        model="departures.audiencechoice",
        about="person",
        fields={
            Privacy.JUDGEMENT: "welcome",
            Privacy.RECORD: "at",
            Privacy.COLLEAGUE: "by",
            Privacy.KEY: "id person",
        },
        erased=Erased.WITH_PERSON,
        why="Whether a colleague chose somebody for the programme, where people are chosen one by one.",
        title=_("Whether you were chosen for the programme"),
    ),
    Held(
        model="departures.exitconversation",
        about="departure__person",
        fields={
            Privacy.HISTORY: "starts_at minutes way place state settled_at",
            Privacy.RECORD: "changed_at",
            Privacy.COLLEAGUE: "leader settled_by planned_by",
            Privacy.KEY: "id departure uid sequence message",
        },
        erased=Erased.WITH_PERSON,
        why="When the exit conversation is, or how it went.",
        title=_("Your exit conversation"),
    ),
    Held(
        model="departures.conversationnote",
        about="departure__person",
        fields={
            Privacy.JUDGEMENT: "question text",
            Privacy.RECORD: "at",
            Privacy.COLLEAGUE: "by",
            Privacy.KEY: "id departure",
        },
        erased=Erased.WITH_PERSON,
        why="What the interviewer noted, encrypted, behind the wall.",
        title=_("What was noted of that conversation"),
        behind_the_wall=True,
    ),
    Held(
        model="departures.persondecision",
        about="person",
        fields={
            Privacy.JUDGEMENT: "kind outcome reason explanation evidence state review_on ends_on",
            Privacy.RECORD: "proposed_at answered_at ended_at",
            Privacy.COLLEAGUE: "proposed_by answered_by owner",
            Privacy.KEY: "id person restriction",
        },
        erased=Erased.WITH_PERSON,
        why="What two colleagues decided about somebody, with its reason; words and evidence are encrypted.",
        title=_("What was decided about you, and why"),
    ),
    Held(
        model="departures.decisionappeal",
        about="decision__person",
        fields={
            Privacy.WORDS: "said",
            Privacy.RECORD: "noted_at",
            Privacy.COLLEAGUE: "noted_by",
            Privacy.KEY: "id decision",
        },
        erased=Erased.WITH_PERSON,
        why="What the person says against a decision.",
        title=_("What you said to a decision"),
    ),
    Held(
        model="departures.checklisttemplate",
        fields={
            Privacy.NONE: "code name contract_kinds departments how_ended is_default retired_at created_at",
            Privacy.KEY: "id",
        },
        erased=Erased.NOT_THEIRS,
        why=_SETTING,
    ),
    Held(
        model="departures.checkliststep",
        fields={Privacy.NONE: f"{_STEP} retired_at", Privacy.KEY: "id template"},
        erased=Erased.NOT_THEIRS,
        why=_SETTING,
    ),
    Held(
        model="departures.farewell",
        about="departure__person",
        fields={
            Privacy.WORK: "how_ended contract_kind first_day_on",
            Privacy.CONTACT: "flowers_address",
            Privacy.OTHERS: "manager_email manager_language",
            Privacy.RECORD: "flowers_agreed_at leaver_reminded_at manager_written_at manager_reminded_at",
            Privacy.SECRET: "manager_random",
            Privacy.KEY: "id departure template department_ref reminder",
        },
        erased=Erased.WITH_PERSON,
        why="How a departure says goodbye. Where the manager is reached goes when the departure is over, and when the"
        " manager is erased; the address for flowers once it has served. Both are encrypted.",
        title=_("Your farewell"),
    ),
    Held(
        model="departures.farewellstep",
        about="departure__person",
        fields={
            Privacy.HISTORY: "kind title owner state settled_at reason occasion cost cost_currency",
            Privacy.NONE: "anchor offset_days usual_cost currency position",
            Privacy.COLLEAGUE: "settled_by",
            Privacy.KEY: "id departure template_step",
        },
        erased=Erased.WITH_PERSON,
        why="What was done for somebody's farewell, what was given, and why a step was left out.",
        title=_("Steps of your farewell"),
    ),
    Held(
        model="departures.farewelldigest",
        fields={Privacy.NONE: "wanted sent_on", Privacy.COLLEAGUE: "user", Privacy.KEY: "id"},
        erased=Erased.NOT_THEIRS,
        why="Whether a colleague wants the mail about what is late. That mail names nobody.",
    ),
)


@contextmanager
def forgetting(*, person: Person) -> Iterator[None]:
    """Letters to and about the person, and themes that only their answers are about."""
    forget_in_farewells(person=person)
    # A letter to one person is a mailing of its own and holds the name in its text.
    letters = list(person.messages.values_list("mailing_id", flat=True))
    themes = list(AnswerTheme.objects.filter(answers__departure__person=person).values_list("theme", flat=True))
    yield
    forget_unused_themes(among=themes)
    letters_of_nobody(among=letters).delete()
