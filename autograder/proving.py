"""Proves a question, or the notebooks of an assignment: what holds, in figures, and what does not.

Each proof is a piece of work of its own, so that several can go on side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder import intake
from autograder.answers import (
    read_attacks,
    read_bank,
    successful_attacks,
    wrongly_judged_right,
    wrongly_judged_wrong,
)
from autograder.course import Course
from autograder.grader import grade_notebook, profile_of
from autograder.grading import draw_cases
from autograder.laws import SEEDS, violations
from autograder.loading import load_question
from autograder.notebook import mark
from autograder.question import Question
from autograder.variants import chance_of_sharing

SECOND_SEED = 20_240_601


@dataclass(frozen=True)
class Subject:
    """What is to be proved.

    course: the folder with the question files. built: the folder with the stamped source and the release.
    """

    course: Path
    built: Path
    assignment: str
    question: str
    language: str = ""


@dataclass(frozen=True)
class Proof:
    """What was found wrong, and figures of what was tried."""

    problems: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


def prove_laws(subject: Subject) -> Proof:
    """The laws of one question."""
    _, question = _opened(subject)
    cases = draw_cases(question, np.random.default_rng(0))
    figures: dict[str, Any] = {
        "seeds": 1 if question.needs_tensorflow else len(SEEDS),
        "cases": len(cases),
        "misconceptions": len(question.misconceptions),
    }
    if question.is_number:
        answers = {question.right_number(numbers) for numbers in question.students_variants}
        figures["variants"] = len(question.students_variants)
        figures["answers"] = len(answers)
        figures["digits"] = sorted({len(str(answer)) for answer in answers})
        figures["chance"] = chance_of_sharing(question)
        figures["wrong"] = len(question.variants) * len(question.misconceptions)
        figures["right"] = len(question.variants)
    return Proof(tuple(map(str, violations(question, _source(subject).cells))), figures)


def prove_right_answers(subject: Subject) -> Proof:
    """Every right answer of the bank gets all points."""
    course, question = _opened(subject)
    answers = read_bank(course.root, question).right
    problems = wrongly_judged_right(question, answers, _source(subject).cells, _seeds(course, question))
    return Proof(tuple(dict.fromkeys(problems)), {"right": len(answers)})


def prove_wrong_answers(subject: Subject) -> Proof:
    """Every wrong answer of the bank gets what it deserves, and is told why."""
    course, question = _opened(subject)
    answers = read_bank(course.root, question).wrong
    problems = wrongly_judged_wrong(question, answers, _source(subject).cells, _seeds(course, question))
    return Proof(tuple(dict.fromkeys(problems)), {"wrong": len(answers)})


def prove_attacks(subject: Subject) -> Proof:
    """No attack on the question is paid."""
    course, question = _opened(subject)
    profile = profile_of(course.questions(subject.assignment))
    problems = successful_attacks(question, profile)
    return Proof(tuple(problems), {"attacks": len(read_attacks())})


def prove_notebooks(subject: Subject) -> Proof:
    """The solved notebook of an edition earns full points and its examples run; the empty one earns 0."""
    course = Course.open(subject.course)
    questions = course.questions(subject.assignment)
    path = subject.built / "release" / subject.language / subject.assignment / f"{subject.assignment}.ipynb"
    release = nbformat.read(path, as_version=4)
    problems = [*_solved(course, _source(subject), release, questions, subject.language)]
    points = sum(question.points for question in questions)
    return Proof(tuple(problems), {"solved": points, "empty": 0})


Prove = Callable[[Subject], Proof]


def _opened(subject: Subject) -> tuple[Course, Question]:
    course = Course.open(subject.course)
    path = course.root / "solutions" / subject.assignment / f"{subject.question}.py"
    return course, load_question(path, course.languages)


def _source(subject: Subject) -> NotebookNode:
    name = subject.assignment
    return nbformat.read(subject.built / "source" / name / f"{name}.ipynb", as_version=4)


def _seeds(course: Course, question: Question) -> list[int]:
    """The course's own seed, and another one where judging is cheap."""
    own = course.seed(question.assignment)
    return [own] if question.needs_tensorflow else [own, SECOND_SEED]


def _solved(
    course: Course,
    source: NotebookNode,
    release: NotebookNode,
    questions: Sequence[Question],
    language: str,
) -> list[str]:
    prove = partial(grade_notebook, seed=course.seed(questions[0].assignment), need="preferred")
    solved = nbformat.from_dict(dict(source))
    solved.cells = [cell for cell in source.cells if mark(cell).get("lang", language) == language]
    graded = intake.rebuild(solved, release).notebook
    problems = [
        f"{report.question}: the solved {language} notebook earns {report.score:g} of {report.points:g}"
        for report in prove(graded, questions, everything=True).values()
        if report.score != report.points
    ]
    for cell in graded.cells:
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if errors and mark(cell).get("part") in ("example", "hand-in", "numbers"):
            problems.append(
                f"cell {cell['id']} of the solved {language} notebook raises {errors[0].ename}: {errors[0].evalue}"
            )
    problems += [
        f"{report.question}: the empty {language} notebook earns {report.score:g}"
        for report in prove(intake.rebuild(release, release).notebook, questions).values()
        if report.score != 0
    ]
    return problems
