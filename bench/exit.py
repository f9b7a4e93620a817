"""Server time of the exit figures over the answers of 100,000 departures, whatever is filtered; beside an empty page.

Ten years of departures, six of ten answered, sixty departments in a tree. The groups are formed by the code that closes
them, month by month; the last month is closed in the database as a round would, and timed.
`python bench/exit.py [--departures 100000]`
"""

import argparse
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from crowd import gather
from place import place
from visits import within

P95_MS = 300
MONTHS, ANSWER = 120, 0.6
DEPARTMENTS, HALVES = 60, 6


def tree() -> list[int]:
    """A house with six halves of ten departments each; the ids of those in which people work."""
    from perennial.programme.models import Department

    house = Department.objects.create(name="The house")
    halves = [Department.objects.create(name=f"Half {number}", parent=house) for number in range(HALVES)]
    return [
        Department.objects.create(name=f"Team {number}", parent=halves[number % HALVES]).pk
        for number in range(DEPARTMENTS)
    ]


def close_months(departures: int, units: list[int], dice: random.Random) -> int:
    """Forms and writes down the groups of all months. Returns how many."""
    from django.db import transaction

    from perennial.programme.structure import Tree

    many, now, structure = 0, datetime.now(UTC), Tree()
    for month in range(MONTHS):
        with transaction.atomic():
            many += close_month(
                round(departures / MONTHS * ANSWER), units, structure, dice, now - timedelta(30 * month)
            )
    return many


def close_month(people: int, units: list[int], structure: Any, dice: random.Random, closed_at: datetime) -> int:
    """The groups of one month's answers."""
    from perennial.departures.exit import shipped
    from perennial.departures.exit.closing import Label, Said, alike_for, grouped, least_together, write_groups
    from perennial.departures.exit.enums import Band, Ending

    many = 0
    crowd = [
        Label(dice.choice(units), dice.choice(Band.values[:5]), dice.choices(Ending.values[:3], (7, 2, 1))[0])
        for _number in range(people)
    ]
    for question in shipped.QUESTIONS:
        if question.kind == "text":
            continue
        codes = [code for code, _words in question.options]
        pool = []
        for where in crowd:
            said = Said(where)
            if question.kind == "scale":
                said.number = min(10, max(0, round(dice.gauss(7, 2))))
            else:
                most = min(3, len(codes)) if question.kind == "multiple" else 1
                said.options = set(dice.sample(codes, dice.randint(1, most)))
            pool.append(said)
        closed, _alike = grouped(
            pool,
            least=least_together(question.kind),
            tree=structure,
            is_alike=alike_for(question.code, question.kind),
        )
        # The answers themselves are left out: the figures do not read them.
        for each in closed:
            for said in each.said:
                said.rows.clear()
        write_groups(question.code, question.kind, closed, in_a_round=True, now=closed_at)
        many += len(closed)
    return many


def a_month_of_answers(dice: random.Random, many: int) -> None:
    """Answers that wait, of people who are on file."""
    from perennial.departures.exit.questionnaire import questions_of, ship
    from perennial.departures.models import Answer, Departure, ExitAnswers

    now = datetime.now(UTC)
    version = ship(now=now)
    asked = questions_of(version)
    departures = list(Departure.objects.filter(answers=None).order_by("pk")[:many])
    rows = ExitAnswers.objects.bulk_create(
        [
            ExitAnswers(departure=each, questionnaire=version, language="en", started_at=now, submitted_at=now)
            for each in departures
        ],
        batch_size=1000,
    )
    given: list[Answer] = []
    for row, question in product(rows, asked):
        options = list(question.options.all())
        answer = Answer(answers=row, question=question)
        if question.kind == "scale":
            answer.number = dice.randint(0, 10)
        elif question.kind == "text":
            answer.text = "More daylight, please."
        else:
            answer.option = dice.choice(options)
        given.append(answer)
    Answer.objects.bulk_create(given, batch_size=1000)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--departures", type=int, default=100_000)
    departures = asked.parse_args().departures
    dice = random.Random(5)  # noqa: S311 - numbers of a measurement
    with place(PERENNIAL_DEMO="1") as kind:
        gather(departures)
        from django.db import connection

        from perennial.departures.exit.closing import close_groups
        from perennial.departures.exit.questionnaire import ship
        from perennial.departures.models import AnswerGroup, GroupCount
        from perennial.programme.models import Department

        ship(now=datetime.now(UTC))
        units = tree()
        start = time.perf_counter()
        many = close_months(departures, units, dice)
        print(f"{kind}: {many:,} groups, {GroupCount.objects.count():,} counts, {time.perf_counter() - start:.0f} s")
        a_month_of_answers(dice, round(departures / MONTHS * ANSWER))
        start = time.perf_counter()
        closed = close_groups(now=datetime.now(UTC))
        print(f"{kind}: a round over a month of answers closes {closed} groups in {time.perf_counter() - start:.1f} s")
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for table in (AnswerGroup, GroupCount):
                    cursor.execute(f"VACUUM ANALYZE {table._meta.db_table}")
        house = Department.objects.get(name="The house").pk
        half = AnswerGroup.objects.exclude(department=None).values_list("department", flat=True)[0]
        pages = {
            "empty page (baseline)": "/people/new/",
            "all": "/exit/",
            "a department": f"/exit/?department={half}",
            "the house": f"/exit/?department={house}",
            "a length of service": "/exit/?band=from_3",
            "an ending": "/exit/?ending=quit",
            "all three": f"/exit/?department={half}&band=from_3&ending=quit",
            "two years": "/exit/?since=2024-10&until=2026-09",
            "reasons by department": "/exit/questions/reason/?by=department",
            "score by service": "/exit/questions/recommend/?by=service",
            "score by ending": "/exit/questions/recommend/?by=ending",
            "reasons by month": "/exit/questions/reason/?by=month",
        }
        met = within(what=f"{kind}, {departures:,} departures", pages=pages, milliseconds=P95_MS)
    return int(kind == "postgresql" and not met)


if __name__ == "__main__":
    sys.exit(main())
