"""What `autograder doctor` says of a course."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.build import build
from autograder.authoring.course_check import check_course
from autograder.authoring.pool_generator import fill
from autograder.authoring.scaffold import new_question
from autograder.course import Course
from autograder.errors import CourseError
from autograder.nbgrader import converters
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


def test_course_that_was_just_built(course: Course) -> None:
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


def test_statement_that_was_changed(course: Course) -> None:
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


def test_module_of_the_release_that_this_machine_lacks(course: Course) -> None:
    """It is named, unless the notebook goes on without it, writes it, or has it beside itself."""
    path = course.assignment("sheet").release()
    notebook = nbformat.read(path, as_version=4)
    (path.parent / "beside.py").write_text("", encoding="utf-8")
    cells = [
        "import numpy, beside, written, tensorflow",
        "%%writefile written.py\nx = 1",
        "try:\n    import no_such_option\nexcept ImportError:\n    pass",
        "%matplotlib inline\nif True:\n    from no_such_package.part import f",
    ]
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in cells]
    nbformat.write(notebook, path)
    assert findings(course)["sheet: modules"] == (
        False,
        "not installed here: no_such_package.part; the released notebook imports them, so install them on each machine "
        "that grades",
    )


def test_assignment_without_a_release(course: Course) -> None:
    """It is not built yet, rather than changed since it was."""
    shutil.rmtree(course.root / "release")
    found = findings(course)
    assert found["sheet: release"] == (False, "not built yet; run `autograder build sheet`")
    assert "sheet: questions" not in found


def test_question_that_cannot_be_loaded(course: Course) -> None:
    """Its error is told in place of what depends on it."""
    (course.assignment("sheet").folder / "broken.py").write_text("question = (", encoding="utf-8")
    found = findings(course)
    assert "broken.py:1: the file is not valid Python" in found["sheet: broken"][1]
    assert "sheet: release" not in found


def test_waiting_submissions_are_counted_and_unknown_students_reported(course: Course) -> None:
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


def test_empty_pool_is_a_problem(course: Course) -> None:
    """A pool without variants is a problem, with the command that fills it."""
    path = course.assignment("sheet").folder / "conv_params_numbers.json"
    data = json.loads(path.read_text("utf-8")) | {"variants": []}
    path.write_text(json.dumps(data), encoding="utf-8")
    assert findings(course)["sheet: pool conv_params_numbers"] == (
        False,
        "no variants: every student gets the public numbers; run `autograder pool sheet conv_params_numbers`",
    )


def test_unknown_students_of_settings_and_groups_are_found(course: Course) -> None:
    """An id that no student has, or with another case, would take effect for nobody: each is listed."""
    (course.root / "roster.csv").write_text("student_id\nkim\nlee\n", encoding="utf-8")
    lines = "assignment,group,student_id\nsheet,g,kim\nsheet,g,LEE\n"
    (course.root / "groups.csv").write_text(lines, encoding="utf-8")
    found = findings(course.with_settings(other_ids={"kin": ["kim-2"]}))
    assert found["groups.csv"] == (False, "no student 'LEE' in the roster; did you mean lee?")
    assert found["c.CourseSettings.other_ids"] == (False, "no student 'kin' in the roster; did you mean kim?")


def test_submissions_of_a_renamed_assignment_are_found(course: Course) -> None:
    """Their folders have the old name: they are counted, with the name that they may belong to now."""
    for student in ("ada", "ben"):
        path = course.submitted / student / "sheets" / "sheets.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text("{}", encoding="utf-8")
    found = findings(course)
    good, text = found["submissions to sheets"]
    assert not good
    assert f"2 folders in {course.submitted} (no assignment 'sheets'; did you mean sheet?); if" in text
    assert "submissions" not in found


def test_second_notebook_with_cells_of_nbgrader_is_found(course: Course) -> None:
    """Nothing would grade its cells, and their points would be in the total: neither `doctor` nor `build` takes it."""
    source = course.assignment("sheet").source
    cell = nbformat.v4.new_code_cell("x = 1", metadata={"nbgrader": {"grade_id": "x1", "solution": True}})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), source.with_name("extra.ipynb"))
    message = "extra.ipynb has cells of nbgrader (x1), but an assignment has a single notebook, sheet.ipynb: move them"
    good, text = findings(course)["sheet: release"]
    assert not good
    assert message in text
    with pytest.raises(CourseError, match="has a single notebook"):
        build(course)


def test_second_notebook_without_cells_of_nbgrader_is_right(course: Course) -> None:
    """An appendix may lie beside the notebook of an assignment."""
    nbformat.write(nbformat.v4.new_notebook(), course.assignment("sheet").source.with_name("extra.ipynb"))
    assert findings(course)["sheet: release"] == (True, "current, en")


def test_reason_of_nbgrader_is_its_exception() -> None:
    """A line that refers to a traceback which nobody sees is never the message."""
    log = (
        'There was an error processing assignment: sheet\nTraceback (most recent call last):\n  File "x.py", line 1\n'
        "nbgrader.odd.Refusal: two notebooks\n\nThere was an error processing assignment 'sheet' for student '.'\n"
        "Please see the the above traceback for details on the specific errors on the above failures.\n"
    )
    assert converters.reason_in(log, SystemExit(1)) == "nbgrader.odd.Refusal: two notebooks"
