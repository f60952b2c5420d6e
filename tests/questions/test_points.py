"""Points are added as people add them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.grading.report import CheckResult, Report
from autograder.notebooks.stamp import statement_text
from autograder.questions.question import Question, total_points
from autograder.text import Text

TENTHS = [((0.1, 0.2), 0.3), ((0.7, 0.1), 0.8), ((1, 2), 3)]


def question_of(*points: float) -> Question:
    question = Question(title=Text(en="Sum"), statement=Text(en="Add."))
    for number, worth in enumerate(points):
        question.check(points=worth, text=Text(en=f"check {number}"))(lambda answer, case, want: None)
    return question


def report_of(*points: float) -> Report:
    checks = tuple(
        CheckResult(f"check {number}", Text(en="check"), "passed", worth)
        for number, worth in enumerate(points)
    )
    return Report("sum", Text(en="Sum"), total_points(points), checks)


@pytest.mark.parametrize(("points", "total"), TENTHS)
def test_statement_shows_points_as_people_write_them(points: tuple[float, ...], total: float) -> None:
    """0.1 and 0.2 points are 0.3 points in the heading of the question."""
    assert f"### Sum ({total} points)" in statement_text(question_of(*points), "en")


@pytest.mark.parametrize(("points", "total"), TENTHS)
def test_full_marks_equal_the_points(points: tuple[float, ...], total: float) -> None:
    """Whoever passes every check has exactly the points of the question, and no credit beyond its checks."""
    report = report_of(*points)
    assert (report.score, report.points, report.credit) == (total, total, 0)
    assert replace(report, points=10).score == total
