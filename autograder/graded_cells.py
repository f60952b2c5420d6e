"""Which cells of a notebook are graded, and by what: a question, or a test of nbgrader's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

NAMESPACE = "autograder"
GRADE_SUFFIX = "-check"
"""The grade id of a grade cell is the grade id of its answer cell, which is the question's id, plus this suffix."""


def cell_metadata(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the package's metadata of a cell, or an empty mapping."""
    metadata = cell.get("metadata", {}).get(NAMESPACE, {})
    return metadata if isinstance(metadata, Mapping) else {}


def grade_id(cell: Mapping[str, Any]) -> str:
    """Return nbgrader's id of a cell, or an empty string."""
    return str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""))


def question_of(cell: Mapping[str, Any]) -> str | None:
    """Return the id of the question that a grade cell scores, or None for any other cell."""
    name = grade_id(cell)
    return name.removesuffix(GRADE_SUFFIX) if name.endswith(GRADE_SUFFIX) else None


def graded_by(cell: Mapping[str, Any]) -> str:
    """Return the question of an automatically graded cell, its grade id if it has no question, else an empty string."""
    metadata = cell.get("metadata", {}).get("nbgrader", {})
    if not metadata.get("grade") or metadata.get("solution") or metadata.get("task"):
        return ""
    return question_of(cell) or grade_id(cell)


def is_test(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell is a test of nbgrader's own, rather than the grade cell of a question."""
    return bool(graded_by(cell)) and cell_metadata(cell).get("part") != "grade"


@dataclass(frozen=True)
class GradedCells:
    """The automatically graded cells of a source notebook."""

    has_tests: bool = False
    """Whether there are tests of nbgrader's own."""
    questions: frozenset[str] = frozenset()
    """The ids of the questions."""


def graded_cells(path: Path) -> GradedCells:
    """Return the automatically graded cells of a source notebook; one that cannot be read has none."""
    status = path.stat()
    return _graded_cells(path, status.st_size, status.st_mtime_ns)


@lru_cache(1000)
def _graded_cells(path: Path, size: int, time: int) -> GradedCells:
    """Read a notebook, once until its size or its time of change is another."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        questions = {graded_by(cell) for cell in cells if not is_test(cell)} - {""}
        return GradedCells(any(map(is_test, cells)), frozenset(questions))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return GradedCells()
