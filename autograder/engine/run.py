"""Grades a class: reads hand-ins, lets workers grade them, and writes what comes back, one submission at a time."""

from __future__ import annotations

import contextlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course, unknown
from autograder.engine import work
from autograder.engine.before import (
    Before,
    feedback_path,
    graded_path,
    slips_of,
    submitted_files,
    submitted_folder,
)
from autograder.engine.data import (
    Engine,
    Finished,
    Graded,
    Job,
    Page,
    Piece,
    Recorded,
    Result,
    Task,
    held_once,
)
from autograder.engine.ledger import Ledger
from autograder.engine.opening import open_engine
from autograder.errors import CourseError, GraderError
from autograder.files import write_whole
from autograder.proving import unproved
from autograder.record import Why
from autograder.settings import NO_KERNEL
from autograder.stamping import register
from autograder.text import Text

ATTEMPTS = 3
LOOK_SECONDS = 0.5


def jobs_of(course: Course, assignments: Sequence[str], students: Sequence[str] = ()) -> list[Job]:
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
        Job(student, assignment)
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
    jobs: Iterable[Job],
    *,
    workers: int = 1,
    force: bool = False,
    scheduler: str | None = None,
    done: Callable[[Result], None] = lambda result: None,
    tell: Callable[[Text], None] = lambda text: None,
    step: Callable[[str], None] = lambda text: None,
) -> list[Result]:
    """Grade every job and write its feedback; a fault of one never stops the others.

    workers: how many are graded side by side on this machine. force: grade anew what is graded already and has not
    changed. scheduler: of a cluster to grade on in this machine's place; None for what the course's settings say.
    done: told each result as it comes. tell: told what becomes of a cluster. step: told which question is being proved,
    since it has changed; one that does not hold gets no score. Raises GraderError, with nothing touched,
    where there is no seal, and CourseError where the scheduler cannot be reached.
    Interrupted, or killed, it has lost nothing: what is graded is in the gradebook, and a second run goes on.
    """
    jobs = list(jobs)
    assignments = list(dict.fromkeys(job.assignment for job in jobs))
    registered(course, assignments)
    held_back = {name: unproved(course, name, step=step) for name in assignments}
    results: dict[Job, Result] = {}
    with Ledger(course) as ledger:
        before = Before(course, ledger, force=force)
        todo: dict[Job, Why] = {}
        for job in jobs:
            found = before.found(job)
            if isinstance(found, Why):
                todo[job] = found
                continue
            results[job] = found
            done(found)
        for result in _grade_all(course, ledger, todo, held_back, workers, scheduler, tell):
            results[result.job] = result
            done(result)
    return [results[job] for job in jobs]


def registered(course: Course, assignments: Iterable[str]) -> None:
    """Let the gradebook know the assignments, each as its question files say."""
    for assignment in assignments:
        if not _is_registered(course, assignment):
            register(course, assignment)


def _grade_all(
    course: Course,
    ledger: Ledger,
    jobs: Mapping[Job, Why],
    held_back: Mapping[str, Mapping[str, str]],
    workers: int,
    scheduler: str | None,
    tell: Callable[[Text], None],
) -> Iterator[Result]:
    if not jobs:
        return
    assignments = sorted({job.assignment for job in jobs})
    number = max(1, min(workers, len(jobs)))
    with workers_for(course, assignments, number, scheduler=scheduler, tell=tell) as engine:
        yield from _Run(course, ledger, engine, jobs, held_back).results()


@contextlib.contextmanager
def workers_for(
    course: Course,
    assignments: Sequence[str],
    number: int,
    *,
    scheduler: str | None = None,
    tell: Callable[[Text], None] = lambda text: None,
) -> Iterator[Engine]:
    """Workers as `open_engine` gives them, for the time of a block."""
    engine = open_engine(course, assignments, workers=number, scheduler=scheduler, tell=tell)
    try:
        yield engine
    finally:
        engine.close()


class _Run:
    """Submissions on their way: read, graded by a worker, written, rendered by a worker, kept."""

    def __init__(
        self,
        course: Course,
        ledger: Ledger,
        engine: Engine,
        jobs: Mapping[Job, Why],
        held_back: Mapping[str, Mapping[str, str]],
    ) -> None:
        """jobs: each with the reason why it is graded again, where it is. held_back: see `unproved`, by assignment."""
        self._course, self._ledger, self._engine, self._why = course, ledger, engine, jobs
        self._unproved = held_back
        self._waiting = deque(jobs)
        self._under_way: dict[Job, Graded | None] = {}
        """What is graded already and being rendered, or nothing yet."""
        self._lost: Counter[Job] = Counter()
        self._recorded: dict[str, Recorded] = {}
        self._known = ledger.known_ids()

    def results(self) -> Iterator[Result]:
        """Every result, as it comes."""
        while self._waiting or self._under_way:
            # what is under way is held in memory, so it is few
            while self._waiting and len(self._under_way) < 2 * self._engine.slots:
                result = self._begin(self._waiting.popleft())
                if result is not None:
                    yield result
            for finished in self._engine.finished(LOOK_SECONDS):
                result = self._next(finished)
                if result is not None:
                    yield result

    def _begin(self, job: Job) -> Result | None:
        submitted = submitted_files(self._course, job)
        if not submitted:
            folder = submitted_folder(self._course, job)
            reason = f"expected {job.assignment}.ipynb in {folder}; run `autograder collect`"
            return self._ungraded(job, reason)
        if job.assignment not in self._recorded:
            self._recorded[job.assignment] = self._ledger.recorded(job.assignment)
        self._under_way[job] = None
        task = Task(
            job, submitted, self._recorded[job.assignment], self._known, why=self._why[job],
            unproved=self._unproved[job.assignment], more=self._more(job),
        )  # fmt: skip
        self._engine.begin(Piece(job, work.grade, task))
        return None

    def _more(self, job: Job) -> bool:
        """Whether after this there is another of the assignment for each worker."""
        slots = self._engine.slots
        return len(self._waiting) >= slots > 0 and self._waiting[slots - 1].assignment == job.assignment

    def _next(self, finished: Finished) -> Result | None:
        job = finished.key
        graded = self._under_way.pop(job)
        if finished.lost:
            self._lost[job] += 1
            if self._lost[job] < ATTEMPTS:
                self._waiting.appendleft(job)
                return None
        if finished.error:
            times = f"{ATTEMPTS} times in a row " if finished.lost else ""
            return self._ungraded(job, times + finished.error)
        try:
            if graded is not None:
                keep(self._course, graded, finished.value)
                return Result(
                    job, "graded", reports=held_once(graded.reports), seal=graded.seal, fit=graded.fit,
                    claim=graded.claim, why=self._why[job],
                )  # fmt: skip
            graded = finished.value
            if graded.reason:
                return self._ungraded(job, graded.reason)
            page = Page(job, graded.notebook, self._ledger.write(graded))
        except Exception as error:  # nothing that goes wrong with one submission may end the others
            return self._ungraded(job, f"{type(error).__name__}: {error}")
        self._under_way[job] = graded
        self._engine.begin(Piece(job, work.render, page))
        return None

    def _ungraded(self, job: Job, reason: str) -> Result:
        try:
            self._ledger.mark_ungraded(job)
        except SQLAlchemyError as error:
            raise GraderError(
                f"the gradebook cannot be written: {error}; what was graded before is kept"
            ) from error
        graded_path(self._course, job).unlink(missing_ok=True)
        return Result(job, "ungraded", reason)


def keep(course: Course, graded: Graded, page: str) -> None:
    """Write the page, then the notebook: that it is there says that all the rest is."""
    page_path, notebook_path = (path(course, graded.job) for path in (feedback_path, graded_path))
    for name, content in slips_of(course, graded.job).items():
        for folder in (page_path.parent, notebook_path.parent):
            write_whole(folder / name, content)
    write_whole(page_path, page)
    write_whole(notebook_path, graded.notebook, mode=0o444)


def _is_registered(course: Course, assignment: str) -> bool:
    """Whether the gradebook knows every question of the assignment, for the points it is worth, and no kernel."""
    wanted = {f"{question.id}-check": question.points for question in course.readable_questions(assignment)}
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        try:
            notebook = gradebook.find_notebook(assignment, assignment)
        except MissingEntry:
            return False
        known = {cell.name: cell.max_score for cell in notebook.grade_cells}
        guarded = NO_KERNEL in (notebook.kernelspec or "")
    return guarded and all(known.get(name) == points for name, points in wanted.items())
