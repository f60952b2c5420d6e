"""Item statistics: equal to values that were computed apart."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.reports.psychometrics import (
    Bootstrap,
    alpha_without,
    assignment_statistics,
    cronbach_alpha,
    effective_weights,
    efficiency,
    facility,
    fifths,
    interval,
    item_rest,
    item_statistics,
    standard_error,
    upper_lower,
)

ROWS = (
    "01001 11100 11001 01001 10000 10000 11100 11100 10000 10000 11100 11011 11010 10000 10110 "
    "11110 10000 01010 00000 10000 00000 11000 10000 01110 11000 10010 00000 00100 11000 01000"
)
"""The answers of thirty students to five questions, right or wrong."""
ANSWERS = np.array([[float(right) for right in row] for row in ROWS.split(" ")])
ONES = np.ones(5)
# `mirt.utils.classical.traditional(ANSWERS)` of the Python package mirt 1.2.0, which shares no code with ours
FACILITY = [0.7, 0.5333333333333333, 0.26666666666666666, 0.23333333333333334, 0.13333333333333333]
ITEM_REST = [
    -0.03512341218325774, 0.3756714418984553, 0.1741576365048091, 0.2133553445229147, 0.006152710373685644,
]  # fmt: skip
ALPHA, DEVIATION = 0.30026690391459065, 1.1366415543118709
ALPHA_WITHOUT = [
    0.41450777202072536, -0.021505376344086002, 0.2254901960784316, 0.1911825298722703, 0.34908136482939645,
]  # fmt: skip


class TestOracle:
    """The statistics that the package mirt has, too."""

    def test_facility(self) -> None:
        """The mean share of the points."""
        assert facility(ANSWERS, ONES) == pytest.approx(FACILITY)

    def test_item_rest_correlation(self) -> None:
        """Without the question in the total."""
        assert item_rest(ANSWERS) == pytest.approx(ITEM_REST)

    def test_reliability(self) -> None:
        """Cronbach's alpha, and that of the others when a question is left out."""
        assert cronbach_alpha(ANSWERS) == pytest.approx(ALPHA)
        assert alpha_without(ANSWERS) == pytest.approx(ALPHA_WITHOUT)

    def test_standard_error(self) -> None:
        """The standard deviation of the totals times the root of one minus alpha."""
        assert standard_error(ANSWERS) == pytest.approx(DEVIATION * (1 - ALPHA) ** 0.5)

    def test_unequal_points(self) -> None:
        """NumPy's own correlation, on scores with other maxima."""
        rng = np.random.default_rng(1)
        scores = rng.integers(0, 5, size=(40, 4)) * np.array([1.0, 0.5, 2.0, 4.0])
        rest = [np.delete(scores, item, axis=1).sum(axis=1) for item in range(4)]
        wanted = [np.corrcoef(scores[:, item], rest[item])[0, 1] for item in range(4)]
        assert item_rest(scores) == pytest.approx(wanted)


class TestByHand:
    """Small tables, worked out on paper from Moodle's formulas."""

    SCORES = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])

    def test_efficiency(self) -> None:
        """Covariance with the rest over that of both sorted: 1/6 over 1/6, 0 over 1/3, -1/6 over 1/2."""
        assert efficiency(self.SCORES) == pytest.approx([1, 0, -1 / 3], abs=1e-12)

    def test_effective_weights(self) -> None:
        """The roots of the covariances with the total, 1/2, 1/4 and 1/6, as shares of their sum."""
        roots = np.sqrt([1 / 2, 1 / 4, 1 / 6])
        assert effective_weights(self.SCORES) == pytest.approx(roots / roots.sum())

    def test_upper_and_lower_groups(self) -> None:
        """Of four students the best and the weakest one."""
        assert upper_lower(self.SCORES, np.ones(3)) == pytest.approx([1.0, 1.0, 0.0])

    def test_fifths(self) -> None:
        """Ten students, two in each fifth by the other question."""
        scores = np.column_stack([[0, 0, 0, 1, 1, 0, 1, 1, 2, 2], np.arange(10)]).astype(float)
        assert fifths(scores, np.array([2.0, 9.0]))[0] == pytest.approx([0, 0.25, 0.25, 0.5, 1.0])


class TestUndefined:
    """What has no value is nan, and never a warning or an error."""

    @pytest.mark.parametrize("scores", [
        np.zeros((0, 3)), np.ones((1, 3)), np.ones((7, 3)), np.zeros((7, 1)), np.full((4, 2), np.nan),
    ], ids=["nobody", "one student", "all alike", "one question", "no scores"])  # fmt: skip
    def test_nothing_to_compare(self, scores: np.ndarray) -> None:
        """Nobody, one student, everyone alike, one question, no scores at all."""
        found = item_statistics(scores, np.ones(scores.shape[1]))
        assert all(np.isnan(item.discrimination.value) for item in found)
        assert np.isnan(assignment_statistics(scores).reliability.value)

    def test_missing_scores(self) -> None:
        """A question counts those who have a score in it; correlations those who have all."""
        scores = np.vstack([ANSWERS, [[np.nan, 1, 1, 1, 1]]])
        found = item_statistics(scores, ONES)
        assert [item.n for item in found] == [30, 31, 31, 31, 31]
        assert [item.discrimination.value for item in found] == pytest.approx(ITEM_REST)


class TestBootstrap:
    """Intervals by resampling students."""

    def test_it_is_the_same_in_every_report(self) -> None:
        """The same seed, the same intervals."""
        assert item_statistics(ANSWERS, ONES, seed=3) == item_statistics(ANSWERS, ONES, seed=3)

    def test_correlation_of_a_resample(self) -> None:
        """Equals NumPy's on the students that were drawn, as often as they were drawn."""
        bootstrap = Bootstrap(len(ANSWERS), samples=5, seed=4)
        found = bootstrap.item_rest(ANSWERS)
        for sample, counts in enumerate(bootstrap._counts):
            drawn = np.repeat(ANSWERS, counts.astype(int), axis=0)
            assert found[sample] == pytest.approx(item_rest(drawn))

    def test_alpha_of_a_resample(self) -> None:
        """Equals that of the students that were drawn."""
        bootstrap = Bootstrap(len(ANSWERS), samples=5, seed=4)
        for alpha, counts in zip(bootstrap.alphas(ANSWERS), bootstrap._counts, strict=True):
            assert alpha == pytest.approx(cronbach_alpha(np.repeat(ANSWERS, counts.astype(int), axis=0)))

    def test_interval_covers_the_truth(self) -> None:
        """Of a hundred classes of 60, about 95 % have the true mean in their interval."""
        hits = 0
        for seed in range(100):
            sample = np.random.default_rng(seed).random((60, 1))
            found = interval(float(sample.mean()), Bootstrap(60, samples=400, seed=seed).means(sample)[:, 0])
            hits += found.low <= 0.5 <= found.high
        assert 88 <= hits <= 99
