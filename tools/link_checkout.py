"""Makes the checkout importable in its virtual environment and puts the `perennial` command beside it.

The same as an editable installation, without a build backend: running from a checkout then needs nothing but the
pinned runtime requirements.
"""

import sys
import sysconfig
from pathlib import Path

COMMAND = """#!{python}
import sys

from perennial.operate.cli import main

sys.exit(main())
"""


def main() -> None:
    checkout = Path(__file__).resolve().parent.parent
    Path(sysconfig.get_path("purelib"), "perennial-checkout.pth").write_text(f"{checkout}\n", encoding="utf-8")
    command = Path(sysconfig.get_path("scripts"), "perennial")
    command.write_text(COMMAND.format(python=sys.executable), encoding="utf-8")
    command.chmod(0o755)


if __name__ == "__main__":
    main()
