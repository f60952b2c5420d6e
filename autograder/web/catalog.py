"""What the course's files say of its assignments, read anew when one of them has changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.grading.feedback import worked
from autograder.notebooks.stamp import ID_CELL
from autograder.questions.variants import pools_of
from autograder.roster import STUDENT
from autograder.submissions.collect import read_releases
from autograder.submissions.selection import manual_points
from autograder.text import Text
from autograder.web.offers import title_of

log = logging.getLogger(__name__)
QUOTED = '"{}"'


@dataclass(frozen=True)
class AssignmentInfo:
    """An assignment as students hear of it."""

    title: Text
    points: float | None
    """Without those of bonus questions; None while its question files cannot be loaded."""
    questions: Mapping[str, Text] = field(default_factory=dict)
    """Titles, by id."""
    solutions: Mapping[str, str] = field(default_factory=dict)
    """The worked answers, by id."""
    has_variants: bool = False
    """Whether its notebooks ask for the student's id, and show numbers by it."""


class AssignmentCatalog:
    """The assignments of a course, for all threads."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._lock = threading.Lock()
        self._read: dict[str, tuple[object, Any]] = {}

    def material(self, assignment: str) -> AssignmentInfo:
        """What there is to tell of an assignment."""
        course = self._course
        files = [course.source(assignment), *(course.root / "solutions" / assignment).glob("*")]
        made: AssignmentInfo = self._kept(
            f"material of {assignment}", files, partial(_material, course, assignment)
        )
        return made

    def released(self) -> Mapping[str, NotebookNode]:
        """The released notebooks by assignment, in the first language; not to be changed.

        Raises CourseError where there are none.
        """
        course = self._course
        files = [course.release(name, course.languages[0]) for name in course.assignments]
        read: Mapping[str, NotebookNode] = self._kept("released", files, partial(read_releases, course))
        return read

    def files(self, assignment: str, language: str) -> dict[str, Path]:
        """What is handed out: the notebook first, then its data, by name."""
        notebook = self._course.release(assignment, language)
        paths = [path for path in sorted(notebook.parent.rglob("*")) if path.is_file() and path != notebook]
        listed = {path.relative_to(notebook.parent).as_posix(): path for path in paths}
        shown = {
            name: path for name, path in listed.items() if not any(p[0] in "._" for p in name.split("/"))
        }
        return ({notebook.name: notebook} if notebook.is_file() else {}) | shown

    def _kept(self, name: str, files: Iterable[Path], read: Callable[[], Any]) -> Any:
        """What `read` gave when the files were as they are now."""
        seen = tuple((str(path), *_version(path)) for path in sorted(files))
        with self._lock:
            kept = self._read.get(name)
            if kept is None or kept[0] != seen:
                kept = self._read[name] = (seen, read())
            return kept[1]


def for_student(notebook: bytes, student: str | None) -> bytes:
    """A released notebook in which the student's id stands already, so that it shows their own numbers.

    All else stays to the byte. As it was released where it asks for no id, or nobody knows it.
    """
    quoted = ID_CELL.replace('"', r"\"")
    before = QUOTED.format(quoted).encode()
    if student is None or not STUDENT.fullmatch(student) or notebook.count(before) != 1:
        return notebook
    after = QUOTED.format(quoted.replace(r"\"\"", rf"\"{student}\"")).encode()
    return notebook.replace(before, after)


def _material(course: Course, assignment: str) -> AssignmentInfo:
    title = title_of(course, assignment)
    try:
        questions = course.questions(assignment)
        by_hand = sum(manual_points(course, assignment).values())
    except AutograderError as error:
        log.error("the questions of %s cannot be loaded: %s", assignment, error)
        return AssignmentInfo(title, None)
    points = sum(question.points for question in questions if not question.bonus)
    points += by_hand
    titles = {question.id: question.title for question in questions}
    return AssignmentInfo(title, points, titles, worked(questions), bool(pools_of(questions)))


def _version(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
