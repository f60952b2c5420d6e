"""The preview of a regrade as a page: who moves, in as few lines as there are changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.scaffold import new_question
from autograder.cli.regrade import untouched
from autograder.course import Course, SubmissionId
from autograder.engine.messages import Regrade, Result, ScoreChange, changes
from autograder.engine.regrade_data import GradedAgain, as_data
from autograder.grading.given_out import give_out
from autograder.grading.report import CheckResult, Report
from autograder.reports.regrade_page import grouped, render_preview
from autograder.text import Text
from tests.feedback.samples import report
from tests.support import small_course

WHY, WORSE = Text.same("accepts both: failed → passed"), Text.same("is exact: passed → failed")


@pytest.fixture
def small(tmp_path: Path) -> Course:
    """A course with an assignment."""
    return Course.open(small_course(tmp_path / "course"))


def change(number: int, after: float = 2.0, why: Text = WHY, assignment: str = "arithmetic") -> ScoreChange:
    """A student whose score of 1 changes."""
    return ScoreChange(SubmissionId(f"s{number:04}", assignment), "trip", 1.0, after, why)


def data_of(course: Course, *moved: ScoreChange, regrade: Regrade = Regrade()) -> dict[str, Any]:  # noqa: B008
    """What a regrade of these changes is as data."""
    why = Text.same("question files changed")
    graded = [(one.submission, why) for one in moved]
    names = {"s0002": "Zoë <Fox>"}
    return as_data(course, regrade, GradedAgain(graded, [], moved, names))


def cells(page: str) -> Iterator[str]:
    """The first cell of each line on who moves."""
    yield from re.findall(r'<tr><th scope="row">(.*?)</th>', page.partition('id="students"')[2])


def test_students_are_in_the_order_of_the_class(small: Course) -> None:
    """Whatever was graded first."""
    data = data_of(small, change(3), change(1), change(2))
    assert [one["student"] for one in data["changes"]] == ["s0001", "s0002", "s0003"]


def test_same_change_is_one_line(small: Course) -> None:
    """With its students; in a question, whoever loses points comes first, then what happens to most."""
    moved = [change(number) for number in (1, 2, 3)]
    data = data_of(small, change(9, 1.5), *moved, change(7, 0.0, WORSE))
    groups = grouped(data["changes"])
    assert [one["students"] for one in groups] == [
        ["s0007"],
        ["s0001", "s0002 (Zoë <Fox>)", "s0003"],
        ["s0009"],
    ]
    page = render_preview(data, "en", {})
    assert [*cells(page)] == ["s0007", "s0001, s0002 (Zoë &lt;Fox&gt;), s0003", "s0009"]


def test_student_who_moves_in_two_assignments_is_one(small: Course) -> None:
    """In the number of students; each line then names its assignment."""
    data = data_of(small, change(1), change(1, assignment="week2"))
    page = render_preview(data, "en", {})
    assert "<strong>1</strong>students with a new score" in page
    assert "<td>arithmetic <code>trip</code></td>" in page


def test_page_of_a_thousand_is_short(small: Course) -> None:
    """It names each student once, folded, and has at most 100 KB."""
    page = render_preview(data_of(small, *map(change, range(1000))), "ko", {})
    (cell,) = cells(page)
    assert cell.startswith("<details><summary>학생 1000명</summary>s0000, s0001, s0002 (Zoë")
    assert len(set(re.findall(r"s\d{4}", page))) == len(re.findall(r"s\d{4}", page)) == 1000
    assert len(page.encode()) <= 100_000


def test_lines_beyond_the_first_are_folded(small: Course) -> None:
    """Where something else happens to each of many, the first lines are in view."""
    moved = [change(number, why=Text.same(f"got {number}")) for number in range(70)]
    shown, folded = render_preview(data_of(small, *moved), "en", {}).split("<details><summary>Show 40 more")
    assert shown.count("got ") == 30
    assert folded.count("got ") == 40


def test_command_that_writes_the_scores_is_named(small: Course) -> None:
    """As the preview was asked for."""
    regrade = Regrade("trip", keep_better=True)
    page = render_preview(data_of(small, change(1), regrade=regrade), "en", {})
    assert "autograder regrade arithmetic trip --keep-better --apply --because &#34;…&#34;" in page


def test_every_assignment_is_spoken_of(small: Course) -> None:
    """Those that are graded again have lines of their own; the others are up to date, or were not given out."""
    for name in ("week1", "week2", "week3"):
        new_question(small, name, "trip")
        (small.submitted / "kim" / name).mkdir(parents=True)
    of_kim = [SubmissionId("kim", name) for name in ("week1", "week2")]
    give_out(small, of_kim, "export")
    results = [Result(of_kim[0], "graded"), Result(of_kim[1], "kept")]
    assert [line.in_language("en") for line in untouched(small, of_kim, results)] == [
        "up to date: week2",
        "not given out, so `autograder grade` changes it: week3",
    ]
    assert untouched(small, of_kim, results[1:]) == ()


def test_carried_over_is_told_without_the_words_for_the_student() -> None:
    """Its message speaks to the student whose answer it is; what is wrong in an answer is told."""

    def one(outcome: Any, message: str) -> dict[str, Report]:
        check = CheckResult("any", Text.same("any size"), outcome, 2.0, Text.same(message))
        return {"trip": report(question="trip", checks=(check,))}

    kim, before = SubmissionId("kim", "arithmetic"), one("failed", "the count is not right")
    (moved,) = changes(kim, before, one("carried", "of your own answer"))
    assert moved.reason.en == "any size: failed → carried over"
    (back,) = changes(kim, one("carried", "of your own answer"), before)
    assert back.reason.en == "any size: carried over → failed: the count is not right"
