"""Scaffold a question file from the template."""

from __future__ import annotations

import keyword
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.notebooks import images


def new_question(course: Course, assignment: str, question: str) -> Path:
    """Write a question file from the template; it builds at once.

    Raises CourseError where a name is no Python name or the file is there already.
    """
    for name in (assignment, question):
        if not name.isidentifier() or keyword.iskeyword(name):
            raise CourseError(
                f"{name!r} is no Python name: use letters, digits and _, no digit first, no keyword"
            )
    if assignment == images.FOLDER:
        raise CourseError(f"source/{assignment}/ is for pictures; give the assignment another name")
    path = course.root / "solutions" / assignment / f"{question}.py"
    if path.exists():
        raise CourseError(f"{path} is there already; choose another name or edit it")
    template = (Path(__file__).parent / "template.txt").read_text(encoding="utf-8")
    atomic_write(path, template.replace("my_answer", question))
    return path
