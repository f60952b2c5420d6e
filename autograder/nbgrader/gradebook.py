"""The gradebook's only writer. It writes through nbgrader's own model, never with SQL of its own."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Collection, Iterator, Mapping
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
from autograder.nbgrader.gradebook_queries import digests_of, settled_notebooks
from autograder.nbgrader.late_policy import LatePolicy
from autograder.nbgrader.open_gradebook import open_gradebook
from autograder.nbgrader.records import (
    GradeRecord,
    KnownIds,
    ManualScore,
    RecordedNotebook,
    Scores,
    ScoreState,
    SourceCell,
)
from autograder.nbgrader.timestamp import submitted_at
from autograder.notebooks.cells import GRADE_SUFFIX
from autograder.notebooks.essays import manual_texts
from autograder.questions.variants import plain_id
from autograder.roster import Roster
from autograder.submissions.placement import attempt_of

# nbgrader's tables lack these indexes: each score, and each row of formgrader's pages, would scan the whole table
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
    """Put the environment's scripts on PATH: nbgrader calls `alembic` by name, even if no environment is activated."""
    folder = str(Path(sys.executable).parent)
    paths = os.environ.get("PATH", "").split(os.pathsep)
    if folder not in paths:
        os.environ["PATH"] = os.pathsep.join([folder, *paths])


@lru_cache
def newest_schema() -> str:
    """Return the revision of the newest gradebook, as `alembic heads` prints it.

    nbgrader starts an `alembic` process for that whenever it creates a gradebook, which takes two seconds.
    """
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory(ALEMBIC_DIR).get_current_head())


# each of nbgrader's commands imports this module before it opens a gradebook
put_environment_on_path()
nbgrader.api.get_alembic_version = newest_schema


class GradebookWriter:
    """The gradebook of a course, open for a run."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._gradebook = open_gradebook(course)
        # what is written is read again for the feedback; each submission starts with an empty session
        self._gradebook.db().expire_on_commit = False
        self._late = LatePolicy(course)

    def __enter__(self) -> Self:
        with captured():
            for index in INDEXES:  # a new gradebook has them already
                index.create(self._gradebook.db.connection(), checkfirst=True)
            self._write_students()
            self._write_due_dates()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gradebook.close()

    def _write_students(self) -> None:
        """Add or update a student for each person in the roster; students entered manually stay."""
        roster, database = Roster.of(self._course), self._gradebook.db
        students = {student.id: student for student in self._gradebook.students}
        for person in roster.people:
            student = students.get(person.student_id)
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

    def _write_due_dates(self) -> None:
        for assignment in self._gradebook.assignments:
            due = self._course.assignment(assignment.name).due
            if due is not None:
                assignment.duedate = due.astimezone(UTC).replace(tzinfo=None)
        self._gradebook.db.commit()

    def grant(self, submission: SubmissionId, until: datetime) -> bool:
        """Extend the due date of a submission. Return False if the assignment has no due date."""
        with captured():
            row = self._row(submission)
            due = row.assignment.duedate
            if due is not None:
                row.extension = max(until.astimezone(UTC).replace(tzinfo=None) - due, timedelta())
                self._gradebook.db.commit()
        return due is not None

    def score_manually(self, scores: Mapping[tuple[SubmissionId, str], ManualScore]) -> None:
        """Write what a person gave manually graded cells, by name, in one transaction, as formgrader does."""
        with captured():
            for (submission, name), manual in scores.items():
                notebook, _slash, grade_id = name.rpartition("/")
                cell = grade_id, notebook or submission.notebook, submission.assignment, submission.student
                if manual.score is not None:
                    grade = self._gradebook.find_grade(*cell)
                    grade.manual_score, grade.needs_manual_grade = manual.score, False
                if manual.comment:
                    self._gradebook.find_comment(*cell).manual_comment = manual.comment
            self._gradebook.db.commit()

    def late_penalties(
        self, submission: SubmissionId, auto_scores: Mapping[str, float | None] | None = None
    ) -> tuple[float, float]:
        """Return the recorded late penalty of a graded submission, and the one that its dates give today.

        auto_scores: the new scores of its cells; None for the recorded ones.
        """
        if submission.assignment not in self._with_due_date:
            return 0, 0
        with captured():
            row = self._row(submission)
            notebook = notebook_row(row, submission)
            late = row.total_seconds_late
            score = notebook.score
            if auto_scores is not None:
                score += sum(
                    (auto_scores.get(grade.name) or 0) - (grade.auto_score or 0)
                    for grade in self._grades(notebook)
                    if grade.manual_score is None
                )
            penalty = self._late.late_penalty(submission.student, score, late) if late > 0 else None
            return notebook.late_submission_penalty or 0, penalty or 0

    @cached_property
    def _with_due_date(self) -> set[str]:
        return {
            assignment.name for assignment in self._gradebook.assignments if assignment.duedate is not None
        }

    def recorded(self, submission: SubmissionId) -> RecordedNotebook:
        """Return the cells of a submission's notebook as released. Raises MissingEntry if it is not registered."""
        return recorded_notebook(self._gradebook, submission)

    def settled(self) -> set[tuple[str, str, str]]:
        """Return student, assignment and notebook wherever every automatically graded cell has a score."""
        return settled_notebooks(self._gradebook)

    def write(self, graded: GradeRecord, *, before: Mapping[str, str] = MappingProxyType({})) -> Scores:
        """Write the scores of a submission in one transaction. Return what its feedback shows.

        before: the manually graded texts, by grade id. A manual score of an unchanged text needs no new review.
        """
        submission, gradebook = graded.submission, self._gradebook
        with captured():  # SQLAlchemy warns about the way nbgrader adds a submission
            row = self._row(submission)
            notebook = notebook_row(row, submission)
            texts = manual_texts(json.loads(graded.notebook)["cells"]) if before else {}
            for grade in self._grades(notebook):
                score = graded.auto_scores.get(grade.name)
                same = score == grade.auto_score if score is not None else _is_same(grade.name, before, texts)
                settled = grade.manual_score is not None and not grade.needs_manual_grade and same
                grade.auto_score = score
                # nbgrader would ask again for every manual score of a submission that is graded again
                grade.needs_manual_grade = not settled and (grade.manual_score is not None or score is None)
            for comment in self._comments(notebook):
                comment.auto_comment = graded.auto_comments.get(comment.name)
            self._write_late_penalty(row, notebook)
            gradebook.db.commit()
            return self._scores(notebook)

    def _write_late_penalty(self, row: Any, notebook: Any) -> None:
        notebook.late_submission_penalty = None
        self._gradebook.db.flush()
        if row.total_seconds_late > 0:
            notebook.late_submission_penalty = self._late.late_penalty(
                row.student_id, notebook.score, row.total_seconds_late
            )

    def mark_ungraded(self, submission: SubmissionId) -> None:
        """Remove all automatic scores, earlier ones too, of a notebook that could not be graded."""
        with captured():
            self._row(submission)
            mark_ungraded(self._gradebook, submission)

    def scores(self, submission: SubmissionId) -> Scores:
        """Return what the feedback of a graded submission shows."""
        with captured():
            return self._scores(notebook_row(self._row(submission), submission))

    def scores_by_hand(self, submission: SubmissionId) -> dict[str, float]:
        """Return the scores that a person gave in the place of those of the checks, by question."""
        with captured():
            return {
                grade.name.removesuffix(GRADE_SUFFIX): grade.manual_score
                for grade in self._grades(notebook_row(self._row(submission), submission))
                if grade.name.endswith(GRADE_SUFFIX) and grade.manual_score is not None
            }

    def auto_scores(self, submission: SubmissionId) -> dict[str, float]:
        """Return the automatic scores of a submission that are on record, by grade cell."""
        with captured():
            return {
                grade.name: grade.auto_score
                for grade in self._grades(notebook_row(self._row(submission), submission))
                if grade.auto_score is not None
            }

    def write_late_penalty(self, submission: SubmissionId) -> None:
        """Write the late penalty that the dates of a graded submission give today."""
        with captured():
            row = self._row(submission)
            self._write_late_penalty(row, notebook_row(row, submission))
            self._gradebook.db.commit()

    def score_state(self, submission: SubmissionId) -> ScoreState:
        """Return the scores of a graded submission, to put them back later."""
        with captured():
            notebook = notebook_row(self._row(submission), submission)
            grades = self._grades(notebook)
            return ScoreState(
                scores={grade.name: grade.auto_score for grade in grades},
                comments={comment.name: comment.auto_comment for comment in self._comments(notebook)},
                manual={grade.name: grade.manual_score for grade in grades},
                waits={grade.name: bool(grade.needs_manual_grade) for grade in grades},
            )

    def put_states(
        self,
        states: Mapping[SubmissionId, ScoreState],
        *,
        taken_back: Collection[tuple[SubmissionId, str]] = (),
    ) -> None:
        """Write the scores and comments of many submissions, which are in the gradebook, in one transaction.

        Scores of people stay, but for those taken_back, by submission and cell. Writing the same again changes nothing.
        """
        gradebook = self._gradebook
        with captured():
            gradebook.db.expunge_all()
            for submission, state in states.items():
                row = gradebook.find_submission(submission.assignment, submission.student)
                notebook = notebook_row(row, submission)
                for grade in self._grades(notebook):
                    if (submission, grade.name) in taken_back:
                        grade.manual_score = state.manual.get(grade.name)
                    _put_score(grade, state)
                for comment in self._comments(notebook):
                    comment.auto_comment = state.comments.get(comment.name)
                self._write_late_penalty(row, notebook)
            gradebook.db.commit()

    def page_digests(self, assignment: str, notebook: str) -> dict[str, str]:
        """Return the digest of the scores that an up-to-date feedback page of a notebook shows, by student."""
        return digests_of(self._gradebook, assignment, notebook)

    def known_ids(self) -> KnownIds:
        """Return all students, by each of their plain ids."""
        return KnownIds(known_ids(self._course, self._gradebook))

    def _row(self, submission: SubmissionId) -> Any:
        """Return nbgrader's row of a submission, and create it, and the student, if missing."""
        gradebook = self._gradebook
        gradebook.db.expunge_all()
        try:
            gradebook.find_student(submission.student)
        except MissingEntry:
            gradebook.add_student(submission.student)
        timestamp = submitted_at(self._course.submitted_folder(submission))
        values = {} if timestamp is None else {"timestamp": timestamp}
        return gradebook.update_or_create_submission(submission.assignment, submission.student, **values)

    def _grades(self, notebook: Any) -> list[Any]:
        query = self._gradebook.db.query(Grade).filter(Grade.notebook_id == notebook.id)
        return list(query.options(joinedload(Grade.cell), undefer(Grade.max_score)).populate_existing())

    def _comments(self, notebook: Any) -> list[Any]:
        query = self._gradebook.db.query(Comment).filter(Comment.notebook_id == notebook.id)
        return list(query.options(joinedload(Comment.cell)).populate_existing())

    def _scores(self, notebook: Any) -> Scores:
        query = self._gradebook.db.query(SubmittedNotebook).filter(SubmittedNotebook.id == notebook.id)
        totals = query.options(
            undefer(SubmittedNotebook.score), undefer(SubmittedNotebook.max_score)
        ).populate_existing().one()  # fmt: skip
        grades, timestamp = self._grades(notebook), notebook.assignment.timestamp
        return Scores(
            cells={grade.name: (grade.score, grade.max_score) for grade in grades},
            comments={comment.name: comment.comment for comment in self._comments(notebook)},
            score=totals.score,
            max_score=totals.max_score,
            late_penalty=totals.late_submission_penalty,
            waiting=tuple(sorted(grade.name for grade in grades if is_waiting(grade))),
            handed_in="" if timestamp is None else timestamp.replace(tzinfo=UTC).isoformat(),
            attempt=attempt_of(
                self._course, SubmissionId(notebook.assignment.student_id, notebook.assignment.name)
            ),
        )


def recorded_notebook(gradebook: Gradebook, submission: SubmissionId) -> RecordedNotebook:
    """Return the cells of a submission's notebook as released. Raises MissingEntry if it is not registered."""
    notebook = gradebook.find_notebook(submission.notebook, submission.assignment)
    points = {cell.name: cell.max_score for cell in notebook.grade_cells}
    cells = {
        cell.name: SourceCell(
            cell.cell_type, cell.source, cell.checksum, bool(cell.locked), points.get(cell.name)
        )
        for cell in notebook.source_cells
    }
    return RecordedNotebook(cells)


def points_of(recorded: RecordedNotebook) -> dict[str, float]:
    """Return the points of the automatically graded cells of a notebook, by question."""
    return {
        name.removesuffix(GRADE_SUFFIX): cell.max_score
        for name, cell in recorded.cells.items()
        if cell.max_score is not None
    }


def notebook_row(row: Any, submission: SubmissionId) -> Any:
    """Return nbgrader's row of a notebook of a submission."""
    return next(notebook for notebook in row.notebooks if notebook.name == submission.notebook)


def _put_score(grade: Any, state: ScoreState) -> None:
    """Write the automatic score of a cell, and whether the cell waits for a person."""
    score, manual = state.scores.get(grade.name), grade.manual_score
    if state.waits and manual == state.manual.get(grade.name):
        grade.needs_manual_grade = state.waits.get(grade.name, False)
    elif score != grade.auto_score or manual is None:
        grade.needs_manual_grade = manual is not None or score is None
    grade.auto_score = score


def is_waiting(grade: Any) -> bool:
    """Return whether a cell has no score yet: it is graded manually, or could not be graded."""
    return grade.auto_score is None and grade.manual_score is None


def _is_same(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Return whether the text that was graded manually is still in the cell."""
    return name in before and before[name] == after.get(name)


def known_ids(course: Course, gradebook: Gradebook) -> dict[str, str]:
    """Return the students in the roster, in the gradebook and with a submission, by each of their plain ids."""
    folder = course.submitted
    listed = [(path.name, path.name) for path in folder.iterdir()] if folder.is_dir() else []
    for student in gradebook.students:
        listed += [(name, student.id) for name in (student.lms_user_id, student.id) if name]
    for person in Roster.of(course).people:
        names = (person.student_id, person.student_number, person.hub_user, person.email)
        listed += [(name, person.student_id) for name in names if name]
    for student, others in course.settings.other_ids.items():
        listed += [(name, student) for name in others]
    return {plain_id(name): student for name, student in listed}


def mark_ungraded(gradebook: Gradebook, submission: SubmissionId) -> None:
    """Remove the automatic scores of a notebook that could not be graded."""
    try:
        row = gradebook.find_submission(submission.assignment, submission.student)
    except MissingEntry:
        return
    notebook = notebook_row(row, submission)
    answers = {cell.name for cell in notebook.notebook.solution_cells}
    for grade in notebook.grades:
        if grade.cell.name not in answers:
            grade.auto_score = None
    gradebook.db.commit()


@contextlib.contextmanager
def ungraded_on_error(resources: Mapping[str, str]) -> Iterator[None]:
    """Remove a notebook's scores if the block raises: nbgrader writes 0 before it grades an odd file name.

    resources: nbgrader's resources of the submission; without a `db_url` no gradebook is touched.
    """
    try:
        yield
    except Exception:
        if resources.get("db_url"):
            with Gradebook(resources["db_url"]) as gradebook:
                mark_ungraded(
                    gradebook,
                    SubmissionId(resources["student"], resources["assignment"], resources["notebook"]),
                )
        raise
