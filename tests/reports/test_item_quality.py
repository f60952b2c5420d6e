"""Verdicts on questions: what is planted is found, and a good question is never an alarm."""

from __future__ import annotations

import pytest

from autograder.reports.item_quality import ItemQuality, assess
from tests.reports.simulated import Plan, simulate

SEEDS = range(6)


def verdict(seed: int, plan: Plan, *, students: int = 100) -> ItemQuality:
    """The verdict on question q2."""
    quality = assess(simulate(seed, students=students, items=6, plan=plan))
    return next(item for item in quality.items if item.item.id == "q2")


@pytest.mark.parametrize("seed", SEEDS)
class TestPlanted:
    """Each planted fault is an alarm in a class of 100, whatever the draw."""

    def test_question_that_the_better_students_get_wrong(self, seed: int) -> None:
        """It is told as broken, with what to do."""
        found = verdict(seed, Plan(broken="q2"))
        assert found.level == "alarm"
        assert found.statistics.discrimination.high < 0
        assert "grade --preview" in found.advice.en or "largest group" in found.advice.en

    def test_check_that_fails_the_right_answers(self, seed: int) -> None:
        """The key is doubted; a class of 200 is sure of it, whatever the difficulty."""
        found = verdict(seed, Plan(miskeyed="q2"), students=200)
        assert found.level == "alarm"
        assert found.verdict in ("same answer", "reversed", "reversed check")

    def test_check_that_nobody_passes(self, seed: int) -> None:
        """The check is named."""
        found = verdict(seed, Plan(impossible="q2"))
        assert found.sentence.en == "Broken? Nobody passed “check 1 of q2”."
        assert found.sentence.ko == "점검이 필요합니다. 아무도 ‘check 1 of q2’을(를) 통과하지 못했습니다."

    @pytest.mark.parametrize("students", [20, 44, 100])
    def test_no_alarm_without_a_fault(self, seed: int, students: int) -> None:
        """In classes of three sizes."""
        quality = assess(simulate(seed, students=students, items=6))
        assert [item.item.id for item in quality.items if item.level == "alarm"] == []


def test_small_class_says_nothing() -> None:
    """Nine answers judge no question."""
    found = verdict(1, Plan(broken="q2"), students=9)
    assert (found.level, found.sentence.en) == (
        "unknown", "Too few answers to judge the question: 9."
    )  # fmt: skip


def test_facility_by_edition() -> None:
    """Each edition with its number of answers."""
    found = verdict(1, Plan())
    assert {edition: number for edition, (number, _) in found.by_edition.items()} == {"en": 34, "ko": 66}
