"""Prove a question, or the notebooks of an assignment: return figures of what was tried, and the problems found.

Each proof is a separate work item, so that several can run in parallel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.assignment import Assignment
from autograder.course import Course
from autograder.errors import CourseError, GraderError
from autograder.grading.course_secret import PUBLIC_KEY
from autograder.grading.draws import draw_number
from autograder.grading.notebook_grader import GradingOptions, KernelOptions, grade_notebook
from autograder.grading.report import Report
from autograder.i18n import _, language_name
from autograder.notebooks.cells import (
    cell_metadata,
    graded_by,
    read_notebook,
    with_ids,
)
from autograder.questions.loader import load_question
from autograder.questions.number_answers import key_of
from autograder.questions.question import Question, profile_of
from autograder.questions.variants import chance_of_sharing
from autograder.sandbox.fork_server import ForkServerPool
from autograder.submissions import rebuild
from autograder.text import Text, joined
from autograder.verification.answer_bank import (
    read_attacks,
    read_bank,
    successful_attacks,
    wrongly_judged_right,
    wrongly_judged_wrong,
)
from autograder.verification.laws import SEEDS, Violation, findings_of, violations
from autograder.verification.sampled_draws import sample_draws
from autograder.verification.trivial_answers import most_by_trivial_answers

CHEAP_DRAWS = 3
"""Number of draws of hidden inputs that a bank answer is tried on, if that is cheap."""
SLOW = 1.0
"""Seconds for the reference's values of one draw, from which a build warns: each submission costs them."""
GRADING_LAWS = (1, 2, 3, 4)
"""The reference earns full points, an empty answer none, the examples pass, and misconceptions fail their checks."""


@dataclass(frozen=True)
class Subject:
    """The subject of a proof.

    course: the folder with the question files. built: the folder with the stamped source and the release.
    notebook: one that nbgrader releases.
    """

    course: Path
    built: Path
    assignment: str
    question: str
    language: str = ""
    notebook: str = ""

    @property
    def data(self) -> Path | None:
        """The folder of the released data files, or None if there is no release; see `open_session`."""
        course = Course.open(self.course)
        release = course.assignment(self.assignment).release().parent.relative_to(course.root)
        return self.built / release if (self.built / release).is_dir() else None


@dataclass(frozen=True)
class Proof:
    """The problems found, and figures of what was tried."""

    problems: tuple[Text, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


def prove_laws(subject: Subject, pool: ForkServerPool | None = None) -> Proof:
    """Prove the laws of one question."""
    course, question = _load(subject)
    cells = _source_notebook(course, subject).cells
    if violated := [*violations(question, cells, data=subject.data, pool=pool)]:
        return Proof(tuple(violation.text for violation in violated))
    draw = None if question.is_number else draw_number(question, 0)
    figures: dict[str, Any] = {
        "draws": 1 if draw is None else len(SEEDS),
        "cases": 1 if draw is None else len(draw.cases),
        "misconceptions": len(question.misconceptions),
    }
    if question.is_number:
        answers = {key_of(question.right_number(numbers)) for numbers in question.student_variants}
        figures["variants"] = len(question.student_variants)
        figures["answers"] = len(answers)
        figures["digits"] = sorted({len(str(answer)) for answer in answers})
        figures["chance"] = chance_of_sharing(question)
        figures["wrong"] = len(question.variants) * len(question.misconceptions)
        figures["right"] = len(question.variants)
    if not question.is_number and not question.needs_tensorflow:
        sample = sample_draws(question)
        figures["draws"] = sample.draws
        if sample.seconds > SLOW:
            figures["slow"] = round(sample.seconds, 1)
        if sample.problem is not None:
            return Proof((Violation(16, question.id, question.path, sample.problem).text,), figures)
    return Proof((), figures)


def prove_grading(subject: Subject, pool: ForkServerPool | None = None) -> Proof:
    """Prove the laws without which a question must not be used for grading."""
    course, question = _load(subject)
    try:
        cells = _source_notebook(course, subject).cells
    except CourseError as error:
        return Proof((error.message,))
    violated = violations(question, cells, examples=True, data=subject.data, pool=pool)
    return Proof(tuple(violation.text for violation in violated if violation.law in GRADING_LAWS))


def prove_right_answers(subject: Subject, pool: ForkServerPool | None = None) -> Proof:
    """Prove that every right answer of the bank earns full points."""
    course, question = _load(subject)
    answers = read_bank(question).right
    cells = _source_notebook(course, subject).cells
    problems = wrongly_judged_right(question, answers, cells, _seeds(question), data=subject.data, pool=pool)
    return Proof(tuple(dict.fromkeys(problems)), {"right": len(answers)})


def prove_wrong_answers(subject: Subject, pool: ForkServerPool | None = None) -> Proof:
    """Prove that every wrong answer of the bank gets the score it deserves, and the right diagnosis."""
    course, question = _load(subject)
    answers = read_bank(question).wrong
    cells = _source_notebook(course, subject).cells
    problems = wrongly_judged_wrong(question, answers, cells, _seeds(question), data=subject.data, pool=pool)
    return Proof(tuple(dict.fromkeys(problems)), {"wrong": len(answers)})


def prove_attacks(subject: Subject, pool: ForkServerPool | None = None) -> Proof:
    """Prove that no attack on the question earns points."""
    course, question = _load(subject)
    profile = course.assignment(subject.assignment).profile
    problems = successful_attacks(question, profile, pool=pool)
    return Proof(tuple(problems), {"attacks": len(read_attacks())})


def prove_notebooks(subject: Subject, pool: ForkServerPool | None = None) -> Proof:
    """Prove that an edition's solved notebook earns full points and passes its examples, and grade the empty one.

    Every question of the empty one is to be reported as not answered, with no points.
    """
    course = Course.open(subject.course)
    assignment = course.assignment(subject.assignment)
    path = subject.built / assignment.release(subject.language, subject.notebook).relative_to(course.root)
    release = with_ids(read_notebook(path))
    released = {graded_by(cell) for cell in release.cells}
    questions = [question for question in assignment.questions if question.id in released]
    source = _source_notebook(course, replace(subject, question=questions[0].id))
    kernels = KernelOptions(profile_of(questions), path.parent, need="preferred", pool=pool)
    language = subject.language or course.languages[0]
    problems = [*_notebook_problems(kernels, source, release, questions, language)]
    points = sum(question.points for question in questions)
    return Proof(tuple(problems), {"solved": points, "empty": 0})


def measure_trivial_answers(subject: Subject, pool: ForkServerPool | None = None) -> Proof:
    """Measure what trivial functions, and what follows from them, earn in an assignment."""
    questions = Course.open(subject.course).assignment(subject.assignment).questions
    points, answer = most_by_trivial_answers(questions)
    return Proof(
        (),
        {"points": points, "of": sum(question.points for question in questions), "answer": answer.to_dict()},
    )


Prove = Callable[[Subject, ForkServerPool], Proof]


def proofs_of_grading(
    assignment: Assignment,
    questions: Iterable[Question],
    pool: ForkServerPool,
    on_progress: Callable[[Text], None],
) -> Iterator[tuple[Question, Proof]]:
    """Yield each question that has changed, with the proof of the laws of grading. on_progress: called before each."""
    root = assignment.course.root
    for question in questions:
        name = f"{assignment.name} {question.id}"
        on_progress(_("{name} has changed since it was proved: proving it", name=name))
        yield question, prove_grading(Subject(root, root, assignment.name, question.id), pool)


def _load(subject: Subject) -> tuple[Course, Question]:
    course = Course.open(subject.course)
    path = course.assignment(subject.assignment).folder / f"{subject.question}.py"
    return course, load_question(path, course.languages)


def _source_notebook(course: Course, subject: Subject) -> NotebookNode:
    """Return the source notebook with a question, by default that named like the assignment; empty if there is none."""
    assignment = course.assignment(subject.assignment)
    folder = subject.built / assignment.sources.relative_to(course.root)
    paths = [folder / f"{name}.ipynb" for name in assignment.notebooks]
    sources = [with_ids(read_notebook(path)) for path in paths if path.exists()]
    return next(
        (source for source in sources if subject.question in map(graded_by, source.cells)),
        sources[0] if sources else nbformat.v4.new_notebook(),
    )


def _seeds(question: Question) -> list[int]:
    """Return seeds of the kind that submissions have: several if grading is cheap, else one."""
    return [PUBLIC_KEY.proof(number) for number in range(1 if question.needs_tensorflow else CHEAP_DRAWS)]


LACKS_IMPORT = _(
    "{problem} (imports of a question file are not in the notebook: write them into a code cell at its top)"
)


def _notebook_problems(
    kernels: KernelOptions,
    source: NotebookNode,
    release: NotebookNode,
    questions: Sequence[Question],
    language: str,
) -> list[Text]:
    solved = nbformat.from_dict(dict(source))
    solved.cells = [cell for cell in source.cells if cell_metadata(cell).get("lang", language) == language]
    graded = rebuild.rebuild(solved, release).notebook
    edition = language_name(language)
    grading = GradingOptions(PUBLIC_KEY.proof(0), run_all=True)
    problems: list[Text] = []
    for report in _graded(graded, questions, grading, kernels):
        if report.score != report.points:
            problem = _(
                "{question}: the solved notebook in {language} earns {score:g} of {points:g}; {findings}",
                question=report.question,
                language=edition,
                score=report.score,
                points=report.points,
                findings=joined("; ", findings_of(report)),
            )
            lacks_name = any("NameError" in check.message.en for check in report.checks)
            problems.append(LACKS_IMPORT.format(problem=problem) if lacks_name else problem)
    for cell in graded.cells:
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        part = cell_metadata(cell).get("part")
        if errors and part in ("tools", "example", "hand-in", "numbers"):
            problem = _(
                "cell {cell} of the solved notebook in {language} raises {kind}: {error}",
                cell=cell["id"],
                language=edition,
                kind=errors[0].ename,
                error=errors[0].evalue,
            )
            is_authors = part == "example" and errors[0].ename == "NameError"
            problems.append(LACKS_IMPORT.format(problem=problem) if is_authors else problem)
            if part == "tools":  # the other cells call what this one should have defined
                break
    empty = rebuild.rebuild(release, release)
    grading = GradingOptions(PUBLIC_KEY.proof(0), untouched=empty.untouched)
    for report in _graded(empty.notebook, questions, grading, kernels):
        if report.score != 0:
            problem = _("{question}: the empty notebook in {language} earns {score:g}", score=report.score)
        elif report.fault != "missing":
            problem = _("{question}: the empty notebook in {language} is judged as an answer")
        else:
            continue
        problems.append(problem.format(question=report.question, language=edition))
    return problems


def _graded(
    notebook: NotebookNode, questions: Sequence[Question], grading: GradingOptions, kernels: KernelOptions
) -> Iterator[Report]:
    """Yield the reports of a notebook. Raises GraderError for a question without a fit draw of hidden inputs."""
    for report in grade_notebook(notebook, questions, grading, kernels).reports.values():
        if report.ungraded is not None:
            raise GraderError(report.ungraded)
        yield report
