"""Copies the browser files we use out of node_modules to where they are served; run `npm ci --ignore-scripts` first."""

import gzip
import hashlib
import json
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "perennial" / "web" / "static" / "vendor"

# Tabler's package carries no licence file, only the notice at the head of its stylesheet.
TABLER_LICENSE = """MIT License

Copyright (c) 2018-2026 The Tabler Authors

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""

# Only what a template or a registry names; `{% icon %}` refuses any other.
ICONS = """
adjustments alert-circle alert-triangle archive arrow-back-up arrow-left arrow-narrow-right arrow-right ban
bell brightness-auto building calendar calendar-event calendar-time cash certificate chart-line check
checklist chevron-down chevron-left chevron-right chevron-up circle circle-check circle-minus circle-x
clipboard-text clock clock-pause coffee columns copy device-desktop device-mobile door-enter door-exit dots
download edit external-link eye eye-off file-spreadsheet file-text filter flag flower forms gift heart
heart-handshake help-circle history home hourglass id inbox info-circle key language link list list-check lock
logout mail mail-check mail-forward mail-opened mail-pause mail-x map-pin menu-2 message message-2 moon note
number-1 palette pencil phone phone-call plant-2 player-pause plus pointer printer qrcode question-mark
refresh report-analytics rotate route school search send settings shield shield-check shield-lock sparkles
speakerphone star sun sunrise table tag thumb-up tool trash trending-down trending-up upload user user-check
user-heart user-minus user-plus user-x users users-group wand x
"""


def sprite() -> str:
    """One symbol an icon, stripped of everything the drawing does not need."""
    symbols = []
    for name in sorted(ICONS.split()):
        drawing = (MODULES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text(encoding="utf-8")
        shapes = re.findall(r"<(?:path|circle|rect|line|polyline)[^>]*/>", drawing)
        paths = "".join(shape.replace(" />", "/>") for shape in shapes if 'stroke="none"' not in shape)
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{paths}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def main() -> None:
    """Writes the vendor folder anew, with a manifest of checksums beside it."""
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    version = {
        name: locked[f"node_modules/{name}"]["version"] for name in ("@tabler/core", "@tabler/icons", "htmx.org")
    }
    tabler = VENDOR / f"tabler-{version['@tabler/core']}"
    icons = VENDOR / f"tabler-icons-{version['@tabler/icons']}"
    htmx = VENDOR / f"htmx-{version['htmx.org']}"
    shutil.rmtree(VENDOR, ignore_errors=True)
    for folder in (tabler, icons, htmx):
        folder.mkdir(parents=True)
    shutil.copyfile(MODULES / "@tabler/core/dist/css/tabler.min.css", tabler / "tabler.min.css")
    (tabler / "LICENSE").write_text(TABLER_LICENSE, encoding="utf-8")
    (icons / "sprite.svg").write_text(sprite(), encoding="utf-8")
    shutil.copyfile(MODULES / "@tabler/icons/LICENSE", icons / "LICENSE")
    shutil.copyfile(MODULES / "htmx.org/dist/htmx.min.js", htmx / "htmx.min.js")
    shutil.copyfile(MODULES / "htmx.org/LICENSE", htmx / "LICENSE")
    for large in (tabler / "tabler.min.css", htmx / "htmx.min.js"):
        # WhiteNoise serves the compressed neighbour; without a clock in it the bytes stay the same.
        large.with_name(large.name + ".gz").write_bytes(gzip.compress(large.read_bytes(), 9, mtime=0))
    files = sorted(path for path in VENDOR.rglob("*") if path.is_file())
    sums = {path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    (VENDOR / "manifest.json").write_text(json.dumps(sums, indent=2) + "\n", encoding="utf-8")
    print(f"{len(sums)} files in {VENDOR.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
