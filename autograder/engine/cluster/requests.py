"""What the writer asks of workers for one run, and what their answers come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograder.course import Course
from autograder.engine.cluster import course_archive, validation
from autograder.engine.cluster.serialization import Data, from_again, from_bytes, from_page, from_task
from autograder.engine.messages import GradeTask, RenderTask, ReplayTask, WorkItem
from autograder.errors import GraderError
from autograder.nbgrader.preprocessors import owner_of
from autograder.nbgrader.submission_reader import submitted_notebook
from autograder.notebooks.cells import NAMESPACE
from autograder.questions.variants import Owner
from autograder.roster import Roster


class Requests:
    """Requests that all name one course, as it is now; a worker that has another one is sent it."""

    def __init__(self, course: Course, assignments: Sequence[str]) -> None:
        self._course, self._roster = course, Roster.of(course)
        self._points = {
            name: {question.id: question.points for question in course.readable_questions(name)}
            for name in assignments
        }
        archive, settings = course_archive.pack(course, assignments), course.settings
        self.opening: Data = {
            "course": course_archive.digest(
                archive, *(part.encode() for part in (settings.seal, settings.fit, *assignments))
            ),
            "archive": from_bytes(archive), "seal": settings.seal, "fit": settings.fit,
            "assignments": list(assignments),
        }  # fmt: skip

    def of(self, item: WorkItem) -> Data:
        """A piece of work as it travels. Raises GraderError where nobody knows whose it is."""
        asked: Data = {"course": self.opening["course"]}
        if isinstance(item.data, RenderTask):
            return asked | {"work": "render", "data": from_page(item.data)}
        if isinstance(item.data, ReplayTask):
            again = replace(item.data, task=self._owned(item.data.task))
            return asked | {"work": "replay", "data": from_again(again)}
        return asked | {"work": "grade", "data": from_task(self._owned(item.data))}

    def result(self, item: WorkItem, answer: Data) -> Any:
        """What it has come to. Raises ValueError, with what was expected and found, where it is no result of it."""
        if isinstance(item.data, RenderTask):
            return validation.page_from(answer, item.data.submission)
        if isinstance(item.data, ReplayTask):
            return validation.seen_from(answer, item.data.submission)
        return validation.graded_from(answer, item.data, self._points[item.data.submission.assignment])

    def _owned(self, task: GradeTask) -> GradeTask:
        return task if task.owner is not None else replace(task, owner=self._owner(task))

    def _owner(self, task: GradeTask) -> Owner | None:
        """Who handed in; what cannot be read is nobody's."""
        submission = task.submission
        try:
            return owner_of(self._course, self._roster, submission.assignment, submission.student, task.known)
        except GraderError:
            release = self._course.release(submission.assignment, self._course.languages[0])
            if submitted_notebook(task.submitted, release).metadata[NAMESPACE].get("refused"):
                return None
            raise
