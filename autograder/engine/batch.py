"""Grades a class: reads hand-ins, lets workers grade them, and writes what comes back, one submission at a time."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course, unknown
from autograder.engine import worker
from autograder.engine.factory import open_executor
from autograder.engine.kept_grades import (
    KeptGrades,
    exchange_files,
    feedback_path,
    graded_path,
    kept_reports,
    kept_texts,
    submitted_files,
    submitted_folder,
)
from autograder.engine.messages import (
    LATE,
    Change,
    Executor,
    GradedSubmission,
    GradeTask,
    RecordedAssignment,
    RenderTask,
    Result,
    SubmissionId,
    WorkItem,
    WorkResult,
    changes,
    intern_reports,
)
from autograder.errors import AutograderError, CourseError, GraderError, QuestionError
from autograder.files import atomic_write
from autograder.grading.fingerprint import RegradeReason, questions_digest
from autograder.grading.hidden_inputs import ensure_secret
from autograder.nbgrader.converters import config_of, copy_gradebook
from autograder.nbgrader.gradebook import GradebookWriter
from autograder.nbgrader.registration import register
from autograder.settings import NO_KERNEL
from autograder.text import Text
from autograder.verification.proofs import released_questions, unproved

ATTEMPTS = 3
LOOK_SECONDS = 0.5


def jobs_of(course: Course, assignments: Sequence[str], students: Sequence[str] = ()) -> list[SubmissionId]:
    """The submissions in `submitted/`, by assignment and student.

    Raises CourseError, with the near names, for a student or an assignment that is not there.
    """
    folder = course.submitted
    there = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    for student in students:
        if student not in there:
            raise CourseError(f"{unknown('student', student, there)} (looked in {folder})")
    chosen = [course.check_assignment(name) for name in assignments] or course.assignments
    jobs = [
        SubmissionId(student, assignment)
        for assignment in chosen
        for student in (students or there)
        if (folder / student / assignment).is_dir()
    ]
    if not jobs:
        raise CourseError(
            f"nothing to grade: expected {folder}/<student>/<assignment>/<assignment>.ipynb for "
            f"{', '.join(chosen)}; `autograder collect` puts hand-ins there"
        )
    return jobs


def grade_class(
    course: Course,
    jobs: Iterable[SubmissionId],
    *,
    workers: int = 1,
    apart: bool = False,
    force: bool = False,
    scheduler: str | None = None,
    done: Callable[[Result], None] = lambda result: None,
    tell: Callable[[Text], None] = lambda text: None,
    step: Callable[[str], None] = lambda text: None,
    changed: Callable[[Sequence[Change]], None] = lambda changes: None,
    preview: bool = False,
) -> list[Result]:
    """Grade every job and write its feedback; a fault of one never stops the others.

    workers: how many are graded side by side on this machine. apart: whether even one is a process of its own, which
    can be ended where a submission takes too much of it. force: grade anew what is graded already and has not
    changed. scheduler: of a cluster to grade on in this machine's place; None for what the course's settings say.
    done: told each result as it comes. tell: told what becomes of a cluster. step: told which question is being proved,
    since it has changed; one that does not hold gets no score. changed: told which scores of earlier runs become
    others, before any of them is written. preview: write nothing. Raises GraderError, with nothing touched, where there
    is no seal, NoSecret where grades depend on a secret that is lost, and CourseError where the scheduler cannot be
    reached.
    Interrupted, or killed, it has lost nothing: what is graded is in the gradebook, and a second run goes on.
    """
    jobs = list(jobs)
    ensure_secret(course)
    with contextlib.ExitStack() as stack:
        if preview:
            course = stack.enter_context(_with_scratch_gradebook(course))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="regrade-")))
        results: dict[SubmissionId, Result] = {}
        for result in _unregistered(course, jobs):
            results[result.job] = result
            done(result)
        assignments = list(dict.fromkeys(job.assignment for job in jobs if job not in results))
        digests = {name: questions_digest(course, name) for name in assignments}
        held_back = {name: unproved(course, name, on_progress=step) for name in assignments}
        ledger = stack.enter_context(GradebookWriter(course))
        before = KeptGrades(course, ledger, force=force)
        todo: dict[SubmissionId, RegradeReason] = {}
        stale: dict[SubmissionId, Result] = {}
        for job in (job for job in jobs if job not in results):
            found = before.lookup(job)
            if isinstance(found, RegradeReason):
                todo[job] = found
            elif before.has_stale_page(job) and not preview:
                stale[job] = found
            else:
                results[job] = found
                done(found)
        if todo or stale:
            work_on = _Run(course, ledger, todo, stale, held_back, digests, changed, folder, preview=preview)
            names = sorted({job.assignment for job in (*todo, *stale)})
            number = max(1, min(workers, len(todo) + len(stale)))
            if not todo:  # pages alone: no kernel is needed
                names, scheduler = [], ""
            with workers_for(course, names, number, apart=apart, scheduler=scheduler, tell=tell) as engine:
                for result in work_on.results(engine):
                    results[result.job] = result
                    done(result)
    return [results[job] for job in jobs]


@contextlib.contextmanager
def _with_scratch_gradebook(course: Course) -> Iterator[Course]:
    """The course with a copy of its gradebook, for the time of a block. Raises CourseError where it is no file."""
    if not course.gradebook_url.startswith("sqlite:///"):
        raise CourseError(f"no preview: the gradebook is no file of SQLite, but {course.gradebook_url}")
    with tempfile.TemporaryDirectory(prefix="preview-") as folder:
        copy = Path(folder, "gradebook.db")
        copy_gradebook(course, copy)
        yield Course(course.root, config_of(course, course.root, f"sqlite:///{copy}"))


def _unregistered(course: Course, jobs: Sequence[SubmissionId]) -> Iterator[Result]:
    """The submissions to assignments that the gradebook cannot be told of, each with the reason.

    Raises CourseError or QuestionError where that are all of them.
    """
    names = list(dict.fromkeys(job.assignment for job in jobs))
    faults: dict[str, AutograderError] = {}
    for name in names:
        try:
            registered(course, [name])
        except (CourseError, QuestionError) as error:
            faults[name] = error
    if faults and len(faults) == len(names):
        raise faults[names[0]]
    yield from (
        Result(job, "ungraded", str(faults[job.assignment])) for job in jobs if job.assignment in faults
    )


def registered(course: Course, assignments: Iterable[str]) -> None:
    """Let the gradebook know the assignments, each as its question files say."""
    for assignment in assignments:
        if not _is_registered(course, assignment):
            register(course, assignment)


@contextlib.contextmanager
def workers_for(
    course: Course,
    assignments: Sequence[str],
    number: int,
    *,
    apart: bool = False,
    scheduler: str | None = None,
    tell: Callable[[Text], None] = lambda text: None,
) -> Iterator[Executor]:
    """Workers as `open_executor` gives them, for the time of a block."""
    engine = open_executor(course, assignments, workers=number, apart=apart, scheduler=scheduler, tell=tell)
    try:
        yield engine
    finally:
        engine.close()


class _Run:
    """Submissions on their way: read, graded by a worker, written, rendered by a worker, kept.

    A regrade that changes a score is laid aside until all are graded, so that the changes are told before they are
    written; its notebook waits in a file.
    """

    def __init__(
        self,
        course: Course,
        ledger: GradebookWriter,
        todo: Mapping[SubmissionId, RegradeReason],
        stale: Mapping[SubmissionId, Result],
        held_back: Mapping[str, Mapping[str, str]],
        digests: Mapping[str, str],
        changed: Callable[[Sequence[Change]], None],
        folder: Path,
        *,
        preview: bool,
    ) -> None:
        """todo: each with the reason why it is graded again, where it is. stale: grades whose pages are made anew.

        held_back: see `unproved`, by assignment. digests: of the question files that were proved. folder: for what is
        laid aside. preview: whether nothing is to be written.
        """
        self._course, self._ledger, self._why, self._stale = course, ledger, todo, stale
        self._unproved, self._changed, self._folder = held_back, changed, folder
        self._digests, self._preview = digests, preview
        self._waiting = deque([*todo, *stale])
        self._under_way: dict[SubmissionId, GradedSubmission | None] = {}
        """What is graded already and being rendered, or nothing yet."""
        self._aside: dict[SubmissionId, GradedSubmission] = {}
        """What is graded and changes a score, without its notebook."""
        self._told: dict[SubmissionId, GradedSubmission] = {}
        """What was laid aside, once its changes are told."""
        self._announced: set[SubmissionId] = set()
        self._lost: Counter[SubmissionId] = Counter()
        self._recorded: dict[str, RecordedAssignment] = {}
        self._changes: list[Change] = []
        self._known = ledger.known_ids()

    def results(self, engine: Executor) -> Iterator[Result]:
        """Every result, as it comes."""
        self._engine = engine
        while self._waiting or self._under_way or self._aside:
            if not self._waiting and not self._under_way:
                self._changed(self._changes)
                self._told, self._aside = self._aside, {}
                self._announced |= self._told.keys()
                self._waiting.extend(self._told)
            # what is under way is held in memory, so it is few
            while self._waiting and len(self._under_way) < 2 * engine.slots:
                result = self._begin(self._waiting.popleft())
                if result is not None:
                    yield result
            for finished in engine.completed(LOOK_SECONDS):
                result = self._next(finished)
                if result is not None:
                    yield result
        if self._preview and self._changes:
            self._changed(self._changes)

    def _begin(self, job: SubmissionId) -> Result | None:
        try:
            if job in self._told:
                graded = self._told.pop(job)
                if graded.reason:
                    return self._ungraded(job, graded.reason)
                self._write(replace(graded, notebook=self._laid(job).read_text(encoding="utf-8")))
                return None
            if job in self._stale:
                notebook = graded_path(self._course, job).read_text(encoding="utf-8")
                self._under_way[job] = None
                self._engine.submit(
                    WorkItem(job, worker.render, RenderTask(job, notebook, self._ledger.scores(job)))
                )
                return None
        except Exception as error:  # nothing that goes wrong with one submission may end the others
            return self._refuse(job, f"{type(error).__name__}: {error}")
        submitted = submitted_files(self._course, job)
        if not submitted:
            folder = submitted_folder(self._course, job)
            reason = f"expected {job.assignment}.ipynb in {folder}; run `autograder collect`"
            return self._refuse(job, reason)
        if job.assignment not in self._recorded:
            self._recorded[job.assignment] = self._ledger.recorded(job.assignment)
        self._under_way[job] = None
        task = GradeTask(
            job, submitted, self._recorded[job.assignment], self._known, why=self._why[job],
            unproved=self._unproved[job.assignment], questions=self._digests[job.assignment], more=self._more(job),
        )  # fmt: skip
        self._engine.submit(WorkItem(job, worker.grade, task))
        return None

    def _more(self, job: SubmissionId) -> bool:
        """Whether after this there is another of the assignment for each worker."""
        slots = self._engine.slots
        if not len(self._waiting) >= slots > 0:
            return False
        other = self._waiting[slots - 1]
        return other.assignment == job.assignment and other not in self._stale

    def _next(self, finished: WorkResult) -> Result | None:
        job = finished.key
        graded = self._under_way.pop(job)
        if finished.lost:
            self._lost[job] += 1
            if self._lost[job] < ATTEMPTS:
                if graded is not None:
                    self._told[job] = self._lay_aside(graded)
                self._waiting.appendleft(job)
                return None
        if finished.error:
            times = f"{ATTEMPTS} times in a row " if finished.lost else ""
            return self._refuse(job, times + finished.error)
        try:
            if job in self._stale:
                atomic_write(feedback_path(self._course, job), finished.value)
                return replace(self._stale[job], renewed=True)
            if graded is not None:
                keep(self._course, graded, finished.value)
                return self._graded(graded)
            graded = finished.value
            if graded.reason:
                return self._refuse(job, graded.reason)
            changes_a_score = self._note_changes(job, graded)
            if self._preview:
                return self._graded(graded)
            if changes_a_score:
                self._aside[job] = self._lay_aside(graded)
                return None
            self._write(graded)
        except Exception as error:  # nothing that goes wrong with one submission may end the others
            return self._refuse(job, f"{type(error).__name__}: {error}")
        return None

    def _note_changes(self, job: SubmissionId, graded: GradedSubmission) -> bool:
        """Note which scores of an earlier run become others; return whether any does."""
        if job in self._announced or not self._why[job].reason:
            return False
        found = changes(job, kept_reports(self._course, job), graded.reports)
        with contextlib.suppress(Exception):  # the course's own policy failed: writing the score tells that
            before, today = self._ledger.late_penalties(job, None if graded.reason else graded.auto_scores)
            if before != today and graded.reports:
                found.append(Change(job, LATE, -before, -today))
        self._changes += found
        return bool(found)

    def _refuse(self, job: SubmissionId, reason: str) -> Result | None:
        """Give no score; where there was one, once that is told."""
        if job in self._stale:
            return Result(job, "ungraded", f"its grade stands, but its page could not be made anew: {reason}")
        changes_a_score = self._note_changes(job, GradedSubmission(job))
        if self._preview:
            return Result(job, "ungraded", reason)
        if changes_a_score:
            self._aside[job] = GradedSubmission(job, reason=reason)
            return None
        return self._ungraded(job, reason)

    def _graded(self, graded: GradedSubmission) -> Result:
        return Result(
            graded.job, "graded", reports=intern_reports(graded.reports), seal=graded.seal, fit=graded.fit,
            claim=graded.claim, why=self._why[graded.job], essays=graded.essays,
        )  # fmt: skip

    def _lay_aside(self, graded: GradedSubmission) -> GradedSubmission:
        """Let a graded notebook wait in a file; what is left of it is small."""
        self._laid(graded.job).write_text(graded.notebook, encoding="utf-8")
        return replace(graded, notebook="", reports=intern_reports(graded.reports))

    def _laid(self, job: SubmissionId) -> Path:
        return self._folder / hashlib.sha256(repr(job).encode()).hexdigest()

    def _write(self, graded: GradedSubmission) -> None:
        """Write the scores, and have the page rendered."""
        job = graded.job
        scores = self._ledger.write(graded, before=kept_texts(self._course, job))
        self._under_way[job] = graded
        self._engine.submit(WorkItem(job, worker.render, RenderTask(job, graded.notebook, scores)))

    def _ungraded(self, job: SubmissionId, reason: str) -> Result:
        try:
            self._ledger.mark_ungraded(job)
        except SQLAlchemyError as error:
            raise GraderError(
                f"the gradebook cannot be written: {error}; what was graded before is kept"
            ) from error
        for path in (graded_path, feedback_path):
            path(self._course, job).unlink(missing_ok=True)
        return Result(job, "ungraded", reason)


def keep(course: Course, graded: GradedSubmission, page: str) -> None:
    """Write the page, then the notebook: that it is there says that all the rest is."""
    page_path, notebook_path = (path(course, graded.job) for path in (feedback_path, graded_path))
    for name, content in exchange_files(course, graded.job).items():
        for folder in (page_path.parent, notebook_path.parent):
            atomic_write(folder / name, content)
    atomic_write(page_path, page)
    atomic_write(notebook_path, graded.notebook, mode=0o444)


def _is_registered(course: Course, assignment: str) -> bool:
    """Whether the gradebook knows every question of the assignment, for the points it is worth, and no kernel."""
    wanted = {f"{question.id}-check": question.points for question in released_questions(course, assignment)}
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        try:
            notebook = gradebook.find_notebook(assignment, assignment)
        except MissingEntry:
            return False
        known = {cell.name: cell.max_score for cell in notebook.grade_cells}
        guarded = NO_KERNEL in (notebook.kernelspec or "")
    return guarded and all(known.get(name) == points for name, points in wanted.items())
