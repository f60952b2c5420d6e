"""The one writer of the gradebook: everything goes in through nbgrader's own model of it."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

import nbgrader.api
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import Index
from sqlalchemy.orm import joinedload, undefer

from autograder.course import Course, SubmissionId
from autograder.nbgrader.converters import captured
from autograder.nbgrader.grades_csv import states_of, ungraded_submissions
from autograder.nbgrader.late_policy import LatePolicy
from autograder.nbgrader.records import GradedSubmission, KnownIds, RecordedAssignment, Scores, SourceCell
from autograder.nbgrader.timestamp import submitted_at
from autograder.notebooks.cells import GRADE_SUFFIX
from autograder.notebooks.essays import manual_texts
from autograder.questions.variants import plain_id
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


def put_environment_on_path() -> None:
    """nbgrader calls `alembic` by name: let it be found though the environment is not activated."""
    folder = str(Path(sys.executable).parent)
    paths = os.environ.get("PATH", "").split(os.pathsep)
    if folder not in paths:
        os.environ["PATH"] = os.pathsep.join([folder, *paths])


@lru_cache
def newest_schema() -> str:
    """Return the revision of the newest gradebook, as `alembic heads` prints it.

    nbgrader starts `alembic` as a process for it whenever it makes a gradebook, which takes two seconds.
    """
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory(ALEMBIC_DIR).get_current_head())


# nbgrader imports this module before it opens a gradebook, whichever of its commands runs
put_environment_on_path()
nbgrader.api.get_alembic_version = newest_schema


class GradebookWriter:
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

    def grant(self, job: SubmissionId, until: datetime) -> bool:
        """Extend the due date of one submission; false where the assignment has none."""
        with captured():
            submission = self._submission(job)
            due = submission.assignment.duedate
            if due is not None:
                submission.extension = max(until.astimezone(UTC).replace(tzinfo=None) - due, timedelta())
                self._gradebook.db.commit()
        return due is not None

    def late_penalties(
        self, job: SubmissionId, auto_scores: Mapping[str, float | None] | None = None
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

    def recorded(self, assignment: str) -> RecordedAssignment:
        """What the gradebook knows of an assignment. Raises MissingEntry where it is not registered."""
        notebook = self._gradebook.find_notebook(assignment, assignment)
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
        cells = {
            cell.name: SourceCell(
                cell.cell_type, cell.source, cell.checksum, bool(cell.locked), points.get(cell.name)
            )
            for cell in notebook.source_cells
        }
        return RecordedAssignment(cells)

    def settled(self) -> set[SubmissionId]:
        """The submissions in which every grade cell of ours has a score."""
        open_ones = ungraded_submissions(self._gradebook)
        return {
            SubmissionId(submission.student_id, assignment.name)
            for assignment in self._gradebook.assignments
            for submission in assignment.submissions
            if (assignment.name, submission.student_id) not in open_ones
        }

    def write(self, graded: GradedSubmission, *, before: Mapping[str, str] = MappingProxyType({})) -> Scores:
        """Write the scores of a submission in one transaction; returns what its feedback shows.

        before: what a person graded of it, by grade id. What has not changed since stays settled.
        """
        with captured():  # SQLAlchemy warns of how nbgrader adds a submission
            return self._write(graded, before)

    def _write(self, graded: GradedSubmission, before: Mapping[str, str]) -> Scores:
        job, gradebook = graded.submission, self._gradebook
        submission = self._submission(job)
        notebook = next(one for one in submission.notebooks if one.name == job.assignment)
        texts = manual_texts(json.loads(graded.notebook)["cells"]) if before else {}
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

    def mark_ungraded(self, job: SubmissionId) -> None:
        """Let a submission that could not be graded have no automatic scores, not those from before either."""
        with captured():
            self._submission(job)
            mark_ungraded(self._gradebook, job.student, job.assignment)

    def scores(self, job: SubmissionId) -> Scores:
        """Return what the feedback of a graded submission shows."""
        with captured():
            submission = self._submission(job)
            return self._scores(next(one for one in submission.notebooks if one.name == job.assignment))

    def states(self, assignment: str) -> dict[str, str]:
        """Return what a current feedback page of an assignment shows, by student."""
        return states_of(self._gradebook, assignment)

    def known_ids(self) -> KnownIds:
        """All students, by each of their plain ids."""
        return KnownIds(known_ids(self._course, self._gradebook))

    def _submission(self, job: SubmissionId) -> Any:
        gradebook = self._gradebook
        gradebook.db.expunge_all()
        try:
            gradebook.find_student(job.student)
        except MissingEntry:
            gradebook.add_student(job.student)
        moment = submitted_at(self._course.submitted_folder(job))
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


def known_ids(course: Course, gradebook: Gradebook) -> dict[str, str]:
    """The students of the roster, of the gradebook, and those who handed in, by each of their plain ids."""
    folder = course.submitted
    listed = [(path.name, path.name) for path in folder.iterdir()] if folder.is_dir() else []
    for student in gradebook.students:
        listed += [(name, student.id) for name in (student.lms_user_id, student.id) if name]
    for person in Roster.of(course).people:
        names = (person.student_id, person.student_number, person.hub_user, person.email)
        listed += [(name, person.student_id) for name in names if name]
    return {plain_id(name): student for name, student in listed}


def mark_ungraded(gradebook: Gradebook, student: str, assignment: str) -> None:
    """Take back the automatic scores of a submission: what we could not grade has none."""
    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        return
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            if grade.cell.name.endswith(GRADE_SUFFIX):
                grade.auto_score = None
    gradebook.db.commit()


@contextlib.contextmanager
def no_score_where_it_fails(found: Mapping[str, str]) -> Iterator[None]:
    """Take back a submission's scores where the block raises: nbgrader writes 0 before it grades an odd file name.

    found: what nbgrader's resources say of the submission; without a `db_url` no gradebook is touched.
    """
    try:
        yield
    except Exception:
        if found.get("db_url"):
            with Gradebook(found["db_url"]) as gradebook:
                mark_ungraded(gradebook, found["student"], found["assignment"])
        raise
