"""Why there is a programme, and how far it is."""

from collections.abc import Iterable

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.kernel.purposes import CONSENT_PURPOSES, Purpose

# No figure of what people answered is over fewer (standards.md 4, A1).
SMALLEST_GROUP = 5


class Aim(TextChoices):
    RETURN = "return", _("Win people back")
    REFERRALS = "referrals", _("Referrals")
    AMBASSADORS = "ambassadors", _("Ambassadors and employer brand")
    CLIENTS = "clients", _("Clients and leads")
    KNOWLEDGE = "knowledge", _("Exchange of knowledge")
    FEEDBACK = "feedback", _("Feedback")


AIM_SENTENCES: dict[Aim, str | Promise] = {
    Aim.RETURN: _("Some come back one day. It is a bonus: a programme that wants only this is felt as recruiting."),
    Aim.REFERRALS: _("They know who would fit here, and are asked now and then when there is an opening."),
    Aim.AMBASSADORS: _("They speak well of the years here, because those years ended well."),
    Aim.CLIENTS: _("They work elsewhere now, and may want to do business with people they trust."),
    Aim.KNOWLEDGE: _("They stay in reach of former colleagues, to ask and to be asked."),
    Aim.FEEDBACK: _("They say what could be better, when nothing depends on it any more."),
}

# People are asked only about purposes that serve an aim; these three serve every programme.
ALWAYS_ON: tuple[Purpose, ...] = (Purpose.NEWSLETTER, Purpose.EVENTS, Purpose.PERSONAL)
AIM_PURPOSES: dict[Aim, tuple[Purpose, ...]] = {
    Aim.RETURN: (Purpose.VACANCIES,),
    Aim.REFERRALS: (Purpose.VACANCIES,),
    Aim.AMBASSADORS: (Purpose.SURVEYS,),
    Aim.CLIENTS: (Purpose.BUSINESS,),
    Aim.KNOWLEDGE: (Purpose.DIRECTORY,),
    # Whoever asks what could be better tells what came of it.
    Aim.FEEDBACK: (Purpose.SURVEYS, Purpose.FEEDBACK),
}

RETURN_ALONE = _(
    "Winning people back is the only aim. It is a bonus, not the goal: people stay in touch with an employer that "
    "gives them something. Choose at least one more."
)


class Stage(TextChoices):
    PREPARATION = "preparation", _("Preparation")
    SOFT_LAUNCH = "soft-launch", _("Soft launch")
    LIVE = "live", _("Live")


STAGE_SENTENCES: dict[Stage, str | Promise] = {
    Stage.PREPARATION: _("Nothing leaves the house but test mail. The place to begin."),
    Stage.SOFT_LAUNCH: _("Only the people in the test group are written to."),
    Stage.LIVE: _("Everybody who agreed is written to, and leavers can be invited."),
}


class Topic(TextChoices):
    """What a country's policy speaks of, besides how long things are kept."""

    DOUBLE_OPT_IN = "double_opt_in", _("An agreement is confirmed from the mailbox")
    MAY_ASK_BY_MAIL = "may_ask_by_mail", _("Somebody who agreed to nothing may be asked by mail")
    MARKETING = "marketing", _("Letters")
    PHONE = "phone", _("Calls")
    OWN_DOCUMENT = "own_document", _("Each purpose has a document of its own")
    DOCUMENT_LANGUAGE = "document_language", _("The language of these documents")
    FIRST_WRITTEN_HERE = "first_written_here", _("Data is first written down in that country")
    ANSWER = "answer", _("An answer about somebody's data")
    ANSWER_EXTENDED = "answer_extended", _("The same, after a notice with reasons")
    STOP_PROCESSING = "stop_processing", _("Stopping on demand")
    WITHDRAWAL_DONE = "withdrawal_done", _("Destroying after a withdrawal")
    STOP_PUBLISHING = "stop_publishing", _("Ending a publication on demand")
    CO_DETERMINATION = "co_determination", _("Who is asked before it begins")


class Marketing(TextChoices):
    """On what conditions somebody may be written to or called."""

    CONSENT_FIRST = "consent_first", _("Only who agreed beforehand")
    CONSENT_OR_CUSTOMER = (
        "consent_or_customer",
        _("Who agreed beforehand, and customers; having worked here is no sale"),
    )


class CoDetermination(TextChoices):
    """Who has a say before a system like this is used. The coordinator asks them; nothing here does."""

    WOR_27 = "wor_27", _("Works council: consent to systems that hold or follow personal data of staff (NL)")
    BETRVG_87 = "betrvg_87", _("Works council: technical systems fit to watch conduct or performance (DE)")
    BETRVG_94 = "betrvg_94", _("Works council: questionnaires to staff (DE)")


class DataKind(TextChoices):
    """Kinds of data that are kept for a time of their own."""

    INACTIVE_ASKED = "inactive_asked", _("People who gave no sign: asked whether to stay in touch")
    INACTIVE = "inactive", _("People who gave no sign: deleted")
    EXIT_TEXTS = "exit_texts", _("What leavers wrote, word for word")
    EVIDENCE = "evidence", _("Proofs of agreements that ended")
    UNCONFIRMED = "unconfirmed", _("Agreements that nobody confirmed")
    IMPORT_FILES = "import_files", _("Imported lists and their rows")
    KEPT_MAIL = "kept_mail", _("Letters that were kept instead of sent")
    AUDIT = "audit", _("The audit trail")
    LEDGER = "ledger", _("The ledger of agreements")


# Whose term somebody may change. The rest is fixed: by the mechanism, or because nothing of it may be deleted.
CHANGEABLE_KINDS: tuple[DataKind, ...] = (
    DataKind.INACTIVE_ASKED,
    DataKind.INACTIVE,
    DataKind.EXIT_TEXTS,
    DataKind.EVIDENCE,
)


class Section(TextChoices):
    """Where the employer may add words of its own: to the register of processing, and to the impact assessment."""

    CONTROLLER = "controller", _("Who is responsible")
    PROCESSING = "processing", _("What is done, and why it may be")
    DATA = "data", _("Which data, table by table")
    RECIPIENTS = "recipients", _("Who gets to see it")
    TRANSFERS = "transfers", _("Transfers to other countries")
    ERASURE = "erasure", _("For how long it is kept")
    MEASURES = "measures", _("How it is kept safe")
    REASON = "dpia_reason", _("Why an assessment is made")
    DESCRIPTION = "dpia_description", _("What is done")
    NECESSITY = "dpia_necessity", _("Whether it is necessary, and no more than that")
    RISKS = "dpia_risks", _("What could go wrong for people, and what is done about it")
    VIEWS = "dpia_views", _("What those concerned say to it")
    CONCLUSION = "dpia_conclusion", _("What follows, and who signs")


class Interest(TextChoices):
    """What is done on grounds of legitimate interest (GDPR 6(1)(f)), each with a record of why it may be."""

    RECORD = "record", _("Keeping the record of who worked here")
    LISTS = "lists", _("Taking in HR's lists")
    LEAVING = "leaving", _("Saying goodbye well")
    EXIT = "exit", _("Asking why people leave, and counting it")
    DECISIONS = "decisions", _("Deciding whom the programme is for, and who would be welcome back")
    CONTACT = "contact", _("Keeping account of contact")
    TEAM = "team", _("Letting colleagues in")


# Those that begin when the programme leaves preparation. Decisions have a beginning of their own.
BEGIN_WITH_THE_PROGRAMME: tuple[Interest, ...] = tuple(each for each in Interest if each is not Interest.DECISIONS)


class CouncilOutcome(TextChoices):
    """What became of asking those who represent the staff."""

    AGREED = "agreed", _("They agreed")
    CONSULTED = "consulted", _("They were heard")
    NOT_NEEDED = "not_needed", _("They need not be asked here")
    REFUSED = "refused", _("They did not agree")


# GDPR 30(1), in its order.
REGISTER_SECTIONS: tuple[Section, ...] = (
    Section.CONTROLLER,
    Section.PROCESSING,
    Section.DATA,
    Section.RECIPIENTS,
    Section.TRANSFERS,
    Section.ERASURE,
    Section.MEASURES,
)
# GDPR 35(7), in its order.
ASSESSMENT_SECTIONS: tuple[Section, ...] = tuple(each for each in Section if each not in REGISTER_SECTIONS)


def purposes_for(aims: Iterable[str]) -> list[Purpose]:
    """The purposes that `aims` switch on, in the order of the list of purposes."""
    wanted = set(ALWAYS_ON).union(*(AIM_PURPOSES[Aim(aim)] for aim in aims))
    return [purpose for purpose in CONSENT_PURPOSES if purpose in wanted]


def warns_about(aims: Iterable[str]) -> bool:
    """Whether winning people back is all that is aimed at (see RETURN_ALONE)."""
    return set(aims) == {Aim.RETURN}
