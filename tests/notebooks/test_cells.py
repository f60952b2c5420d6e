"""What the cells of our notebooks look like, and how a notebook is written."""

from __future__ import annotations

import copy

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.notebooks.cells import notebook_json


def written_notebook(metadata: dict[str, object]) -> NotebookNode:
    notebook = nbformat.v4.new_notebook(metadata=metadata)
    notebook.cells = [
        nbformat.v4.new_code_cell(
            '"\\u0041 \x7f 한 \U0001f600"\n\u2028\tx',
            metadata={"trusted": True},
            outputs=[
                nbformat.v4.new_output("stream", text="one\ntwo\n"),
                nbformat.v4.new_output(
                    "display_data", {"text/plain": "one\ntwo", "application/json": {"a": "b\nc"}}
                ),
                nbformat.v4.new_output("error", ename="E", evalue="e", traceback=["one\ntwo"]),
            ],
        ),
        nbformat.v4.new_markdown_cell("![](attachment:a)", attachments={"a": {"image/svg+xml": "one\ntwo"}}),
        nbformat.v4.new_raw_cell(""),
    ]
    return notebook


def test_notebook_is_written_as_nbformat_writes_it() -> None:
    """Byte for byte, so that a submission graded again by an earlier version has the same file; it stays as it was."""
    notebook = written_notebook({"b": {}, "a": [[], [{"score": 0.1, "large": 1e300}], None, True, -7]})
    before = copy.deepcopy(notebook)
    assert notebook_json(notebook) == nbformat.v4.writes(notebook)
    assert notebook == before


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), "\ud800"], ids=["NaN", "infinity", "a lone surrogate"]
)
def test_values_outside_json_are_written(value: object) -> None:
    """A score is never lost for what a student's notebook may hold."""
    notebook = written_notebook({"of a student": value})
    assert notebook_json(notebook) == nbformat.v4.writes(notebook)
