"""Notices what others changed in the gradebook, formgrader first of all, and has those standings worked out anew."""

from __future__ import annotations

from sqlalchemy import select

from autograder.engine.messages import Job
from autograder.nbgrader.final_grades import Entry
from autograder.web.db import final_grades
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, CourseLink, Person, Standing
from autograder.web.worker.open_course import Opened


class Noticing:
    """What the gradebook said when it was last looked at: a hash of each submission."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[Job, int] = {}

    def step(self, opened: Opened) -> None:
        """Look at all of it; what is as before costs no more than that."""
        found = opened.book.entries()
        seen = {job: hash(repr(entry)) for job, entry in found.items()}
        changed = {job for job in seen | self._seen if seen.get(job) != self._seen.get(job)}
        self._ask_for(changed, found)
        self._seen = seen

    def _ask_for(self, changed: set[Job], found: dict[Job, Entry]) -> None:
        with self._database.read() as session:
            # of an attempt that had a score and has none now, as when grading it anew failed
            lost = (
                select(Standing.course_link_id, Standing.person_id)
                .join(Attempt, Standing.attempt_id == Attempt.id)
                .where(Attempt.score.is_(None), Standing.stale.is_(False))
            )
            stale = [(link, person) for link, person in session.execute(lost)]
            if changed:
                rows = session.execute(
                    select(Standing, CourseLink.assignment, Person.student_id)
                    .join(CourseLink, Standing.course_link_id == CourseLink.id)
                    .join(Person, Standing.person_id == Person.id)
                    .where(Standing.stale.is_(False))
                )
                for row, assignment, student in rows:
                    job = Job(student or "", assignment or "")
                    entry = found.get(job, Entry())
                    if job in changed and (row.cells, row.late) != (entry.cells, entry.late):
                        stale.append((row.course_link_id, row.person_id))
        if stale:
            with self._database.write() as session:
                final_grades.ask_again(session, stale)
