"""Validation of loaded questions: each mistake with its line and its fix."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from autograder.questions.question import Check, Pool, Question, Term
from autograder.text import Text

RETURNS = ("int", "float", "str", "list", "array", "model", "")
RESERVED = ("student_id", "numbers", "student")
"""Names that cells of the notebook use themselves."""
MAX_POWER = 3

Mistake = tuple[str, int | None, str]
"""The problem, its line in the question file, and the fix."""


def find_mistakes(question: Question, name: str, languages: tuple[str, ...]) -> Iterator[Mistake]:
    """Yield the mistakes of a question.

    name: stem of the question file. languages: those that every text must exist in.
    """
    if question.returns not in RETURNS:
        yield f"its returns is {question.returns!r}", None, f"known: {', '.join(filter(None, RETURNS))}"
    if question.sample is not None and not isinstance(question.sample, tuple):
        yield f"its sample is {question.sample!r}", None, "write the arguments as a tuple: sample=(3,)"
    if isinstance(question.numbers, Mapping):
        yield "its numbers= is one mapping", None, "end it with a comma: numbers=({...},)"
        return
    yield from _text_mistakes(question, languages)
    reference = question.reference
    if reference is None:
        yield "it has no reference", None, "decorate the right answer with @question.answer"
        return
    line = reference.__code__.co_firstlineno
    if name in RESERVED or name.startswith("numbers-"):
        yield f"the question is called {name!r}", line, "rename it: the notebook uses that name itself"
    if reference.__name__ != name:
        fix = f"the file is {name}.py, so name the reference {name} (or rename the file)"
        yield f"the reference is called {reference.__name__!r}", line, fix
    if not question.is_number and question.in_quiz != Text():
        yield "it has in_quiz= and no numbers=", line, "a quiz asks number questions only: remove in_quiz="
    if not question.is_number and question.draw_cases is None:
        yield "it draws no cases", None, "decorate a function of a generator with @question.cases"
    if not question.checks:
        yield "it has no check", None, "decorate a hidden test with @question.check(points=..., text=...)"
    yield from _check_mistakes(question)
    yield from _misconception_mistakes(question, reference)
    yield from _term_mistakes(question, reference)


def find_pool_mistakes(question: Question, pool: Pool) -> Iterator[Mistake]:
    """Yield a mistake if the pool's names are not the parameters of the question's reference."""
    assert question.reference is not None
    parameters = list(inspect.signature(question.reference).parameters)
    if sorted(pool.names) != sorted(parameters):
        yield (
            f"a variant gives {', '.join(pool.names)}; the reference takes {', '.join(parameters)}",
            question.reference.__code__.co_firstlineno,
            "give exactly the reference's parameters in each variant of numbers=",
        )


def _text_mistakes(question: Question, languages: tuple[str, ...]) -> Iterator[Mistake]:
    texts = [("title", question.title), ("statement", question.statement)]
    if question.in_quiz != Text():
        texts.append(("in_quiz", question.in_quiz))
    texts += [(f"text of check {check.name}", check.text) for check in question.checks]
    texts += [
        (f"text of misconception {misconception.name}", misconception.text)
        for misconception in question.misconceptions
    ]
    texts += [
        (f"term {term.product}", term.counts)
        for term in question.terms
        if isinstance(term, Term) and term.counts is not None
    ]
    for name, text in texts:
        if not isinstance(text, Text):
            yield f"its {name} is not a Text", None, f'write it: Text(ko="...", en="..."), not {text!r}'
            return
        for language in text.lacks(languages):
            yield f"its {name} has no {language!r}", None, f'write it: Text(..., {language}="...")'


def _term_mistakes(question: Question, reference: Callable[..., Any]) -> Iterator[Mistake]:
    parameters = list(inspect.signature(reference).parameters)
    for term in question.terms:
        if not isinstance(term, Term):
            yield (
                f"its terms hold {term!r}",
                None,
                'write them: Term("units*units", Text(ko="...", en="..."))',
            )
            return
        if max(map(term.factors.count, term.factors), default=0) > MAX_POWER:
            yield f"term {term.product!r} has a power above the third", None, "declare lower powers"
        for name in term.factors:
            if name not in parameters:
                yield (
                    f"term {term.product!r} multiplies {name!r}", None,
                    f"the reference's parameters are {', '.join(parameters)}",
                )  # fmt: skip


def _check_mistakes(question: Question) -> Iterator[Mistake]:
    names: list[str] = []
    for check in question.checks:
        line = check.judge.__code__.co_firstlineno
        if not isinstance(check.points, (int, float)):
            yield f"check {check.name} is worth {check.points!r}", line, "give its points as a number"
            return
        if check.needs is not None and not isinstance(check.needs, Check):
            yield f"check {check.name} needs {check.needs!r}", line, "give needs= the check itself"
            return
        if not check.points > 0:
            yield f"check {check.name} is worth {check.points} points", line, "give it more than 0"
        if check.name in names:
            yield f"two checks are called {check.name}", line, "give each its own name"
        if len(inspect.signature(check.judge).parameters) != 3:
            yield (
                f"check {check.name} does not take three arguments", line,
                f"write def {check.name}(got, case, want)",
            )  # fmt: skip
        if check.needs is not None and check.needs.name not in names:
            yield f"check {check.name} needs a check that is not above it", line, "move it below"
        names.append(check.name)


def _misconception_mistakes(question: Question, reference: Callable[..., Any]) -> Iterator[Mistake]:
    parameters = list(inspect.signature(reference).parameters)
    check_names = [check.name for check in question.checks]
    names: list[str] = []
    for misconception in question.misconceptions:
        name, line = misconception.name, misconception.answer.__code__.co_firstlineno
        if not misconception.fails:
            yield f"misconception {name} fails no check", line, "name in fails= what it must fail"
        for check in misconception.fails:
            if getattr(check, "name", None) not in check_names:
                yield f"misconception {name} names an unknown check", line, f"known: {check_names}"
        own_parameters = list(inspect.signature(misconception.answer).parameters)
        if own_parameters != parameters:
            yield (
                f"misconception {name} takes ({', '.join(own_parameters)})", line,
                f"give it the reference's parameters: ({', '.join(parameters)})",
            )  # fmt: skip
        if name in names:
            yield f"two misconceptions are called {name}", line, "give each its own name"
        if not 0 <= misconception.credit < question.points:
            yield (
                f"misconception {name} earns {misconception.credit:g} of {question.points:g} points", line,
                "let a wrong answer earn less than full points",
            )  # fmt: skip
        if question.needs_tensorflow and misconception.seen_in is None:
            yield (
                f"misconception {name} cannot be computed while grading", line,
                "say with seen_in= how to recognise it from what the answer gave",
            )  # fmt: skip
        names.append(name)
