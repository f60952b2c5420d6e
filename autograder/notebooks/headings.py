"""The headings of a notebook: where a question stands, and where a section is that explains something."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.notebooks.cells import cell_metadata, whole_text
from autograder.text import one_line

HEADING = re.compile(r"^(#{1,6})[^\S\n]+(\S.*)", re.MULTILINE)
"""With what closes it: a pattern that left this out would take hours for some texts."""


def headings(cell: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield the level and the text, without markup, of each heading in a cell."""
    if cell["cell_type"] == "markdown":
        for marks, text in HEADING.findall(whole_text(cell["source"])):
            yield len(marks), plain(text.rstrip().rstrip("#"))


def plain(heading: str) -> str:
    """Return a heading without markup."""
    return one_line(re.sub(r"[*`$]", "", heading))


def sections(cells: Iterable[Mapping[str, Any]], language: str) -> dict[str, str]:
    """Return the headings of the author's prose in one edition, each with that of its part in front."""
    full_headings: dict[str, str] = {}
    part = ""
    for cell in cells:
        if _is_the_authors(cell) and cell_metadata(cell).get("lang", language) == language:
            for level, heading in headings(cell):
                part = heading if level == 2 else part
                full_headings.setdefault(heading, joined(part, heading) if level > 2 else heading)
    return full_headings


def joined(part: str, heading: str) -> str:
    """Return where a heading stands: the heading of its part, then its own."""
    return f"{part} › {heading}" if part and heading != part else heading


@dataclass
class Place:
    """The headings above a cell."""

    part: str = ""
    """The heading of the part, of the second level."""
    heading: str = ""
    """The last heading of any level."""
    explained: tuple[str, str] = ("", "")
    """The last part that explains something, and the last heading in it below which code stands."""

    @property
    def here(self) -> str:
        """The headings above the cell: that of the part, then the last one."""
        return joined(self.part, self.heading)

    @property
    def reread(self) -> str:
        """What to read again: the last part that explains something; within this part, down to the heading."""
        part, heading = self.explained
        return joined(part, heading) if part == self.part else part

    def move(self, cell: Mapping[str, Any]) -> None:
        """Move to the next cell.

        A part of the notebook explains something if it shows code; one that only asks does not.
        """
        if not _is_the_authors(cell):
            return
        if cell["cell_type"] == "code" and not cell.get("metadata", {}).get("nbgrader"):
            self.explained = (self.part, self.heading) if self.part else self.explained
        for level, self.heading in headings(cell):
            if level == 2:
                self.part = self.heading


def _is_the_authors(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell belongs neither to a question, nor to the numbers of one, nor to the student."""
    ours = cell_metadata(cell)
    return not (ours.get("own") or ours.get("question") or ours.get("shows"))
