"""The proof of the notebooks of an edition, on what grading them gives."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat.v4 import new_output

from autograder.grading.notebook_grader import GradedQuestions, GradingOptions
from autograder.grading.report import CheckResult, Report
from autograder.notebooks.cells import cell_metadata
from autograder.text import Text
from autograder.verification import proofs
from autograder.verification.proofs import Subject, prove_notebooks
from tests.support import ROOT


def test_empty_notebook_that_is_judged_as_an_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A released answer cell that nobody wrote in has to be "not answered", also where it earns nothing."""
    given: list[Any] = []

    def graded(notebook: Any, questions: Any, grading: GradingOptions, kernels: object) -> GradedQuestions:
        given.append(grading.untouched)
        reports = {}
        for question in questions:
            check = CheckResult("all", Text(), "passed" if grading.run_all else "failed", question.points)
            reports[question.id] = Report(question.id, question.title, question.points, (check,))
        return GradedQuestions(reports)

    monkeypatch.setattr(proofs, "grade_notebook", graded)
    problems = [problem.en for problem in prove_notebooks(Subject(ROOT, ROOT, "cells", "", "en")).problems]
    assert "gru_step: the empty notebook in English is judged as an answer" in problems
    assert len(problems) == 6
    assert "gru_step" in given[1]


def problems_of_solved(monkeypatch: pytest.MonkeyPatch, errored: dict[str, str], message: Text) -> list[str]:
    """Problems of the solved notebook where cells of a part raise an error, and every answer gave the message."""

    def graded(notebook: Any, questions: Any, grading: GradingOptions, kernels: object) -> GradedQuestions:
        for cell in notebook.cells if grading.run_all else ():
            if error := errored.get(cell_metadata(cell).get("part", "")):
                cell.outputs = [new_output("error", ename="NameError", evalue=error)]
        check = CheckResult("all", Text(), "errored" if grading.run_all else "failed", 2, message)
        return GradedQuestions(
            {
                question.id: Report(question.id, question.title, 2, (check,), fault="missing")
                for question in questions
            }
        )

    monkeypatch.setattr(proofs, "grade_notebook", graded)
    return [problem.en for problem in prove_notebooks(Subject(ROOT, ROOT, "cells", "", "en")).problems]


def test_missing_import_is_named_where_the_answer_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that earns nothing since the notebook does not import NumPy says so, and what to do."""
    message = Text.same("running the answer raised NameError: name 'np' is not defined")
    assert problems_of_solved(monkeypatch, {}, message)[0] == (
        "cell_gradients: the solved notebook in English earns 0 of 2; all did not run: running the answer raised "
        "NameError: name 'np' is not defined (imports of a question file are not in the notebook: write them into "
        "a code cell at its top)"
    )


def test_cells_after_broken_tools_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the cell of tools raises, it alone is named: the cells below call what it should have defined."""
    raised = {"tools": "name 'nan' is not defined", "hand-in": "name 'check_all_answered' is not defined"}
    cells = [problem for problem in problems_of_solved(monkeypatch, raised, Text()) if "cell " in problem]
    assert cells == [
        "cell tools-en of the solved notebook in English raises NameError: name 'nan' is not defined"
    ]
