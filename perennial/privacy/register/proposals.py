"""A text to begin a record of legitimate interest with, for each processing: what the house does and how it protects.

It says nothing that the house does not do, and no number that a setting can change. Whether it holds for an employer
is theirs to weigh (EDPB Guidelines 1/2024: reasonable expectations, effects, what softens them), so each is read and
agreed to on its own, and none counts before somebody did.
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.programme.enums import Interest


class Proposal(NamedTuple):
    """The three steps of a record, in an employer's own voice."""

    interest: str | Promise
    necessity: str | Promise
    balancing: str | Promise


PROPOSALS: dict[Interest, Proposal] = {
    Interest.RECORD: Proposal(
        _(
            "We want to be able to confirm who worked here, and to stay in reach of people we worked with. Most of "
            "those who leave want that too: a reference that can still be given years later, somebody who knows who "
            "they are. Without a record of its own both end when HR closes the file."
        ),
        _(
            "We keep the name, when and as what somebody worked here, the language and the addresses in which they "
            "want to be reached, and what they tell us themselves of their work since. There is no place for a "
            "birthday, a photograph, pay or appraisals. For how long a record is kept without a sign from the person "
            "stands in the policy of their country. We considered asking for agreement to the record itself; but "
            "whoever still works here depends on us, and such an agreement would be worth little."
        ),
        _(
            "People expect a former employer to know that they worked there. They may not expect to be kept for "
            "staying in touch; so we say it when they leave and in our privacy notice, and being on the record lets "
            "nobody write to them: apart from the invitation to say goodbye, and from answers, each letter needs an "
            "agreement. On their own page people see what is held of them, and have it corrected or erased. An "
            "objection to letters holds at once and needs no reason; any other is weighed by a person. Colleagues see "
            "what their role needs, and it is written down who opened whose page."
        ),
    ),
    Interest.LISTS: Proposal(
        _(
            "A farewell that begins on time needs to know who leaves and when. HR knows it already. If every team had "
            "to tell it again, some people would leave without a word."
        ),
        _(
            "Of a list we read the columns that somebody chose and leave out all others. The list goes when its "
            "import is over; rows that were refused, and what it takes to undo it, stay for the time that the policy "
            "says. We considered typing people in one by one; with more than a few that brings more mistakes about "
            "people, not fewer."
        ),
        _(
            "It comes from our own records, for a purpose that belongs to leaving, and goes nowhere else. What can "
            "harm is a list that is wrong: what would change is shown before anything is written, and an import can "
            "be undone. No list brings in an agreement, so none can make us write to somebody. Whoever was erased "
            "does not come back with the next list."
        ),
    ),
    Interest.LEAVING: Proposal(
        _(
            "A good ending is remembered on both sides for years, and what is forgotten hurts: a thank-you, a "
            "handover, the reference. We want nothing of it to depend on somebody thinking of it."
        ),
        _(
            "We keep the last day, the steps of the farewell with who sees to them and by when, and the manager's "
            "address until the departure is over. We considered a list on paper for each team; nobody would see what "
            "is late, and copies would lie about."
        ),
        _(
            "It serves whoever leaves first of all, and they expect it. It could hurt somebody who does not leave in "
            "peace: how it ended sets the tone, after redundancy nobody is written to before HR says so, and a "
            "colleague can leave somebody out of all of it. The manager sees the name, the last day and their own "
            "steps, no answer and nothing of what was agreed to. The leaver is reminded once at most, and never after "
            "a no."
        ),
    ),
    Interest.EXIT: Proposal(
        _(
            "Those who leave know what could be better, and some say so for the first time. We cannot learn it in "
            "another way, and those who stay gain from it."
        ),
        _(
            "Nobody has to answer, and each question can be skipped. We considered questionnaires without a name; but "
            "in a small team words give people away in any case, and then nobody could see or have erased what they "
            "wrote. The words go after the time that the policy says; numbers and themes stay."
        ),
        _(
            "Words about one's work can harm when they are traced back, most of all in small teams, and whoever still "
            "works here may feel pressed to answer. So the exit interviewer alone reads them, says why, and each "
            "opening is written down; the words are encrypted. Nobody else, manager or coordinator, reads a single "
            "answer. Figures are of closed groups of five at least. What may speak of health, belief and the like "
            "waits for a look before it is seen. Declining is as easy as answering, and the relation afterwards is "
            "asked about apart from it."
        ),
    ),
    Interest.DECISIONS: Proposal(
        _(
            "We do not want to write to somebody with whom we are in dispute, nor offer work that we cannot offer. A "
            "decision with written grounds is fairer to people than a remark that is passed on."
        ),
        _(
            "We keep a reason from a short list, who decided, a day to look again and an end. What is written about "
            "it besides is encrypted and open only to those who decide. We considered deciding nothing about anybody; "
            "then letters would go to people who had better not get one, and the remarks would be made all the same."
        ),
        _(
            "Such a decision can keep somebody from work and weighs the most of all we do here. So one colleague "
            "proposes it and another approves it; nothing is computed and none comes with a list. Sick leave, "
            "parental leave, a works council, a complaint or a report of wrongdoing is never a reason. What restricts "
            "somebody ends within two years by itself. The person can read what it says, answer and object, and it "
            "stands in the copy of their data. Whoever writes letters learns that none goes, not why."
        ),
    ),
    Interest.CONTACT: Proposal(
        _(
            "People want to be left in peace between letters, and not to be asked the same thing twice. We want to "
            "remember what was said, and to give more than we ask. Both need an account of who was written to or "
            "spoken with."
        ),
        _(
            "We keep date, kind and purpose of each contact, a line where somebody noted one, and the letters "
            "themselves. Whether a letter was opened or a link in it was followed is not measured. We considered "
            "keeping counts alone; then nobody could be shown what they got from us, and why."
        ),
        _(
            "It protects more than it harms: without it people would be written to more often than they want. A note "
            "about a talk could be unkind; so it is no place for judgements, and whoever asks for a copy of their "
            "data reads it. Colleagues who see no people see none of it, hosts only that of their chapters, and it "
            "goes with the record."
        ),
    ),
    Interest.TEAM: Proposal(
        _(
            "Only those who need to may get at people's data, and it has to be possible to show who did what with it. "
            "That protects the people on file, and colleagues against a wrong suspicion."
        ),
        _(
            "We keep the name, the address at work, one role, the second factor, where somebody is signed in, and "
            "which deed was whose. How long somebody looks at a page is not measured. We considered one account for "
            "all; then nobody could answer for anything."
        ),
        _(
            "Colleagues expect it of a system with data about people. It could be misused to watch them: no figure "
            "compares colleagues, the trail is searched by whoever answers for the programme and for nothing but "
            "accountability, and how many people's pages somebody opens in a day is counted only so that nobody "
            "carries the directory away. Each colleague sees where they are signed in, and ends it there."
        ),
    ),
}
