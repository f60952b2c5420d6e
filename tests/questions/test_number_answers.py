"""Number questions whose answers, or numbers, are not whole: those of the documentation, from file to feedback."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest

from autograder.authoring.build import build
from autograder.authoring.pool_generator import fill
from autograder.course import Course
from autograder.errors import CourseError
from autograder.grading.direct_session import DirectSession
from autograder.grading.question_grader import grade
from autograder.grading.report import Report, from_dict, to_dict
from autograder.lms.quiz.moodle_xml import as_moodle_xml
from autograder.lms.quiz.question_bank import quiz_of
from autograder.questions.loader import load_question
from autograder.questions.number_answers import is_blank, tolerance
from autograder.questions.variants import VariantChoice, own_numbers
from tests.support import small_course
from tests.test_docs import files

NAMES = ("last_rate.py", "decay.json", "result_dtype.py", "differences.py", "signal.json")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A released course with a float, a string and an array to answer with."""
    course = Course.open(small_course(tmp_path_factory.mktemp("answers") / "course"))
    folder = course.root / "solutions" / "numbers"
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_text(files("en")[name], encoding="utf-8")
    fill(course, "numbers", "decay", size=30)
    fill(course, "numbers", "signal", size=30)
    source = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import numpy as np", id="setup")])
    course.assignment("numbers").source.parent.mkdir(parents=True)
    course.assignment("numbers").source.write_text(nbformat.writes(source), encoding="utf-8")
    build(course, solutions=False)
    return course


def judged(course: Course, name: str, answer: Any, **choice: str) -> Report:
    question = load_question(course.assignment("numbers").folder / f"{name}.py", ("en",))
    return grade(question, DirectSession(answer), variant=VariantChoice(course.id, **choice))


@pytest.mark.parametrize(
    ("name", "answer", "score", "named"),
    [
        ("last_rate", 0.5 * 0.8**3, 2, []),
        ("last_rate", 0.256, 2, []),
        ("last_rate", 0.25, 0, []),
        ("last_rate", 0.40003, 0, ["once"]),
        ("last_rate", "0.256", 0, []),
        ("result_dtype", "int16", 1, []),
        ("result_dtype", np.str_("int16"), 1, []),
        ("result_dtype", "uint8", 0, ["takes_the_first"]),
        ("result_dtype", None, 0, []),
        ("differences", np.array([-2, 3, -3, 4]), 2, []),
        ("differences", [-2, 3, -3, 4.0], 2, []),
        ("differences", [2, -3, 3, -4], 0, ["backwards"]),
        ("differences", [[-2], [3], [-3], [4]], 0, []),
        ("differences", [-2, [3], -3, 4], 0, []),
        ("differences", ["-2", "3", "-3", "4"], 0, []),
    ],
)
def test_answer_is_judged_and_its_mistake_named(
    course: Course, name: str, answer: Any, score: float, named: list[str]
) -> None:
    """With the precision of the checks, in whatever type it comes."""
    report = judged(course, name, answer)
    assert (report.score, [one.name for one in report.misconceptions]) == (score, named)


def test_report_is_read_as_it_was_written(course: Course) -> None:
    """A list among the numbers of a problem stays what it was."""
    report = judged(course, "differences", [1], student="kim")
    assert len(dict(report.numbers)["signal"]) == 5
    assert from_dict(json.loads(json.dumps(to_dict(report)))).numbers == report.numbers


def test_the_notebook_shows_the_numbers_that_the_grader_takes(course: Course) -> None:
    """Decimal fractions, strings and lists print as they are, for a student and without an id."""
    released = nbformat.read(course.assignment("numbers").release("en"), as_version=4)
    shown = {
        cell["id"]: cell.source for cell in released.cells if cell["id"].startswith(("numbers", "tools"))
    }
    pools = {
        question.pool.name: question.pool
        for question in course.assignment("numbers").questions
        if question.pool
    }
    for student in ("", "kim"):
        for name in ("numbers-decay", "numbers-result_dtype", "numbers-signal"):
            pool, printed = pools[name.removeprefix("numbers-")], io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(shown["tools-en"] + "\n" + shown[name], {"student_id": student})
            numbers = own_numbers(course.id, student, pool.name, pool.variants) if student else pool.public
            for number in numbers:
                assert str(number) in printed.getvalue()


def test_quiz_accepts_what_the_checks_accept(course: Course) -> None:
    """Moodle takes a rounded number, and tells the mistake of a rounded wrong one."""
    xml = ElementTree.fromstring(as_moodle_xml(quiz_of(course, "numbers", variants=1), "en"))
    assert {answer.findtext("tolerance") for answer in xml.iterfind(".//answer")} == {"0.0001", "0"}
    question = load_question(course.assignment("numbers").folder / "last_rate.py", ("en",))
    assert tolerance(question, question.variants[0], 0.256) == pytest.approx(1e-4)


def test_the_last_cell_expects_the_type_of_the_right_answer(course: Course) -> None:
    """A string where a number is asked for is told before handing in."""
    released = nbformat.read(course.assignment("numbers").release("en"), as_version=4)
    last = "\n".join(cell.source for cell in released.cells if cell["id"] in ("tools-en", "hand-in-en-code"))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(last, {"last_rate": "0.2", "result_dtype": 8, "differences": [1, 2]})
    assert printed.getvalue().splitlines()[:3] == [
        "differences              answered",
        "last_rate                wrong type: expected a number, got str",
        "result_dtype             wrong type: expected a string, got int",
    ]


@pytest.mark.parametrize("empty", [None, (), [], ""])
def test_answer_with_nothing_in_it_is_not_blamed(course: Course, empty: Any) -> None:
    """An empty pair of brackets is not answered yet, also if its cell has other white space or a comment."""
    report = judged(course, "last_rate", empty)
    assert report.unanswered
    assert {check.message.en for check in report.checks} == {
        "not answered: no answer was written in its cell"
    }
    assert from_dict(to_dict(report)).unanswered


@pytest.mark.parametrize(
    ("answer", "right", "blank"),
    [(None, "", True), ((), 364, True), ([], 364, True), ("", 364, True), ("", [1], True), ((), "a", True),
     ([], [1], False), ((), [1], False), ([], (), False), ("", "a", False), (0, 364, False), (False, 1, False),
     ([0], 364, False), (np.zeros(0), 364, False)],
)  # fmt: skip
def test_only_an_empty_value_of_another_type_is_blank(answer: Any, right: Any, blank: bool) -> None:
    """An empty list may be the answer to a question on lists, and an empty string to one on strings."""
    assert is_blank(answer, right) is blank


class TestRanges:
    """What `autograder pool` draws for each way to write a range."""

    def filled(self, folder: Path, **ranges: Any) -> list[list[Any]]:
        copy = small_course(folder / "course")
        path = copy / "solutions" / "numbers" / "signal.json"
        path.parent.mkdir(parents=True)
        (path.parent / "differences.py").write_text(files("en")["differences.py"], encoding="utf-8")
        path.write_text(
            json.dumps(json.loads(files("en")["signal.json"]) | {"ranges": ranges}), encoding="utf-8"
        )
        fill(Course.open(copy), "numbers", "signal", size=20)
        return [variant for [variant] in json.loads(path.read_text("utf-8"))["variants"]]

    def test_decimal_fractions(self, tmp_path: Path) -> None:
        """A tenth has one digit after the point, however often it is added."""
        drawn = self.filled(tmp_path, signal={"of": [0.1, 0.9, 0.1], "length": 4})
        assert {value for variant in drawn for value in variant} <= {n / 10 for n in range(1, 10)}

    def test_list_of_lists(self, tmp_path: Path) -> None:
        """A range may be a list of lists."""
        drawn = self.filled(tmp_path, signal={"of": {"of": [1, 9], "length": 3}, "length": 2})
        assert {np.shape(variant) for variant in drawn} == {(2, 3)}

    @pytest.mark.parametrize("wrong", [[5, 2], {"of": [1, 9]}, 3, [1, "a"], []])
    def test_one_that_is_none(self, tmp_path: Path, wrong: Any) -> None:
        """It is told with an example of each kind."""
        with pytest.raises(CourseError, match=r'signal\.json: expected "ranges" for signal, such as'):
            self.filled(tmp_path, signal=wrong)
