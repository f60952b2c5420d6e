"""Scaffold a question file from the template."""

from __future__ import annotations

import keyword
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.i18n import _
from autograder.notebooks import images


def new_question(course: Course, assignment: str, question: str) -> Path:
    """Write a question file from the template, ready to build, and return its path.

    Raises CourseError if a name is not a Python identifier or the file already exists.
    """
    for name in (assignment, question):
        if not name.isidentifier() or keyword.iskeyword(name):
            raise CourseError(
                _(
                    "{name} is not a Python identifier; use letters, digits and _, not a digit first, no keyword",
                    name=repr(name),
                )
            )
    if assignment == images.FOLDER:
        raise CourseError(
            _(
                "source/{assignment}/ is reserved for pictures; give the assignment another name",
                assignment=assignment,
            )
        )
    path = course.assignment(assignment).folder / f"{question}.py"
    if path.exists():
        raise CourseError(_("{path} already exists; choose another name or edit it", path=path))
    template = (Path(__file__).parent / "template.txt").read_text(encoding="utf-8")
    atomic_write(path, template.replace("my_answer", question))
    return path
