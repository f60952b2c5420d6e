"""When a hand-in may still come and what being late costs: the link's rule, and what one person was granted."""

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
    """What holds for one person in one course link."""

    due_at: datetime | None
    """None: hand in whenever."""
    extended: bool
    attempts: int
    """Made so far, whatever became of them."""
    attempts_left: int | None
    """None: as many as one likes."""
    refuses_late: bool
    late_percent: float
    """Of the score, for each day begun; 0 where the course's own policy says what being late costs."""

    def is_late(self, moment: datetime) -> bool:
        """Whether a hand-in at this moment is late."""
        return self.due_at is not None and moment > self.due_at

    def may_hand_in(self, moment: datetime) -> bool:
        """Whether one more hand-in is taken at this moment."""
        return self.attempts_left != 0 and not (self.refuses_late and self.is_late(moment))

    def penalty(self, score: float, moment: datetime) -> float | None:
        """The points that a hand-in of this moment loses, from 0 to its score; None: ask the course's own policy."""
        if not self.late_percent or self.due_at is None:
            return None
        days = math.ceil(max(moment - self.due_at, timedelta()) / DAY)
        return min(score, score * self.late_percent / 100 * days)


def policy_for(session: Session, course: Course, link: ResourceLink, person: int) -> SubmissionPolicy:
    """What holds for a person in a link today."""
    allowance = session.get(Extension, (link.id, person))
    made = session.scalars(
        select(func.count()).where(Attempt.course_link_id == link.id, Attempt.person_id == person)
    ).one()
    due = link.due_at or course.due(link.assignment or "")
    extended = allowance is not None and allowance.due_at is not None
    allowed = link.attempts_allowed
    if allowed is not None and allowance is not None:
        allowed += allowance.more_attempts
    return SubmissionPolicy(
        due_at=allowance.due_at if allowance is not None and allowance.due_at is not None else due,
        extended=extended,
        attempts=made,
        attempts_left=None if allowed is None else max(0, allowed - made),
        refuses_late=link.late_rule == "refuse",
        late_percent=link.late_percent if link.late_rule == "deduct" else 0.0,
    )
