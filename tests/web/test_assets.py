"""What the browser gets: kept with us, unchanged, without inline script or style, and readable for everybody."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template import Context, Template

from perennial.web import context
from perennial.web.templatetags.house import UnknownIcon, drawings, icon

ROOT = Path(__file__).resolve().parent.parent.parent
STATIC = ROOT / "perennial" / "web" / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = sorted((ROOT / "perennial").glob("*/templates/**/*.html"))

# Text and the grounds it stands on, as the stylesheet uses them.
GROUNDS = ("paper", "surface", "wash")
TINTS = ("yes-wash", "later-wash", "no-wash", "information-wash", "accent-wash")
READ = [
    *[(text, ground) for text in ("text", "muted") for ground in (*GROUNDS, *TINTS)],
    *[
        (text, ground)
        for text in ("primary", "primary-strong", "yes", "later", "no", "information")
        for ground in GROUNDS
    ],
    *[("primary", tint) for tint in TINTS],
    ("yes", "yes-wash"),
    ("later", "later-wash"),
    ("no", "no-wash"),
    ("information", "information-wash"),
    ("accent", "paper"),
    ("accent", "surface"),
    ("accent", "accent-wash"),
    ("on-primary", "primary"),
    ("on-primary", "primary-strong"),
]
# Edges by which a control is recognised.
SEEN = [(mark, ground) for mark in ("edge", "primary", "later", "no", "yes") for ground in GROUNDS]


def tokens() -> dict[str, tuple[str, str]]:
    """Each colour of ours, light and dark."""
    stylesheet = (STATIC / "perennial" / "house.css").read_text(encoding="utf-8")
    found = re.findall(r"--([a-z-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\)", stylesheet)
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def pale(pairs: list[tuple[str, str]], *, least: float) -> Iterator[str]:
    """The pairs that do not reach the least contrast, in either theme."""
    known = tokens()
    for front, ground in pairs:
        for theme, number in (("light", 0), ("dark", 1)):
            ratio = contrast(known[front][number], known[ground][number])
            if ratio < least:
                yield f"{front} on {ground}, {theme}: {ratio:.2f}"


def test_the_measure_of_contrast_is_the_known_one() -> None:
    assert round(contrast("#FFFFFF", "#000000"), 2) == 21.0
    assert round(contrast("#FFFFFF", "#777777"), 2) == 4.48
    assert list(pale([("line", "surface")], least=3.0)) != []


def test_all_text_reaches_five_to_one_in_both_themes() -> None:
    assert list(pale(READ, least=5.0)) == []


def test_the_edges_of_controls_reach_three_to_one_in_both_themes() -> None:
    assert list(pale(SEEN, least=3.0)) == []


def test_the_colours_are_those_that_were_agreed() -> None:
    known = tokens()
    assert known["paper"] == ("#FAF8F5", "#14181B")
    assert known["surface"] == ("#FFFFFF", "#1D2327")
    assert known["text"] == ("#1F2933", "#E8EAEC")
    assert known["muted"] == ("#57606A", "#A7B0B8")
    assert known["primary"] == ("#1F6F54", "#6CC5A1")
    assert known["accent"] == ("#B4470F", "#F0A070")
    assert known["yes"] == ("#1F6F54", "#6CC5A1")
    assert known["later"] == ("#8A5A00", "#E5B454")
    assert known["no"] == ("#B42318", "#F28B82")
    assert known["information"] == ("#1D5FA8", "#8AB8F0")


def test_every_vendored_file_is_the_one_in_the_manifest() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
    files = [path for path in VENDOR.rglob("*") if path.is_file() and path.name != "manifest.json"]
    assert {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    } == manifest


def test_every_vendored_package_brings_its_licence_and_its_version() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    folders = {
        "tabler-" + wanted["@tabler/core"],
        "tabler-icons-" + wanted["@tabler/icons"],
        "htmx-" + wanted["htmx.org"],
    }
    assert {path.name for path in VENDOR.iterdir() if path.is_dir()} == folders
    assert {path.parent.name for path in VENDOR.glob("*/LICENSE")} == folders


def test_no_registry_address_is_kept() -> None:
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity"' in lock
    assert '"resolved"' not in lock


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "perennial").as_posix())
def test_a_template_has_no_inline_script_or_style(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    if "mail" in template.parts:
        pytest.skip("a mail has no policy and no stylesheet")
    assert re.findall(r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", source) == []
    scripts = re.findall(r"<script\b[^>]*>", source)
    assert [tag for tag in scripts if " src=" not in tag and 'type="application/json"' not in tag] == []


def test_every_static_file_a_template_names_is_there() -> None:
    named = {
        name
        for template in TEMPLATES
        for name in re.findall(r"""{% static ["']([^"']+)["'] %}""", template.read_text(encoding="utf-8"))
    }
    assert "perennial/house.css" in named
    assert sorted(name for name in named if finders.find(name) is None) == []


def test_every_icon_a_template_names_is_in_the_sprite() -> None:
    named = {
        name
        for template in TEMPLATES
        for name in re.findall(r"""{% icon ["']([^"']+)["']""", template.read_text(encoding="utf-8"))
    }
    named |= {icon_name for _label, _url, icon_name, _permission in context.NAVIGATION}
    assert "check" in named
    assert sorted(named - set(drawings())) == []


def test_an_icon_is_silent_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in icon("check")
    assert 'aria-label="Yes &amp; no"' in icon("check", "Yes & no")


def test_an_unknown_icon_is_refused() -> None:
    with pytest.raises(UnknownIcon):
        icon("no-such-icon")


def test_step_dots_say_where_one_is() -> None:
    shown = Template("{% load house %}{% dots current=2 total=3 %}").render(Context())
    assert "Step 2 of 3" in shown
    assert re.findall(r'<i class="(\w+)"', shown) == ["done", "now", "ahead"]
