"""Makes perennial/accounts/common.sha256 from a list of passwords that leaked, the most common first, a line each.

python tools/common_passwords.py LIST

The list it was made from is Mark Burnett's of ten million, as SecLists keeps it
(https://github.com/danielmiessler/SecLists, Passwords/Common-Credentials, the first million). The words themselves stay
out of this repository: beginnings of hashes answer the one question we ask.
"""

import sys
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from perennial.accounts.passwords import COMMON, mark

MANY, SHORTEST = 10_000, 10


def main() -> int:
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    long_enough = dict.fromkeys(line.casefold() for line in lines if len(line) >= SHORTEST)
    marks = sorted(mark(word) for word in islice(long_enough, MANY))
    COMMON.write_bytes(b"".join(marks))
    print(f"{len(marks):,} marks in {COMMON}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
