"""The numbers that a release shows are those that count."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from autograder.authoring.build import BuildRefused, build
from autograder.authoring.pool_generator import fill
from autograder.authoring.scaffold import new_question
from autograder.course import Course, SubmissionId
from autograder.nbgrader.graded_notebook import reports_in
from autograder.notebooks.cells import read_notebook
from autograder.notebooks.released_pools import earlier_pools, gives_other_numbers, released_pools
from autograder.questions.variants import numbers_of_class
from autograder.verification.released import unproved_questions
from tests.support import cli, clone, small_course

STUDENTS = ("amy", "ben", "cat", "dan")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released course with a number question of 20 variants."""
    course = Course.open(small_course(tmp_path_factory.mktemp("released") / "course"))
    new_question(course, "sheet", "conv_params", kind="number")
    fill(course, "sheet", "conv_params_numbers", size=20)
    build(course, solutions=False)
    return course.root


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Course:
    """A clone of the released course."""
    return clone(released, tmp_path)


def pool_file(course: Course) -> Path:
    return course.assignment("sheet").folder / "conv_params_numbers.json"


def remove_numbers_of(course: Course, student: str) -> None:
    """Remove the variant of a student from the pool."""
    path = pool_file(course)
    data = json.loads(path.read_text(encoding="utf-8"))
    [pool] = [question.pool for question in course.assignment("sheet").questions]
    assert pool is not None
    data["variants"].remove(list(numbers_of_class(course.id, [student], pool)[student]))
    path.write_text(json.dumps(data), encoding="utf-8")


def submit(course: Course, *students: str, answers: str = "", numbers: bool = True) -> None:
    """Submit the released notebook with the right answer to the numbers of each student, or of one of them.

    numbers: whether the cell that shows them is still there.
    """
    [question] = course.assignment("sheet").questions
    assert question.pool is not None
    own = numbers_of_class(course.id, STUDENTS, question.pool)
    for student in students:
        notebook = json.loads(course.assignment("sheet").release().read_text(encoding="utf-8"))
        right = question.right_number(question.pool.mapping(own[answers or student]))
        for cell in notebook["cells"]:
            if "".join(cell["source"]).startswith("student_id ="):
                cell["source"] = f'student_id = "{student}"'
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == question.id:
                cell["source"] = f"{question.id} = ({right})"
        if not numbers:
            notebook["cells"] = [cell for cell in notebook["cells"] if not cell["id"].startswith("numbers-")]
        target = course.submitted / student / "sheet" / "sheet.ipynb"
        target.parent.mkdir(parents=True)
        target.write_text(json.dumps(notebook), encoding="utf-8")


def test_pool_without_variants_is_refused(course: Course) -> None:
    """A pool that was never filled stops the build, with the command that fills it; nothing is written."""
    data = json.loads(pool_file(course).read_text(encoding="utf-8"))
    del data["variants"]
    pool_file(course).write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(BuildRefused) as error:
        build(course, solutions=False)
    [problem] = map(str, error.value.problems)
    assert problem.startswith(f"{pool_file(course)}: the pool has no variants")
    assert "run `autograder pool sheet conv_params_numbers`" in problem


def test_released_pool_is_read_back(course: Course) -> None:
    """The numbers in a released notebook are those of the pool that it was built from."""
    [pool] = [question.pool for question in course.assignment("sheet").questions]
    assert pool is not None
    read = released_pools(read_notebook(course.assignment("sheet").release()).cells)
    assert (read[pool.name].variants, read[pool.name].public) == (pool.variants, pool.public)
    assert not gives_other_numbers(pool, read[pool.name])


def test_pool_other_than_the_released_one_grades_nothing(course: Course) -> None:
    """A pool that was changed after the build gives no score: students have other numbers."""
    assert unproved_questions(course.assignment("sheet")) == {}
    remove_numbers_of(course, "amy")
    assert {name: str(reason) for name, reason in unproved_questions(course.assignment("sheet")).items()} == {
        "conv_params": "the pool conv_params_numbers gives other numbers than the release: run `autograder build sheet`"
    }


def test_build_names_students_whose_numbers_change(course: Course) -> None:
    """A build with a changed pool says which of the students who have submitted get other numbers."""
    submit(course, *STUDENTS)
    remove_numbers_of(course, "amy")
    warnings = list(map(str, build(course, solutions=False).warnings))
    assert (
        "sheet: the pool conv_params_numbers gives other numbers than the release to 1 of those who have submitted "
        "(amy); the numbers that the release gave them still count" in warnings
    )
    assert not [one for one in build(course, solutions=False).warnings if "other numbers" in str(one)]


def test_numbers_that_an_earlier_release_gave_count(course: Course) -> None:
    """Who answered the numbers of the release gets the points after a variant was removed; nobody else does."""
    submit(course, "amy")
    submit(course, "ben", answers="cat")
    submit(course, "cat", numbers=False)
    submit(course, "dan", answers="amy")
    [question] = course.assignment("sheet").questions
    assert question.pool is not None
    bens = question.pool.mapping(numbers_of_class(course.id, ["ben"], question.pool)["ben"])
    for student in ("amy", "ben", "cat"):
        remove_numbers_of(course, student)
    build(course, solutions=False)
    earlier = earlier_pools(read_notebook(course.assignment("sheet").release()))
    assert [len(pools) for pools in earlier.values()] == [1]
    done = cli("grade", "--language", "en", cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = csv.DictReader((course.root / "grades.csv").read_text(encoding="utf-8-sig").splitlines())
    assert {row["student_id"]: float(row["score"]) for row in rows} == {
        "amy": 2,
        "ben": 0,
        "cat": 2,
        "dan": 0,
    }
    graded = json.loads(course.graded_path(SubmissionId("ben", "sheet")).read_text(encoding="utf-8"))
    [report] = reports_in(graded).values()
    assert dict(report.numbers) == bens
    assert "judged by the numbers of an earlier release" in str(report.notes)


def test_record_of_earlier_pools_stays(course: Course) -> None:
    """A second build with the same pool changes nothing, and one with the old pool again forgets what came between."""
    before = pool_file(course).read_bytes()
    remove_numbers_of(course, "amy")
    build(course, solutions=False)
    assert build(course, solutions=False).changed == []
    pool_file(course).write_bytes(before)
    build(course, solutions=False)
    [[between]] = earlier_pools(read_notebook(course.assignment("sheet").release())).values()
    assert len(between.variants) == 19
