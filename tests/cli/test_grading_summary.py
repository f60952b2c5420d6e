"""The summary in a terminal: short, and nothing in it is cut."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from autograder.cli.grading_summary import print_summary
from autograder.course import SubmissionId
from autograder.engine.messages import Result
from autograder.nbgrader.totals import Total

HEADINGS = {
    "en": ("assignment", "graded", "mean", "median", "range", "from 0 to", "full marks"),
    "ko": ("과제", "채점됨", "평균", "중앙값", "범위", "0점에서", "만점까지"),
}


@pytest.mark.parametrize("language", HEADINGS)
def test_nothing_is_cut_at_80_columns(language: str) -> None:
    """The table of a large class shows every heading, the whole name of an assignment, and where nobody is."""
    results = [Result(SubmissionId(f"s{number}", "lstm_parameters"), "graded") for number in range(115)]
    totals = {result.submission: Total(0.25 + number % 2 * 19, 20) for number, result in enumerate(results)}
    console = Console(width=80, file=io.StringIO())
    print_summary(console, results, language, totals)
    printed = console.file.getvalue()
    assert "…" not in printed
    assert [heading for heading in HEADINGS[language] if f" {heading} " not in printed] == []
    assert "│ lstm_parameters" in printed
    assert "│ 0.25–19.25 │ █········█ │" in printed
