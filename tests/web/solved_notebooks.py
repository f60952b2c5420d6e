"""Notebooks as students hand them in: the committed release with answers in it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.notebooks.cells import grade_id, is_solution
from tests.support import ROOT

MISTAKE = {"bi_final": "def bi_final(sequence, units):\n    return sequence[:, -1]\n"}
"""A known mistake in a question of the assignment `shapes` that is worth 3 of its 16 points."""
MISTAKE_FEEDBACK = {
    "ko": "두 방향 모두 마지막 시점에서 꺼냈습니다.",
    "en": "Both directions are taken at the last time step.",
}
"""How its feedback begins."""


def solved_notebook(
    released: Path,
    assignment: str,
    *,
    wrong: Mapping[str, str] | None = None,
    cells: Sequence[NotebookNode] = (),
) -> bytes:
    """A notebook with right answers to every question. wrong: answers in their place. cells: the student's own."""
    listed = tomllib.loads((ROOT / "solutions" / assignment / "demo_class.toml").read_text(encoding="utf-8"))
    answers = listed["right"] | dict(wrong or {})
    notebook = nbformat.read(released, as_version=4)
    for cell in notebook.cells:
        if is_solution(cell) and grade_id(cell) in answers:
            cell.source = answers[grade_id(cell)]
    notebook.cells[1:1] = cells
    return nbformat.writes(notebook).encode()
