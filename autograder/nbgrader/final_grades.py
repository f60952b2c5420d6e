"""The gradebook as the web tool uses it: writes the counting attempt, keeps manual grades, reads final grades."""

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
from autograder.nbgrader.gradebook import GradebookWriter, notebook_row
from autograder.nbgrader.gradebook_queries import grade_rows, notebook_rows
from autograder.nbgrader.records import GradeRecord, Scores
from autograder.notebooks.cells import GRADE_SUFFIX

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GradeOverride:
    """Points set by a teacher for a grade cell, with the reason. None removes an earlier override."""

    cell: str
    points: float | None
    reason: str


@dataclass(frozen=True)
class Entry:
    """The scores of one submission in the gradebook."""

    cells: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """As `FinalGrade.cells`; `waits` is set for a cell without any score, automatic or manual."""
    late: float = 0.0
    """The late penalty."""

    @property
    def is_whole(self) -> bool:
        """Whether every cell has a score."""
        return bool(self.cells) and not any(cell.get("waits") for cell in self.cells.values())


class FinalGrades(GradebookWriter):
    """The gradebook of a course, held open by the worker."""

    def due(self, submission: SubmissionId) -> datetime | None:
        """Return the due date of a submission in the gradebook, including its extension, or None."""
        with captured(), self._rolled_back_on_error():
            dates = (
                self._gradebook.db.query(Assignment.duedate, SubmittedAssignment.extension)
                .select_from(Assignment)
                .outerjoin(
                    SubmittedAssignment,
                    (SubmittedAssignment.assignment_id == Assignment.id)
                    & (SubmittedAssignment.student_id == submission.student),
                )
                .filter(Assignment.name == submission.assignment)
                .first()
            )
            self._gradebook.db.rollback()
        if dates is None or dates[0] is None:
            return None
        due: datetime = dates[0].replace(tzinfo=UTC) + (dates[1] or timedelta())
        return due

    def course_late_penalty(self, student: str, score: float, seconds: float) -> float | None:
        """Return the penalty of the course's late policy, or None if the policy sets none."""
        return self._late.late_penalty(student, score, seconds) if seconds > 0 else None

    def record_final(
        self,
        submission: SubmissionId,
        graded: GradeRecord | None,
        late: Callable[[float], float | None],
        overrides: Sequence[GradeOverride] = (),
    ) -> Scores | None:
        """Write one graded attempt as the final grade, with overrides. Return what its feedback shows.

        graded: None if no attempt is graded: automatic scores are removed. Nothing is written, and None returned, if
        there never were any and there are no overrides. late: returns the late penalty for a score.
        The call is one transaction, and repeating it changes nothing.
        """
        with captured(), self._rolled_back_on_error():
            if graded is None and not overrides and not self._has(submission):
                return None
            notebook = notebook_row(self._row(submission), submission)
            grades = self._grades(notebook)
            comments = {comment.name: comment for comment in self._comments(notebook)}
            for grade in grades:
                if graded is not None:
                    _write_auto_score(grade, graded.auto_scores.get(grade.name))
                elif grade.name not in comments:  # a person grades the cells with comments
                    grade.auto_score = None
            for name, comment in comments.items():
                comment.auto_comment = graded.auto_comments.get(name) if graded is not None else None
            for override in overrides:
                _apply(override, {grade.name: grade for grade in grades}, comments)
            self._gradebook.db.flush()
            scores = self._scores(notebook)
            penalty = late(scores.score)
            notebook.late_submission_penalty = penalty
            self._gradebook.db.commit()
            return replace(scores, late_penalty=penalty)

    def entries(self, submission: SubmissionId | None = None) -> dict[SubmissionId, Entry]:
        """Return the entry of every submission, or of one."""
        with captured(), self._rolled_back_on_error():
            cells: dict[SubmissionId, dict[str, dict[str, Any]]] = {}
            rows = self._query(submission, Grade, BaseCell.name, Grade.auto_score, Grade.manual_score,
                               Grade.extra_credit, Grade.max_score)  # fmt: skip
            for student, assignment, name, auto, manual, extra, points in rows:
                score = auto if manual is None else manual
                cells.setdefault(SubmissionId(student, assignment), {})[name] = {
                    "score": float(score or 0.0) + float(extra or 0.0),
                    "points": float(points or 0.0),
                    "manual": manual is not None or bool(extra),
                } | ({"waits": True} if score is None else {})
            comments = self._query(submission, Comment, BaseCell.name, Comment.manual_comment)
            for student, assignment, name, comment in comments.filter(Comment.manual_comment.is_not(None)):
                by_name = cells.get(SubmissionId(student, assignment), {})
                cell = by_name.get(name + GRADE_SUFFIX) or by_name.get(name)
                if cell is not None and comment.strip():
                    cell["comment"] = comment
            late = self._late_penalties(submission)
            self._gradebook.db.rollback()
        return {key: Entry(values, late.get(key, 0.0)) for key, values in cells.items()}

    def _query(self, submission: SubmissionId | None, row: Any, *columns: Any) -> Any:
        """Return a query for columns of grades or comments, with student and assignment before them."""
        query = grade_rows(self._gradebook, row, SubmittedAssignment.student_id, Assignment.name, *columns)
        return query if submission is None else query.filter(*_matches(submission))

    def _late_penalties(self, submission: SubmissionId | None) -> dict[SubmissionId, float]:
        penalty = SubmittedNotebook.late_submission_penalty
        query = notebook_rows(self._gradebook, SubmittedAssignment.student_id, Assignment.name, penalty)
        rows = query.filter(penalty.is_not(None), *([] if submission is None else _matches(submission)))
        return {SubmissionId(student, assignment): penalty for student, assignment, penalty in rows}

    def _has(self, submission: SubmissionId) -> bool:
        try:
            self._gradebook.find_submission(submission.assignment, submission.student)
        except MissingEntry:
            return False
        return True

    @contextlib.contextmanager
    def _rolled_back_on_error(self) -> Iterator[None]:
        """Roll back if the block raises: a session in an error state accepts no further work until then."""
        try:
            yield
        except BaseException:
            self._gradebook.db.rollback()
            raise


def _matches(submission: SubmissionId) -> tuple[Any, Any]:
    return SubmittedAssignment.student_id == submission.student, Assignment.name == submission.assignment


def _write_auto_score(grade: Any, score: float | None) -> None:
    """Write an automatic score as nbgrader does. A manual score needs a new review only if it changed."""
    if score is None or grade.auto_score != score:
        grade.needs_manual_grade = grade.manual_score is not None or score is None
    grade.auto_score = score


def _apply(override: GradeOverride, grades: Mapping[str, Any], comments: Mapping[str, Any]) -> None:
    """Write an override as formgrader does. The reason becomes the comment on the student's answer cell."""
    grade = grades.get(override.cell)
    if grade is None or (override.points is not None and not math.isfinite(override.points)):
        log.error("override of %r is ignored: no such cell, or the points are not a number", override.cell)
        return
    grade.manual_score = override.points
    grade.needs_manual_grade = grade.manual_score is None and grade.auto_score is None
    comment = comments.get(override.cell.removesuffix(GRADE_SUFFIX)) or comments.get(override.cell)
    if comment is not None:
        comment.manual_comment = override.reason.strip() or None
