"""What a teacher can pick: the course's assignments, with their titles and points."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import nbformat

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.submissions.selection import manual_points
from autograder.text import Text

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AssignmentOption:
    """One assignment to pick."""

    name: str
    title: Text
    points: float
    """Without those of bonus questions, which come on top of the maximum."""


def offers(course: Course) -> tuple[AssignmentOption, ...]:
    """The assignments of a course; one whose questions cannot be loaded is left out, and the log says why."""
    found = []
    for name in course.assignments:
        try:
            points = sum(question.points for question in course.questions(name) if not question.bonus)
            points += sum(manual_points(course, name).values())
        except AutograderError as error:
            log.error("%s cannot be offered: %s", name, error)
            continue
        if points > 0:  # an LMS takes no maximum of 0
            found.append(AssignmentOption(name, title_of(course, name), points))
    return tuple(found)


def title_of(course: Course, assignment: str) -> Text:
    """The first heading of the source notebook in each language; the name where there is none."""
    try:
        notebook = nbformat.read(course.source(assignment), as_version=4)
    except Exception:  # whatever a file can do; a title is not worth a launch
        return Text(ko=assignment, en=assignment)
    titles = {"ko": "", "en": ""}
    for cell in notebook.cells:
        language = cell.metadata.get("autograder", {}).get("lang", "")
        first = cell.source.lstrip().partition("\n")[0]
        if cell.cell_type == "markdown" and first.startswith("# ") and not titles.get(language, "-"):
            titles[language] = first.removeprefix("# ").strip()
    return Text(ko=titles["ko"] or titles["en"] or assignment, en=titles["en"] or titles["ko"] or assignment)
