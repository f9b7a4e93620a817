"""Server time of the directory: any page, search, mistyped words, filters; beside the first page of the same list.

1,000,000 people on PostgreSQL, 100,000 on SQLite. `python bench/directory.py [--people N]`
"""

import argparse
import os
import sys

from crowd import gather
from place import place
from visits import within

P95_MS, AT_ONCE = 100, 100_000


def multiply(times: int) -> None:
    """`times` copies of everybody with their stints, in SQL: gathering a million one by one takes long."""
    from django.db import connection

    with connection.cursor() as cursor:
        for copy in range(1, times):
            cursor.execute(
                "INSERT INTO people_person (key, full_name, called, sort_name, search_text, language, created_at,"
                " updated_at) SELECT key || %s, full_name || %s, called, sort_name || %s, search_text || %s, language,"
                " created_at, updated_at FROM people_person WHERE id <= %s",
                [f"-{copy}", f" {copy}", f" {copy}", f" {copy}", AT_ONCE],
            )
            cursor.execute(
                "INSERT INTO people_stint (person_id, source, employee_number, contract_kind, department_id, place_id,"
                " title, manager, starts_on, ends_on, status, how_ended, created_at, updated_at) SELECT p.id, s.source,"
                " s.employee_number || %s, s.contract_kind, s.department_id, s.place_id, s.title, s.manager,"
                " s.starts_on, s.ends_on, s.status, s.how_ended, s.created_at, s.updated_at FROM people_stint s JOIN"
                " people_person o ON o.id = s.person_id JOIN people_person p ON p.key = o.key || %s WHERE o.id <= %s",
                [f"-{copy}", f"-{copy}", AT_ONCE],
            )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE people_person")
            cursor.execute("VACUUM ANALYZE people_stint")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    server = os.environ.get("PERENNIAL_DATABASE_URL", "").startswith("postgres")
    asked.add_argument("--people", type=int, default=1_000_000 if server else AT_ONCE)
    people = asked.parse_args().people
    with place(PERENNIAL_DEMO="1") as kind:
        gather(min(people, AT_ONCE))
        multiply(people // AT_ONCE)
        from perennial.people.models import Person
        from perennial.programme.models import Department

        by_name = Person.objects.order_by("sort_name", "pk").values_list("key", flat=True)
        middle, last = by_name[people // 2], by_name.reverse()[25]
        department = Department.objects.first()
        assert department is not None
        pages = {
            "first page": "/people/",
            "middle page": f"/people/?after={middle}",
            "last page": f"/people/?after={last}",
            "search, many": "/people/?q=boer",
            "search, many, middle page": f"/people/?q=boer&after={middle}",
            "search, two words": "/people/?q=aisha+willems",
            "search, one": "/people/?q=p77777@",
            "search, other letters": "/people/?q=smirnova+tobias",
            "search, nobody": "/people/?q=xylophon",
            "search, mistyped": "/people/?q=wilelms",
            "a department": f"/people/?department={department.pk}",
            "a department, middle page": f"/people/?department={department.pk}&after={middle}",
            "a department and a word": f"/people/?department={department.pk}&q=pfeiffer",
            "by last day": "/people/?sort=last_day",
            "by department": "/people/?sort=department",
            "a company": "/people/?company=company+77",
            "a skill": "/people/?skill=skill+7",
            "a skill, a company and a department": f"/people/?skill=skill+1&company=c1&department={department.pk}",
            "left in a month": "/people/?left_from=2024-03-01&left_until=2024-03-31",
        }
        met = within(what=f"{kind}, {people:,} people", pages=pages, milliseconds=P95_MS)
    return int(not met)


if __name__ == "__main__":
    sys.exit(main())
