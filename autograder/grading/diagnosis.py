"""Diagnose a wrong answer: the misconception it shows, or the formula that a counting function really computes.

Both are derived from the returned values, never from the source text.
"""

from __future__ import annotations

import decimal
import inspect
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, combinations_with_replacement
from typing import Any

import numpy as np

from autograder.errors import AnswerError, Fail
from autograder.i18n import _
from autograder.questions.number_answers import are_alike
from autograder.questions.question import Case, Misconception, Question, Term
from autograder.text import Text

SPARE = 2
"""Points beyond the number of terms that a formula must also fit before it is accepted."""

ENOUGH = 3
"""Minimum number of wrong values for a statement about all of them."""

MAX_DEGREE = 3
"""Factors of a product that no term of a question has."""

MAX_COMPARED = 60
"""Characters of an error's text that are compared; a longer text may reach the grader truncated."""

FORMULA = _("what your function really computes is {formula}")

TOGETHER = _("Two things are wrong:")
"""Precedes the first of two misconceptions that explain an answer together."""

NO_SUM = _("no sum of products of the arguments gives what your function returns: is there a division in it?")

Point = tuple[Mapping[str, Any], Any, Any]
"""Arguments by name, the actual value, the expected value."""


@dataclass(frozen=True)
class NamedMisconception:
    """A misconception recognized in an answer."""

    name: str
    text: Text
    credit: float = 0.0
    section: Text = field(default_factory=Text, compare=False)
    """The heading of the notebook below which it is explained; empty if its author names none."""
    in_part: bool = field(default=False, compare=False)
    """Whether it explains some inputs only, as its text says, and the answer is right for the others. Not saved."""
    with_others: bool = field(default=False, compare=False)
    """Whether it explains some parts of the values only, as its text says, and another mistake is in the rest.

    Not saved.
    """


@dataclass(frozen=True)
class CaseResult:
    """A case with the expected and the actual value, and its arguments after the call if the answer changed them."""

    case: Case
    want: Any
    got: Any
    arguments: tuple[Any, ...] | None = None
    error: AnswerError | None = None


def arguments_of(question: Question, result: CaseResult) -> dict[str, Any]:
    """Return the arguments of a case by name, with defaults for those that it leaves out."""
    bound = _bound(question, result)
    bound.apply_defaults()
    return dict(bound.arguments)


def left_out(question: Question, result: CaseResult) -> list[str]:
    """Return the parameters that a case gives no argument for."""
    bound = _bound(question, result)
    return [name for name in bound.signature.parameters if name not in bound.arguments]


def _bound(question: Question, result: CaseResult) -> inspect.BoundArguments:
    assert question.reference is not None
    return _signature(question.reference).bind(*result.case.args, **result.case.kwargs)


_signature = lru_cache(100)(inspect.signature)  # it takes longer than anything done with it


def recognized_misconceptions(
    question: Question, results: Sequence[CaseResult], failed: Collection[str]
) -> list[NamedMisconception]:
    """Return the misconceptions that return what the answer returned, raise where it raised, and fail what it failed.

    failed: names of the checks that failed or errored. If no misconception matches in type as well, those that match
    in value are returned.
    """
    judged = [result for result in results if result.error is None]
    if any(result.error is not None and result.error.fault != "raised" for result in results):
        return []
    if not judged and (not results or question.is_number):
        return []
    for typed in (True, False):
        if not typed and all(result.error is None and same(result.got, result.want) for result in results):
            break  # the values are right: only a misconception about their type could be named
        named = [
            NamedMisconception(known.name, known.text, known.credit, known.section)
            for known in question.misconceptions
            if _fails(question, known, failed) and shows(known, results, typed=typed)
        ]
        if named:
            return named
    return [] if not question.is_number else _alike(question, judged[0], failed)


def _fails(question: Question, known: Misconception, failed: Collection[str]) -> bool:
    """Return whether an answer failed what a misconception fails; a model passes some of it by chance."""
    by_chance = question.needs_tensorflow and known.seen_in is not None
    return (any if by_chance else all)(check.name in failed for check in known.fails)


def _alike(question: Question, result: CaseResult, failed: Collection[str]) -> list[NamedMisconception]:
    """Return the misconceptions whose answer the checks of a number question cannot tell from what was given."""
    named = []
    for known in question.misconceptions:
        try:
            mistaken = known.answer(**result.case.kwargs)
        except Exception:  # noqa: S112 - a misconception may be undefined for some numbers
            continue
        if all(check.name in failed for check in known.fails) and are_alike(
            question, result.case.kwargs, result.got, mistaken
        ):
            named.append(NamedMisconception(known.name, known.text, known.credit, known.section))
    return named


def shows(known: Misconception, results: Sequence[CaseResult], *, typed: bool) -> bool:
    """Return whether an answer gave what a misconception gives for all these inputs. typed: in the same type, too."""
    if known.seen_in is not None:
        seen_in = known.seen_in
        return all(result.error is None and _is_silent(seen_in, result) for result in results)
    always_raises = all(result.error is not None for result in results)
    for result in results:
        try:
            mistaken = result.case.passed_to(known.answer)
        except Exception as error:  # a misconception may be undefined for some input, as the answer was
            if result.error is None or not _same_error(error, result.error):
                return False
            if always_raises and not str(error):  # the text of the error is the only evidence
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
        re.sub(r"\d+", "", words) for words in (type(expected).__name__, str(expected), str(raised.message))
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
        if first.size and abs(first.item(0) - second.item(0)) > 1e-6 * size + 1e-5 * abs(second.item(0)):
            return False  # most values end here, at a tenth of the cost of comparing all numbers
        return bool(np.allclose(first, second, rtol=1e-5, atol=1e-6 * size, equal_nan=True))
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
        left_out(question, result) for result in results if not same(result.got, result.want)
    ):
        return
    groups = points_by_setting(question, results)
    spelt_out = points_by_setting(question, [result for result in results if not left_out(question, result)])
    settings: dict[tuple[Text, ...], list[str]] = {}
    for setting, points in groups.items():
        if fit_formula(question.terms, [(given, got) for given, got, _want in points]) is None:
            points = spelt_out.get(setting, points)  # the answer may have another default
        texts = tuple(_describe(question.terms, points, name_parts=name_parts))
        settings.setdefault(texts, []).append(setting)
    for (first, *parts), names in ((texts, names) for texts, names in settings.items() if texts):
        where = Text.same(names[0])
        for name in names[1:]:
            where = _("{before} or {name}", before=where, name=name)
        yield (_("with {where}, {first}", where=where, first=first) if len(names) < len(groups) else first)
        yield from parts


def errors_by_term(question: Question, results: Sequence[CaseResult]) -> list[dict[str, Fraction]]:
    """Return for each case by how much each wrong term of an answer's formula is off: the error is their sum.

    Empty if the terms give no formula of the answer in some setting, or if the answer failed for a case.
    """
    if any(result.error is not None for result in results):
        return []
    wrong: dict[str, list[tuple[Term, Fraction]]] = {}
    for setting, points in points_by_setting(question, results).items():
        fitted = fit(question.terms, [(given, got) for given, got, _want in points])
        right = fit(question.terms, [(given, want) for given, _got, want in points])
        if fitted is None or right is None:
            return []
        pairs = zip(question.terms, fitted, right, strict=True)
        wrong[setting] = [(term, got - want) for term, got, want in pairs if got != want]
    found = []
    for result in results:
        [(setting, [(given, _got, _want)])] = points_by_setting(question, [result]).items()
        found.append({term.product: number * term_value(term, given) for term, number in wrong[setting]})
    return found


def recovered_formula(computed: Sequence[Text]) -> str:
    """Return the formula that `formulas` recovered for all inputs, in ordinary notation; empty if there is none."""
    before, after = FORMULA.en.split("{formula}")
    found = [text.en for text in computed if text.en.startswith(before)]
    return found[0].removeprefix(before).removesuffix(after).strip("`") if found else ""


def _describe(terms: Sequence[Term], points: Sequence[Point], *, name_parts: bool) -> Iterator[Text]:
    """Describe the values that the answer returned in one setting."""
    right = fit(terms, [(given, want) for given, _, want in points])
    unreadable = any(as_fraction(got) is None for _, got, _ in points)
    if right is None or unreadable or all(same(got, want) for _, got, want in points):
        return
    returned = [(given, got) for given, got, _ in points]
    fitted: list[Fraction] | None = None
    if (found := fit_formula(terms, returned)) is not None:
        right = [*right, *(Fraction(0) for _ in found[0][len(terms) :])]
        terms, fitted = found
    if fitted is None and (rounded := _rounded_down(points)):
        yield rounded
        return
    if fitted is None and (root := fit(terms, _square_roots(returned))) is not None:
        yield FORMULA.format(formula=f"`({_formula_text(terms, root)})²`")
        return
    if fitted is None and (halved := _with_one_halved(terms, returned)) is not None:
        yield FORMULA.format(formula=f"`{halved}`")
        return
    if fitted is None:
        if name_parts:
            yield NO_SUM
        return
    yield FORMULA.format(formula=f"`{_formula_text(terms, fitted)}`")
    if name_parts:
        yield from _parts(terms, fitted, right)


def fit_formula(
    terms: Sequence[Term], points: Sequence[tuple[Mapping[str, Any], Any]]
) -> tuple[Sequence[Term], list[Fraction]] | None:
    """Return the terms, with other products if need be, and the coefficients that give every value; None if none do."""
    if any(as_fraction(value) is None for _given, value in points):
        return None
    fitted = fit(terms, points)
    return _fit_with_other_products(terms, points) if fitted is None else (terms, fitted)


def _rounded_down(points: Sequence[Point]) -> Text | None:
    """Say by what the right values were divided and rounded down; None if that does not give every value."""
    for divisor in (2, 3, 4):
        if all(same(got, want // divisor) for _, got, want in points):
            return _("what your function gives is the right count // {divisor}", divisor=divisor)
    return None


def _with_one_halved(terms: Sequence[Term], points: Sequence[tuple[Mapping[str, Any], Any]]) -> str | None:
    """Return the formula that gives every value if one parameter is halved and rounded down; None if none does."""
    for name in dict.fromkeys(name for term in terms for name in term.factors):
        fitted = fit(terms, [({**given, name: int(given[name]) // 2}, value) for given, value in points])
        if fitted is not None:
            return re.sub(rf"\b{name}(?![A-Za-z0-9_])", f"({name} // 2)", _formula_text(terms, fitted))
    return None


def _square_roots(points: Sequence[tuple[Mapping[str, Any], Any]]) -> list[tuple[Mapping[str, Any], Any]]:
    """Return points with the roots of their values; none if these are not all whole numbers."""
    numbers = [(given, as_fraction(value)) for given, value in points]
    roots = [
        (given, math.isqrt(int(number))) for given, number in numbers if number is not None and number >= 0
    ]
    exact = len(roots) == len(points) and all(
        root * root == number for (_, root), (_, number) in zip(roots, numbers, strict=True)
    )
    return roots if exact else []


def unexplained(question: Question, results: Sequence[CaseResult]) -> Iterator[Text]:
    """Yield why the right answers are not a unique sum of the terms, for each setting in which they are not."""
    for setting, points in points_by_setting(question, results).items():
        if fit(question.terms, [(given, want) for given, _, want in points]) is not None:
            continue
        inputs = [given for given, _, _ in points]
        if len(inputs) < len(question.terms) + SPARE:
            problem = _(
                "there are {number} drawn inputs, which leaves the formula open: draw at least {least}",
                number=len(inputs),
                least=len(question.terms) + SPARE,
            )
        elif alike := _dependent(question.terms, inputs):
            problem = _(
                "the terms {terms} cannot be told apart at the drawn inputs: draw more inputs",
                terms=", ".join(alike),
            )
        else:
            problem = _(
                "no sum of its terms gives what the reference returns: the reference is wrong, or terms= lacks a term"
            )
        yield _("with {setting}, {problem}", setting=setting, problem=problem) if setting else problem


def _dependent(terms: Sequence[Term], inputs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the products of the terms of which one is a sum of multiples of the others at all inputs."""
    table = np.array([[term_value(term, given) for term in terms] for given in inputs], float)
    table /= np.abs(table).max(axis=0, initial=1.0)
    rank = np.linalg.matrix_rank(table)
    if rank == len(terms):
        return []
    return [
        term.product
        for place, term in enumerate(terms)
        if np.linalg.matrix_rank(np.delete(table, place, axis=1)) == rank
    ]


def points_by_setting(question: Question, results: Sequence[CaseResult]) -> dict[str, list[Point]]:
    """Return the points at which the answer returned a value, by setting: the arguments in no term, such as flags."""
    groups: dict[str, list[Point]] = {}
    for result in results:
        if result.error is None:
            given = arguments_of(question, result)
            point = (given, result.got, result.want)
            groups.setdefault(setting_of(question, given), []).append(point)
    return groups


def setting_of(question: Question, given: Mapping[str, Any]) -> str:
    """Return the arguments that are in no term, such as flags, as code."""
    sizes = {name for term in question.terms for name in term.factors}
    return ", ".join(f"{name}={value!r}" for name, value in given.items() if name not in sizes)


def as_fraction(value: Any) -> Fraction | None:
    """Return a number as an exact fraction, or None if it is not a finite number."""
    if isinstance(value, (np.ndarray, np.generic)) and value.shape == ():
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
        return None
    return Fraction(value) if math.isfinite(value) else None


def fit(terms: Sequence[Term], points: Sequence[tuple[Mapping[str, Any], Any]]) -> list[Fraction] | None:
    """Return the coefficients of `terms` that give every value exactly, or None if not unique or absent.

    Uses Gauss-Jordan elimination over the rational numbers, point by point: most wrong answers end at the first point
    that the earlier ones contradict.
    """
    if len(points) < len(terms) + SPARE:
        return None
    solved: dict[int, list[Fraction]] = {}
    """Reduced rows by the place of their leading 1, the value last."""
    for given, value in points:
        number = as_fraction(value)
        if number is None:
            return None
        row = [*(Fraction(term_value(term, given)) for term in terms), number]
        for place, known in solved.items():
            row = _eliminated(row, known, place)
        lead = next((place for place in range(len(terms)) if row[place]), None)
        if lead is None:
            if row[-1]:
                return None
            continue
        row = [entry / row[lead] for entry in row]
        solved = {place: _eliminated(known, row, lead) for place, known in solved.items()} | {lead: row}
    return [solved[place][-1] for place in range(len(terms))] if len(solved) == len(terms) else None


def _eliminated(row: list[Fraction], known: list[Fraction], place: int) -> list[Fraction]:
    """Subtract as much of a row with a leading 1 as makes the other row 0 there."""
    factor = row[place]
    return [entry - factor * other for entry, other in zip(row, known, strict=True)] if factor else row


def _fit_with_other_products(
    terms: Sequence[Term], points: Sequence[tuple[Mapping[str, Any], Any]]
) -> tuple[list[Term], list[Fraction]] | None:
    """Return the terms with one or two other products of the same parameters, and coefficients that give every value.

    None if there is no such formula, or more than one. Floating point rules most products out; `fit` proves the rest.
    """
    names = [*dict.fromkeys(name for term in terms for name in term.factors)]
    known = {tuple(sorted(term.factors, key=names.index)) for term in terms}
    others = [
        Term("*".join(factors))
        for degree in range(1, MAX_DEGREE + 1)
        for factors in combinations_with_replacement(names, degree)
        if factors not in known
    ]
    table = np.array([[term_value(term, given) for term in (*terms, *others)] for given, _ in points], float)
    values = np.array([float(value) for _, value in points])
    table, values = table / np.abs(table).max(axis=0), values / max(1.0, np.abs(values).max())
    basis, _ = np.linalg.qr(table[:, : len(terms)])
    columns = table[:, len(terms) :]
    columns, values = columns - basis @ (basis.T @ columns), values - basis @ (basis.T @ values)
    for count in (1, 2):
        found = []
        for chosen in combinations(range(len(others)), count):
            _, residual, rank, _ = np.linalg.lstsq(columns[:, chosen], values, rcond=1e-9)
            if rank == count and residual.size and residual[0] < 1e-12:
                tried = [*terms, *(others[place] for place in chosen)]
                fitted = fit(tried, points)
                if fitted is not None:
                    found.append((tried, fitted))
        if found:
            return found[0] if len(found) == 1 else None
    return None


def term_value(term: Term, given: Mapping[str, Any]) -> int:
    """Return the product of the arguments that a term multiplies."""
    return math.prod(int(given[name]) for name in term.factors)


def _product(term: Term) -> str:
    """Format a term in ordinary notation: units², units·input_dim, 1."""
    names = dict.fromkeys(term.factors)
    powers = [name + {1: "", 2: "²", 3: "³", 4: "⁴"}[term.factors.count(name)] for name in names]
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
        yield (
            _("every part is there too many times: count again how many sets of weights there are")
            if max(ratios) > 1
            else _("every part is there too few times: count again how many sets of weights there are")
        )
        return
    if unused := _unused(terms, fitted, right):
        yield _(
            "`{name}` makes no difference to it: does a fixed number, or another name, stand in its place?",
            name=unused,
        )
        return
    lacks = any(want and not got for got, want in zip(fitted, right, strict=True))
    added = [
        term
        for term, got, want in zip(terms, fitted, right, strict=True)
        if term.factors and got and not want
    ]
    for term, got, want in zip(terms, fitted, right, strict=True):
        if got == want or (lacks and got > want > 0):  # the surplus may be the missing part without a factor
            continue
        if want and got and any({*term.factors} < {*other.factors} for other in added):
            continue  # what is missing or too many may be counted by that, as in units * (timesteps - 1)
        product = f"`{_product(term)}`"
        if not want:
            yield (
                _(
                    "no weights are counted by a term in {product}: what did you mean to count by it?",
                    product=product,
                )
                if term.factors
                else _(
                    "no weights are counted by a constant: what did you mean to count that does not depend on "
                    "the sizes?"
                )
            )
        elif term.counts is not None:
            yield _wrong_part(term.counts, product, got, want)


def _unused(terms: Sequence[Term], fitted: Sequence[Fraction], right: Sequence[Fraction]) -> str | None:
    """Return the one parameter that a formula lacks if it has too much of another term: something replaces it."""

    def used(coefficients: Sequence[Fraction]) -> set[str]:
        return {
            name for term, number in zip(terms, coefficients, strict=True) for name in term.factors if number
        }

    missing = used(right) - used(fitted)
    too_many = any(got > want > 0 for got, want in zip(fitted, right, strict=True))
    return missing.pop() if len(missing) == 1 and too_many else None


def _wrong_part(counts: Text, product: str, got: Fraction, want: Fraction) -> Text:
    part = _("{counts} (the term in {product})", counts=counts, product=product)
    if not got:
        return _("missing: {part}", part=part)
    if got < 0:
        return _("taken away: {part}; should they be?", part=part)
    if got > want:
        return _("too many {part}: count them again", part=part)
    return _("too few {part}: count them again", part=part)
