"""The proof of the notebooks of an edition, on what grading them gives."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.grading.notebook_grader import GradingOptions
from autograder.grading.report import CheckResult, Report
from autograder.text import Text
from autograder.verification import proofs
from autograder.verification.proofs import Subject, prove_notebooks
from tests.support import ROOT


def test_an_empty_notebook_that_is_judged_as_an_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A released answer cell that nobody wrote in has to be "not answered", also where it earns nothing."""
    given: list[Any] = []

    def graded(notebook: Any, questions: Any, grading: GradingOptions, kernels: object) -> dict[str, Report]:
        given.append(grading.untouched)
        reports = {}
        for question in questions:
            check = CheckResult("all", Text(), "passed" if grading.run_all else "failed", question.points)
            reports[question.id] = Report(question.id, question.title, question.points, (check,))
        return reports

    monkeypatch.setattr(proofs, "grade_notebook", graded)
    problems = [problem.en for problem in prove_notebooks(Subject(ROOT, ROOT, "cells", "", "en")).problems]
    assert "gru_step: the empty notebook in English is judged as an answer" in problems
    assert len(problems) == 5
    assert "gru_step" in given[1]
