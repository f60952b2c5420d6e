"""Proves a question, or the notebooks of an assignment: what holds, in figures, and what does not.

Each proof is a piece of work of its own, so that several can go on side by side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder.course import Course
from autograder.errors import CourseError
from autograder.grading.hidden_inputs import PUBLIC_KEY
from autograder.grading.notebook_grader import grade_notebook, profile_of
from autograder.grading.question_grader import draw_cases
from autograder.notebooks.cells import (
    NAMESPACE,
    cell_metadata,
    code_of,
    graded_by,
    missing_questions,
    read_notebook,
)
from autograder.questions.loader import load_question, text_of
from autograder.questions.question import Question
from autograder.questions.variants import chance_of_sharing
from autograder.submissions import rebuild
from autograder.verification.answer_bank import (
    read_attacks,
    read_bank,
    successful_attacks,
    wrongly_judged_right,
    wrongly_judged_wrong,
)
from autograder.verification.laws import SEEDS, violations
from autograder.verification.proof_cache import PROOFS, ProofCache

SEVERAL = 3
"""Draws of hidden inputs that an answer of a bank is tried on, where that is cheap."""
GRADING_LAWS = (1, 2, 3, 4)
"""The reference earns full points, an empty answer none, the examples pass, each known mistake fails what it should."""


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
        answers = {question.right_number(numbers) for numbers in question.student_variants}
        figures["variants"] = len(question.student_variants)
        figures["answers"] = len(answers)
        figures["digits"] = sorted({len(str(answer)) for answer in answers})
        figures["chance"] = chance_of_sharing(question)
        figures["wrong"] = len(question.variants) * len(question.misconceptions)
        figures["right"] = len(question.variants)
    return Proof(tuple(map(str, violations(question, _source(subject).cells))), figures)


def prove_grading(subject: Subject) -> Proof:
    """The laws without which a question must not grade."""
    course, question = _opened(subject)
    source = course.source(subject.assignment)
    try:  # where there is no source notebook, there is no code in it that an answer could need
        cells = read_notebook(source).cells if source.exists() else []
    except CourseError as error:
        return Proof((str(error),))
    broken = violations(question, cells, examples=True)
    return Proof(tuple(str(one) for one in broken if one.law in GRADING_LAWS))


def prove_right_answers(subject: Subject) -> Proof:
    """Every right answer of the bank gets all points."""
    course, question = _opened(subject)
    answers = read_bank(course.root, question).right
    problems = wrongly_judged_right(question, answers, _source(subject).cells, _seeds(question))
    return Proof(tuple(dict.fromkeys(problems)), {"right": len(answers)})


def prove_wrong_answers(subject: Subject) -> Proof:
    """Every wrong answer of the bank gets what it deserves, and is told why."""
    course, question = _opened(subject)
    answers = read_bank(course.root, question).wrong
    problems = wrongly_judged_wrong(question, answers, _source(subject).cells, _seeds(question))
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


def digest_of(question: Question) -> str:
    """Return a digest of a question's files, by which a source notebook tells which state of it was proved."""
    return hashlib.sha256(text_of(question).encode()).hexdigest()[:16]


def changed_since_proved(course: Course, assignment: str) -> list[Question]:
    """Return the released questions whose files are neither those of the last build nor proved since."""
    questions = released_questions(course, assignment)
    proved, code = _proved_by_build(course, assignment)
    changed = [question for question in questions if proved.get(question.id) != digest_of(question)]
    if not changed:
        return []
    proofs = ProofCache(course.root / PROOFS)
    return [
        question
        for question in changed
        if all(
            proofs.known(f"{assignment} {question.id} {kind}", [text_of(question), code]) is None
            for kind in ("grading", "laws")
        )
    ]


def check_proved(course: Course, assignment: str) -> None:
    """Raise CourseError where a question of the assignment has changed since it was proved."""
    for question in changed_since_proved(course, assignment):
        raise CourseError(
            f"{question.path} has changed since it was proved: run `autograder build {assignment}`"
        )


def unproved(
    course: Course, assignment: str, *, on_progress: Callable[[str], None] = lambda text: None
) -> dict[str, str]:
    """Prove the questions that have changed since they were proved; return why others must not grade.

    Such are, by their ids: those that break a law of `GRADING_LAWS`, and of those that were released the ones whose
    file cannot be loaded or is gone. on_progress: told, in a few words, what is being done.
    """
    readable = {question.id for question in course.readable_questions(assignment)}
    unreadable = course.unreadable_questions(assignment)
    reasons = _missing(course, assignment, readable)
    reasons |= {name: str(unreadable[name]) for name in reasons if name in unreadable}
    changed = changed_since_proved(course, assignment)
    if not changed:
        return reasons
    proofs, (_, code) = ProofCache(course.root / PROOFS), _proved_by_build(course, assignment)
    for question in changed:
        on_progress(f"{question.id} has changed since it was proved: proving it")
        proof = prove_grading(Subject(course.root, course.root, assignment, question.id))
        if proof.problems:
            reasons[question.id] = "\n".join(proof.problems)
            on_progress(f"{question.id} must not grade: {reasons[question.id]}")
        else:
            proofs.keep(f"{assignment} {question.id} grading", [text_of(question), code], {})
    return reasons


def released_questions(course: Course, assignment: str) -> list[Question]:
    """Return the questions that can be loaded and have a cell in the release; all of them where there is none."""
    questions, release = course.readable_questions(assignment), _release(course, assignment)
    if release is None:
        return questions
    there = {graded_by(cell) for cell in release.cells}
    return [question for question in questions if question.id in there]


def _release(course: Course, assignment: str) -> NotebookNode | None:
    try:
        return read_notebook(course.release(assignment, course.languages[0]))
    except CourseError:
        return None


def _missing(course: Course, assignment: str, known: Collection[str]) -> dict[str, str]:
    """What `missing_questions` tells of the released notebook; nothing where there is none."""
    release = _release(course, assignment)
    if release is None:
        return {}
    return missing_questions(release, known, course.root / "solutions" / assignment)


def _proved_by_build(course: Course, assignment: str) -> tuple[Mapping[str, str], str]:
    """The digests of the questions that the last build proved, and what else a proof of one depended on."""
    try:
        source = read_notebook(course.source(assignment))
    except CourseError:
        return {}, course.id
    return source.metadata.get(NAMESPACE, {}).get("proved", {}), course.id + code_of(source, setup=True)


def _opened(subject: Subject) -> tuple[Course, Question]:
    course = Course.open(subject.course)
    path = course.root / "solutions" / subject.assignment / f"{subject.question}.py"
    return course, load_question(path, course.languages)


def _source(subject: Subject) -> NotebookNode:
    name = subject.assignment
    return nbformat.read(subject.built / "source" / name / f"{name}.ipynb", as_version=4)


def _seeds(question: Question) -> list[int]:
    """Seeds such as submissions have: one, and several where judging is cheap."""
    return [PUBLIC_KEY.proof(number) for number in range(1 if question.needs_tensorflow else SEVERAL)]


def _solved(
    course: Course,
    source: NotebookNode,
    release: NotebookNode,
    questions: Sequence[Question],
    language: str,
) -> list[str]:
    prove = partial(grade_notebook, seed=PUBLIC_KEY.proof(0), need="preferred")
    solved = nbformat.from_dict(dict(source))
    solved.cells = [cell for cell in source.cells if cell_metadata(cell).get("lang", language) == language]
    graded = rebuild.rebuild(solved, release).notebook
    problems = [
        f"{report.question}: the solved {language} notebook earns {report.score:g} of {report.points:g}"
        for report in prove(graded, questions, run_all=True).values()
        if report.score != report.points
    ]
    for cell in graded.cells:
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if errors and cell_metadata(cell).get("part") in ("example", "hand-in", "numbers"):
            problems.append(
                f"cell {cell['id']} of the solved {language} notebook raises {errors[0].ename}: {errors[0].evalue}"
            )
    problems += [
        f"{report.question}: the empty {language} notebook earns {report.score:g}"
        for report in prove(rebuild.rebuild(release, release).notebook, questions).values()
        if report.score != 0
    ]
    return problems
