"""Classical test statistics of an assignment, with NumPy.

Scores are an array with a row for each student and a column for each question, `nan` where a question has no score.
Statistics that compare a question with the others use the students who have a score in every question.
A statistic that is undefined, as the correlation with a constant is, is `nan`.

Sources, by the letters in the docstrings:

- M: Moodle, "Quiz statistics calculations", https://docs.moodle.org/dev/Quiz_statistics_calculations
- C: Cronbach (1951), Coefficient alpha and the internal structure of tests, Psychometrika 16
- H: Henrysson (1963), Correction of item-total correlations in item analysis, Psychometrika 28
- K: Kelley (1939), The selection of upper and lower groups for the validation of test items, J. Educ. Psychology 30
- E: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TAIL = 0.27
"""Share of the class in each of Kelley's groups."""
ROUND_OFF = 1e-12


@dataclass(frozen=True)
class Interval:
    """An estimate with the limits of its bootstrap interval; all `nan` where it is undefined."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ItemStatistics:
    """The statistics of one question."""

    n: int
    """Students with a score."""
    facility: Interval
    """Mean score as a share of the points, 0 to 1; see `facility`."""
    deviation: float
    """Standard deviation of the score as a share of the points."""
    discrimination: Interval
    """Correlation with the other questions, -1 to 1; see `item_rest`."""
    efficiency: float
    """Discrimination as a share of what the scores allow, at most 1; see `efficiency`."""
    upper_lower: float
    """Facility in the best 27 % minus that in the weakest; see `upper_lower`."""
    intended_weight: float
    """Share of the points of all questions."""
    effective_weight: float
    """Share of the spread of the totals; see `effective_weights`."""
    fifths: tuple[float, ...]
    """Facility in each fifth of the class by the score in the other questions, the weakest first."""
    alpha_without: float
    """Reliability of the assignment without the question."""


@dataclass(frozen=True)
class AssignmentStatistics:
    """The statistics of the whole assignment."""

    n: int
    """Students with a score in every question."""
    mean: float
    deviation: float
    reliability: Interval
    """Cronbach's alpha."""
    standard_error: float
    """Standard error of measurement, in points."""


def facility(scores: Floats, points: Floats) -> Floats:
    """Return each question's mean score as a share of its points (M, facility index)."""
    return _divide(_mean_of_rows(scores), points)


def item_rest(scores: Floats) -> Floats:
    """Return each question's correlation with the sum of the others (H; M, discrimination index)."""
    rest = scores.sum(axis=1, keepdims=True) - scores
    return _divide(_covariances(scores, rest), np.sqrt(_variances(scores) * _variances(rest)))


def efficiency(scores: Floats) -> Floats:
    """Return each question's discriminative efficiency (M): its covariance with the sum of the others, divided by the
    largest one that the same scores would give, that is if the better students had the higher ones."""
    rest = scores.sum(axis=1, keepdims=True) - scores
    return _divide(_covariances(scores, rest), _covariances(np.sort(scores, axis=0), np.sort(rest, axis=0)))


def effective_weights(scores: Floats) -> Floats:
    """Return each question's share of the spread of the totals, in sum 1 (M, effective question weight).

    A question with a negative covariance with the total has the weight 0.
    """
    covariances = _covariances(scores, scores.sum(axis=1, keepdims=True))
    roots = np.sqrt(np.maximum(covariances, 0))
    return _divide(roots, roots.sum())


def upper_lower(scores: Floats, points: Floats) -> Floats:
    """Return each question's facility in the best 27 % by total minus that in the weakest (K)."""
    number = max(1, round(TAIL * len(scores))) if len(scores) else 0
    order = np.argsort(scores.sum(axis=1), kind="stable")
    return facility(scores[order[len(order) - number :]], points) - facility(scores[order[:number]], points)


def fifths(scores: Floats, points: Floats) -> Floats:
    """Return the facility of each question (row) in each fifth of the class by the sum of the others (column).

    The weakest fifth comes first. Ties are divided by the order of rows. `nan` in a class of fewer than five.
    """
    means = np.full((scores.shape[1], 5), np.nan)
    if len(scores) >= 5:
        total = scores.sum(axis=1)
        for item in range(scores.shape[1]):
            order = np.argsort(total - scores[:, item], kind="stable")
            means[item] = [part.mean() for part in np.array_split(scores[order, item], 5)]
    return _divide(means, points[:, None])


def cronbach_alpha(scores: Floats) -> float:
    """Return Cronbach's alpha (C), for scores of 0 and 1 Kuder and Richardson's formula 20. At least two questions."""
    number = scores.shape[1]
    if number < 2:
        return float("nan")
    of_total = float(_variances(scores.sum(axis=1, keepdims=True))[0])
    return float(number / (number - 1) * (1 - _divide(_variances(scores).sum(), np.float64(of_total))))


def alpha_without(scores: Floats) -> Floats:
    """Return, for each question, Cronbach's alpha of the others."""
    return np.array([cronbach_alpha(np.delete(scores, item, axis=1)) for item in range(scores.shape[1])])


def standard_error(scores: Floats) -> float:
    """Return the standard error of measurement: the standard deviation of the totals times √(1 - alpha)."""
    deviation = float(np.sqrt(_variances(scores.sum(axis=1, keepdims=True))[0]))
    alpha = cronbach_alpha(scores)
    return deviation * float(np.sqrt(max(0.0, 1 - alpha))) if np.isfinite(alpha) else float("nan")


def correlation(first: Floats, second: Floats) -> float:
    """Return the correlation of two columns over the rows with a number in both."""
    pair = complete(np.column_stack([first, second]))
    [covariance] = _covariances(pair[:, :1], pair[:, 1:])
    return float(_divide(covariance, np.sqrt(np.prod(_variances(pair)))))


class Bootstrap:
    """Samples of a class with replacement: each sample is the number of times that it holds each student."""

    def __init__(self, students: int, *, samples: int = 1000, seed: int = 0) -> None:
        """Draw the samples. The same seed gives the same ones, and so the same report."""
        rng = np.random.default_rng([seed, students])
        shares = np.full(students, 1 / max(1, students))
        drawn = rng.multinomial(students, shares, size=samples) if students else np.zeros((samples, 0))
        self._counts = drawn.astype(float)

    def means(self, values: Floats) -> Floats:
        """Return the mean of each column (last axis) in each sample (first axis), over the rows that are not `nan`."""
        finite = np.isfinite(values)
        return _divide(self._counts @ np.where(finite, values, 0.0), self._counts @ finite.astype(float))

    def item_rest(self, scores: Floats) -> Floats:
        """Return `item_rest` in each sample (first axis)."""
        rest = scores.sum(axis=1, keepdims=True) - scores
        return self.correlations(scores, rest)

    def correlations(self, first: Floats, second: Floats) -> Floats:
        """Return the correlation of each column with the same column of `second`, in each sample (first axis).

        A row counts for a column if it has a number in both.
        """
        finite = np.isfinite(first) & np.isfinite(second)
        number = self._counts @ finite.astype(float)
        # far from 0 the squares of a nearly constant column would lose their digits
        first, second = (
            np.where(finite, values - _mean_of_rows(np.where(finite, values, np.nan)), 0.0)
            for values in (first, second)
        )
        first_mean, second_mean, first_square, second_square, product = (
            _divide(self._counts @ values, number)
            for values in (first, second, first**2, second**2, first * second)
        )
        spread = _positive(first_square - first_mean**2, first) * _positive(
            second_square - second_mean**2, second
        )
        return _divide(product - first_mean * second_mean, np.sqrt(spread))

    def alphas(self, scores: Floats) -> Floats:
        """Return `cronbach_alpha` in each sample."""
        number = scores.shape[1]
        columns = np.column_stack([scores, scores.sum(axis=1)])
        columns = columns - columns.mean(axis=0)
        size = max(1, len(scores))
        variances = (self._counts @ columns**2) / size - ((self._counts @ columns) / size) ** 2
        if number < 2:
            return np.full(len(self._counts), np.nan)
        inner = _divide(variances[:, :-1].sum(axis=1), _positive(variances[:, -1], columns[:, -1]))
        return np.asarray(number / (number - 1) * (1 - inner))


def interval(value: float, samples: Floats, *, level: float = 0.95) -> Interval:
    """Return an estimate with its percentile interval (E). level: of confidence.

    Samples in which the statistic is undefined are left out; where these are more than half, the interval is `nan`.
    """
    finite = samples[np.isfinite(samples)]
    if not np.isfinite(value) or 2 * len(finite) <= len(samples):
        return Interval(float(value), float("nan"), float("nan"))
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(value), float(low), float(high))


def complete(scores: Floats) -> Floats:
    """Return the rows without `nan`."""
    return scores[np.isfinite(scores).all(axis=1)]


def item_statistics(scores: Floats, points: Floats, *, seed: int = 0) -> list[ItemStatistics]:
    """Return the statistics of each question, in order. seed: of the bootstrap."""
    whole = complete(scores)
    discriminations, efficiencies = item_rest(whole), efficiency(whole)
    differences, weights, alphas = upper_lower(whole, points), effective_weights(whole), alpha_without(whole)
    by_fifths = fifths(whole, points)
    facilities = facility(scores, points)
    of_facility = Bootstrap(len(scores), seed=seed).means(_divide(scores, points))
    of_rest = Bootstrap(len(whole), seed=seed).item_rest(whole)
    intended = _divide(points, points.sum())
    deviations = _divide(np.sqrt(_variances_known(scores)), points)
    return [
        ItemStatistics(
            n=int(np.isfinite(scores[:, item]).sum()),
            facility=interval(facilities[item], of_facility[:, item]),
            deviation=float(deviations[item]),
            discrimination=interval(discriminations[item], of_rest[:, item]),
            efficiency=float(efficiencies[item]),
            upper_lower=float(differences[item]),
            intended_weight=float(intended[item]),
            effective_weight=float(weights[item]),
            fifths=tuple(float(share) for share in by_fifths[item]),
            alpha_without=float(alphas[item]),
        )
        for item in range(scores.shape[1])
    ]


def assignment_statistics(scores: Floats, *, seed: int = 0) -> AssignmentStatistics:
    """Return the statistics of the assignment. seed: of the bootstrap."""
    whole = complete(scores)
    if len(whole) < 2:
        undefined = float("nan")
        unknown = Interval(undefined, undefined, undefined)
        mean = float(whole.sum()) if len(whole) else undefined
        return AssignmentStatistics(len(whole), mean, undefined, unknown, undefined)
    total = whole.sum(axis=1)
    alphas = Bootstrap(len(whole), seed=seed).alphas(whole)
    return AssignmentStatistics(
        n=len(whole),
        mean=float(total.mean()),
        deviation=float(total.std(ddof=1)),
        reliability=interval(cronbach_alpha(whole), alphas),
        standard_error=standard_error(whole),
    )


def _mean_of_rows(scores: Floats) -> Floats:
    finite = np.isfinite(scores)
    return _divide(np.where(finite, scores, 0.0).sum(axis=0), finite.sum(axis=0).astype(float))


def _covariances(first: Floats, second: Floats) -> Floats:
    """Return the covariance of each column with the same column of `second`, or with its only one."""
    number = len(first)
    if number < 2:
        return np.full(first.shape[1], np.nan)
    products = (first - first.mean(axis=0)) * (second - second.mean(axis=0))
    return np.asarray(products.sum(axis=0) / (number - 1))


def _variances(scores: Floats) -> Floats:
    return _covariances(scores, scores)


def _variances_known(scores: Floats) -> Floats:
    """Return the variance of each column over the rows that are not `nan`."""
    finite = np.isfinite(scores)
    number = finite.sum(axis=0).astype(float)
    deviations = np.where(finite, scores - _mean_of_rows(scores), 0.0)
    return _divide((deviations**2).sum(axis=0), number - 1)


def _positive(variances: Floats, values: Floats) -> Floats:
    """Return variances with 0 for those that are round-off of the values' size."""
    size = (values**2).max(axis=0, initial=0.0)
    return np.where(variances > ROUND_OFF * np.maximum(size, 1e-300), variances, 0.0)


def _divide(first: Any, second: Any) -> Floats:
    """Divide; `nan` where the divisor is not positive."""
    first, second = np.broadcast_arrays(np.asarray(first, float), np.asarray(second, float))
    return np.asarray(np.divide(first, second, out=np.full(first.shape, np.nan), where=second > ROUND_OFF))
