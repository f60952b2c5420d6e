"""The late penalty, by the course's own nbgrader policy."""

from __future__ import annotations

from nbgrader.plugins import BasePlugin, LateSubmissionPlugin
from traitlets.config import Config

from autograder.course import Course
from autograder.nbgrader.converters import config_of


class LatePolicy:
    """The plugin that `c.AssignLatePenalties.plugin_class` names. nbgrader's default deducts nothing by itself."""

    def __init__(self, course: Course) -> None:
        self._plugin = _plugin(config_of(course, course.root, course.gradebook_url))

    def late_penalty(self, student: str, score: float, seconds: float) -> float | None:
        """Return the late penalty in points, from 0 to `score`, or None if the policy sets none."""
        penalty = self._plugin.late_submission_penalty(student, score, seconds)
        return None if penalty is None else float(min(score, max(0, penalty)))


def _plugin(config: Config) -> BasePlugin:
    if not config.AssignLatePenalties:  # its default, without nbconvert, which takes long to import
        return LateSubmissionPlugin(config=config)
    from nbgrader.preprocessors import AssignLatePenalties

    preprocessor = AssignLatePenalties(config=config)
    preprocessor.init_plugin()
    return preprocessor.plugin_inst
