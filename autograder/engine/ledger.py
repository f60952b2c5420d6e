"""The one writer of the gradebook: everything goes in through nbgrader's own model of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from types import MappingProxyType, TracebackType
from typing import Any, Self

from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Index
from sqlalchemy.orm import joinedload, undefer

from autograder.course import Course
from autograder.engine.data import Graded, Job, Known, Recorded, Scores, SourceCell
from autograder.engine.late import LatePolicy
from autograder.essays import texts_by_hand
from autograder.export import states_of, ungraded_submissions
from autograder.nbgrader import handed_in_at, known_ids, mark_ungraded
from autograder.pipeline import captured
from autograder.roster import Roster

# nbgrader's tables have none of these: each score, and each row of formgrader's pages, would read the whole table
INDEXES = tuple(
    Index(f"autograder_{table.__tablename__}_{name}", table.__table__.c[name])
    for table, name in (
        (Grade, "notebook_id"),
        (Comment, "notebook_id"),
        (SubmittedNotebook, "assignment_id"),
        (SubmittedAssignment, "student_id"),
    )
)


class Ledger:
    """The gradebook of a course, held open for a run."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._gradebook = Gradebook(course.gradebook_url, course.id)
        # what is written is read again for its feedback; each submission begins with nothing remembered
        self._gradebook.db().expire_on_commit = False
        self._late = LatePolicy(course)

    def __enter__(self) -> Self:
        with captured():
            for index in INDEXES:  # a new gradebook has them already
                index.create(self._gradebook.db.connection(), checkfirst=True)
            self._enter_people()
            self._enter_due_dates()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gradebook.close()

    def _enter_people(self) -> None:
        """Let the gradebook know everybody in the roster, as it knows who was entered by hand."""
        roster, database = Roster.of(self._course), self._gradebook.db
        known = {student.id: student for student in self._gradebook.students}
        for person in roster.people:
            student = known.get(person.student_id)
            if student is None:
                student = Student(id=person.student_id)
                database.add(student)
            last, comma, first = person.name.partition(", ")
            for attribute, value in (
                ("last_name", last), ("first_name", first if comma else ""), ("email", person.email),
                ("lms_user_id", person.student_number),
            ):  # fmt: skip
                if value:
                    setattr(student, attribute, value)
        database.commit()

    def _enter_due_dates(self) -> None:
        for assignment in self._gradebook.assignments:
            due = self._course.due(assignment.name)
            if due is not None:
                assignment.duedate = due.astimezone(UTC).replace(tzinfo=None)
        self._gradebook.db.commit()

    def grant(self, job: Job, until: datetime) -> bool:
        """Extend the due date of one submission; false where the assignment has none."""
        with captured():
            submission = self._submission(job)
            due = submission.assignment.duedate
            if due is not None:
                submission.extension = max(until.astimezone(UTC).replace(tzinfo=None) - due, timedelta())
                self._gradebook.db.commit()
        return due is not None

    def late_penalties(
        self, job: Job, auto_scores: Mapping[str, float | None] | None = None
    ) -> tuple[float, float]:
        """Return the penalty of a graded submission, and what its time and due date give today.

        auto_scores: what its cells are to get; None for what they have.
        """
        if job.assignment not in self._with_due_date:
            return 0, 0
        with captured():
            submission = self._submission(job)
            notebook = next(one for one in submission.notebooks if one.name == job.assignment)
            late = submission.total_seconds_late
            score = notebook.score
            if auto_scores is not None:
                score += sum(
                    (auto_scores.get(grade.name) or 0) - (grade.auto_score or 0)
                    for grade in self._grades(notebook)
                    if grade.manual_score is None
                )
            penalty = self._late.penalty(job.student, score, late) if late > 0 else None
            return notebook.late_submission_penalty or 0, penalty or 0

    @cached_property
    def _with_due_date(self) -> set[str]:
        return {
            assignment.name for assignment in self._gradebook.assignments if assignment.duedate is not None
        }

    def recorded(self, assignment: str) -> Recorded:
        """What the gradebook knows of an assignment. Raises MissingEntry where it is not registered."""
        notebook = self._gradebook.find_notebook(assignment, assignment)
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
        cells = {
            cell.name: SourceCell(
                cell.cell_type, cell.source, cell.checksum, bool(cell.locked), points.get(cell.name)
            )
            for cell in notebook.source_cells
        }
        return Recorded(cells)

    def settled(self) -> set[Job]:
        """The submissions in which every grade cell of ours has a score."""
        open_ones = ungraded_submissions(self._gradebook)
        return {
            Job(submission.student_id, assignment.name)
            for assignment in self._gradebook.assignments
            for submission in assignment.submissions
            if (assignment.name, submission.student_id) not in open_ones
        }

    def write(self, graded: Graded, *, before: Mapping[str, str] = MappingProxyType({})) -> Scores:
        """Write the scores of a submission in one transaction; returns what its feedback shows.

        before: what a person graded of it, by grade id. What has not changed since stays settled.
        """
        with captured():  # SQLAlchemy warns of how nbgrader adds a submission
            return self._write(graded, before)

    def _write(self, graded: Graded, before: Mapping[str, str]) -> Scores:
        job, gradebook = graded.job, self._gradebook
        submission = self._submission(job)
        notebook = next(one for one in submission.notebooks if one.name == job.assignment)
        texts = texts_by_hand(json.loads(graded.notebook)["cells"]) if before else {}
        for grade in self._grades(notebook):
            found = graded.auto_scores.get(grade.name)
            same = found == grade.auto_score if found is not None else _is_same(grade.name, before, texts)
            settled = grade.manual_score is not None and not grade.needs_manual_grade and same
            grade.auto_score = found
            # nbgrader would ask again for every manual score of a submission that is graded again
            grade.needs_manual_grade = not settled and (grade.manual_score is not None or found is None)
        for comment in self._comments(notebook):
            comment.auto_comment = graded.auto_comments.get(comment.name)
        notebook.late_submission_penalty = None
        gradebook.db.flush()
        if submission.total_seconds_late > 0:
            notebook.late_submission_penalty = self._late.penalty(
                job.student, notebook.score, submission.total_seconds_late
            )
        gradebook.db.commit()
        return self._scores(notebook)

    def mark_ungraded(self, job: Job) -> None:
        """Let a submission that could not be graded have no automatic scores, not those from before either."""
        with captured():
            self._submission(job)
            mark_ungraded(self._gradebook, job.student, job.assignment)

    def scores(self, job: Job) -> Scores:
        """Return what the feedback of a graded submission shows."""
        with captured():
            submission = self._submission(job)
            return self._scores(next(one for one in submission.notebooks if one.name == job.assignment))

    def states(self, assignment: str) -> dict[str, str]:
        """Return what a current feedback page of an assignment shows, by student."""
        return states_of(self._gradebook, assignment)

    def known_ids(self) -> Known:
        """All students, by each of their plain ids."""
        return Known(known_ids(self._course, self._gradebook))

    def _submission(self, job: Job) -> Any:
        gradebook = self._gradebook
        gradebook.db.expunge_all()
        try:
            gradebook.find_student(job.student)
        except MissingEntry:
            gradebook.add_student(job.student)
        moment = handed_in_at(self._course.submitted / job.student / job.assignment)
        when = {} if moment is None else {"timestamp": moment}
        return gradebook.update_or_create_submission(job.assignment, job.student, **when)

    def _grades(self, notebook: Any) -> list[Any]:
        query = self._gradebook.db.query(Grade).filter(Grade.notebook_id == notebook.id)
        return list(query.options(joinedload(Grade.cell), undefer(Grade.max_score)).populate_existing())

    def _comments(self, notebook: Any) -> list[Any]:
        query = self._gradebook.db.query(Comment).filter(Comment.notebook_id == notebook.id)
        return list(query.options(joinedload(Comment.cell)).populate_existing())

    def _scores(self, notebook: Any) -> Scores:
        query = self._gradebook.db.query(SubmittedNotebook).filter(SubmittedNotebook.id == notebook.id)
        whole = query.options(
            undefer(SubmittedNotebook.score), undefer(SubmittedNotebook.max_score)
        ).populate_existing().one()  # fmt: skip
        return Scores(
            cells={grade.name: (grade.score, grade.max_score) for grade in self._grades(notebook)},
            comments={comment.name: comment.comment for comment in self._comments(notebook)},
            score=whole.score,
            max_score=whole.max_score,
            late_penalty=whole.late_submission_penalty,
        )


def _is_same(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether what a person graded in a cell is what stands there now."""
    return name in before and before[name] == after.get(name)
