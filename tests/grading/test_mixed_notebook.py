"""A built notebook that has a test of nbgrader's own beside its questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.authoring.build import build
from autograder.course import Course, SubmissionId
from autograder.grading import notebook_grader, submission_grader
from autograder.grading.course_secret import ensure_secret
from autograder.grading.fingerprint import questions_digest
from autograder.grading.notebook_grader import GradedQuestions
from autograder.grading.report import CheckResult, Report
from autograder.grading.submission_grader import (
    CourseGrader,
    GradedSubmission,
    NotebookTests,
    grade_submission,
)
from autograder.sandbox.fork_server import ForkServerPool
from autograder.submissions.selection import read_files
from autograder.text import Text
from tests.existing.mixed import SECONDS_MORE
from tests.support import course_of_one_question

NAME = "arithmetic"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course of one question, with a test behind it."""
    course = course_of_one_question(tmp_path_factory.mktemp("mixed") / "course")
    path = course.assignment(NAME).source
    notebook = nbformat.read(path, as_version=4)
    source = SECONDS_MORE.source.replace("seconds", "add_two").replace("3660", "2")
    notebook.cells.append(SECONDS_MORE.with_source(source))
    nbformat.write(notebook, path)
    build(course, solutions=False)
    return course


def graded_release(course: Course, folder: Path, tests: NotebookTests | None = None) -> GradedSubmission:
    """What the untouched release gets."""
    ensure_secret(course)
    (folder / NAME).mkdir()
    (folder / NAME / f"{NAME}.ipynb").write_bytes(course.assignment(NAME).release().read_bytes())
    files = read_files(folder / NAME, course.languages, below=folder)
    with ForkServerPool(private=(course.root,)) as pool:
        grader = CourseGrader(course, pool)
        return grade_submission(grader, SubmissionId("kim", NAME), files, known={}, tests=tests)


def test_test_that_nobody_ran_has_no_score(course: Course, tmp_path: Path) -> None:
    """Where the tests are not at hand, nothing is paid for them, and nothing lost."""
    reports = graded_release(course, tmp_path).reports
    assert (reports["add_two"].score, reports["add_two"].ungraded) == (0, None)
    ungraded = reports["seconds-more"].ungraded
    assert ungraded is not None
    assert ungraded.en == "the test was not run"


@dataclass(frozen=True)
class RecordedTests:
    """Tests that note when they are run."""

    runs: list[str]
    points: Mapping[str, float]

    def run_public(self, notebook: NotebookNode) -> str:
        """Note it."""
        self.runs.append("tests that students have")
        return "public"

    def judge(self, notebook: NotebookNode, public: str) -> GradedQuestions:
        """Note it, and give full points."""
        assert public == "public"
        self.runs.append("hidden tests")
        check = CheckResult("seconds-more", Text(), "passed", 2.0)
        return GradedQuestions({"seconds-more": Report("seconds-more", Text(), 2.0, (check,))})


def test_nothing_hidden_is_run_before_what_a_page_tells(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that learns something from a hidden test has no run left in which it could tell."""
    runs: list[str] = []

    def grade_notebook(*given: Any) -> GradedQuestions:
        runs.append("questions, first with public inputs")
        return notebook_grader.grade_notebook(*given)

    monkeypatch.setattr(submission_grader, "grade_notebook", grade_notebook)
    tests: Any = RecordedTests(runs, {"seconds-more": 2.0})
    graded = graded_release(course, tmp_path, tests)
    assert runs == ["tests that students have", "questions, first with public inputs", "hidden tests"]
    assert graded.reports["seconds-more"].score == 2


def test_changed_hidden_test_makes_grades_stale(course: Course) -> None:
    """It stands in the source notebook alone, so that is read as question files are."""
    path = course.assignment(NAME).source
    before, text = questions_digest(course, NAME), path.read_text(encoding="utf-8")
    changed = text.replace("add_two(1, 1) == 2", "add_two(1, 2) == 3")
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    after = questions_digest(course, NAME)
    path.write_text(text, encoding="utf-8")
    assert after != before
