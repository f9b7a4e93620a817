"""docs/privacy.md, made from the declarations."""

from itertools import groupby

from django.utils.translation import override

from perennial.kernel.privacy import NOT_COPIED, Erased, Held, Privacy
from perennial.privacy.above import TABLES
from perennial.privacy.held import HELD

_HEAD = """# What is held, and what becomes of it

Made from the declarations in each room's `privacy.py`; `make check` fails where a field is missing or this page is
behind. Do not edit it: `python tools/check_privacy.py --write`.

The data copy holds every row that is about a person, with all fields but those of the classes {left_out}. Of
colleagues it says only in which role they did it, of other people only that there is somebody.

"""


def page() -> str:
    """The whole page, as it should stand in the file."""
    with override("en"):
        left_out = ", ".join(f"*{each}*" for each in Privacy if each in NOT_COPIED)
        parts = [_HEAD.format(left_out=left_out)]
        for room, rows in groupby(HELD, key=lambda held: held.model.split(".")[0]):
            parts.append(f"## {room}\n\n")
            parts += [_part(held) for held in rows]
        parts.append("## Tables without a model\n\n| table | what stands in it |\n| --- | --- |\n")
        parts += [f"| {table} | {what} |\n" for table, what in TABLES.items()]
    return "".join(parts)


def _part(held: Held) -> str:
    lines = [f"### {held.model}\n\n{held.why}\n\n"]
    lines += [f"- {each}: {', '.join(names.split())}\n" for each, names in held.fields.items()]
    about = f", about the person by `{held.about.replace('|', '` or `')}`" if held.about else ""
    lines.append(f"- **on erasure**: {held.erased}{about}\n")
    if held.erased is Erased.KEPT:
        lines.append(f"- **rule**: {held.rule}\n")
    if held.behind_the_wall:
        lines.append("- **behind the wall**: in the person's own copy, never in one that colleagues fetch\n")
    return "".join([*lines, "\n"])
