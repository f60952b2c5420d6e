"""Writes the report on an assignment into `reports/`: a page in each language, and its data as JSON and CSV."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from autograder.course import Course, SubmissionId
from autograder.files import atomic_write, csv_file
from autograder.grading.regrade_log import regrades_of
from autograder.reports.read_class import read_class
from autograder.reports.report_data import report_data
from autograder.reports.report_files import data_path, page_paths, table_path
from autograder.reports.report_page import Links, render
from autograder.text import Text

WHO = ("student_id", "name", "email", "submitted_at")


@dataclass(frozen=True)
class WrittenReport:
    """A report that was written."""

    assignment: str
    pages: Mapping[str, Path]
    """By language."""
    data: Mapping[str, Any]

    def page(self, language: str) -> Path:
        """Return the page in a language, or in the course's first one."""
        return self.pages.get(language) or next(iter(self.pages.values()))


def write_report(
    course: Course, assignment: str, *, reasons: Mapping[str, Text] = MappingProxyType({})
) -> WrittenReport:
    """Write the report on an assignment. reasons: why submissions could not be graded, by student.

    Raises CourseError if the assignment has no submission.
    """
    data = report_data(read_class(course, assignment, reasons=reasons))
    data["regrades"] = regrades_of(course, assignment)
    pages = page_paths(course, assignment)
    table, saved = table_path(course, assignment), data_path(course, assignment)
    for language, path in pages.items():
        others = {tag: quote(page.name) for tag, page in pages.items() if tag != language}
        atomic_write(path, render(data, language, _links(course, assignment, others, saved, table)))
    atomic_write(saved, json_of(data))
    atomic_write(table, table_of(data))
    return WrittenReport(assignment, pages, data)


def json_of(data: Mapping[str, Any]) -> str:
    """Return the data of a report as JSON."""
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _links(course: Course, assignment: str, others: Mapping[str, str], data: Path, table: Path) -> Links:
    def submission(student: str) -> str:
        folder = course.submitted_folder(SubmissionId(student, assignment))
        expected = folder / f"{assignment}.ipynb"
        return _address(course, expected if expected.is_file() else folder)

    def feedback(student: str) -> str:
        return _address(course, course.feedback_path(SubmissionId(student, assignment)))

    return Links(submission, feedback, others, quote(data.name), quote(table.name))


def _address(course: Course, path: Path) -> str:
    """Return the address of a file relative to the folder of reports; empty if it is missing."""
    return quote(Path(os.path.relpath(path, course.reports)).as_posix()) if path.exists() else ""


def table_of(data: Mapping[str, Any]) -> bytes:
    """Return the scores by question as a CSV file, a line for each student.

    The column `not_carried_over` has the points that a person may grant for what is blocked as too easy.
    """
    questions: Sequence[Mapping[str, Any]] = data["questions"]
    names = [question["id"] for question in questions]
    at_stake: Counter[str] = Counter()
    for blocked in (blocked for reason in data["too_easy"] for blocked in reason["students"]):
        at_stake[blocked["student"]] += blocked["points"]
    section = ["section"] if data["sections"] else []
    rows = [[*WHO, *names, "late_penalty", "score", "max_score", "not_carried_over", *section]]
    for student in data["students"]:
        scores = [student["scores"].get(name) for name in names]
        who = [student["id"], student["name"], student["email"], student["submitted_at"]]
        grantable = at_stake.get(student["id"])
        rows.append(
            [
                *who,
                *scores,
                student["late"],
                student["score"],
                data["points"],
                grantable,
                *map(student.get, section),
            ]
        )
    return csv_file(rows)
