"""Re-renders feedback pages when the feedback policy changes, for example when solutions are released."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from sqlalchemy import select

from autograder.course_settings import FeedbackLevel
from autograder.errors import AutograderError
from autograder.web.db import final_grades
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, FinalGrade, ResourceLink
from autograder.web.worker.attempt_files import AttemptFolder
from autograder.web.worker.open_course import OpenCourse


class FeedbackRefresher:
    """Compares how much feedback may disclose with the pages of the attempts that count."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._known: dict[str, FeedbackLevel] = {}
        """The level at the last comparison; empty at the start, since it may have changed while no worker ran."""

    def step(self, opened: OpenCourse) -> None:
        """Mark grades stale whose pages no longer match the level of their assignment."""
        course, moment = opened.course, self._clock()
        changed: dict[str | None, FeedbackLevel] = {}
        for name in course.assignments:
            with suppress(AutograderError):  # an invalid setting is reported elsewhere
                level = course.assignment(name).feedback_level(moment)
                if self._known.get(name) != level:
                    changed[name] = level
        if not changed:
            return
        with self._database.read() as session:
            pages = session.execute(
                select(FinalGrade.course_link_id, FinalGrade.person_id, ResourceLink.assignment, Attempt.path)
                .join(ResourceLink, FinalGrade.course_link_id == ResourceLink.id)
                .join(Attempt, FinalGrade.attempt_id == Attempt.id)
                .where(ResourceLink.assignment.in_(changed), FinalGrade.stale.is_(False))
            ).all()
        outdated = [
            (link, person)
            for link, person, assignment, path in pages
            if AttemptFolder(course, path).is_outdated(changed[assignment])
        ]
        if outdated:
            with self._database.write() as session:
                final_grades.mark_existing_stale(session, outdated)
        self._known |= {name: level for name, level in changed.items() if name}
