"""Who is in the demo: colleagues, leavers with what they say, where some work now, what answers are about."""

from dataclasses import dataclass

PASSWORD = "a-walk-in-the-garden"  # noqa: S105 - printed on the start of the demo; the demo never sends mail


@dataclass(frozen=True)
class Colleague:
    name: str
    email: str
    role: str


COLLEAGUES = (
    Colleague("Hanne Okafor", "hr@halvorsen.example", "hr"),
    Colleague("Ingrid Talsma", "exit@halvorsen.example", "exit_interviewer"),
    Colleague("Leo Brandt", "leadership@halvorsen.example", "leadership"),
    Colleague("Rosa Lindqvist", "recruiter@halvorsen.example", "recruiter"),
    Colleague("Joost Hendriks", "host@halvorsen.example", "host"),
)
COORDINATOR = Colleague("Mirjam Vos", "coordinator@halvorsen.example", "coordinator")


@dataclass(frozen=True)
class Leaver:
    """Somebody who leaves `leaves` days from today, and what they say: a score, reasons, purposes agreed to."""

    name: str
    language: str
    title: str
    department: str
    manager: str
    leaves: int
    score: int | None = None
    reasons: tuple[str, ...] = ()
    agrees: tuple[str, ...] | None = None
    confirms: bool = True
    how: str = "resignation"


KINDLY = ("personal", "events", "newsletter")
CURIOUS = ("personal", "feedback")
LEAVERS: tuple[Leaver, ...] = (
    Leaver("Fenna de Boer", "nl", "Hydrologist", "Water", "Joost Hendriks", -178, 9, ("pay",), KINDLY),
    Leaver("Tobias Krämer", "de", "Structural engineer", "Bridges", "Anja Roth", -171, 8, ("relocation",), KINDLY),
    Leaver("Aisha Bouzid", "nl", "Project lead", "Water", "Joost Hendriks", -164, 10, ("study",), ("events",)),
    Leaver("Ольга Смирнова", "ru", "Geodesist", "Survey", "Peter Lang", -157, 7, ("family",), CURIOUS),
    Leaver("Callum Reid", "en", "Drone pilot", "Survey", "Peter Lang", -150, 4, ("manager", "workload"), ()),
    Leaver(
        "Sanne Willems", "nl", "Planner", "Cities", "Marit Kok", -136, 9, ("other_employer",), (*KINDLY, "feedback")
    ),
    Leaver(
        "Jürgen Pfeiffer",
        "de",
        "Draughtsman",
        "Bridges",
        "Anja Roth",
        -122,
        9,
        ("other",),
        ("personal",),
        how="retirement",
    ),
    Leaver("Nadia Haddad", "en", "Data analyst", "Survey", "Peter Lang", -108, 6, ("pay",), ("vacancies", "feedback")),
    Leaver("Bram Visser", "nl", "Technician", "Water", "Joost Hendriks", -101, None, (), None),
    Leaver("Lotte Jansen", "nl", "Ecologist", "Cities", "Marit Kok", -94, 10, ("pay",), KINDLY),
    Leaver("Дмитрий Волков", "ru", "Surveyor", "Survey", "Peter Lang", -80, 8, ("pay",), ("personal", "vacancies")),
    Leaver("Eva Sommer", "de", "Urban planner", "Cities", "Marit Kok", -66, 9, ("flexibility",), KINDLY, False),
    Leaver("Ravi Menon", "en", "BIM modeller", "Bridges", "Anja Roth", -52, 3, ("leadership",), ()),
    Leaver("Yara el Amrani", "nl", "Communication adviser", "Cities", "Marit Kok", -38, 9, ("study",), KINDLY),
    Leaver("Stefan Maier", "de", "Site manager", "Bridges", "Anja Roth", -24, 8, ("workload",), CURIOUS),
    Leaver("Roos van Leeuwen", "nl", "Hydrologist", "Water", "Joost Hendriks", -17, 10, ("relocation",), KINDLY),
    Leaver("Emma Clarke", "en", "Project lead", "Survey", "Peter Lang", -16, 9, ("family",), ("personal", "surveys")),
    Leaver("Koen Mulder", "nl", "Technician", "Water", "Joost Hendriks", -15, 7, ("pay",), ("personal",)),
    Leaver("Zoë Peeters", "nl", "Planner", "Cities", "Marit Kok", -3),
    Leaver("Hannah Vogel", "de", "Structural engineer", "Bridges", "Anja Roth", 4),
    Leaver("Maksim Petrov", "ru", "Geodesist", "Survey", "Peter Lang", 12),
    Leaver("Daan Bakker", "nl", "Drone pilot", "Survey", "Peter Lang", 26),
)
UNDATED = Leaver("Iris Postma", "nl", "Ecologist", "Cities", "Marit Kok", 0)


@dataclass(frozen=True)
class Elsewhere:
    """Where somebody works now, what that company is to us, and what they can, as the coordinator heard it."""

    name: str
    company: str
    domain: str
    relation: str
    title: str
    skills: tuple[str, ...]


ELSEWHERE: tuple[Elsewhere, ...] = (
    Elsewhere("Fenna de Boer", "Maaswater", "maaswater.example", "client", "Head of hydrology", ("Hydrology", "GIS")),
    Elsewhere("Lotte Jansen", "Maaswater", "maaswater.example", "client", "Ecologist", ("Ecology", "GIS")),
    Elsewhere("Tobias Krämer", "Brückenbau Elbe", "elbe.example", "partner", "Lead engineer", ("Steel", "Concrete")),
    Elsewhere(
        "Nadia Haddad", "Terrain Data", "terrain.example", "supplier", "Data scientist", ("Python", "Statistics")
    ),
)


# What the exit interviewer noted that answers are about.
LONG_HOURS = "Long hours before tenders"
THEMES: dict[str, str] = {
    "Callum Reid": LONG_HOURS,
    "Nadia Haddad": "Pay behind other employers",
    "Sanne Willems": LONG_HOURS,
    "Stefan Maier": LONG_HOURS,
    "Lotte Jansen": "Pay behind other employers",
    "Ravi Menon": "Decisions take long",
}
