"""Deletes expired launches, and old attempt files and their failing cases if `keep_days` is set."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from autograder.web.db import kept_cases
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, FinalGrade, Launch
from autograder.web.settings import settings_of
from autograder.web.worker.attempt_files import AttemptFolder
from autograder.web.worker.open_course import OpenCourse

log = logging.getLogger(__name__)
EXPIRED = timedelta(hours=1)
"""Kept after the expiry, so that a page can say that the launch has expired."""


def clean_up(database: Database, clock: Callable[[], datetime], opened: OpenCourse) -> None:
    """Delete what has expired. The row of an attempt stays: it counts towards the limit and holds the score."""
    moment = clock()
    with database.write() as session:
        session.execute(delete(Launch).where(Launch.expires_at < moment - EXPIRED))
    days = settings_of(opened.course).keep_days
    if not days:
        return
    counting = select(FinalGrade.attempt_id).where(FinalGrade.attempt_id.is_not(None))
    old = (
        select(Attempt.id)
        .where(Attempt.received_at < moment - timedelta(days=days))
        .where(Attempt.state.in_(("graded", "ungraded")), Attempt.id.not_in(counting))
    )
    with database.write() as session:
        kept_cases.forget(session, old)
        paths = session.scalars(old.with_only_columns(Attempt.path)).all()
    deleted = sum(AttemptFolder(opened.course, path).delete() for path in paths)
    if deleted:
        log.info("deleted the files of %s attempts older than %s days", deleted, days)
