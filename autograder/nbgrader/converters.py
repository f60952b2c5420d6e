"""Runs nbgrader's own converters on a course, inside this process.

Imports them where they run: they import nbconvert, which takes longer than all else that a run with nothing new needs.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import re
import sqlite3
import warnings
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.log import get_logger

from autograder.course import Course
from autograder.errors import CourseError
from autograder.i18n import _
from autograder.nbgrader.config_check import check_config
from autograder.nbgrader.sqlite_errors import explain_message
from autograder.nbgrader_hooks import check_hooks
from autograder.notebooks.cells import missing_questions, read_notebook

Resources = dict[str, Any]
"""What nbconvert hands from one preprocessor to the next; nbgrader's own are below the key `nbgrader`."""

POINTS_AT_LOG = ("Please see the ", "There was an error processing assignment")
"""Beginnings of nbgrader's lines that refer to others of its log, which nobody sees."""
SUBMITTED = re.compile("Cannot add or remove cells .* because there are submissions")
"""nbgrader's refusal to release an assignment whose cells are not those in the gradebook."""


def generate_assignment(
    course: Course, assignment: str, language: str, *, root: Path, gradebook_url: str
) -> None:
    """Release one edition from `root`'s source into `root`'s release folder, and write the given gradebook.

    Raises CourseError, with nbgrader's reason, if nbgrader fails.
    """
    from nbgrader.converters import GenerateAssignment

    config = config_of(course, root, gradebook_url)
    config.CourseDirectory.release_directory = f"release/{language}"
    config.Edition.language = language
    try:
        _start(GenerateAssignment, config, assignment)
    except CourseError as error:
        if not SUBMITTED.search(str(error)):
            raise
        path = course.assignment(assignment).release(language)
        expected = [question.id for question in course.assignment(assignment).readable_questions]
        released = read_notebook(path) if path.is_file() else NotebookNode(cells=[])
        missing = missing_questions(released, expected, course.assignment(assignment).folder)
        raise CourseError(
            next(iter(missing.values()), None)
            or _(
                "{assignment} has submissions, so no graded cell can be added to it or removed; add questions to "
                "another assignment, and keep the cells that were released",
                assignment=assignment,
            )
        ) from error


def generate_solution(
    course: Course, assignment: str, language: str, *, root: Path, gradebook_url: str
) -> None:
    """Write the solved, executed notebook of one edition into `root`/build/solution/<language>."""
    from nbgrader.converters import GenerateSolution

    config = config_of(course, root, gradebook_url)
    config.CourseDirectory.solution_directory = f"build/solution/{language}"
    config.Edition.language = language
    with _quiet_children():
        _start(GenerateSolution, config, assignment)


def config_of(course: Course, root: Path, gradebook_url: str) -> Config:
    """Return the course's nbgrader config for another folder or gradebook."""
    config = deepcopy(course.config)
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.db_url = gradebook_url
    return config


def copy_gradebook(course: Course, target: Path) -> None:
    """Copy the course's gradebook if it is an existing SQLite file.

    Raises sqlite3.OperationalError if it is locked.
    """
    path = course.gradebook_file
    if path is not None and path.exists():
        with (
            contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as old,
            contextlib.closing(sqlite3.connect(target)) as new,
        ):
            # a backup would wait for a lock forever
            old.execute("BEGIN").execute("SELECT 1 FROM sqlite_master")
            old.backup(new)


def _start(converter: Any, config: Config, assignment: str) -> None:
    from nbgrader.converters.base import NbGraderException

    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.student_id = "*"
    with captured() as log:
        coursedir = CourseDirectory(config=config)
        app = converter(coursedir=coursedir, config=config)
        app.force = True
        try:
            app.start()
        except (NbGraderException, SystemExit) as error:
            reason = reason_in(log.getvalue(), error)
            file = config.CourseDirectory.db_url.removeprefix("sqlite:///")
            raise CourseError(explain_message(reason, file) or reason) from error


@contextlib.contextmanager
def captured() -> Iterator[io.StringIO]:
    """Capture nbgrader's log, and keep it off the terminal: its errors are raised as CourseError."""
    logger = get_logger()
    handler = logging.StreamHandler(io.StringIO())
    before, propagate, level = list(logger.handlers), logger.propagate, logger.level
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbgrader's dependencies warn about the way nbgrader uses them
            yield handler.stream
    finally:
        logger.handlers, logger.propagate = before, propagate
        logger.setLevel(level)


@contextlib.contextmanager
def _quiet_children() -> Iterator[None]:
    """Keep the stderr of kernels that nbgrader starts off the terminal; their outputs are in the notebook."""
    stderr = os.dup(2)
    try:
        with Path(os.devnull).open("w") as null:
            os.dup2(null.fileno(), 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


def reason_in(log: str, error: BaseException) -> str:
    """Return the line of nbgrader's log with the reason: the last exception, else the last error."""
    lines = [line.strip() for line in log.splitlines() if line.strip() and not line.startswith(POINTS_AT_LOG)]
    raised = [line for line in lines if ": " in line and line.split(":")[0].rsplit(".")[-1].endswith("Error")]
    return (raised or lines or [str(error)])[-1]


def require_hooks(converter: Any) -> None:
    """Check that an nbgrader command runs with the preprocessors that `configure` sets. Raises NbGraderException.

    The converter has the command's own config, including options from its command line.
    """
    from nbgrader.converters.base import NbGraderException

    where = "the configuration of nbgrader"
    try:
        check_hooks(converter.config, where)
        check_config(converter.config, where)
    except CourseError as error:
        converter.log.error(str(error))
        raise NbGraderException(str(error)) from error
