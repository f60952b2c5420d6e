"""Validation of loaded questions: each mistake with its line and its fix."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from autograder.i18n import _
from autograder.questions.corrections import find_correction_problems
from autograder.questions.question import Check, Pool, Question, Term
from autograder.text import Text

RETURNS = ("int", "float", "str", "list", "array", "model", "")
RESERVED = ("student_id", "numbers", "student")
"""Names that cells of the notebook use themselves."""
MAX_POWER = 3

Mistake = tuple[Text, int | None, Text]
"""The problem, its line in the question file, and the fix."""


def find_mistakes(question: Question, name: str, languages: tuple[str, ...]) -> Iterator[Mistake]:
    """Yield the mistakes of a question.

    name: stem of the question file. languages: those that every text must exist in.
    """
    if question.returns not in RETURNS:
        yield (
            _("its returns is {returns}", returns=repr(question.returns)),
            None,
            _("known: {known}", known=", ".join(filter(None, RETURNS))),
        )
    if question.parts and (type(question.parts) is not int or question.parts < 2 or not question.returns):
        yield (
            _("its parts is {parts}", parts=repr(question.parts)),
            None,
            _(
                'give how many values an answer has, 2 or more, and the type of each: parts=2, returns="array"'
            ),
        )
    if question.sample is not None and not isinstance(question.sample, tuple):
        yield (
            _("its sample is {sample}", sample=repr(question.sample)),
            None,
            _("write the arguments as a tuple: sample=(3,)"),
        )
    if isinstance(question.numbers, Mapping):
        yield _("its numbers= is one mapping"), None, _("end it with a comma: numbers=({...},)")
        return
    yield from _text_mistakes(question, languages)
    for problem, fix in find_correction_problems(question):
        yield problem, None, fix
    reference = question.reference
    if reference is None:
        yield _("it has no reference"), None, _("decorate the right answer with @question.answer")
        return
    line = reference.__code__.co_firstlineno
    if name in RESERVED or name.startswith("numbers-"):
        yield (
            _("the question is called {name}", name=repr(name)),
            line,
            _("rename it: the notebook uses that name itself"),
        )
    if reference.__name__ != name:
        fix = _("the file is {name}.py, so name the reference {name} (or rename the file)", name=name)
        yield _("the reference is called {reference}", reference=repr(reference.__name__)), line, fix
    if not question.is_number and question.in_quiz != Text():
        yield (
            _("it has in_quiz= and no numbers="),
            line,
            _("a quiz asks number questions only: remove in_quiz="),
        )
    if not question.is_number and question.draw_cases is None:
        yield _("it draws no cases"), None, _("decorate a function of a generator with @question.cases")
    if not question.checks:
        yield (
            _("it has no check"),
            None,
            _("decorate a hidden test with @question.check(points=..., text=...)"),
        )
    yield from _other_mistakes(question, reference)
    yield from _check_mistakes(question)
    yield from _misconception_mistakes(question, reference)
    yield from _term_mistakes(question, reference)


def find_pool_mistakes(question: Question, pool: Pool) -> Iterator[Mistake]:
    """Yield a mistake if the pool's names are not the parameters of the question's reference."""
    assert question.reference is not None
    parameters = list(inspect.signature(question.reference).parameters)
    if sorted(pool.names) != sorted(parameters):
        yield (
            _(
                "a variant gives {names}; the reference takes {parameters}",
                names=", ".join(pool.names),
                parameters=", ".join(parameters),
            ),
            question.reference.__code__.co_firstlineno,
            _("give exactly the reference's parameters in each variant of numbers="),
        )


def _text_mistakes(question: Question, languages: tuple[str, ...]) -> Iterator[Mistake]:
    texts = [(_("title"), question.title), (_("statement"), question.statement)]
    if question.in_quiz != Text():
        texts.append((_("in_quiz"), question.in_quiz))
    if question.section != Text():
        texts.append((_("section"), question.section))
    texts += [(_("text of check {check}", check=check.name), check.text) for check in question.checks]
    texts += [
        (_("text of misconception {misconception}", misconception=misconception.name), misconception.text)
        for misconception in question.misconceptions
    ]
    texts += [
        (
            _("section of misconception {misconception}", misconception=misconception.name),
            misconception.section,
        )
        for misconception in question.misconceptions
        if misconception.section not in (question.section, Text())
    ]
    texts += [
        (_("text of correction {date}", date=correction.date), correction.text)
        for correction in question.corrections
    ]
    texts += [
        (_("term {term}", term=term.product), term.counts)
        for term in question.terms
        if isinstance(term, Term) and term.counts is not None
    ]
    for name, text in texts:
        if not isinstance(text, Text):
            yield (
                _("its {name} is not a Text", name=name),
                None,
                _('write it: Text(ko="...", en="..."), not {text}', text=repr(text)),
            )
            return
        for language in text.lacks(languages):
            yield (
                _("its {name} has no {language}", name=name, language=repr(language)),
                None,
                _('write it: Text(..., {language}="...")', language=language),
            )


def _term_mistakes(question: Question, reference: Callable[..., Any]) -> Iterator[Mistake]:
    parameters = list(inspect.signature(reference).parameters)
    for term in question.terms:
        if not isinstance(term, Term):
            yield (
                _("its terms hold {term}", term=repr(term)),
                None,
                _('write them: Term("units*units", Text(ko="...", en="..."))'),
            )
            return
        if max(map(term.factors.count, term.factors), default=0) > MAX_POWER:
            yield (
                _("term {term} has a power above the third", term=repr(term.product)),
                None,
                _("declare lower powers"),
            )
        for name in term.factors:
            if name not in parameters:
                yield (
                    _("term {term} multiplies {name}", term=repr(term.product), name=repr(name)), None,
                    _("the reference's parameters are {parameters}", parameters=', '.join(parameters)),
                )  # fmt: skip


def _other_mistakes(question: Question, reference: Callable[..., Any]) -> Iterator[Mistake]:
    parameters = list(inspect.signature(reference).parameters)
    names = [reference.__name__]
    for other in question.others:
        name, line = other.__name__, other.__code__.co_firstlineno
        if question.needs_tensorflow:
            yield (
                _("{name} is also right, and needs TensorFlow", name=name),
                line,
                _("let the checks accept both answers: they examine the model alone"),
            )
        own = list(inspect.signature(other).parameters)
        if own != parameters:
            yield (
                _("{name}, which is also right, takes ({own})", name=name, own=", ".join(own)),
                line,
                _("give it the reference's parameters: ({parameters})", parameters=", ".join(parameters)),
            )
        if name in names:
            yield _("two right answers are called {name}", name=name), line, _("give each its own name")
        names.append(name)


def _check_mistakes(question: Question) -> Iterator[Mistake]:
    names: list[str] = []
    for check in question.checks:
        line = check.judge.__code__.co_firstlineno
        if not isinstance(check.points, (int, float)):
            yield (
                _("check {check} is worth {points}", check=check.name, points=repr(check.points)),
                line,
                _("give its points as a number"),
            )
            return
        if check.needs is not None and not isinstance(check.needs, Check):
            yield (
                _("check {check} needs {needs}", check=check.name, needs=repr(check.needs)),
                line,
                _("give needs= the check itself"),
            )
            return
        if not check.points > 0:
            yield (
                _("check {check} is worth {points} points", check=check.name, points=check.points),
                line,
                _("give it more than 0"),
            )
        if check.name in names:
            yield _("two checks are called {check}", check=check.name), line, _("give each its own name")
        if len(inspect.signature(check.judge).parameters) != 3:
            yield (
                _("check {check} does not take three arguments", check=check.name), line,
                _("write def {check}(got, case, want)", check=check.name),
            )  # fmt: skip
        if check.needs is not None and check.needs.name not in names:
            yield (
                _("check {check} needs a check that is not above it", check=check.name),
                line,
                _("move it below"),
            )
        names.append(check.name)


def _misconception_mistakes(question: Question, reference: Callable[..., Any]) -> Iterator[Mistake]:
    parameters = list(inspect.signature(reference).parameters)
    check_names = [check.name for check in question.checks]
    names: list[str] = []
    for misconception in question.misconceptions:
        name, line = misconception.name, misconception.answer.__code__.co_firstlineno
        if not misconception.fails:
            yield (
                _("misconception {name} fails no check", name=name),
                line,
                _("name in fails= what it must fail"),
            )
        for check in misconception.fails:
            if getattr(check, "name", None) not in check_names:
                yield (
                    _("misconception {name} names an unknown check", name=name),
                    line,
                    _("known: {known}", known=check_names),
                )
        own_parameters = list(inspect.signature(misconception.answer).parameters)
        if own_parameters not in (parameters, [*question.followed_names, *parameters]):
            yield (
                _("misconception {name} takes ({own})", name=name, own=', '.join(own_parameters)), line,
                _("give it the reference's parameters: ({parameters})", parameters=', '.join(parameters)),
            )  # fmt: skip
        if name in names:
            yield _("two misconceptions are called {name}", name=name), line, _("give each its own name")
        if not 0 <= misconception.credit < question.rubric_points:
            yield (
                _("misconception {name} earns {credit:g} of {points:g} points", name=name, credit=misconception.credit,
                  points=question.rubric_points), line,
                _("let a wrong answer earn less than full points"),
            )  # fmt: skip
        if question.needs_tensorflow and misconception.seen_in is None:
            yield (
                _("misconception {name} cannot be computed while grading", name=name), line,
                _("say with seen_in= how to recognize it from what the answer gave"),
            )  # fmt: skip
        names.append(name)
