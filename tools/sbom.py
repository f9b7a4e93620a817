"""Writes the list of parts that Perennial is made of, as CycloneDX 1.6 has it: hashed requirements, vendored assets.

    python tools/sbom.py [FILE]     dist/perennial.cdx.json unless said otherwise

The requirements are what an installation is made of, so the list is the same wherever it is made: no time and no random
number stands in it.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parent.parent
REQUIREMENTS = HOUSE / "requirements" / "runtime.txt"
VENDORED = HOUSE / "perennial" / "web" / "static" / "vendor" / "manifest.json"
_PART = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def parts(text: str) -> list[dict[str, Any]]:
    """One component for each pinned requirement, with every hash that an installation accepts."""
    found: list[dict[str, Any]] = []
    for line in text.splitlines():
        begins = _PART.match(line)
        if begins:
            name = re.sub(r"[-_.]+", "-", begins["name"]).lower()
            url = f"pkg:pypi/{name}@{begins['version']}"
            found.append(
                {
                    "type": "library",
                    "bom-ref": url,
                    "name": name,
                    "version": begins["version"],
                    "purl": url,
                    "hashes": [],
                }
            )
        if found:
            found[-1]["hashes"] += [{"alg": "SHA-256", "content": mark} for mark in _HASH.findall(line)]
    return found


def vendored(manifest: dict[str, str]) -> list[dict[str, Any]]:
    """One component for each folder of files that browsers load, with the hash of each file as it was copied."""
    found: dict[str, dict[str, Any]] = {}
    for file, mark in sorted(manifest.items()):
        folder = file.split("/", 1)[0]
        name, _dash, version = folder.rpartition("-")
        row = {"type": "library", "bom-ref": f"vendored/{folder}", "name": name, "version": version, "hashes": []}
        part = found.setdefault(folder, row)
        if {"alg": "SHA-256", "content": mark} not in part["hashes"]:
            part["hashes"].append({"alg": "SHA-256", "content": mark})
    return list(found.values())


def bill(*, requirements: str, version: str) -> dict[str, Any]:
    """The whole list, for one version of Perennial."""
    components = parts(requirements) + vendored(json.loads(VENDORED.read_text(encoding="utf-8")))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"pkg:pypi/perennial@{version}",
                "name": "perennial",
                "version": version,
                "purl": f"pkg:pypi/perennial@{version}",
            }
        },
        "components": components,
        "dependencies": [
            {"ref": f"pkg:pypi/perennial@{version}", "dependsOn": [part["bom-ref"] for part in components]},
        ],
    }


def main(arguments: list[str]) -> None:
    sys.path.insert(0, str(HOUSE))
    from perennial import __version__

    target = Path(arguments[0]) if arguments else HOUSE / "dist" / "perennial.cdx.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    listed = bill(requirements=REQUIREMENTS.read_text(encoding="utf-8"), version=__version__)
    target.write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    print(f"{len(listed['components'])} parts, in {target}")


if __name__ == "__main__":
    main(sys.argv[1:])
