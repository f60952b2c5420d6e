"""Builds the requests to a cluster's workers for one run, and reads their answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograder.course import Course
from autograder.engine.cluster import course_archive, validation
from autograder.engine.cluster.serialization import Data, from_task
from autograder.engine.messages import GradeTask, RenderTask, WorkItem
from autograder.engine.tested_class import profiles_of
from autograder.errors import GraderError
from autograder.graded_cells import graded_cells
from autograder.grading.submission_grader import owner_of, submitted_notebook
from autograder.notebooks.cells import NAMESPACE
from autograder.plain_data import to_data
from autograder.questions.variants import Owner
from autograder.roster import Roster


class Requests:
    """Requests that name the course in its current state. A worker that has another one is sent the archive."""

    def __init__(self, course: Course, assignments: Sequence[str]) -> None:
        """Pack what the assignments need. Raises CourseError if one cannot be graded on another machine."""
        self._course, self._roster = course, Roster.of(course)
        self._points = {
            name: {question.id: question.points for question in course.assignment(name).readable_questions}
            for name in assignments
        }
        self.have_tests = any(course.assignment(name).has_tests for name in assignments)
        """Whether an assignment has tests of nbgrader's own."""
        modules = {module for profile in profiles_of(course, assignments) for module in profile.modules}
        archive, settings = course_archive.pack(course, assignments), course.settings
        self.opening: Data = {
            "course": course_archive.digest(
                archive, *(part.encode() for part in (settings.seal, settings.fit, *assignments))
            ),
            "archive": to_data(archive), "seal": settings.seal, "fit": settings.fit,
            "assignments": list(assignments), "modules": sorted(modules),
        }  # fmt: skip

    def of(self, item: WorkItem) -> Data:
        """Encode a work item. Raises GraderError if the submitter is unknown."""
        request: Data = {"course": self.opening["course"]}
        if isinstance(item.data, RenderTask):
            return request | {"work": "render", "data": to_data(item.data)}
        return request | {"work": "grade", "data": from_task(self._with_owner(item.data))}

    def result(self, item: WorkItem, answer: Data) -> Any:
        """Return the result of an item. Raises ValueError, with what was expected and found, if it is invalid."""
        if isinstance(item.data, RenderTask):
            return validation.page_from(answer, item.data.submission)
        task, names = item.data, self._questions_of(item.data)
        points = self._points[task.submission.assignment]
        unproved = {name: reason for name, reason in task.unproved.items() if name in names}
        return validation.graded_from(
            answer, replace(task, unproved=unproved), {name: points[name] for name in names & {*points}}
        )

    def _questions_of(self, task: GradeTask) -> set[str]:
        """Return the questions in the notebook of a task: of a built assignment, all of them."""
        assignment = self._course.assignment(task.submission.assignment)
        if not task.submission.part:
            return {*self._points[assignment.name], *task.unproved}
        return {*graded_cells(assignment.sources / f"{task.submission.part}.ipynb").questions}

    def _with_owner(self, task: GradeTask) -> GradeTask:
        if task.owner is not None or (task.tests is not None and not self._questions_of(task)):
            return task  # only the numbers of questions depend on the submitter
        return replace(task, owner=self._owner(task))

    def _owner(self, task: GradeTask) -> Owner | None:
        """Return the submitter, or None for a submission that cannot be read."""
        submission = task.submission
        try:
            return owner_of(self._course, self._roster, submission.assignment, submission.student, task.known)
        except GraderError:
            release = self._course.assignment(submission.assignment).release(notebook=submission.notebook)
            if submitted_notebook(task.submitted, release).metadata[NAMESPACE].get("refused"):
                return None
            raise
