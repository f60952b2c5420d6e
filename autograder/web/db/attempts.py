"""Queries for attempts that pages and the worker share."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.web.db.models import Attempt

QUESTION_FILES = "question files"
"""The key of a digest in `Attempt.versions`: of the question files by which all its scores were given, or empty."""
DIGITS = 16
"""The length of such a digest."""


def ordinal(session: Session, attempt: Attempt) -> int:
    """Return which of its owner's attempts it is, from 1."""
    up_to_it = select(func.count(Attempt.id)).where(
        Attempt.course_link_id == attempt.course_link_id,
        Attempt.person_id == attempt.person_id,
        Attempt.id <= attempt.id,
    )
    return session.execute(up_to_it).scalar_one()
