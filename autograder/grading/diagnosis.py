"""Diagnose a wrong answer: the misconception it shows, or the formula that a counting function really computes.

Both are derived from the returned values, never from the source text.
"""

from __future__ import annotations

import copy
import decimal
import inspect
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.errors import AnswerError, Fail
from autograder.questions.question import Case, Misconception, Question, Term
from autograder.text import Text

SPARE = 2
"""Points beyond the number of terms that a formula must also fit before it is accepted."""


ENOUGH = 3
"""Minimum number of wrong values for a statement about all of them."""


MAX_COMPARED = 60
"""Characters of an error's text that are compared; a longer text may reach the grader truncated."""


Point = tuple[Mapping[str, Any], Any, Any]
"""Arguments by name, the actual value, the expected value."""


@dataclass(frozen=True)
class NamedMisconception:
    """A misconception recognized in an answer."""

    name: str
    text: Text
    credit: float = 0.0
    in_part: bool = False
    """Whether it explains some inputs only, as its text says, and the answer is right for the others."""


@dataclass(frozen=True)
class CaseResult:
    """A case with the expected and the actual value, and its arguments after the call if the answer changed them."""

    case: Case
    want: Any
    got: Any
    arguments: tuple[Any, ...] | None = None
    error: AnswerError | None = None


def recognized(
    question: Question, results: Sequence[CaseResult], failed: Collection[str]
) -> list[NamedMisconception]:
    """Return the misconceptions that return what the answer returned, raise where it raised, and fail what it failed.

    failed: names of the checks that failed or errored. If no misconception matches in type as well, those that match
    in value are returned.
    """
    judged = [result for result in results if result.error is None]
    if not judged or any(result.error is not None and result.error.fault != "raised" for result in results):
        return []
    for typed in (True, False):
        if not typed and all(result.error is None and same(result.got, result.want) for result in results):
            break  # the values are right: only a misconception about their type could be named
        named = [
            NamedMisconception(known.name, known.text, known.credit)
            for known in question.misconceptions
            if all(check.name in failed for check in known.fails) and shows(known, results, typed=typed)
        ]
        if named:
            return named
    return []


def shows(known: Misconception, results: Sequence[CaseResult], *, typed: bool) -> bool:
    """Return whether an answer gave what a misconception gives for all these inputs. typed: in the same type, too."""
    if known.seen_in is not None:
        seen_in = known.seen_in
        return all(result.error is None and _is_silent(seen_in, result) for result in results)
    for result in results:
        given = copy.deepcopy(result.case)
        try:
            mistaken = known.answer(*given.args, **given.kwargs)
        except Exception as error:  # a misconception may be undefined for some input, as the answer was
            if result.error is None or not _same_error(error, result.error):
                return False
            continue
        if result.error is not None or not same(result.got, mistaken, typed=typed):
            return False
    return True


def _same_error(expected: Exception, raised: AnswerError) -> bool:
    """Return whether an answer raised the expected error: other mistakes may raise for the same inputs, too.

    An expected error without a text matches any error.
    """
    kind, text, message = (
        re.sub(r"\d+", "", words) for words in (type(expected).__name__, str(expected), raised.message.en)
    )
    return not text or (kind in message and text[:MAX_COMPARED] in message)


def _is_silent(judge: Callable[[Any, Case, Any], None], result: CaseResult) -> bool:
    try:
        judge(result.got, result.case, result.want)
    except Fail:
        return False
    return True


def same(first: Any, second: Any, *, typed: bool = False) -> bool:
    """Return whether two answers are the same value, whatever number or sequence type holds it.

    typed: also require that both are arrays if one is, and that their dtypes agree.
    """
    first, second = (value[()] if isinstance(value, np.ndarray) else value for value in (first, second))
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        if first.shape != second.shape or (typed and first.dtype != second.dtype):
            return False
        rough = np.float32 in (first.dtype, second.dtype)
        first, second = first.astype(float), second.astype(float)
        # the difference of large float32 numbers is only as exact as these are
        size = np.abs(second[np.isfinite(second)]).max(initial=1.0) if rough else 1.0
        return bool(np.allclose(first, second, atol=1e-6 * size, equal_nan=True))
    sequences = (list, tuple) if typed else (list, tuple, np.ndarray)
    if isinstance(first, sequences) and isinstance(second, sequences):
        # a nested list is not equal to an array with more axes: it would first have to be converted to one
        flat = all(value.ndim == 1 for value in (first, second) if isinstance(value, np.ndarray))
        pairs = zip(first, second, strict=False)
        return flat and len(first) == len(second) and all(same(*pair, typed=typed) for pair in pairs)
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(
            same(value, second[key], typed=typed) for key, value in first.items()
        )
    if any(isinstance(value, (list, tuple, np.ndarray, dict)) for value in (first, second)):
        return False
    try:
        return bool(first == second) or (first != first and second != second) or _same_quotient(first, second)
    except (TypeError, ValueError, ArithmeticError):  # a signaling NaN cannot be compared
        return False


def _same_quotient(first: Any, second: Any) -> bool:
    """Return whether two non-integers are the same quotient, as a Fraction and its float are."""
    quotients = (float, np.floating, Fraction, decimal.Decimal)
    both = isinstance(first, quotients) and isinstance(second, quotients)
    return both and math.isclose(first, second, rel_tol=1e-12)


def formulas(question: Question, results: Sequence[CaseResult], *, name_parts: bool) -> Iterator[Text]:
    """Yield what a wrong counting function computes, once for all settings in which it computes the same.

    name_parts: also name the parts that are wrong. Yields nothing if the answer returned too few numbers, or is wrong
    only where an argument is left out: then two formulas share a group.
    """
    if not question.terms or all(
        _leaves_out(question, result) for result in results if not same(result.got, result.want)
    ):
        return
    groups = _groups(question, results)
    settings: dict[tuple[Text, ...], list[str]] = {}
    for setting, points in groups.items():
        texts = tuple(_describe(question.terms, points, name_parts=name_parts))
        settings.setdefault(texts, []).append(setting)
    for (first, *parts), names in ((texts, names) for texts, names in settings.items() if texts):
        where = ", ".join(names)
        yield (
            Text(ko=f"{where}일 때 {first.ko}", en=f"with {where}, {first.en}") if len(groups) > 1 else first
        )
        yield from parts


def _leaves_out(question: Question, result: CaseResult) -> bool:
    assert question.reference is not None
    signature = inspect.signature(question.reference)
    return len(signature.bind(*result.case.args, **result.case.kwargs).arguments) < len(signature.parameters)


def _describe(terms: Sequence[Term], points: Sequence[Point], *, name_parts: bool) -> Iterator[Text]:
    """Describe the values that the answer returned in one setting."""
    right = _fit(terms, [(given, want) for given, _, want in points])
    unreadable = any(_fraction(got) is None for _, got, _ in points)
    if right is None or unreadable or all(same(got, want) for _, got, want in points):
        return
    fitted = _fit(terms, [(given, got) for given, got, _ in points])
    if fitted is None:
        listed = ", ".join(f"`{_product(term)}`" for term in terms if term.factors)
        yield Text(
            ko=f"함수가 계산하는 값은 {listed}에 수를 곱해 더하고 상수를 더한 식으로 나타낼 수 없습니다.",
            en=f"what your function computes is no sum of multiples of {listed} and a constant",
        )
        return
    formula = f"`{_formula_text(terms, fitted)}`"
    yield Text(
        ko=f"함수가 실제로 계산하는 식은 {formula}입니다.",
        en=f"what your function really computes is {formula}",
    )
    if name_parts:
        yield from _parts(terms, fitted, right)


def unexplained(question: Question, results: Sequence[CaseResult]) -> Iterator[str]:
    """Yield the settings in which the right answers are not a unique sum of the question's terms."""
    for setting, points in _groups(question, results).items():
        if _fit(question.terms, [(given, want) for given, _, want in points]) is None:
            yield f" with {setting}" if setting else ""


def _groups(question: Question, results: Sequence[CaseResult]) -> dict[str, list[Point]]:
    """Return the points at which the answer returned a value, by setting: the arguments in no term, such as flags."""
    assert question.reference is not None
    signature = inspect.signature(question.reference)
    sizes = {name for term in question.terms for name in term.factors}
    groups: dict[str, list[Point]] = {}
    for result in results:
        if result.error is not None:
            continue
        bound = signature.bind(*result.case.args, **result.case.kwargs)
        bound.apply_defaults()
        setting = ", ".join(
            f"{name}={value!r}" for name, value in bound.arguments.items() if name not in sizes
        )
        groups.setdefault(setting, []).append((bound.arguments, result.got, result.want))
    return groups


def _fraction(value: Any) -> Fraction | None:
    """Return a number as an exact fraction, or None if it is not a finite number."""
    if isinstance(value, (np.ndarray, np.generic)) and value.shape == ():
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
        return None
    return Fraction(value) if math.isfinite(value) else None


def _fit(terms: Sequence[Term], points: Sequence[tuple[Mapping[str, Any], Any]]) -> list[Fraction] | None:
    """Return the coefficients of `terms` that give every value exactly, or None if not unique or absent.

    Uses Gauss-Jordan elimination over the rational numbers.
    """
    if len(points) < len(terms) + SPARE:
        return None
    rows = []
    for given, value in points:
        number = _fraction(value)
        if number is None:
            return None
        row = [Fraction(math.prod(int(given[name]) for name in term.factors)) for term in terms]
        rows.append([*row, number])
    for column in range(len(terms)):
        pivot = next((place for place in range(column, len(rows)) if rows[place][column]), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [entry / rows[column][column] for entry in rows[column]]
        for place, row in enumerate(rows):
            if place != column and row[column]:
                factor = row[column]
                rows[place] = [entry - factor * other for entry, other in zip(row, rows[column], strict=True)]
    if any(row[-1] for row in rows[len(terms) :]):
        return None
    return [rows[place][-1] for place in range(len(terms))]


def _product(term: Term) -> str:
    """Format a term in ordinary notation: units², units·input_dim, 1."""
    names = dict.fromkeys(term.factors)
    powers = [name + {1: "", 2: "²", 3: "³"}[term.factors.count(name)] for name in names]
    return "·".join(powers) or "1"


def _formula_text(terms: Sequence[Term], coefficients: Sequence[Fraction]) -> str:
    """Format a formula in ordinary notation."""
    parts = []
    for term, coefficient in zip(terms, coefficients, strict=True):
        if coefficient:
            size = "" if abs(coefficient) == 1 and term.factors else f"{abs(coefficient)}"
            product = _product(term) if term.factors else ""
            sign = "-" if coefficient < 0 else "+"
            parts.append((sign, "·".join(filter(None, (size, product)))))
    if not parts:
        return "0"
    first = ("-" if parts[0][0] == "-" else "") + parts[0][1]
    return " ".join([first, *(f"{sign} {part}" for sign, part in parts[1:])])


def _parts(terms: Sequence[Term], fitted: Sequence[Fraction], right: Sequence[Fraction]) -> Iterator[Text]:
    """Yield what is wrong with a formula, part by part, without telling the right coefficients."""
    ratios = {got / want for got, want in zip(fitted, right, strict=True) if want}
    extra_terms = any(got and not want for got, want in zip(fitted, right, strict=True))
    if len(ratios) == 1 and not extra_terms and max(ratios) > 0:
        ko, en = ("너무 많습니다", "too many") if max(ratios) > 1 else ("모자랍니다", "too few")
        yield Text(
            ko=f"모든 항이 같은 비율로 {ko}. 가중치가 모두 몇 벌인지 다시 세어 보세요.",
            en=f"every part is there {en} times: count again how many sets of weights there are",
        )
        return
    for term, got, want in zip(terms, fitted, right, strict=True):
        if got == want:
            continue
        product = f"`{_product(term)}`"
        if not want:
            yield (
                Text(
                    ko=f"{product} 항으로 세는 가중치는 없습니다. 그 항으로 무엇을 세려고 했는지 보세요.",
                    en=f"no weights are counted by a term in {product}: what did you mean to count by it?",
                )
                if term.factors
                else Text(
                    ko="상수로 세는 가중치는 없습니다. 층의 크기와 상관없는 그 수로 무엇을 세려고 했는지 보세요.",
                    en="no weights are counted by a constant: what did you mean to count that does not depend "
                    "on the sizes?",
                )
            )
        elif term.counts is not None:
            yield _wrong_part(term.counts, product, got, want)


def _wrong_part(counts: Text, product: str, got: Fraction, want: Fraction) -> Text:
    part = Text(ko=f"{counts.ko}({product} 항)", en=f"{counts.en} (the term in {product})")
    if not got:
        return Text(ko=f"빠진 것: {part.ko}.", en=f"missing: {part.en}")
    if got < 0:
        return Text(ko=f"뺀 것: {part.ko}. 더할 것인지 보세요.", en=f"taken away: {part.en}; should they be?")
    ko, en = ("너무 많은", "too many") if got > want else ("모자란", "too few")
    return Text(
        ko=f"{ko} 것: {part.ko}. 몇 벌인지 다시 세어 보세요.",
        en=f"{en} {part.en}: count their sets again",
    )
