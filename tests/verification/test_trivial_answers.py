"""What trivial functions earn together with the answers that follow from them, and what `build` says of it."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from autograder.authoring.build import BuildRefused, build
from autograder.course import Course
from autograder.verification.trivial_answers import most_by_trivial_answers
from tests.grading.test_following import DECLARED, DENSE, course_of


def built(folder: Path, pair: str, dense: str = DENSE) -> list[str]:
    """The notes of a build."""
    course = course_of(folder, pair)
    (course.root / "solutions" / "layers" / "dense.py").write_text(dense, encoding="utf-8")
    return [warning.en for warning in build(course, solutions=False).warnings]


def test_the_author_reads_what_is_carried_over_and_what_it_pays(tmp_path: Path) -> None:
    """A product is the known mistake of a missing bias: 2 points by credit, and all 3 of the pair that follows it."""
    declared = DECLARED.replace("enough=reads_the_input", "")
    assert built(tmp_path, declared) == [
        "layers: functions that return the product of the arguments, and answers that follow from them, earn 5 of 7 "
        "points; mark the misconception that they show with trivial=True, or ask more with enough=",
        "pair: what follows from a wrong answer is carried over only if a misconception explains all its values; "
        "declare with enough= what else keeps the question as hard",
    ]


def test_trivial_mistake_and_a_strict_declaration_need_no_note(tmp_path: Path) -> None:
    """With the product marked as trivial, and functions asked to grow by the units, none earns a point."""
    marked = DENSE.replace("credit=2)", "trivial=True)")
    strict = DECLARED.replace("!= dense(inputs + 1, units)", "== dense(inputs + 1, units) - units")
    assert built(tmp_path, strict, marked) == []


def test_course_without_followers_earns_nothing(tmp_path: Path) -> None:
    """Where no question follows another, trivial answers are left to law 6."""
    course = course_of(tmp_path, DECLARED)
    (course.root / "solutions" / "layers" / "pair.py").unlink()
    questions = Course.open(course.root).assignment("layers").questions
    assert most_by_trivial_answers(questions)[0] == 0


def test_reference_that_calls_another_answer_is_refused_with_its_line(tmp_path: Path) -> None:
    """What trivial functions earn cannot be measured then; the build names the mistake, and nothing else."""
    calls = DECLARED.replace(
        "return [units * (inputs + 1), units * (units + 1)]", "return [dense(inputs, units), 1]"
    )
    with pytest.raises(BuildRefused) as refused:
        build(course_of(tmp_path, calls), solutions=False)
    [problem] = [problem.en for problem in refused.value.problems]
    assert "law 1: " in problem
    assert (
        "name 'dense' is not defined; a question file cannot call the answer to another question" in problem
    )


def test_dividing_by_what_a_trivial_function_returns_warns_nobody(tmp_path: Path) -> None:
    """NumPy's warnings about values that no right answer has are not printed while a question is proved."""
    divides = DECLARED.replace(
        "return [dense(inputs, units),", "return [np.divide(1, dense(inputs, units) * 0),"
    )
    course = course_of(
        tmp_path, divides.replace("from autograder", "import numpy as np\n\nfrom autograder", 1)
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        most_by_trivial_answers(course.assignment("layers").questions)
    assert not caught
