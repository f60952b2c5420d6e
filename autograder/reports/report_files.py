"""The files of a report, by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autograder.course import Course

SUFFIXES = (".html", ".json", ".csv")


def page_paths(course: Course, assignment: str) -> Mapping[str, Path]:
    """Return the path of the report's page in each language of the course."""
    return {language: course.reports / f"{assignment}.{language}.html" for language in course.languages}


def data_path(course: Course, assignment: str) -> Path:
    """Return the path of the report's data."""
    return course.reports / f"{assignment}.json"


def table_path(course: Course, assignment: str) -> Path:
    """Return the path of the scores by question."""
    return course.reports / f"{assignment}.csv"


def remove_reports(course: Course) -> None:
    """Remove all reports of a course, which hold data of every student; `autograder report` writes them again."""
    for path in course.reports.glob("*"):
        if path.suffix in SUFFIXES and path.is_file():
            path.unlink()
