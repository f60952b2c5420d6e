"""A built notebook that has a test of nbgrader's own beside its questions."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.authoring.build import build
from autograder.course import Course, SubmissionId
from autograder.grading.course_secret import ensure_secret
from autograder.grading.fingerprint import questions_digest
from autograder.grading.submission_grader import CourseGrader, grade_submission
from autograder.sandbox.fork_server import ForkServerPool
from autograder.submissions.selection import read_files
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


def test_test_that_nobody_ran_has_no_score(course: Course, tmp_path: Path) -> None:
    """Where the tests are not at hand, nothing is paid for them, and nothing lost."""
    ensure_secret(course)
    folder = tmp_path / NAME
    folder.mkdir()
    (folder / f"{NAME}.ipynb").write_bytes(course.assignment(NAME).release().read_bytes())
    files = read_files(folder, course.languages, below=tmp_path)
    with ForkServerPool(private=(course.root,)) as pool:
        graded = grade_submission(CourseGrader(course, pool), SubmissionId("kim", NAME), files, known={})
    reports = graded.reports
    assert (reports["add_two"].score, reports["add_two"].ungraded) == (0, None)
    ungraded = reports["seconds-more"].ungraded
    assert ungraded is not None
    assert ungraded.en == "the test was not run"


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
