"""A worker as a process of its own, for the test that kills it: sends what is due at a given time, then ends."""

import sys
from datetime import datetime

import django


def main() -> None:
    django.setup()
    from perennial.mail.send import send_due

    now = datetime.fromisoformat(sys.argv[1])
    while send_due(now=now, worker="killed").handled:
        pass


if __name__ == "__main__":
    main()
