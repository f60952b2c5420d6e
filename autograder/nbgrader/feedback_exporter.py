"""nbgrader's exporter for feedback: writes the page of `autograder.feedback` in the place of the whole notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution, is_task

from autograder.feedback import cards
from autograder.feedback.cards import CellGrade
from autograder.feedback.page import Page, render
from autograder.feedback.page_state import with_mark
from autograder.grading.course_secret import DRAW
from autograder.nbgrader.converters import Resources, require_hooks
from autograder.notebooks.cells import NAMESPACE


class FeedbackExporter(Exporter):  # type: ignore[misc]
    """Writes the feedback page of a graded notebook, whose scores and comments `GetGrades` put into it."""

    output_mimetype = "text/html"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        require_hooks(self)

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: Resources | None = None, **kw: Any
    ) -> tuple[str, Resources]:
        """Return the page. The notebook is changed: nbconvert would copy it four times, which takes longest."""
        resources = self._init_resources(resources)
        for preprocessor in self._preprocessors:
            nb, resources = preprocessor(nb, resources)
        graded = resources["nbgrader"]
        page, state = page_of(nb, graded), graded["state"]
        return with_mark(render(page), state), resources


def page_of(notebook: NotebookNode, graded: Mapping[str, Any]) -> Page:
    """Return the page of a graded notebook. graded: what the preprocessors found, as nbgrader's resources hold it."""
    language = notebook.metadata.get(NAMESPACE, {}).get("edition", "en")
    handed_in = graded.get("handed_in")
    return Page(
        title=cards.title_of(notebook, _name(graded)),
        language=language,
        cards=cards.cards(
            notebook,
            language,
            _grades(notebook, graded.get("waiting", ())),
            solutions=graded.get("solutions", {}),
        ),
        score=graded["score"],
        points=graded["max_score"],
        late_penalty=graded["late_penalty"],
        handed_in=handed_in,
        attempt=graded.get("attempt"),
        level=graded["state"].level,
        contact=graded["contact"].in_language(language),
        has_draws=DRAW in notebook.metadata.get(NAMESPACE, {}),
        written=tuple(cards.written(notebook)),
    )


def _name(graded: Mapping[str, Any]) -> str:
    """Return the name of a notebook, after that of its assignment if they differ."""
    notebook = str(graded["notebook"])
    assignment = str(graded.get("assignment", notebook))
    return notebook if notebook == assignment else f"{assignment}: {notebook}"


def _grades(notebook: NotebookNode, waiting: Any) -> dict[str, CellGrade]:
    """Return the scores and comments of the cells, by grade id."""
    grades = {}
    for cell in notebook.cells:
        if is_grade(cell) or is_solution(cell) or is_task(cell):
            marks = cell.metadata.nbgrader
            grades[marks.grade_id] = CellGrade(
                float(marks.get("score") or 0),
                float(marks.get("points") or 0),
                marks.get("comment") or "",
                marks.grade_id in waiting,
            )
    return grades
