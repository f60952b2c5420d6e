"""An exam: questions of other assignments with variants of its own, no examples and a self-check of presence."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.authoring.build import build
from autograder.course import Course
from autograder.errors import QuestionError
from autograder.grading.fingerprint import questions_digest
from autograder.grading.notebook_grader import GradingOptions, KernelOptions, grade_notebook
from autograder.notebooks.cells import cell_metadata, grade_id, is_solution
from autograder.questions.question import Question
from autograder.questions.variants import Owner, numbers_of_class
from autograder.text import Text
from tests.questions.test_loader import SOUND
from tests.support import small_course

AREA = '''\
"""The area of a rectangle."""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="넓이", en="The area"),
    statement=Text(ko="넓이를 쓰세요.", en="Write the area."),
    numbers="sides",
    returns="int",
    section=Text(ko="넓이", en="Areas"),
)


@question.answer
def area(width, height):
    return width * height


@question.check(points=1, text=Text(ko="넓이가 맞는다", en="the area is right"))
def is_right(got, case, want):
    expect.number(got, want)


@question.follows("total")
def by_total(total, width, height):
    return width * height


@question.misconception(text=Text(ko="더했습니다.", en="Added."), fails=[is_right], section=Text(ko="합", en="Sums"))
def added(width, height):
    return width + height
'''
SIDES = {
    "names": ["width", "height"],
    "public": [3, 7],
    "variants": [[width, height] for width in range(10, 20) for height in range(101, 107)],
    "shows": "Rectangle({width}, {height})",
}
STUDENTS = [f"s{number}" for number in range(60)]


def write(course: Course, path: str, text: str) -> None:
    file = course.root / "solutions" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course in two languages: `drill` has a number question and a function, and `exam` asks both again."""
    opened = Course.open(small_course(tmp_path / "course", languages=("ko", "en")))
    write(opened, "drill/area.py", AREA)
    write(opened, "drill/sides.json", json.dumps(SIDES))
    write(opened, "drill/total.py", SOUND)
    for name in ("area", "total"):
        write(
            opened,
            f"exam/{name}.py",
            'from autograder import ExamQuestion\n\nquestion = ExamQuestion("drill")\n',
        )
    return opened


def asked(course: Course, name: str, assignment: str = "exam") -> Question:
    """A question of an assignment."""
    return next(question for question in course.assignment(assignment).questions if question.id == name)


class TestVariants:
    """An answer to a student's numbers in the exercise is none to those in the exam."""

    def test_students_draw_other_numbers_than_in_the_exercise(self, course: Course) -> None:
        """One of 60 variants is the same by chance; 60 students would all have to draw it."""
        pools = [asked(course, "area", assignment).pool for assignment in ("drill", "exam")]
        assert pools[0] is not None and pools[1] is not None
        drawn, again = (numbers_of_class(course.id, STUDENTS, pool) for pool in pools)
        assert pools[0].variants == pools[1].variants
        assert sum(drawn[student] == again[student] for student in STUDENTS) < 8

    def test_two_exams_ask_for_different_numbers(self, course: Course) -> None:
        """The second try of an exam is an exam of another name."""
        write(
            course,
            "second/area.py",
            'from autograder import ExamQuestion\nquestion = ExamQuestion("drill")\n',
        )
        pools = [asked(course, "area", assignment).pool for assignment in ("second", "exam")]
        assert pools[0] is not None and pools[1] is not None
        drawn, again = (numbers_of_class(course.id, STUDENTS, pool) for pool in pools)
        assert sum(drawn[student] == again[student] for student in STUDENTS) < 8


class TestQuestion:
    """What an exam keeps of a question, and what it leaves out."""

    def test_it_has_no_example_and_no_section_to_read_again(self, course: Course) -> None:
        """The exam's notebook has neither; checks and misconceptions are those of the exercise."""
        area, total = asked(course, "area"), asked(course, "total")
        assert asked(course, "total", "drill").examples is not None
        assert total.examples is None
        assert {area.section, *(one.section for one in area.misconceptions)} == {Text()}
        assert [one.name for one in area.misconceptions] == ["added"]
        assert (area.assignment, area.points) == ("exam", 1)

    def test_it_follows_what_the_exam_asks_too(self, course: Course) -> None:
        """Nothing can follow from an answer that the exam does not ask for."""
        assert asked(course, "area").followed_names == ("total",)
        (course.root / "solutions" / "exam" / "total.py").unlink()
        assert asked(course, "area").followed_names == ()

    def test_change_of_the_exercise_changes_the_exam(self, course: Course) -> None:
        """Also in a process that has loaded it; and grades given before are known to be outdated."""
        before = asked(course, "area").points, questions_digest(course, "exam")
        write(course, "drill/area.py", AREA.replace("points=1", "points=2"))
        assert (before[0], asked(course, "area").points) == (1, 2)
        assert questions_digest(course, "exam") != before[1]

    @pytest.mark.parametrize(
        ("path", "text", "problem"),
        [
            ("exam/area.py", 'ExamQuestion("dril")', "which is not there"),
            ("exam/area.py", 'ExamQuestion("exam")', "which is not there"),
            ("more/area.py", 'ExamQuestion("exam")', "which asks a question again itself"),
        ],
    )
    def test_wrong_assignment_is_told(self, course: Course, path: str, text: str, problem: str) -> None:
        """A misspelt one, the exam itself, and another exam."""
        write(course, path, f"from autograder import ExamQuestion\nquestion = {text}\n")
        with pytest.raises(QuestionError, match=problem):
            _loaded = course.assignment(path.split("/", maxsplit=1)[0]).questions

    def test_question_that_opens_a_data_file_is_told(self, course: Course) -> None:
        """The exam's release would lack the file."""
        (course.root / "source" / "drill").mkdir(parents=True)
        (course.root / "source" / "drill" / "sizes.csv").write_text("1\n", encoding="utf-8")
        write(course, "drill/area.py", AREA.replace("of a rectangle", "of a rectangle in sizes.csv"))
        with pytest.raises(QuestionError, match=r"opens sizes\.csv"):
            _loaded = course.assignment("exam").questions


class TestRelease:
    """What students get, from the same build as everything else."""

    @pytest.fixture
    def built(self, course: Course) -> Course:
        """Both assignments, with every law proved."""
        (course.root / "source" / "drill").mkdir(parents=True)
        heading = [
            nbformat.v4.new_markdown_cell(
                f"# drill\n\n## {area}\n\n## {total}",
                id=f"title-{language}",
                metadata={"autograder": {"lang": language}},
            )
            for language, area, total in (("ko", "넓이", "합"), ("en", "Areas", "Sums"))
        ]
        nbformat.write(
            nbformat.v4.new_notebook(cells=heading), course.root / "source" / "drill" / "drill.ipynb"
        )
        build(course, solutions=False)
        return course

    def test_released_exam_tells_nothing_and_is_graded(self, built: Course) -> None:
        """No example and no answer; ids are asked for strictly; presence is all that is checked; own numbers pay."""
        release = nbformat.read(built.assignment("exam").release("en"), as_version=4)
        parts = [cell_metadata(cell).get("part") for cell in release.cells]
        text = "\n".join(cell.source for cell in release.cells)
        assert "example" not in parts
        assert "only answers to your own numbers earn points" in text
        assert "both = first + second" not in text and "assert" not in text
        self.sees_only_that_something_is_there(release)
        self.pays_own_numbers_only(built, release)

    @staticmethod
    def sees_only_that_something_is_there(release: nbformat.NotebookNode) -> None:
        """A function that would raise is not called, a wrong number is as good as a right one, and a stub is none."""
        told = []
        for answers in (
            {},
            {"area": "area = -1", "total": "def total(first, second):\n    raise ValueError"},
        ):
            space: dict[str, Any] = {}
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                for cell in release.cells:
                    if (
                        cell_metadata(cell).get("part") in ("tools", "answer", "hand-in")
                        and cell.cell_type == "code"
                    ):
                        exec(
                            answers.get(grade_id(cell), cell.source) if is_solution(cell) else cell.source,
                            space,
                        )
            told.append(out.getvalue())
        assert told[0].count("not answered yet") == 2
        assert told[1].count("not answered yet") == 0
        assert told[1].count(" answered") == 2
        assert "ValueError" not in told[1]

    @staticmethod
    def pays_own_numbers_only(course: Course, release: nbformat.NotebookNode) -> None:
        """Neither the numbers of the exercise, nor the public ones, whose answers an exercise may have told."""
        question, exercise = asked(course, "area"), asked(course, "area", "drill")
        student = next(
            student
            for student in STUDENTS
            if (mine := Owner(course.id).choose_variant(student)).numbers(question) != mine.numbers(exercise)
        )
        owner = Owner(course.id, student, {student: student}, strict=course.assignment("exam").is_strict)
        own = owner.own.numbers(question)
        for numbers, written, score in (
            (own, student, 1),
            (owner.own.numbers(exercise), student, 0),
            (question.variants[0], "", 0),
        ):
            answered = nbformat.reads(nbformat.writes(release), as_version=4)
            for cell in answered.cells:
                if grade_id(cell) == "area":
                    cell.source = f"area = {question.right_number(numbers)}"
                if cell_metadata(cell).get("part") == "student":
                    cell.source = f'student_id = "{written}"'
            graded = grade_notebook(answered, [question], GradingOptions(1, owner), KernelOptions("counting"))
            assert graded.reports["area"].score == score
