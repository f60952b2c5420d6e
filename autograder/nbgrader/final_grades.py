"""The gradebook as the web tool keeps it: what counts goes in, what people gave stays, what stands comes out."""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)

from autograder.course import SubmissionId
from autograder.nbgrader.converters import captured
from autograder.nbgrader.gradebook import GradebookWriter
from autograder.nbgrader.records import GradedSubmission, Scores
from autograder.notebooks.cells import GRADE_SUFFIX

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GradeOverride:
    """Points that a person gives for a grade cell, or takes back where they are None, and why."""

    cell: str
    points: float | None
    reason: str


@dataclass(frozen=True)
class Entry:
    """What the gradebook says of one submission."""

    cells: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """As `Standing.cells`; `waits` where a cell has no score yet, neither the grader's nor a person's."""
    late: float = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether every cell has a score."""
        return bool(self.cells) and not any(cell.get("waits") for cell in self.cells.values())


class FinalGrades(GradebookWriter):
    """The gradebook of a course, held open by the worker."""

    def due(self, job: SubmissionId) -> datetime | None:
        """When the gradebook says that a submission is due, with what was granted there."""
        with captured(), self._undone_where_it_fails():
            found = (
                self._gradebook.db.query(Assignment.duedate, SubmittedAssignment.extension)
                .select_from(Assignment)
                .outerjoin(
                    SubmittedAssignment,
                    (SubmittedAssignment.assignment_id == Assignment.id)
                    & (SubmittedAssignment.student_id == job.student),
                )
                .filter(Assignment.name == job.assignment)
                .first()
            )
            self._gradebook.db.rollback()
        if found is None or found[0] is None:
            return None
        due: datetime = found[0].replace(tzinfo=UTC) + (found[1] or timedelta())
        return due

    def penalty(self, student: str, score: float, seconds: float) -> float | None:
        """What the course's own policy takes off for being so late."""
        return self._late.penalty(student, score, seconds) if seconds > 0 else None

    def record_final(
        self,
        job: SubmissionId,
        graded: GradedSubmission | None,
        late: Callable[[float], float | None],
        given: Sequence[GradeOverride] = (),
    ) -> Scores | None:
        """Let one graded hand-in be what stands, with what people gave; what its feedback shows comes back.

        graded: None where nothing is graded; the grader's scores are taken back then, and where there never were any
        and nobody gives points, nothing is written. late: the points that being late takes off a score.
        All in one transaction, and the same again changes nothing.
        """
        with captured(), self._undone_where_it_fails():
            if graded is None and not given and not self._has(job):
                return None
            submission = self._submission(job)
            notebook = next(one for one in submission.notebooks if one.name == job.assignment)
            grades = self._grades(notebook)
            comments = {comment.name: comment for comment in self._comments(notebook)}
            for grade in grades:
                if graded is not None:
                    _enter(grade, graded.auto_scores.get(grade.name))
                elif grade.name.endswith(GRADE_SUFFIX):
                    grade.auto_score = None
            for name, comment in comments.items():
                comment.auto_comment = graded.auto_comments.get(name) if graded is not None else None
            for one in given:
                _give(one, {grade.name: grade for grade in grades}, comments)
            self._gradebook.db.flush()
            scores = self._scores(notebook)
            penalty = late(scores.score)
            notebook.late_submission_penalty = penalty
            self._gradebook.db.commit()
            return replace(scores, late_penalty=penalty)

    def entries(self, job: SubmissionId | None = None) -> dict[SubmissionId, Entry]:
        """What the gradebook says of each submission, or of one."""
        with captured(), self._undone_where_it_fails():
            cells: dict[SubmissionId, dict[str, dict[str, Any]]] = {}
            rows = self._of(job, Grade, BaseCell.name, Grade.auto_score, Grade.manual_score,
                            Grade.extra_credit, Grade.max_score)  # fmt: skip
            for student, assignment, name, auto, manual, extra, points in rows:
                score = auto if manual is None else manual
                cells.setdefault(SubmissionId(student, assignment), {})[name] = {
                    "score": float(score or 0.0) + float(extra or 0.0),
                    "points": float(points or 0.0),
                    "manual": manual is not None or bool(extra),
                } | ({"waits": True} if score is None else {})
            written = self._of(job, Comment, BaseCell.name, Comment.manual_comment)
            for student, assignment, name, told in written.filter(Comment.manual_comment.is_not(None)):
                of = cells.get(SubmissionId(student, assignment), {})
                cell = of.get(name + GRADE_SUFFIX) or of.get(name)
                if cell is not None and told.strip():
                    cell["comment"] = told
            late = self._late_ones(job)
            self._gradebook.db.rollback()
        return {one: Entry(found, late.get(one, 0.0)) for one, found in cells.items()}

    def _of(self, job: SubmissionId | None, row: Any, *columns: Any) -> Any:
        """A query for columns of a grade or comment, with student and assignment before them."""
        query = (
            self._gradebook.db.query(SubmittedAssignment.student_id, Assignment.name, *columns)
            .select_from(row)
            .join(BaseCell, row.cell_id == BaseCell.id)
            .join(SubmittedNotebook, row.notebook_id == SubmittedNotebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        )
        return query if job is None else query.filter(*_is(job))

    def _late_ones(self, job: SubmissionId | None) -> dict[SubmissionId, float]:
        query = (
            self._gradebook.db.query(
                SubmittedAssignment.student_id, Assignment.name, SubmittedNotebook.late_submission_penalty
            )
            .select_from(SubmittedNotebook)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .filter(SubmittedNotebook.late_submission_penalty.is_not(None))
        )
        rows = query if job is None else query.filter(*_is(job))
        return {SubmissionId(student, assignment): penalty for student, assignment, penalty in rows}

    def _has(self, job: SubmissionId) -> bool:
        try:
            self._gradebook.find_submission(job.assignment, job.student)
        except MissingEntry:
            return False
        return True

    @contextlib.contextmanager
    def _undone_where_it_fails(self) -> Iterator[None]:
        """A session that met an error takes no other work until what it was at is rolled back."""
        try:
            yield
        except BaseException:
            self._gradebook.db.rollback()
            raise


def _is(job: SubmissionId) -> tuple[Any, Any]:
    return SubmittedAssignment.student_id == job.student, Assignment.name == job.assignment


def _enter(grade: Any, found: float | None) -> None:
    """What the grader found, as nbgrader enters it; a person is to look again only where that changed."""
    if found is None or grade.auto_score != found:
        grade.needs_manual_grade = grade.manual_score is not None or found is None
    grade.auto_score = found


def _give(given: GradeOverride, grades: Mapping[str, Any], comments: Mapping[str, Any]) -> None:
    """What a person gives, as formgrader enters it; why is told where the student wrote the answer."""
    grade = grades.get(given.cell)
    if grade is None or (given.points is not None and not math.isfinite(given.points)):
        log.error("points for %r are left out: there is no such cell, or they are no number", given.cell)
        return
    grade.manual_score = given.points
    grade.needs_manual_grade = grade.manual_score is None and grade.auto_score is None
    comment = comments.get(given.cell.removesuffix(GRADE_SUFFIX)) or comments.get(given.cell)
    if comment is not None:
        comment.manual_comment = given.reason.strip() or None
