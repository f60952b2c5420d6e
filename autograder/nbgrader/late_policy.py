"""What lateness costs, by the course's own policy in nbgrader."""

from __future__ import annotations

from nbgrader.preprocessors import AssignLatePenalties

from autograder.course import Course
from autograder.nbgrader.converters import config_of


class LatePolicy:
    """The plugin that `c.AssignLatePenalties.plugin_class` names; nbgrader's own takes nothing off unless told to."""

    def __init__(self, course: Course) -> None:
        self._assigned = AssignLatePenalties(config=config_of(course, course.root, course.gradebook_url))
        self._assigned.init_plugin()

    def penalty(self, student: str, score: float, seconds: float) -> float | None:
        """The points that being late costs, from 0 to `score`; None where the policy says nothing."""
        penalty = self._assigned.plugin_inst.late_submission_penalty(student, score, seconds)
        return None if penalty is None else float(min(score, max(0, penalty)))
