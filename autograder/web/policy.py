"""The submission policy: due date, number of attempts, late penalty, with the extensions of one person."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.course import Course
from autograder.web.db.models import Attempt, Extension, ResourceLink

DAY = timedelta(days=1)


@dataclass(frozen=True)
class SubmissionPolicy:
    """The submission policy for one person in one activity."""

    due_at: datetime | None
    """None: no due date."""
    extended: bool
    """Whether the due date is that of an extension."""
    has_own_due: bool
    """Whether `due_at` comes from the resource link or an extension, and so overrides the gradebook's due date."""
    attempts: int
    """Made so far, whatever their result."""
    attempts_left: int | None
    """None: no limit."""
    refuses_late: bool
    late_percent: float
    """Percentage of the score for each day begun; 0 if the course's own policy sets the penalty."""

    def is_late(self, moment: datetime) -> bool:
        """Return whether a submission at this moment is late."""
        return self.due_at is not None and moment > self.due_at

    def may_hand_in(self, moment: datetime) -> bool:
        """Return whether another submission is accepted at this moment."""
        return self.attempts_left != 0 and not (self.refuses_late and self.is_late(moment))

    def late_penalty(self, score: float, moment: datetime) -> float | None:
        """Return the points to deduct, from 0 to the score; None if the course's own policy sets the penalty."""
        if not self.late_percent or self.due_at is None:
            return None
        days = math.ceil(max(moment - self.due_at, timedelta()) / DAY)
        return min(score, score * self.late_percent / 100 * days)


def policy_for(session: Session, course: Course, link: ResourceLink, person: int) -> SubmissionPolicy:
    """Return the policy for a person in an activity, as it is today."""
    extension = session.get(Extension, (link.id, person))
    made = session.scalars(
        select(func.count()).where(Attempt.course_link_id == link.id, Attempt.person_id == person)
    ).one()
    extended_due = extension.due_at if extension is not None else None
    due = link.due_at or course.assignment(link.assignment or "").due
    allowed = link.attempts_allowed
    if allowed is not None and extension is not None:
        allowed += extension.more_attempts
    return SubmissionPolicy(
        due_at=extended_due or due,
        extended=extended_due is not None,
        has_own_due=extended_due is not None or link.due_at is not None,
        attempts=made,
        attempts_left=None if allowed is None else max(0, allowed - made),
        refuses_late=link.late_rule == "refuse",
        late_percent=link.late_percent if link.late_rule == "deduct" else 0.0,
    )
