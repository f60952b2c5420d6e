"""Detects changes that others, above all formgrader, made in the gradebook, and marks those grades stale."""

from __future__ import annotations

from sqlalchemy import select

from autograder.course import SubmissionId
from autograder.nbgrader.final_grades import Entry
from autograder.web.db import final_grades
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, FinalGrade, Person, ResourceLink
from autograder.web.worker.open_course import OpenCourse


class GradebookWatcher:
    """Remembers a hash of each submission in the gradebook."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[SubmissionId, int] = {}

    def step(self, opened: OpenCourse) -> None:
        """Scan the whole gradebook and mark changed grades stale."""
        entries = opened.gradebook.entries()
        seen = {submission: hash(repr(entry)) for submission, entry in entries.items()}
        changed = {
            submission
            for submission in seen | self._seen
            if seen.get(submission) != self._seen.get(submission)
        }
        self._mark_stale(changed, entries)
        self._seen = seen

    def _mark_stale(self, changed: set[SubmissionId], entries: dict[SubmissionId, Entry]) -> None:
        with self._database.read() as session:
            # the attempt had a score and has none now, for example because regrading failed
            lost = (
                select(FinalGrade.course_link_id, FinalGrade.person_id)
                .join(Attempt, FinalGrade.attempt_id == Attempt.id)
                .where(Attempt.score.is_(None), FinalGrade.stale.is_(False))
            )
            stale = [(link, person) for link, person in session.execute(lost)]
            if changed:
                rows = session.execute(
                    select(FinalGrade, ResourceLink.assignment, Person.student_id)
                    .join(ResourceLink, FinalGrade.course_link_id == ResourceLink.id)
                    .join(Person, FinalGrade.person_id == Person.id)
                    .where(FinalGrade.stale.is_(False))
                )
                for row, assignment, student in rows:
                    submission = SubmissionId(student or "", assignment or "")
                    entry = entries.get(submission, Entry())
                    if submission in changed and (row.cells, row.late) != (entry.cells, entry.late):
                        stale.append((row.course_link_id, row.person_id))
        if stale:
            with self._database.write() as session:
                final_grades.mark_existing_stale(session, stale)
