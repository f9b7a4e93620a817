"""What is done with data about people, why, and on what grounds: the entries of the register of processing.

Each model that `privacy/held.py` gathers serves exactly one of them; `faults` finds what serves none, and the build
fails on it. The purposes people agree to are entries too, made from the kernel's list.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.accounts.roles import Permission
from perennial.kernel.privacy import Held
from perennial.kernel.purposes import CONSENT_PURPOSES, Purpose
from perennial.privacy.held import HELD
from perennial.programme.enums import DataKind


class Ground(TextChoices):
    """Why it may be done, as GDPR 6(1) has it."""

    CONSENT = "6(1)(a)", _("The person agreed (GDPR 6(1)(a))")
    DUTY = "6(1)(c)", _("The law asks for it (GDPR 6(1)(c))")
    INTEREST = "6(1)(f)", _("Legitimate interest (GDPR 6(1)(f))")
    NONE = "-", _("Nothing of it is about anybody")


@dataclass(frozen=True, kw_only=True)
class Processing:
    """One entry. `models` are labels with spaces between them; `seen_by` are permissions, of which one suffices."""

    code: str
    title: str | Promise
    purpose: str | Promise
    ground: Ground
    # Which article, which duty, or whose interest in what.
    because: str | Promise
    subjects: str | Promise
    models: str = ""
    kept: tuple[DataKind, ...] = ()
    # When it ends, where that is no term of the policy.
    ends: str | Promise = ""
    seen_by: tuple[Permission, ...] = ()


_FORMER = _("People who work here and leave, and who worked here")
_STAFF = _("Colleagues who work with Perennial")
_WITH_RECORD = _("With the person's record.")
_NOBODY = _("Nobody.")

PROCESSINGS: tuple[Processing, ...] = (
    Processing(
        code="record",
        title=_("Keeping the record of who worked here"),
        purpose=_("To know who somebody is, when and as what they worked here, and where they want to be reached."),
        ground=Ground.INTEREST,
        because=_("The employer's interest in staying in reach of people it worked with, and theirs in being known."),
        subjects=_FORMER,
        models="people.person people.stint people.emailaddress people.position people.company people.skill"
        " people.personskill people.provenance people.word",
        kept=(DataKind.INACTIVE_ASKED, DataKind.INACTIVE),
        ends=_("At once when the person asks to be erased."),
        seen_by=(Permission.SEE_PEOPLE,),
    ),
    Processing(
        code="lists",
        title=_("Taking in HR's lists"),
        purpose=_("To learn who leaves and when from the records of HR, and to undo a list that was wrong."),
        ground=Ground.INTEREST,
        because=_("As for the record: it comes from where the employer keeps it already, and from nowhere else."),
        subjects=_FORMER,
        models="intake.importrun intake.stagedrow intake.stagedchange intake.sourcecolumn intake.sourcevalue"
        " intake.appliedbatch intake.formervalue intake.leftstanding django_tasks_database.dbtaskresult",
        kept=(DataKind.IMPORT_FILES,),
        seen_by=(Permission.IMPORT,),
    ),
    Processing(
        code="leaving",
        title=_("Saying goodbye well"),
        purpose=_("To invite whoever leaves to a talk, to see that nothing of a farewell is forgotten."),
        ground=Ground.INTEREST,
        because=_("The employer's interest in a good ending, which whoever leaves has as well."),
        subjects=_("People who leave, and their managers"),
        models="departures.departure departures.exitconversation departures.checklisttemplate departures.checkliststep"
        " departures.farewell departures.farewellstep departures.farewelldigest",
        ends=_WITH_RECORD,
        seen_by=(Permission.SEE_DEPARTURES,),
    ),
    Processing(
        code="exit",
        title=_("Asking why people leave, and counting it"),
        purpose=_("To learn from those who leave what could be better. Nobody has to answer; figures are of groups."),
        ground=Ground.INTEREST,
        because=_("The employer's interest in mending what makes people leave."),
        subjects=_("People who leave"),
        models="departures.questionnaire departures.question departures.option departures.answergroup"
        " departures.groupcount departures.exitanswers departures.answer departures.answertheme departures.theme"
        " departures.themeaction departures.telling departures.conversationnote",
        kept=(DataKind.EXIT_TEXTS,),
        ends=_("Counts of closed groups name nobody and stay."),
        seen_by=(Permission.READ_EXIT_ANSWERS, Permission.SEE_FIGURES),
    ),
    Processing(
        code="decisions",
        title=_("Deciding whom the programme is for, and who would be welcome back"),
        purpose=_("To say by written grounds, by two colleagues, who is written to; open to the person's objection."),
        ground=Ground.INTEREST,
        because=_("The employer's interest in writing to nobody with whom it is in dispute, and in fair decisions."),
        subjects=_FORMER,
        models="departures.audience departures.audiencechoice departures.persondecision departures.decisionappeal"
        " contact.restriction",
        ends=_WITH_RECORD,
        seen_by=(Permission.APPROVE_DECISIONS, Permission.PROPOSE_DECISIONS),
    ),
    Processing(
        code="contact",
        title=_("Keeping account of contact"),
        purpose=_("To write no more often than somebody wants, to give more than to ask, to send each letter once."),
        ground=Ground.INTEREST,
        because=_("People's own interest in being left in peace, and the employer's in knowing what was said."),
        subjects=_FORMER,
        models="contact.touch mail.mailing mail.message mail.lease outreach.enrolment outreach.stepoutcome",
        kept=(DataKind.KEPT_MAIL,),
        ends=_WITH_RECORD,
        seen_by=(Permission.SEE_PEOPLE, Permission.SEE_OUTBOX),
    ),
    Processing(
        code="agreements",
        title=_("Keeping what people agreed to, and the proof of it"),
        purpose=_("To do only what somebody agreed to, and to be able to show that they did."),
        ground=Ground.DUTY,
        because=_("GDPR 5(2) and 7(1): the employer must be able to show the agreement."),
        subjects=_FORMER,
        models="consent.wording consent.consentrequest consent.requestedconsent consent.vouching consent.ledgerentry"
        " consent.consentstate consent.evidence consent.proving consent.preference departures.relationanswer"
        " consent.unwantedtopic",
        kept=(DataKind.UNCONFIRMED, DataKind.EVIDENCE, DataKind.LEDGER),
        seen_by=(Permission.SEE_PEOPLE,),
    ),
    Processing(
        code="rights",
        title=_("Answering what people ask about their data"),
        purpose=_("To erase who asks for it, to keep them erased, and to write to nobody who objected."),
        ground=Ground.DUTY,
        because=_("GDPR 12 to 22: keyed fingerprints keep an erased person from coming back with the next list."),
        subjects=_("People who asked to be erased or not to be written to"),
        models="contact.suppression privacy.erasure privacy.request privacy.hold privacy.datacopy privacy.visit",
        ends=_("Kept as long as the installation stands; fingerprints name nobody."),
        seen_by=(Permission.HANDLE_RIGHTS,),
    ),
    Processing(
        code="trail",
        title=_("Writing down who did what"),
        purpose=_("To be able to show who changed, opened or took what, by codes and counts."),
        ground=Ground.DUTY,
        because=_("GDPR 5(2), 24 and 32: accountability and security of processing."),
        subjects=_STAFF,
        models="audit.event",
        kept=(DataKind.AUDIT,),
        seen_by=(Permission.SEE_AUDIT,),
    ),
    Processing(
        code="team",
        title=_("Letting colleagues in"),
        purpose=_("To know who works with this, what they may do, and that it is them."),
        ground=Ground.INTEREST,
        because=_("The employer's interest in letting in those alone who need to be; GDPR 32."),
        subjects=_STAFF,
        models="accounts.user account.emailaddress account.emailconfirmation mfa.authenticator accounts.session"
        " desk.putoff web.knock programme.chapterhost",
        ends=_("When the account is closed; sessions after twelve hours, counters of attempts within an hour."),
        seen_by=(Permission.MANAGE_TEAM,),
    ),
    Processing(
        code="settings",
        title=_("Settings and structure"),
        purpose=_("How the employer is built, and how the programme is set."),
        ground=Ground.NONE,
        because=_("It tells of nobody."),
        subjects=_NOBODY,
        models="programme.programme programme.retentionterm privacy.retentionrun"
        " programme.addition programme.interestrecord"
        " programme.councilanswer programme.department programme.place"
        " programme.departmentalias programme.placealias programme.mergeddepartment programme.mergedplace"
        " programme.topic programme.chapter auth.permission auth.group auth.group_permissions contenttypes.contenttype",
        seen_by=(Permission.RUN_PROGRAMME, Permission.KEEP_STRUCTURE),
    ),
)

# What each purpose is for, to who reads the register; what people read when they agree is the wording.
_PURPOSES: dict[Purpose, str | Promise] = {
    Purpose.NEWSLETTER: _("To send news of the employer and of people one worked with."),
    Purpose.EVENTS: _("To invite to reunions and other gatherings."),
    Purpose.VACANCIES: _("To tell of openings, for oneself or for somebody one knows."),
    Purpose.PERSONAL: _("To write or call in person now and then."),
    Purpose.BUSINESS: _("To speak about working together as client, partner or supplier."),
    Purpose.SURVEYS: _("To ask now and then what somebody thinks."),
    Purpose.FEEDBACK: _("To tell what changed because of what people who left have said."),
    Purpose.DIRECTORY: _("To let former colleagues who also agreed find one another."),
}


def agreed(purpose: Purpose) -> Processing:
    """The entry of a purpose that people agree to; its data are those of the record, of contact and of agreements."""
    return Processing(
        code=f"purpose.{purpose.value}",
        title=purpose.label,
        purpose=_PURPOSES[purpose],
        ground=Ground.CONSENT,
        because=_("Agreed to for this alone, confirmed from the mailbox, withdrawn by one press."),
        subjects=_("People who agreed to it"),
        ends=_("When the agreement is withdrawn, at once."),
        seen_by=(Permission.WRITE_TO_PEOPLE,),
    )


def faults(processings: Sequence[Processing] = PROCESSINGS, held: Sequence[Held] = HELD) -> list[str]:
    """What of all that is held serves nothing, or two things; each as one sentence."""
    declared = {each.model: each for each in held}
    named = Counter(label for each in processings for label in each.models.split())
    found = [
        f"{label} serves no processing: name it in privacy/register/processings.py."
        for label in declared
        if not named[label]
    ]
    found += [f"{label} serves {times} processings." for label, times in named.items() if times > 1]
    found += [f"{label} serves a processing and is declared nowhere." for label in named if label not in declared]
    for each in processings:
        if each.ground is Ground.NONE:
            about = [label for label in each.models.split() if label in declared and declared[label].about]
            found += [f"{label} is about a person and serves nothing that may be done." for label in about]
    found += [f"The purpose {each} has no entry." for each in CONSENT_PURPOSES if each not in _PURPOSES]
    return found
