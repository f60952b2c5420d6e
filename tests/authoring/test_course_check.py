"""What `autograder doctor` says of a course."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder.authoring.build import build
from autograder.authoring.course_check import check_course
from autograder.authoring.pool_generator import fill
from autograder.authoring.scaffold import new_question
from autograder.course import Course
from tests.support import clone, small_course


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released course with a function question and a number question."""
    course = Course.open(small_course(tmp_path_factory.mktemp("checked") / "course"))
    new_question(course, "sheet", "add_two")
    new_question(course, "sheet", "conv_params", kind="number")
    fill(course, "sheet", "conv_params_numbers", size=20)
    build(course, solutions=False)
    return course.root


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Course:
    return clone(released, tmp_path)


def findings(course: Course) -> dict[str, tuple[bool, str]]:
    return {one.name.en: (one.good, str(one.seen)) for one in check_course(course)}


def test_a_course_that_was_just_built(course: Course) -> None:
    """Its questions are proved, its release is current, its pool filled, and nobody has submitted."""
    before = sorted(course.root.rglob("*"))
    assert findings(course) == {
        "sheet: questions": (True, "2, proved, 4 points"),
        "sheet: release": (True, "current, en"),
        "sheet: pool conv_params_numbers": (True, "20 variants"),
        "roster": (True, "none; `autograder roster FILE` fills it from a file of your LMS"),
        "submissions": (True, "none yet"),
    }
    assert sorted(course.root.rglob("*")) == before


def test_a_statement_that_was_changed(course: Course) -> None:
    """The release is not current, and the question not proved, until the next build."""
    path = course.assignment("sheet").folder / "add_two.py"
    path.write_text(path.read_text("utf-8").replace("returns the sum", "gives the sum"), encoding="utf-8")
    found = findings(course)
    assert found["sheet: questions"] == (
        False,
        "changed since they were proved: add_two; run `autograder build sheet`",
    )
    assert found["sheet: release"] == (
        False,
        "not what source/ and solutions/ build (en); run `autograder build sheet`",
    )


def test_an_assignment_without_a_release(course: Course) -> None:
    """It is not built yet, rather than changed since it was."""
    shutil.rmtree(course.root / "release")
    found = findings(course)
    assert found["sheet: release"] == (False, "not built yet; run `autograder build sheet`")
    assert "sheet: questions" not in found


def test_a_question_that_cannot_be_loaded(course: Course) -> None:
    """Its error is told in place of what depends on it."""
    (course.assignment("sheet").folder / "broken.py").write_text("question = (", encoding="utf-8")
    found = findings(course)
    assert "broken.py:1: the file is not valid Python" in found["sheet: broken"][1]
    assert "sheet: release" not in found


def test_what_waits_and_who_is_unknown(course: Course) -> None:
    """Submissions to grade are counted and are no problem; a folder of somebody who is not in the roster is one."""
    (course.root / "roster.csv").write_text("student_id,name\namy,Amy\n", encoding="utf-8")
    for student in ("amy", "zed"):
        folder = course.submitted / student / "sheet"
        folder.mkdir(parents=True)
        shutil.copy(course.assignment("sheet").release("en"), folder)
    found = findings(course)
    assert found["submissions"] == (True, "2 submissions; 2 not graded yet: `autograder grade`")
    good, seen = found["students who are not in the roster"]
    assert (good, seen.partition(";")[0]) == (False, "zed")
    assert not (course.root / "gradebook.db").exists()


def test_a_pool_that_is_empty(course: Course) -> None:
    """A pool without variants is a problem, with the command that fills it."""
    path = course.assignment("sheet").folder / "conv_params_numbers.json"
    data = json.loads(path.read_text("utf-8")) | {"variants": []}
    path.write_text(json.dumps(data), encoding="utf-8")
    assert findings(course)["sheet: pool conv_params_numbers"] == (
        False,
        "no variants: every student gets the public numbers; run `autograder pool sheet conv_params_numbers`",
    )
