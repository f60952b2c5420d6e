"""Which score goes into which line, and what is told of everybody else."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.lms.fill import Line, fill, plain_number
from autograder.lms.scores import LmsScores, StudentScore
from autograder.roster import Roster, RosterEntry
from autograder.text import Text

SCORES = st.floats(0, 30).map(lambda score: round(score, 2))
STATES = st.sampled_from(["settled", "waiting", "ungraded", "absent"])


def standings_of(*standings: StudentScore, most: float = 10) -> LmsScores:
    people = tuple(RosterEntry(one.student, f"Name {one.student}") for one in standings)
    return LmsScores("cells", most, Roster(people), {one.student: one for one in standings})


def line(row: int, student: str, **given: object) -> Line:
    return Line(row, {"student_id": student}, student, **given)  # type: ignore[arg-type]


@given(
    class_=st.lists(
        st.tuples(STATES, SCORES, st.sampled_from(["", "0.00", "7", "EX"])), min_size=1, max_size=8
    ),
    most=st.sampled_from([0.0, 10.0, 25.0, 100.0]),
    absent=st.sampled_from(["zero", "blank"]),
)
def test_every_settled_score_is_written_and_no_other(
    class_: list[tuple[str, float, str]], most: float, absent: str
) -> None:
    """Scaled, never above the maximum; who has none is listed; a teacher's cell stays where nothing came."""
    standings = standings_of(
        *(StudentScore(f"s{n}", state, score, waits=["essay"]) for n, (state, score, _) in enumerate(class_))
    )
    filled = fill(
        standings,
        [line(n, f"s{n}", current=current) for n, (_, _, current) in enumerate(class_)],
        most,
        absent=absent,
    )
    maximum = most or 10
    for row, (state, score, current) in enumerate(class_):
        if state == "settled":
            exact = Fraction(str(score)) * Fraction(maximum) / 10
            assert abs(Fraction(filled.scores[row]) - min(Fraction(maximum), exact)) <= Fraction("0.00501")
            assert (f"s{row}" in " ".join(map(str, filled.capped)).split()) == (exact > maximum)
        elif state == "ungraded":
            assert row not in filled.scores
            assert any(str(left).startswith(f"s{row} ") for left in filled.ungraded)
        elif state == "waiting":
            assert row not in filled.scores
            assert f"s{row}" in filled.waiting["essay"]
        else:
            assert filled.scores.get(row) == (0.0 if absent == "zero" and not current else None)
    assert filled.is_whole == ("ungraded" not in {state for state, _, _ in class_})


def test_two_lines_of_one_person_are_left_to_a_person() -> None:
    """Neither is filled, and the score counts as not delivered."""
    filled = fill(standings_of(StudentScore("kim", "settled", 5)), [line(1, "kim"), line(2, "kim")], 10)
    assert filled.scores == {}
    assert filled.unmatched[0].en == "kim: 2 rows of the sheet match kim"
    assert filled.missing == [Text.same("kim")]


def test_bonus_does_not_pass_our_maximum_unnoticed_either() -> None:
    """Where the LMS does not say what its own is."""
    filled = fill(standings_of(StudentScore("kim", "settled", 12)), [line(1, "kim")], 0)
    assert filled.scores == {1: 10}
    assert [(cut.en, cut.ko) for cut in filled.capped] == [
        ("kim (kim): 12 of 10", "kim (kim): 10점 만점에 12점")
    ]


@given(value=st.floats(0, 1e6))
def test_number_is_read_by_everybody(value: float) -> None:
    """A point, no thousands, at most two decimals, and the same number."""
    text = plain_number(value)
    assert set(text) <= set("0123456789.")
    assert abs(float(text) - value) <= 0.00501


@pytest.mark.parametrize("where", ["due", "extended"])
def test_nobody_has_a_zero_while_they_may_still_hand_in(where: str) -> None:
    """Until the due date, or their own, has passed; they are told of."""
    later, earlier = datetime(2999, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
    standings = dataclasses.replace(
        standings_of(StudentScore("kim", "absent")), due=later if where == "due" else earlier
    )
    given = line(1, "kim", extended_until=later if where == "extended" else None)
    filled = fill(standings, [given], 10)
    assert filled.scores == {}
    [kept] = filled.kept
    assert kept.en == "kim (kim): may submit until Tue, Jan 1, 2999, 00:00"
    assert kept.ko == "kim (kim): 2999년 1월 1일 (화) 00:00까지 제출할 수 있습니다"
    assert fill(dataclasses.replace(standings, due=earlier), [line(1, "kim")], 10).scores == {1: 0.0}
