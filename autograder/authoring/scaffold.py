"""Scaffold a question file from the template."""

from __future__ import annotations

import keyword
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.notebooks import images


def new_question(course: Course, assignment: str, question: str) -> Path:
    """Write a question file from the template, ready to build, and return its path.

    Raises CourseError if a name is not a Python identifier or the file already exists.
    """
    for name in (assignment, question):
        if not name.isidentifier() or keyword.iskeyword(name):
            raise CourseError(
                f"{name!r} is not a Python identifier; use letters, digits and _, not a digit first, no keyword"
            )
    if assignment == images.FOLDER:
        raise CourseError(f"source/{assignment}/ is reserved for pictures; give the assignment another name")
    path = course.assignment(assignment).folder / f"{question}.py"
    if path.exists():
        raise CourseError(f"{path} already exists; choose another name or edit it")
    template = (Path(__file__).parent / "template.txt").read_text(encoding="utf-8")
    atomic_write(path, template.replace("my_answer", question))
    return path
