"""Self-check, the last cell of a notebook: plain Python that shows students the state of their answers.

It imports nothing of this package. It checks that each answer is present, runs and has the right type, never whether
it is right.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from autograder.i18n import _, pgettext
from autograder.questions.number_answers import type_of
from autograder.questions.question import Question
from autograder.text import Text

INTRO = _(
    "## Before you hand in\n\nRestart the kernel, run all cells, and see that every answer below says “ok”. Whether an "
    "answer is right is graded after you hand in."
)
DUE = _("**Due: {due}**")
WORDS: Mapping[str, Text] = {
    "missing": _("missing: its cell is untouched or did not run"),
    "raised": _("raised an error"),
    "wrong": _("of another type: expected {want}, got {got}"),
    "ok": _("ok"),
    "versions": _("versions here and where it is graded"),
    "here": pgettext("this machine", "here"),
    "grader": pgettext("where it is graded", "grading"),
}

CODE = """\
def look_before_handing_in(answers, graded_with, words):
    import contextlib
    import decimal
    import importlib.metadata
    import io
    import numbers

    def is_whole(value):
        if getattr(value, "shape", None) == () and hasattr(value, "item"):
            value = value.item()
        number = isinstance(value, (numbers.Real, decimal.Decimal)) and not isinstance(value, bool)
        return number and value == int(value)

    tests = {{
        "int": is_whole,
        "list": lambda value: isinstance(value, (list, tuple)) or getattr(value, "shape", ()) != (),
        "array": lambda value: hasattr(value, "shape") and hasattr(value, "dtype"),
        "model": lambda value: callable(getattr(value, "get_weights", None)),
{more_tests}    }}
    for name, (is_function, want, sample) in answers.items():
        value = globals().get(name, ...)
        state = words["ok"]
        if value is ...:
            state = words["missing"]
        elif is_function and not callable(value):
            state = words["wrong"].format(want="function", got=type(value).__name__)
        else:
            try:
                if is_function and sample is not None:
                    with contextlib.redirect_stdout(io.StringIO()):
                        value = value(*sample)
                tried = not is_function or sample is not None
                if tried and want and not tests[want](value):
                    state = words["wrong"].format(want=want, got=type(value).__name__)
            except Exception as error:
                state = f"{{words['raised']}}: {{type(error).__name__}}: {{error}}"
        print(f"{{name:24}} {{state}}")
    print()
    print(words["versions"])
    for package, version in graded_with.items():
        try:
            here = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            here = "-"
        print(f"{{package:24}} {{words['here']}} {{here}}, {{words['grader']}} {{version}}")


look_before_handing_in(
    {{
{answers}
    }},
    {graded_with},
    {words},
)
"""


MORE_TESTS: Mapping[str, str] = MappingProxyType({
    "float": "lambda value: isinstance(value, (numbers.Real, decimal.Decimal)) and not isinstance(value, bool)",
    "str": "lambda value: isinstance(value, str)",
})  # fmt: skip
"""Tests of types that the cell holds only where a question needs them, as Python."""


def self_check_cells(
    questions: Sequence[Question],
    languages: Sequence[str],
    graded_with: Mapping[str, str],
    due: Callable[[str], str] | None = None,
) -> Iterator[tuple[str, str]]:
    """Yield markdown and code of the last cells alternately, each with its language.

    due: returns the due date in a language, if there is one.
    """
    for language in languages:
        last = [] if due is None else [DUE.format(due=due(language)).in_language(language)]
        yield "\n\n".join([INTRO.in_language(language), *last]), language
        words = {name: text.in_language(language) for name, text in WORDS.items()}
        yield _code(questions, words, graded_with), language


def _code(questions: Sequence[Question], words: Mapping[str, str], graded_with: Mapping[str, str]) -> str:
    answers = ",\n".join(f"        {question.id!r}: {_expected(question)!r}" for question in questions)
    used = {_expected(question)[1] for question in questions}
    more = (f'        "{name}": {test},\n' for name, test in MORE_TESTS.items() if name in used)
    return CODE.format(
        answers=answers,
        graded_with=_literal(graded_with),
        words=_literal(words),
        more_tests="".join(more),
    ).rstrip()


def _expected(question: Question) -> tuple[bool, str, Any]:
    """Return whether the answer is a function, the type of its result, and arguments to try it with."""
    if question.is_number:
        answers = map(question.right_number, question.variants[:1])
        return False, question.returns or next(map(type_of, answers), "int"), None
    return True, question.returns, question.sample


def _literal(mapping: Mapping[str, str]) -> str:
    return json.dumps(dict(mapping), ensure_ascii=False)
