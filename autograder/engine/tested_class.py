"""Grades a class by nbgrader's own tests: nbgrader converts each submission, with the tests sealed."""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from autograder.course import Course, SubmissionId
from autograder.engine.messages import Result, intern_reports
from autograder.engine.preload import safe_path
from autograder.errors import CourseError
from autograder.i18n import _
from autograder.nbgrader import graded_notebook
from autograder.nbgrader.autograde import autograde, unreleased
from autograder.nbgrader.tested_assignment import GRADED_FROM, TestedAssignment, state_of
from autograder.notebooks.cells import NAMESPACE
from autograder.sandbox.fork_server import ForkServerPool
from autograder.test_cells.prove import Proof
from autograder.text import Text

TRIES = 2
"""How often a submission is graded whose process ended."""


def prove_assignments(
    course: Course,
    names: Sequence[str],
    *,
    force: bool = False,
    on_progress: Callable[[Text], None] = lambda text: None,
) -> dict[str, Mapping[str, Proof] | CourseError]:
    """Return what is known of the tests of each notebook, by assignment; or why an assignment cannot be graded here.

    Tests of which nothing is known are proved on the author's solutions. Raises GraderError if no seal works.
    """
    found: dict[str, Mapping[str, Proof] | CourseError] = {}
    with ForkServerPool(private=(course.root,), fit=course.settings.fit) as pool:
        for name in names:
            assignment = TestedAssignment(course, name)
            proofs = {}
            try:
                for notebook in assignment.notebooks:
                    on_progress(_("{notebook}: proving its tests", notebook=f"{name}/{notebook}"))
                    proofs[notebook] = assignment.proof(notebook, pool, force=force)
            except CourseError as error:
                found[name] = error
            else:
                found[name] = proofs
    return found


def grade_by_nbgrader(
    course: Course,
    submissions: Sequence[SubmissionId],
    *,
    workers: int = 1,
    force: bool = False,
    on_result: Callable[[Result], None] = lambda result: None,
    on_progress: Callable[[Text], None] = lambda text: None,
) -> list[Result]:
    """Grade submissions by nbgrader's own tests and return their results. A fault in one never stops the others.

    workers: number of submissions graded in parallel. force: grade unchanged submissions again.
    Raises GraderError if no seal works on this machine.
    """
    names = list(dict.fromkeys(submission.assignment for submission in submissions))
    unfit = unreleased(course, names)
    proofs = prove_assignments(course, [name for name in names if name not in unfit], on_progress=on_progress)
    unfit |= {name: proof.message for name, proof in proofs.items() if isinstance(proof, CourseError)}
    results: dict[SubmissionId, Result] = {}
    for submission in submissions:
        if submission.assignment in unfit:
            results[submission] = Result(submission, "ungraded", unfit[submission.assignment])
            on_result(results[submission])
    todo = [submission for submission in submissions if submission not in results]
    for result in _graded(course, todo, workers, force=force):
        results[result.submission] = result
        on_result(result)
    return [results[submission] for submission in submissions]


def _graded(course: Course, todo: Sequence[SubmissionId], workers: int, *, force: bool) -> Iterator[Result]:
    """Yield the results of submissions as they arrive, each graded in a process of its own pool's."""
    left, tries = list(todo), dict.fromkeys(todo, 0)
    while left:
        number = 1 if any(tries.values()) else max(1, min(workers, len(left)))
        context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
        with safe_path(), ProcessPoolExecutor(number, mp_context=context) as executor:
            running: dict[Future[Result], SubmissionId] = {}
            waiting, left = left, []
            try:
                while waiting or running:
                    while waiting and len(running) < 2 * number:
                        submission = waiting.pop(0)
                        running[executor.submit(grade_one, course.root, submission, force)] = submission
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        yield future.result()
                        del running[future]
            except BrokenProcessPool:
                for submission in running.values():
                    tries[submission] += 1
                    if tries[submission] < TRIES:
                        left.append(submission)
                    else:
                        yield Result(submission, "ungraded", _("its worker process ended unexpectedly"))
                left += waiting
            except BaseException:
                executor.shutdown(wait=False, cancel_futures=True)
                raise


def grade_one(root: Path, submission: SubmissionId, force: bool) -> Result:
    """Let nbgrader grade one submission in this process, and return the result."""
    course = Course.open(root)
    graded = course.autograded / submission.student / submission.assignment
    if not force and _is_current(course, submission, graded):
        return _result(submission, graded, kept=True)
    reason = autograde(course, submission)
    return _result(submission, graded) if reason is None else Result(submission, "ungraded", reason)


def _is_current(course: Course, submission: SubmissionId, graded: Path) -> bool:
    """Return whether nothing has changed since a submission was graded."""
    state = state_of(course, submission)
    notebooks = [json.loads(path.read_bytes()) for path in graded.glob("*.ipynb")]
    known = [notebook["metadata"].get(NAMESPACE, {}).get(GRADED_FROM) for notebook in notebooks]
    return bool(known) and all(value == state != "" for value in known)


def _result(submission: SubmissionId, graded: Path, *, kept: bool = False) -> Result:
    reports, seal = {}, ""
    for path in sorted(graded.glob("*.ipynb")):
        notebook = json.loads(path.read_bytes())
        seal = notebook["metadata"].get(NAMESPACE, {}).get("seal", "") or seal
        for name, report in graded_notebook.reports_in(notebook).items():
            reports[f"{path.stem}: {name}" if name in reports else name] = report
    return Result(submission, "kept" if kept else "graded", reports=intern_reports(reports), seal=seal)
