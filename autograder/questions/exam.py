"""An exam: an assignment that asks questions of other assignments again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_NAMED = re.compile(rb"""\bExamQuestion\(\s*(?:assignment\s*=\s*)?["'](?!\.)([^"'/\\]+)["']""")


@dataclass(frozen=True)
class ExamQuestion:
    """A question of another assignment, asked again in an exam: `question = ExamQuestion("lstm_parameters")`.

    The file has the same name as the question's own file, and everything comes from there, with three exceptions: a
    student draws other numbers, there is no example, and the self-check only looks whether a function is defined.
    """

    assignment: str
    """The assignment whose question it is."""


def asked_from(files: Sequence[tuple[Path, bytes]]) -> list[Path]:
    """Return the folders of the questions that question files ask again. files: each with its content."""
    return sorted(
        {
            path.parent.with_name(name.decode(errors="replace"))
            for path, content in files
            for name in _NAMED.findall(content)
        }
        - {path.parent for path, _ in files}
    )
