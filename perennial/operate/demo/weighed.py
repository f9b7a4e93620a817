"""Why the demo organisation does without asking what rests on legitimate interest: short examples, not advice."""

from typing import NamedTuple


class Weighed(NamedTuple):
    processing: str
    interest: str
    necessity: str
    balancing: str


WEIGHED: tuple[Weighed, ...] = (
    Weighed(
        "record",
        "We want to be able to confirm who worked here and to stay in reach; so do most of those who leave.",
        "Name, period, function and one address. No birthday, no photograph, no salary. Without a sign, two years.",
        "People expect their employer to know that they worked there. They are told when they leave, and may object.",
    ),
    Weighed(
        "lists",
        "A farewell that begins on time needs to know who leaves and when.",
        "The columns we read are chosen; all others are not taken in. A list goes when its import is over.",
        "It comes from HR's own records and goes nowhere else; what was wrong is undone.",
    ),
    Weighed(
        "leaving",
        "A good ending is remembered by both sides; things that are forgotten hurt.",
        "Steps and their dates, and the manager's address until it is over.",
        "It serves whoever leaves first of all. The manager sees no answer and no agreement.",
    ),
    Weighed(
        "exit",
        "Those who leave know what could be better, and we cannot learn it elsewhere.",
        "Nobody has to answer, and what was written goes after a year. Figures are of five and more.",
        "Words about one's work can harm when they are traced; so one role alone reads them, behind a wall.",
    ),
    Weighed(
        "decisions",
        "We do not want to write to somebody with whom we are in court, or to promise what does not hold.",
        "A coded reason and an end; words only where a code does not do.",
        "Such a decision weighs on somebody, so two colleagues take it, it ends, and it may be objected to.",
    ),
    Weighed(
        "contact",
        "People want to be left in peace, and we want to remember what was said.",
        "Date, kind and purpose of each contact, and one line.",
        "It protects more than it harms: without it people would be written to too often.",
    ),
    Weighed(
        "team",
        "Only those who need to may come in, and it must be clear who did what.",
        "Name, address at work, role, and the second factor.",
        "Colleagues expect it of any system at work. No time on pages is kept, no performance is measured.",
    ),
)
