"""What is blocked as too easy in the report on a class: listed for a person, and taken for nothing else."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.grading.report import CheckResult, Report
from autograder.reports.class_results import Answer, ClassResults, Item, Student
from autograder.reports.report_data import report_data
from autograder.reports.report_page import Links, render
from autograder.reports.write_report import table_of
from autograder.text import Text
from tests.reports.simulated import START

SIZE = 30
REASON = Text(ko="점수 없음: ‘식’을 고치세요", en="no points: fix “The formula”")
TITLE = Text(ko="개수", en="The count")
ITEMS = (
    Item("formula", Text(ko="식", en="The formula"), 4.0),
    Item("p1", TITLE, 1.0),
    Item("both", TITLE, 3.0),
)


def blocked(question: str, *points: float) -> Report:
    """An answer of which each check is blocked as too easy."""
    checks = tuple(
        CheckResult(f"c{place}", Text.same("counts"), "blocked", worth, REASON, too_easy=True)
        for place, worth in enumerate(points)
    )
    return Report(question, TITLE, sum(points), checks)


def student(number: int, *reports: Report, **scores: float) -> Student:
    """A student whose own formula is a constant. scores: those of a person."""
    failed = CheckResult("any", Text.same("any size"), "failed", 4.0, Text.same("not right"))
    wrong = Report(
        "formula", ITEMS[0].title, 4.0, (failed,), (NamedMisconception("constant", Text.same("a constant")),)
    )
    answers = {
        report.question: Answer(report.as_scored(scores.get(report.question)), "100") for report in reports
    }
    found = {name: answer.report.score for name, answer in answers.items()} | {"formula": 0.0} | scores
    return Student(f"s{number:02}", answers={"formula": Answer(wrong, "100")} | answers, scores=found)


def class_of(*students: Student) -> ClassResults:
    return ClassResults("c", "a", ITEMS, students, START)


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    """Thirty students who answered two questions by their own constant."""
    return report_data(class_of(*(student(n, blocked("p1", 1), blocked("both", 1, 2)) for n in range(SIZE))))


class TestWhatItIsNot:
    """It is no mistake of the question, and no missing answer."""

    def test_it_is_no_misconception(self, data: dict[str, Any]) -> None:
        """The mistake in the formula counts, once; no question that follows it is listed with or without a name."""
        assert [(one["question"], one["name"]) for one in data["misconceptions"]] == [("formula", "constant")]
        assert data["unlisted"] == []

    def test_it_is_an_answer(self, data: dict[str, Any]) -> None:
        """The line of who needs help counts it apart, neither as wrong nor as unanswered."""
        texts = [reason["en"] for reason in data["help"][0]["reasons"]]
        assert texts == ["1 wrong", "2 not carried over"]

    def test_it_is_a_group_of_its_own(self, data: dict[str, Any]) -> None:
        """All of it does the same, beside neither the right nor the wrong answers."""
        [group] = data["questions"][1]["groups"]
        assert (group["kind"], group["size"], group["checks"][0]["outcome"]) == ("too_easy", SIZE, "too_easy")


class TestTheList:
    """A person finds who could be granted what, and how."""

    def test_reason_stands_once(self, data: dict[str, Any]) -> None:
        """Thirty students with two questions each are one entry."""
        [reason] = data["too_easy"]
        assert reason["text"]["en"] == REASON.en
        assert [one["student"] for one in reason["students"]] == [f"s{n:02}" for n in range(SIZE)]
        assert reason["students"][0] == {
            "student": "s00", "points": 4.0,
            "answers": [{"question": "p1", "cell": "p1-check", "points": 1.0, "score": 1.0},
                        {"question": "both", "cell": "both-check", "points": 3.0, "score": 3.0}],
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("language", "sentence", "step"),
        [
            (
                "en",
                "No points: fix “The formula”",
                "To grant points, enter the score of the question in formgrader.",
            ),
            ("ko", "점수 없음: ‘식’을 고치세요", "인정하려면 formgrader에서 문제의 점수를 입력하세요."),
        ],
    )
    def test_the_page_says_how_to_grant_it(
        self, data: dict[str, Any], language: str, sentence: str, step: str
    ) -> None:
        """Below the reason, the cell and the score to enter stand in the line of the student."""
        page = render(data, language, Links())
        assert page.count(f"<span>{sentence}</span>") == 1
        assert page.count(step) == 1
        assert page.count("<code>both-check</code> <strong>3</strong>") == SIZE

    def test_the_table_has_the_points(self, data: dict[str, Any]) -> None:
        """The CSV file has what could be granted to each student, and nothing for who has no such answer."""
        mixed = report_data(class_of(student(0, blocked("p1", 1), blocked("both", 1, 2)), student(1)))
        rows = [*csv.DictReader(io.StringIO(table_of(mixed).decode("utf-8-sig")))]
        assert [row["not_carried_over"] for row in rows] == ["4.0", ""]

    def test_decided_answer_is_not_listed(self) -> None:
        """A grant makes it an answer that is carried over; other points of a person are a decision as well."""
        found = report_data(
            class_of(student(0, blocked("p1", 1), p1=1.0), student(1, blocked("p1", 1), p1=0.5))
        )
        assert found["too_easy"] == []
        assert sorted(group["kind"] for group in found["questions"][1]["groups"]) == ["carried", "too_easy"]
