"""The one file of colours, sizes and type that all pages share."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import ROOT

DESIGN = ROOT / "autograder" / "feedback" / "static" / "design.css"
COLOUR = re.compile(r":[^;{}<>\n]*#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch|light-dark)\(", re.IGNORECASE)
"""A colour after the name of a property; the id of a selector is none."""
GROUNDS = ("paper", "card", "tint", "told", "teacher", "warn-tint", "good-tint")


def styles() -> list[Path]:
    """Every stylesheet and page with styles of the package, but the small LMS, which is no page of ours."""
    files = [*(ROOT / "autograder").rglob("*.css"), *(ROOT / "autograder").rglob("*.html")]
    return [file for file in files if file != DESIGN and "trial" not in file.parts]


def palette(scheme: str) -> dict[str, str]:
    """The colours of a scheme, by name."""
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#\w+)", part)) for part in DESIGN.read_text().split(":root")[1:3]
    )
    assert light.keys() == dark.keys()
    return light if scheme == "light" else dark


@pytest.mark.parametrize("file", styles(), ids=lambda file: file.name)
def test_no_other_file_names_a_colour(file: Path) -> None:
    """A page that brought its own would be bright in the dark, or differ from the others."""
    assert COLOUR.findall(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", styles(), ids=lambda file: file.name)
def test_every_name_is_known(file: Path) -> None:
    """A misspelled name is no error in a browser, but no colour either."""
    known = set(re.findall(r"--[\w-]+(?=:)", DESIGN.read_text())) | {"--page"}
    assert set(re.findall(r"var\((--[\w-]+)", file.read_text(encoding="utf-8"))) <= known


def test_motion_stops_for_whoever_asks() -> None:
    """For everything on the page."""
    assert (
        "@media (prefers-reduced-motion: reduce) { *, ::before, ::after { animation: none"
        in DESIGN.read_text()
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(scheme: str) -> None:
    """Every colour of text is readable on every ground of the pages: 4.5 to 1 at least, as WCAG AA asks."""
    colours = palette(scheme)
    texts = {"ink": GROUNDS, "soft": GROUNDS[:5], "link": GROUNDS[:3], "on-link": ("link", "pressed")}
    texts |= {"good": ("paper", "card"), "bad": ("paper", "card", "told"), "warn": ("paper", "card")}
    texts |= dict.fromkeys(("keyword", "string", "number", "comment", "name"), ("tint",))
    low = [
        (text, ground, ratio)
        for text, behind in texts.items()
        for ground in behind
        if (ratio := contrast(colours[text], colours[ground])) < 4.5
    ]
    assert low == []
    assert min(contrast(colours["field"], colours[ground]) for ground in ("paper", "card")) >= 3, (
        "borders of fields"
    )


def contrast(first: str, second: str) -> float:
    """The contrast of two colours by WCAG 2.2."""

    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
        parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)
