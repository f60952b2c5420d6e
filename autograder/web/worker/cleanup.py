"""Lets go of what is no longer needed: launches that have ended, and old attempts' files where the course says so."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, FinalGrade, Launch
from autograder.web.settings import settings_of
from autograder.web.worker.attempt_files import Folder
from autograder.web.worker.open_course import OpenCourse

log = logging.getLogger(__name__)
EXPIRED = timedelta(hours=1)
"""A launch that ended just now is still known as one that ended."""


class Cleanup:
    """What is done once an hour."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def step(self, opened: OpenCourse) -> None:
        """Delete what has had its time. An attempt's row stays: it says how many were made, and what they earned."""
        with self._database.write() as session:
            session.execute(delete(Launch).where(Launch.expires_at < self._clock() - EXPIRED))
        days = settings_of(opened.course).keep_days
        if not days:
            return
        counting = select(FinalGrade.attempt_id).where(FinalGrade.attempt_id.is_not(None))
        old = (
            select(Attempt.path)
            .where(Attempt.received_at < self._clock() - timedelta(days=days))
            .where(Attempt.state.in_(("graded", "ungraded")), Attempt.id.not_in(counting))
        )
        with self._database.read() as session:
            paths = session.scalars(old).all()
        deleted = sum(Folder(opened.course, path).delete() for path in paths)
        if deleted:
            log.info("the files of %s attempts older than %s days are deleted", deleted, days)
