"""A prompt that is missing in one language of the course is found before it is missing in a release."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.notebooks.prompt_languages import missing_texts

ESSAY = {"grade": True, "grade_id": "essay", "locked": False, "points": 3, "schema_version": 3, "solution": True,
         "task": False, "cell_type": "markdown"}  # fmt: skip
PROMPT = (
    "the manually graded cell essay has no prompt in 한국어: add a markdown cell above it, with the metadata "
    '{"autograder": {"lang": "ko"}}'
)


def prose(text: str, language: str = "", **ours: Any) -> NotebookNode:
    metadata = {"autograder": ({"lang": language} if language else {}) | ours}
    return nbformat.v4.new_markdown_cell(text, metadata=metadata)


def essay() -> NotebookNode:
    return nbformat.v4.new_markdown_cell("The model answer.", metadata={"nbgrader": ESSAY})


def missing(*cells: NotebookNode) -> list[str]:
    return [str(text) for text in missing_texts(cells, ("en", "ko"))]


@pytest.mark.parametrize(
    "above",
    [
        [prose("### Why?", "en")],
        [prose("### Why?", "en"), nbformat.v4.new_code_cell("plot()")],
        [prose("A note.", "en"), prose("설명.", "ko"), prose("### Why?", "en")],
        [prose("### A", "en"), prose("### 가", "ko"), prose("### Why?", "en")],
        [prose("Why?", "en")],
    ],
    ids=["alone", "above code", "below notes", "below a section", "without a heading"],
)
def test_prompt_in_one_language_only_is_found(above: list[NotebookNode]) -> None:
    """An essay whose prompt lacks a language of the course is named, with what to add."""
    statement = prose("### Sum", "ko", stamp="0")
    assert missing(statement, *above, essay()) == [PROMPT]


@pytest.mark.parametrize(
    "above",
    [
        [prose("### Why?", "en"), prose("### 왜?", "ko")],
        [prose("### Why?", "en"), prose("### 왜?", "ko"), nbformat.v4.new_code_cell("plot()")],
        [prose("### Why?", "en"), prose("Say more.", "en"), prose("### 왜? 더 쓰세요.", "ko")],
        [prose("### Why?", "en"), prose("왜?", "ko")],
        [prose("### A", "en"), prose("### 가", "ko"), prose("Why?", "en"), prose("왜?", "ko")],
        [prose("### Why? 왜?")],
        [],
    ],
    ids=["both", "above code", "in two cells", "one heading", "below a section", "one for all", "none"],
)
def test_prompt_in_every_language_is_fine(above: list[NotebookNode]) -> None:
    """However an author divides a prompt into cells, nothing is missing if each language has it."""
    assert missing(*above, essay()) == []


def test_title_in_one_language_only_is_found() -> None:
    """A notebook that got a second language lacks a title in it."""
    assert missing(prose("# Rain", "en")) == [
        "the notebook has no title in 한국어: add a markdown cell that begins with `# `, with the metadata "
        '{"autograder": {"lang": "ko"}}'
    ]
    assert missing(prose("# Rain", "en"), prose("# 비", "ko")) == []
