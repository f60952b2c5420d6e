"""Lets nbgrader grade single submissions, by a course's config."""

from __future__ import annotations

from collections.abc import Iterable

from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from autograder.course import Course, SubmissionId
from autograder.errors import AutograderError, message_of
from autograder.i18n import _
from autograder.nbgrader.converters import captured, config_of, reason_in
from autograder.nbgrader.open_gradebook import open_gradebook
from autograder.text import Text


def unreleased(course: Course, names: Iterable[str]) -> dict[str, Text]:
    """Return why assignments cannot be graded that nbgrader has not released."""
    missing: dict[str, Text] = {}
    with open_gradebook(course) as gradebook:
        for name in names:
            try:
                gradebook.find_assignment(name)
            except MissingEntry:
                missing[name] = _(
                    "{name} is not in the gradebook; run `nbgrader generate_assignment {name}` first",
                    name=name,
                )
    return missing


def autograde(course: Course, submission: SubmissionId) -> Text | None:
    """Let nbgrader grade one submission, also if it was graded before. Return why it is not graded, or None."""
    config = config_of(course, course.root, course.gradebook_url)
    config.CourseDirectory.assignment_id = submission.assignment
    config.CourseDirectory.student_id = submission.student
    with captured() as log:
        try:
            converter = Autograde(coursedir=CourseDirectory(config=config), config=config)
            converter.force = True
            converter.start()
        except (NbGraderException, SystemExit) as error:
            return Text.same(reason_in(log.getvalue(), error))
        except AutograderError as error:
            return error.message
        except Exception as error:
            return message_of(error)
    return None
