"""A course that the worker has open: its worker processes, gradebook and assignments."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.engine.factory import open_executor
from autograder.engine.messages import Executor
from autograder.engine.tested_class import kept_proof, profiles_of
from autograder.errors import AutograderError, CourseError
from autograder.grading.course_secret import KEY_FILE, ensure_secret
from autograder.i18n import _
from autograder.nbgrader.final_grades import FinalGrades
from autograder.nbgrader.records import KnownIds, RecordedNotebook
from autograder.nbgrader.registration import ensure_registered, unreleased
from autograder.nbgrader.tested_assignment import PROOFS
from autograder.nbgrader_hooks import CONFIG_FILE
from autograder.questions.variants import Owner, plain_id
from autograder.roster import groups_of, members_by_student
from autograder.test_cells.proof import Proof
from autograder.verification.released import check_proved

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GradableAssignment:
    """What grading needs to know about an assignment."""

    recorded: RecordedNotebook
    bonus: float
    """Points of its bonus questions, which are added to the maximum."""
    groups: Mapping[str, tuple[str, ...]]
    proof: Proof | None = None
    """Of nbgrader's own tests in its notebook, if these grade it."""


class OpenCourse:
    """An open course; `close` stops the worker processes, whatever they are doing."""

    def __init__(
        self,
        course: Course,
        slots: int,
        *,
        retry_after: float,
        long_after: float,
        scheduler: str | None = None,
    ) -> None:
        """Open the course.

        slots: how many attempts to grade in parallel, unless a cluster grades. scheduler: as in `open_executor`; its
        workers may join later, or be unavailable for a while. retry_after: seconds until an assignment that cannot be
        opened is tried again. long_after: seconds after which an attempt leaves its slot to others.

        Raises GraderError if this machine cannot seal student code, CourseError if settings are malformed.
        """
        names = list(_gradable(course))
        if any(course.assignment(name).has_questions for name in names):
            ensure_secret(course)
        self.course, self._retry_after = course, retry_after
        self.state = state_of(course)
        self._assignments: dict[str, GradableAssignment] = {}
        self._errors: dict[str, tuple[AutograderError, float]] = {}
        self._known: tuple[object, dict[str, str]] = (None, {})
        with ExitStack() as stack:
            self.gradebook = stack.enter_context(FinalGrades(course))
            # in other processes, even one: this process has other tasks while a model trains
            self.engine: Executor = open_executor(
                course, names, workers=slots, scheduler=scheduler, apart=True, wait=False,
                long_seconds=long_after,
                on_message=lambda text: log.info("%s", text.en),
            )  # fmt: skip
            stack.callback(self.engine.close)
            self._stack = stack.pop_all()

    @property
    def slots(self) -> int:
        """How many attempts can be graded in parallel; 0 while a cluster has no workers."""
        return self.engine.slots

    def in_slots(self, keys: Iterable[Hashable]) -> int:
        """Return how many work items of these keys have slots: all but those that take long."""
        return len({*keys}.difference(self.engine.beside_slots))

    def close(self) -> None:
        """Stop the worker processes and close the gradebook."""
        self._stack.close()

    def assignment(self, name: str) -> GradableAssignment:
        """Return an assignment, registered in the gradebook. Raises AutograderError if it cannot be graded."""
        if name not in self._assignments:
            last_error, until = self._errors.get(name, (None, 0.0))
            if last_error is not None and time.monotonic() < until:
                raise last_error
            try:
                self._assignments[name] = self._open(name)
            except AutograderError as error:
                if last_error is None or str(last_error) != str(error):
                    log.error("submissions to %s wait, because it cannot be graded: %s", name, error)
                self._errors[name] = error, time.monotonic() + self._retry_after
                raise
        return self._assignments[name]

    def owner(self, name: str, student: str, known: Mapping[str, str]) -> Owner:
        """Return the owner of a submission: the LMS identifies the student, whether or not the roster has them."""
        return Owner(self.course.id, student, known, self.assignment(name).groups.get(student, ()))

    def known(self, changed: object, launched: Callable[[], Iterator[str]]) -> Mapping[str, str]:
        """Return all students by each of their plain ids, from the roster, the gradebook and the launches.

        They are read again if `changed` differs from the last call, or the folder `submitted` has changed.
        """
        folder = self.course.submitted
        changed = changed, folder.stat().st_mtime_ns if folder.is_dir() else 0
        if self._known[0] != changed:
            self._known = (
                changed,
                KnownIds({plain_id(student): student for student in launched()} | self.gradebook.known_ids()),
            )
        return self._known[1]

    def _open(self, name: str) -> GradableAssignment:
        course = self.course
        course.check_assignment(name)
        assignment = course.assignment(name)
        _questions = assignment.questions  # an unreadable one is an error here
        submission = course.submission("", name)
        if not assignment.release().exists():
            command = "autograder build" if assignment.is_built else "nbgrader generate_assignment"
            raise CourseError(_("{name} has no release: run `{command} {name}`", name=name, command=command))
        check_proved(assignment)
        if assignment.is_built:
            ensure_registered(course, [name])
        for reason in unreleased(course, [] if assignment.is_built else [name]).values():
            raise CourseError(reason)
        recorded = self.gradebook.recorded(submission)
        tested = assignment.has_tests or not assignment.is_built
        return GradableAssignment(
            recorded,
            assignment.bonus_points,
            members_by_student(groups_of(course, name)),
            kept_proof(course, submission, recorded) if tested else None,
        )


def state_of(course: Course) -> str:
    """Return a fingerprint of the files that grading depends on, by their times and sizes."""
    root, settings = course.root, course.settings
    paths = [root / CONFIG_FILE, root / settings.roster, root / settings.groups, root / KEY_FILE]
    folders = {root / "solutions", root / "release", course.folder_of("release")}
    for assignment in map(course.assignment, course.assignments):
        if assignment.has_tests or not assignment.is_built:
            folders |= {assignment.sources, root / PROOFS / assignment.name}
    for folder in sorted(folders):
        paths += sorted(path for path in folder.rglob("*") if "__pycache__" not in path.parts)
    return _hash(f"{path} {_times(path)}\n".encode() for path in paths)


def _times(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return "gone"
    return f"{status.st_mtime_ns} {status.st_size}" if path.is_file() else ""


def _hash(parts: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:16]


def _gradable(course: Course) -> Iterator[str]:
    """Yield the assignments that can be graded here, as far as their files show it."""
    for name in course.assignments:
        with suppress(AutograderError):
            _ = course.assignment(name).questions, course.submission("", name), profiles_of(course, [name])
            yield name
