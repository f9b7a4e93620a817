"""Fails when a field has no privacy class, a table serves no processing, or docs/privacy.md is not current.

`--write` writes docs/privacy.md.
"""

import os
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "privacy.md"


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "perennial.operate.settings"
    os.environ["PERENNIAL_DATA_DIR"] = tempfile.mkdtemp(prefix="perennial-privacy-")
    import django

    django.setup()
    from perennial.privacy.completeness import faults
    from perennial.privacy.page import page
    from perennial.privacy.register.processings import faults as unserved

    found = [*faults(), *unserved()]
    text = page()
    if "--write" in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        found.append("docs/privacy.md is not current: python tools/check_privacy.py --write")
    for fault in found:
        print(fault)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
