"""Prove a question, or the notebooks of an assignment: return figures of what was tried, and the problems found.

Each proof is a separate work item, so that several can run in parallel.
"""

from __future__ import annotations

import contextlib
import hashlib
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
    NAMESPACE,
    cell_metadata,
    code_of,
    graded_by,
    missing_questions,
    read_notebook,
    with_ids,
)
from autograder.notebooks.released_pools import gives_other_numbers, released_pools
from autograder.questions.data_files import data_folder
from autograder.questions.loader import load_question, text_of
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
from autograder.verification.proof_cache import PROOFS, ProofCache
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


def digest_of(question: Question) -> str:
    """Return a digest of a question's files, which a source notebook records to identify the proved version."""
    return hashlib.sha256(text_of(question).encode()).hexdigest()[:16]


def changed_since_proved(assignment: Assignment) -> list[Question]:
    """Return the released questions whose files differ from the last build and have not been proved since."""
    questions = released_questions(assignment)
    proved, code = _proved_by_build(assignment)
    changed = [question for question in questions if proved.get(question.id) != digest_of(question)]
    if not changed:
        return []
    proofs = ProofCache(assignment.course.root / PROOFS)
    return [
        question
        for question in changed
        if all(
            proofs.lookup(f"{assignment.name} {question.id} {kind}", [text_of(question), code]) is None
            for kind in ("grading", "laws")
        )
    ]


def check_proved(assignment: Assignment) -> None:
    """Raise CourseError if a question of the assignment has changed since it was proved."""
    for question in changed_since_proved(assignment):
        raise CourseError(
            _(
                "{path} has changed since it was proved: run `autograder build {assignment}`",
                path=question.path,
                assignment=assignment.name,
            )
        )


def unproved_questions(
    assignment: Assignment, *, on_progress: Callable[[Text], None] = lambda text: None
) -> dict[str, Text]:
    """Prove changed questions, and return why some questions must not be used for grading, by their ids.

    These are the questions that violate a law of `GRADING_LAWS`, and released questions whose file cannot be loaded or
    is gone. on_progress: called with a short description of each step.
    """
    unreadable = assignment.unreadable_questions
    reasons = _missing(assignment)
    reasons |= {name: unreadable[name].message for name in reasons if name in unreadable}
    reasons |= _other_data(assignment) | _other_pools(assignment)
    changed = [question for question in changed_since_proved(assignment) if question.id not in reasons]
    if not changed:
        return reasons
    code, proofs = _proved_by_build(assignment)[1], ProofCache(assignment.course.root / PROOFS)
    with ForkServerPool() as pool:
        for question, proof in proofs_of_grading(assignment, changed, pool, on_progress):
            if proof.problems:
                reasons[question.id] = joined("\n", proof.problems)
                on_progress(
                    _("{name} must not grade: {reason}", name=question.id, reason=reasons[question.id])
                )
            else:
                proofs.save(f"{assignment.name} {question.id} grading", [text_of(question), code], {})
    return reasons


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


def _other_data(assignment: Assignment) -> dict[str, Text]:
    """Return the questions that name a data file whose released copy differs, which is the one that students have."""
    reasons: dict[str, Text] = {}
    releases = [path.parent for path in assignment.releases]
    for question in released_questions(assignment):
        text = text_of(question)
        for path in question.data_files:
            name = path.relative_to(data_folder(assignment.folder, assignment.course.languages))
            copies = [folder / name for folder in releases if folder.is_dir()]
            if path.name in text and any(
                not copy.is_file() or copy.read_bytes() != path.read_bytes() for copy in copies
            ):
                reasons[question.id] = _(
                    "{path} is not the file that was released: run `autograder build {assignment}`",
                    path=path.relative_to(assignment.course.root),
                    assignment=assignment.name,
                )
    return reasons


def _other_pools(assignment: Assignment) -> dict[str, Text]:
    """Return the questions whose pool gives other numbers than the release shows, which students have answered."""
    released = released_pools([cell for release in _releases(assignment) for cell in release.cells])
    return {
        question.id: _(
            "the pool {pool} gives other numbers than the release: run `autograder build {assignment}`",
            pool=question.pool.name,
            assignment=assignment.name,
        )
        for question in released_questions(assignment)
        if question.pool is not None
        and question.pool.name in released
        and gives_other_numbers(question.pool, released[question.pool.name])
    }


def released_questions(assignment: Assignment) -> list[Question]:
    """Return the loadable questions that have a cell in the release, or all loadable ones if there is no release."""
    questions, releases = assignment.readable_questions, _releases(assignment)
    if not releases:
        return questions
    released_ids = {graded_by(cell) for release in releases for cell in release.cells}
    return [question for question in questions if question.id in released_ids]


def _releases(assignment: Assignment) -> list[NotebookNode]:
    """Return the released notebooks in the course's first language, as far as there are any."""
    releases = []
    for notebook in assignment.notebooks:
        with contextlib.suppress(CourseError):
            releases.append(read_notebook(assignment.release(notebook=notebook)))
    return releases


def _missing(assignment: Assignment) -> dict[str, Text]:
    """Return `missing_questions` of the released notebooks."""
    question_ids = {question.id for question in assignment.readable_questions}
    missing: dict[str, Text] = {}
    for release in _releases(assignment):
        missing |= missing_questions(release, question_ids, assignment.folder)
    return missing


def _proved_by_build(assignment: Assignment) -> tuple[Mapping[str, str], str]:
    """Return the digests of the questions that the last build proved, and what else their proofs depended on."""
    try:
        sources = [read_notebook(assignment.sources / f"{name}.ipynb") for name in assignment.notebooks]
    except CourseError:
        return {}, assignment.course.id
    proved = sources[0].metadata.get(NAMESPACE, {}).get("proved", {}) if assignment.is_built else {}
    return proved, assignment.course.id + "".join(code_of(source, setup=True) for source in sources)


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
