"""Proofs of nbgrader's own tests, which a class is graded by."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence

from autograder.course import Course, SubmissionId
from autograder.errors import CourseError, Starved
from autograder.i18n import _
from autograder.nbgrader.records import RecordedNotebook
from autograder.nbgrader.tested_assignment import SealedTests, TestedAssignment
from autograder.sandbox.fork_server import BrokenModule, ForkServerPool
from autograder.sandbox.profiles import KERNEL_PROFILES, KernelProfile
from autograder.test_cells.proof import Proof
from autograder.text import Text

Proofs = Mapping[str, Proof] | CourseError
"""The proofs of the tests of an assignment, by notebook; or the reason why it cannot be graded here."""


def parts_of(course: Course, submission: SubmissionId) -> list[SubmissionId]:
    """Return the notebooks of a submission, which are graded one by one."""
    assignment = course.assignment(submission.assignment)
    if assignment.is_built:
        return [submission]
    return [
        SubmissionId(submission.student, submission.assignment, notebook) for notebook in assignment.notebooks
    ]


def profiles_of(course: Course, names: Sequence[str]) -> list[KernelProfile]:
    """Return the kinds of kernels that grade assignments. Raises CourseError if one cannot be graded here."""
    chosen = [course.assignment(name) for name in names]
    profiles = [KERNEL_PROFILES[assignment.profile] for assignment in chosen if assignment.has_questions]
    profiles += [
        TestedAssignment(course, assignment.name).profile
        for assignment in chosen
        if assignment.has_tests or not assignment.is_built
    ]
    return list(dict.fromkeys(profiles))


def questions_of(
    course: Course, submission: SubmissionId, proofs: Proofs | None
) -> dict[str, tuple[SubmissionId, str]]:
    """Return the questions, or tests, of a submission: by full name, in which notebook each is, and its name there.

    proofs: of its assignment, if it has nbgrader's own tests. Raises CourseError if it cannot be graded here.
    """
    if isinstance(proofs, CourseError):
        raise proofs
    assignment = course.assignment(submission.assignment)
    found: dict[str, tuple[SubmissionId, str]] = {}
    for part in parts_of(course, submission):
        names = [question.id for question in assignment.questions]
        if part.part:
            names = TestedAssignment(course, assignment.name).questions(part.notebook)
        if proofs is not None:
            names += SealedTests.names(proofs[part.notebook])
        found |= {part.full_name(name): (part, name) for name in names}
    return found


def kept_proof(course: Course, submission: SubmissionId, recorded: RecordedNotebook) -> Proof:
    """Return what was proved of the tests of a notebook. recorded: its cells as released.

    Raises CourseError if they were not proved as they are.
    """
    assignment = TestedAssignment(course, submission.assignment)
    proof = assignment.known_proof(submission.notebook, assignment.plan(submission.notebook, recorded))
    if proof is None:
        raise CourseError(
            _(
                "the tests of {assignment} are not proved as they were released: run `autograder build {assignment}`; "
                "if that does not help, release the changed source with `nbgrader generate_assignment` first",
                assignment=submission.assignment,
            )
        )
    return proof


def prove_assignments(
    course: Course,
    names: Sequence[str],
    *,
    recorded: Callable[[SubmissionId], RecordedNotebook] | None = None,
    force: bool = False,
    keep: bool = True,
    on_progress: Callable[[Text], None] = lambda text: None,
) -> dict[str, Proofs]:
    """Return the proofs of the tests of those assignments that have any, or whose notebooks nbgrader releases.

    Tests without a kept proof are run on the author's solutions.
    recorded: returns the cells of a notebook as released; by default, the tests of the source are proved.
    keep: whether what is found is kept in the course.
    Raises GraderError if no seal works.
    """
    found: dict[str, Proofs] = {}
    with contextlib.ExitStack() as stack:
        pool: ForkServerPool | None = None
        for name in names:
            if course.assignment(name).is_built and not course.assignment(name).has_tests:
                continue
            assignment = TestedAssignment(course, name)
            proofs: dict[str, Proof] = {}
            try:
                for notebook in assignment.notebooks:
                    released = recorded(SubmissionId("", name, notebook)) if recorded else None
                    plan = assignment.plan(notebook, released)
                    known = None if force else assignment.known_proof(notebook, plan)
                    if known is None:
                        on_progress(_("{notebook}: proving its tests", notebook=f"{name}/{notebook}"))
                        if pool is None:
                            private = (course.root,)
                            pool = stack.enter_context(
                                ForkServerPool(private=private, fit=course.settings.fit)
                            )
                        known = assignment.prove(notebook, plan, pool)
                        if keep:
                            assignment.keep(notebook, known)
                    proofs[notebook] = known
            except CourseError as error:
                found[name] = error
            except (BrokenModule, Starved) as error:
                problem = _("{name}: its tests are not proved yet: {reason}", name=name, reason=error.message)
                found[name] = CourseError(problem)
            else:
                found[name] = proofs
    return found
