"""Describe the formula that a wrong counting function computes, and which of its parts are wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from autograder.diagnosis.case_result import CaseResult, left_out
from autograder.diagnosis.comparison import same
from autograder.diagnosis.formula_fit import Point, as_fraction, fit, fit_formula, points_by_setting
from autograder.i18n import _
from autograder.questions.question import Question, Term
from autograder.text import Text

FORMULA = _("what your function really computes is {formula}")

NO_SUM = _("no sum of products of the arguments gives what your function returns: is there a division in it?")


def describe_formulas(
    question: Question, results: Sequence[CaseResult], *, name_parts: bool
) -> Iterator[Text]:
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
        if fit_formula(question.terms, [(arguments, got) for arguments, got, _want in points]) is None:
            points = spelt_out.get(setting, points)  # the answer may have another default
        texts = tuple(_describe(question.terms, points, name_parts=name_parts))
        settings.setdefault(texts, []).append(setting)
    for (first, *parts), names in ((texts, names) for texts, names in settings.items() if texts):
        where = Text.same(names[0])
        for name in names[1:]:
            where = _("{before} or {name}", before=where, name=name)
        yield (_("with {where}, {first}", where=where, first=first) if len(names) < len(groups) else first)
        yield from parts


def recovered_formula(computed: Sequence[Text]) -> str:
    """Return the formula that `describe_formulas` gave for all inputs, in ordinary notation; empty if there is none."""
    before, after = FORMULA.en.split("{formula}")
    matches = [text.en for text in computed if text.en.startswith(before)]
    return matches[0].removeprefix(before).removesuffix(after).strip("`") if matches else ""


def _describe(terms: Sequence[Term], points: Sequence[Point], *, name_parts: bool) -> Iterator[Text]:
    """Describe the values that the answer returned in one setting."""
    right = fit(terms, [(arguments, want) for arguments, _, want in points])
    unreadable = any(as_fraction(got) is None for _, got, _ in points)
    if right is None or unreadable or all(same(got, want) for _, got, want in points):
        return
    returned = [(arguments, got) for arguments, got, _ in points]
    fitted: list[Fraction] | None = None
    if (solution := fit_formula(terms, returned)) is not None:
        right = [*right, *(Fraction(0) for _ in solution[0][len(terms) :])]
        terms, fitted = solution
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


def _rounded_down(points: Sequence[Point]) -> Text | None:
    """Say by what the right values were divided and rounded down; None if that does not give every value."""
    for divisor in (2, 3, 4):
        if all(same(got, want // divisor) for _, got, want in points):
            return _("what your function gives is the right count // {divisor}", divisor=divisor)
    return None


def _with_one_halved(terms: Sequence[Term], points: Sequence[tuple[Mapping[str, Any], Any]]) -> str | None:
    """Return the formula that gives every value if one parameter is halved and rounded down; None if none does."""
    for name in dict.fromkeys(name for term in terms for name in term.factors):
        fitted = fit(
            terms, [({**arguments, name: int(arguments[name]) // 2}, value) for arguments, value in points]
        )
        if fitted is not None:
            return re.sub(rf"\b{name}(?![A-Za-z0-9_])", f"({name} // 2)", _formula_text(terms, fitted))
    return None


def _square_roots(points: Sequence[tuple[Mapping[str, Any], Any]]) -> list[tuple[Mapping[str, Any], Any]]:
    """Return points with the roots of their values; none if these are not all whole numbers."""
    numbers = [(arguments, as_fraction(value)) for arguments, value in points]
    roots = [
        (arguments, math.isqrt(int(number)))
        for arguments, number in numbers
        if number is not None and number >= 0
    ]
    exact = len(roots) == len(points) and all(
        root * root == number for (_, root), (_, number) in zip(roots, numbers, strict=True)
    )
    return roots if exact else []


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
