"""A course as the worker has it open: workers that grade, the gradebook, and what its assignments are."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.engine.factory import open_executor
from autograder.engine.messages import Executor
from autograder.errors import AutograderError, CourseError
from autograder.grading.hidden_inputs import KEY_FILE, ensure_secret
from autograder.nbgrader.final_grades import FinalGrades
from autograder.nbgrader.records import KnownIds, RecordedAssignment
from autograder.nbgrader.registration import ensure_registered
from autograder.questions.variants import Owner, plain_id
from autograder.roster import groups_of, members_by_student
from autograder.settings import CONFIG_FILE
from autograder.text import Text
from autograder.verification.proofs import check_proved

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Assignment:
    """What grading an assignment needs to know of it."""

    recorded: RecordedAssignment
    bonus: float
    """Points of its bonus questions, which come on top of the maximum."""
    groups: Mapping[str, tuple[str, ...]]
    questions: str
    """A hash of its question files."""


class OpenCourse:
    """An open course; `close` ends the workers, whatever they are at."""

    def __init__(self, course: Course, slots: int, *, closed: float, scheduler: str | None = None) -> None:
        """Open it. closed: seconds until an assignment that cannot be opened is looked at again.

        slots: how many attempts are graded side by side, where not by the workers of a cluster. scheduler: as
        `open_executor` takes it; its workers may come later, or be away for a while.

        Raises GraderError where this machine has no seal for student code, CourseError where settings are malformed.
        """
        ensure_secret(course)
        self.course, self._pause = course, closed
        self.state = state_of(course)
        self._assignments: dict[str, Assignment] = {}
        self._faults: dict[str, tuple[AutograderError, float]] = {}
        self._known: tuple[object, dict[str, str]] = (None, {})
        with ExitStack() as stack:
            self.book = stack.enter_context(FinalGrades(course))
            # apart, even one: this process has leases to extend while a model trains
            self.engine: Executor = open_executor(
                course, list(_gradable(course)), workers=slots, scheduler=scheduler, apart=True, wait=False,
                on_message=_log,
            )  # fmt: skip
            stack.callback(self.engine.close)
            self._stack = stack.pop_all()

    @property
    def slots(self) -> int:
        """How many attempts are graded side by side; 0 while the workers of a cluster are away."""
        return self.engine.slots

    def close(self) -> None:
        """End the workers and let go of the gradebook."""
        self._stack.close()

    def assignment(self, name: str) -> Assignment:
        """What an assignment is; the gradebook knows it from now on. Raises AutograderError where there is none."""
        if name not in self._assignments:
            fault, until = self._faults.get(name, (None, 0.0))
            if fault is not None and time.monotonic() < until:
                raise fault
            try:
                self._assignments[name] = self._open(name)
            except AutograderError as error:
                if fault is None or str(fault) != str(error):
                    log.error("hand-ins to %s wait, since it cannot be graded: %s", name, error)
                self._faults[name] = error, time.monotonic() + self._pause
                raise
        return self._assignments[name]

    def owner(self, name: str, student: str, known: Mapping[str, str]) -> Owner:
        """Who hands in: the LMS vouches for it, whether the roster has them or not."""
        return Owner(self.course.id, student, known, self.assignment(name).groups.get(student, ()))

    def known(self, changed: object, launched: Callable[[], Iterator[str]]) -> Mapping[str, str]:
        """All students by each of their plain ids: the roster's, the gradebook's, and those who were launched.

        Read again when `changed` is another than before, or somebody is new in `submitted`.
        """
        folder = self.course.submitted
        changed = changed, folder.stat().st_mtime_ns if folder.is_dir() else 0
        if self._known[0] != changed:
            self._known = (
                changed,
                KnownIds({plain_id(one): one for one in launched()} | self.book.known_ids()),
            )
        return self._known[1]

    def _open(self, name: str) -> Assignment:
        course = self.course
        course.check_assignment(name)
        questions = course.questions(name)
        if not course.release(name, course.languages[0]).exists():
            raise CourseError(f"{name} has no release: run `autograder build {name}`")
        check_proved(course, name)
        ensure_registered(course, [name])
        return Assignment(
            self.book.recorded(name),
            sum(question.points for question in questions if question.bonus),
            members_by_student(groups_of(course, name)),
            _hash(path.read_bytes() for path in sorted((course.root / "solutions" / name).glob("*.py"))),
        )


def state_of(course: Course) -> str:
    """Another text whenever a file changed that grading goes by."""
    root, settings = course.root, course.settings
    paths = [root / CONFIG_FILE, root / settings.roster, root / settings.groups, root / KEY_FILE]
    for folder in ("solutions", "release"):
        paths += sorted(path for path in (root / folder).rglob("*") if "__pycache__" not in path.parts)
    return _hash(f"{path} {_times(path)}\n".encode() for path in paths)


def _times(path: Path) -> str:
    try:
        told = path.stat()
    except OSError:
        return "gone"
    return f"{told.st_mtime_ns} {told.st_size}" if path.is_file() else ""


def _hash(parts: Iterator[bytes]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    return whole.hexdigest()[:16]


def _gradable(course: Course) -> Iterator[str]:
    """The assignments whose questions can be loaded."""
    for name in course.assignments:
        with suppress(AutograderError):
            course.questions(name)
            yield name


def _log(text: Text) -> None:
    log.info("%s", text.en)
