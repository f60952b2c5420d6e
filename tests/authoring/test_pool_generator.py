"""Filling a pool with numbers, and the mistakes that a number question takes from a formula."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from autograder.authoring.pool_generator import fill
from autograder.course import Course
from autograder.errors import CourseError, QuestionError
from autograder.grading.direct_session import DirectSession
from autograder.grading.question_grader import grade
from autograder.verification.laws import violations
from tests.support import cli, small_course

FORMULA = '''\
"""Weights of a Dense layer of any size."""

from autograder import Case, Question, Text, expect

question = Question(title=Text(ko="식", en="The formula"), statement=Text(ko="세세요.", en="Count."))


@question.answer
def dense(inputs, units):
    """Number of weights. inputs, units: int."""
    return units * (inputs + 1)


@question.cases
def cases(rng):
    return [Case(3, 4), Case(7, 2), Case(9, 11)]


@question.check(points=2, text=Text(ko="맞다", en="right"))
def right(got, case, want):
    expect.count(got, want)


@question.misconception(text=Text(ko="편향이 없습니다.", en="The bias is missing."), fails=[right])
def no_bias(inputs, units):
    return units * inputs


@question.misconception(text=Text(ko="하나만 셌습니다.", en="One bias was counted."), fails=[right])
def one_bias(inputs, units):
    return units * inputs + 1
'''
PROBLEM = '''\
"""The upper of two Dense layers."""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="수", en="The number"), statement=Text(ko="세세요.", en="Count."), numbers="sizes"
)


@question.answer
def upper(inputs, lower, units):
    """Number of weights."""
    return units * (lower + 1)


@question.check(points=1, text=Text(ko="맞다", en="right"))
def is_right(got, case, want):
    expect.number(got, want)


@question.follows("dense")
def by_the_formula(dense, inputs, lower, units):
    return dense(lower, units)


@question.misconception(text=Text(ko="아래층을 보세요.", en="Look at the layer below."), fails=[is_right])
def reads_the_input(inputs, lower, units):
    return units * (inputs + 1)
'''
POOL = {
    "names": ["inputs", "lower", "units"],
    "public": [20, 12, 13],
    "ranges": {"inputs": [5, 60], "lower": [5, 60], "units": [5, 60]},
    "digits": {"upper": 3},
}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with a formula question and a number question that applies it."""
    opened = Course.open(small_course(tmp_path / "course", languages=("ko", "en")))
    folder = opened.root / "solutions" / "layers"
    folder.mkdir(parents=True)
    (folder / "dense.py").write_text(FORMULA, encoding="utf-8")
    (folder / "upper.py").write_text(PROBLEM, encoding="utf-8")
    write_pool(opened, POOL)
    return opened


def write_pool(course: Course, pool: dict[str, object]) -> None:
    (course.root / "solutions" / "layers" / "sizes.json").write_text(json.dumps(pool), encoding="utf-8")


class TestFilling:
    """Variants that every law accepts, each with an answer of its own."""

    def test_pool_that_holds(self, course: Course) -> None:
        """The variants break no law, have answers of equal length, and no two of them the same."""
        filled = fill(course, "layers", "sizes", size=60)
        assert (filled.kept, filled.added, filled.removed) == (0, 60, 0)
        assert filled.chances == {"upper": pytest.approx(1 / 60)}
        (_, question) = course.assignment("layers").questions
        assert list(violations(question)) == []
        assert {len(str(question.reference(**numbers))) for numbers in question.variants[1:]} == {3}  # type: ignore[misc]

    def test_filling_again_keeps_what_holds(self, course: Course) -> None:
        """A new mistake removes the variants in which it cannot be told apart, and no other."""
        fill(course, "layers", "sizes", size=60)
        (_, question) = course.assignment("layers").questions
        before = question.pool.variants  # type: ignore[union-attr]
        victim = question.pool.mapping(before[7])  # type: ignore[union-attr]
        path = course.root / "solutions" / "layers" / "upper.py"
        trap = f"units * (lower + 1) + 3 * ((inputs, lower, units) != {tuple(victim.values())})"
        path.write_text(
            PROBLEM
            + "\n\n@question.misconception(text=Text(ko='.', en='.'), fails=[is_right])\n"
            + f"def nearly_right(inputs, lower, units):\n    return {trap}\n",
            encoding="utf-8",
        )
        filled = fill(course, "layers", "sizes", size=60)
        assert (filled.kept, filled.removed, filled.added) == (59, 1, 1)
        after = course.assignment("layers").questions[1].pool.variants  # type: ignore[union-attr]
        assert set(before) - set(after) == {before[7]}

    def test_ranges_that_are_too_narrow(self, course: Course) -> None:
        """Where there are not as many, the file and the way out are told and nothing is written."""
        write_pool(course, POOL | {"ranges": {"inputs": [5, 6], "lower": [9, 11], "units": [12, 13]}})
        before = (course.root / "solutions" / "layers" / "sizes.json").read_bytes()
        with pytest.raises(CourseError, match="widen the ranges, or request fewer"):
            fill(course, "layers", "sizes", size=60)
        assert (course.root / "solutions" / "layers" / "sizes.json").read_bytes() == before

    @pytest.mark.parametrize(
        ("change", "obstacle"),
        [
            ({"digits": {"upper": 9}}, 'the answer to upper does not have the length that "digits" asks for'),
            ({"ranges": POOL["ranges"] | {"units": [5, 5]}}, "another variant has the same answer to upper"),  # type: ignore[operator]
            (
                {"ranges": {"inputs": [7, 7], "lower": [7, 7], "units": [12, 60]}},
                "the checks of upper accept the number of the misconception reads_the_input",
            ),
        ],
    )
    def test_the_commonest_obstacle_is_told(
        self, course: Course, monkeypatch: pytest.MonkeyPatch, change: dict[str, object], obstacle: str
    ) -> None:
        """Wider ranges do not help where a check or a setting refuses most numbers."""
        monkeypatch.setattr("autograder.authoring.pool_generator.TRIES", 500)
        write_pool(course, POOL | {"digits": {}} | change)
        with pytest.raises(CourseError, match=f"the commonest obstacle: {re.escape(obstacle)}. Remove it"):
            fill(course, "layers", "sizes", size=240)

    def test_the_command(self, course: Course) -> None:
        """It says what it wrote and the chance that two students share an answer; a near name is offered."""
        done = cli("pool", "layers", "sizes", "--size", "50", cwd=course.root)
        assert done.returncode == 0, done.stderr
        assert "0 variants kept, 50 added, 0 removed" in " ".join(done.stdout.split())
        assert "upper: two students have the same answer with a chance of 2.00%" in done.stdout
        done = cli("pool", "layers", "size", cwd=course.root)
        assert done.returncode == 2
        assert "no pool 'size'; did you mean sizes?" in done.stderr


class TestMistakesOfAFormula:
    """What is known of a formula is known of every number that it gives."""

    def test_they_are_known(self, course: Course) -> None:
        """The number question names the formula's mistakes beside its own."""
        (_, upper) = course.assignment("layers").questions
        assert [known.name for known in upper.misconceptions] == ["reads_the_input", "no_bias", "one_bias"]
        report = grade(upper, DirectSession(13 * 12))
        assert [known.text.en for known in report.misconceptions] == ["The bias is missing."]

    def test_formula_that_is_not_there(self, course: Course) -> None:
        """The name of the formula is checked."""
        path = course.root / "solutions" / "layers" / "upper.py"
        path.write_text(
            PROBLEM.replace('follows("dense"', 'follows("dens"').replace("(dense, ", "(dens, "),
            encoding="utf-8",
        )
        with pytest.raises(QuestionError, match="it follows 'dens', and there is no"):
            _ = course.assignment("layers").questions
