"""What the last build proved of an assignment's released questions, and which of them must not grade."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Mapping

from nbformat import NotebookNode

from autograder.assignment import Assignment
from autograder.errors import CourseError
from autograder.i18n import _
from autograder.notebooks.cells import NAMESPACE, code_of, graded_by, missing_questions, read_notebook
from autograder.notebooks.released_pools import gives_other_numbers, released_pools
from autograder.questions.data_files import data_folder
from autograder.questions.loader import text_of
from autograder.questions.question import Question
from autograder.sandbox.fork_server import ForkServerPool
from autograder.text import Text, joined
from autograder.verification.proof_cache import PROOFS, ProofCache


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
    from autograder.verification.proofs import proofs_of_grading  # here, since few classes need it

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
