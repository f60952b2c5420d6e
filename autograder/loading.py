"""Question files into questions. Every QuestionError comes from here."""

from __future__ import annotations

import ast
import difflib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.errors import QuestionError
from autograder.question import Check, Question
from autograder.text import Text

TEMPLATE_HINT = "compare with the template that `autograder new` writes"
RETURNS = ("int", "list", "array", "model", "")
ALLOWED_AT_TOP = frozenset({"autograder", "numpy"})


def load_assignment(folder: Path, languages: tuple[str, ...]) -> list[Question]:
    """The questions of `solutions/<assignment>/`, in the order of their file names.

    Raises QuestionError for the first mistake found.
    """
    return [load_question(path, languages) for path in sorted(folder.glob("[!_]*.py"))]


def load_question(path: Path, languages: tuple[str, ...]) -> Question:
    """The sealed question of one file.

    languages: those of the course; each text must exist in all of them.
    Raises QuestionError, with the file, the line, what is wrong and how to mend it.
    """
    tree = _parse(path)
    _check_imports(path, tree)
    module = _execute(path)
    question = getattr(module, "question", None)
    if not isinstance(question, Question):
        raise QuestionError(path, None, "the file holds no `question = Question(...)`", TEMPLATE_HINT)
    for problem, line, mend in _mistakes(question, path.stem, languages):
        raise QuestionError(path, line, problem, mend)
    question.seal(id=path.stem, assignment=path.parent.name, path=str(path))
    return question


def bodies(question: Question) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Name and syntax tree of every private function of a question: reference, checks, mistakes, draws."""
    private = {question.reference, question.draw_cases, question.ask}
    private |= {check.judge for check in question.checks}
    for known in question.misconceptions:
        private |= {known.answer, known.seen_in}
    names = {function.__name__ for function in private if function is not None}
    for node in ast.walk(_parse(Path(question.path))):
        if isinstance(node, ast.FunctionDef) and node.name in names:
            yield node.name, node


def function_source(question: Question, function: Callable[..., Any]) -> ast.FunctionDef:
    """Syntax tree of one function of a question's file."""
    line = function.__code__.co_firstlineno
    for node in ast.walk(_parse(Path(question.path))):
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
            first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
            if line in (first, node.lineno):
                return node
    raise QuestionError(question.path, line, f"{function.__name__} is not a plain function", TEMPLATE_HINT)


def _parse(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8-sig"), filename=str(path))
    except SyntaxError as error:
        raise QuestionError(
            path, error.lineno, f"Python cannot read it: {error.msg}", "mend the syntax at that line"
        ) from error
    except UnicodeDecodeError as error:
        raise QuestionError(path, None, "the file is not UTF-8", "save it as UTF-8") from error


def _check_imports(path: Path, tree: ast.Module) -> None:
    for node in _run_by_loading(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "."]
        for name in names:
            root = name.split(".")[0]
            if root not in ALLOWED_AT_TOP and root not in sys.stdlib_module_names:
                raise QuestionError(
                    path,
                    node.lineno,
                    f"it imports {name!r} at its top",
                    "import only autograder, NumPy and the standard library there; a body that needs "
                    "TensorFlow imports it inside, and the question says needs_tensorflow=True",
                )


def _run_by_loading(tree: ast.AST) -> Iterator[ast.stmt]:
    """Every statement but those inside a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from _run_by_loading(node)


def _execute(path: Path) -> Any:
    name = f"autograder_question_{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise QuestionError(path, None, "it is no Python file", TEMPLATE_HINT)
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        lines = [
            frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
        ]
        raise QuestionError(path, lines[-1] if lines else None, _readable(error), _mend(error)) from error
    finally:
        sys.dont_write_bytecode = before
    return module


def _readable(error: Exception) -> str:
    return f"loading it raised {type(error).__name__}: {error}"


def _mend(error: Exception) -> str:
    message = str(error)
    if "unexpected keyword argument" in message:
        wrong = message.rsplit("'", 2)[-2]
        known = [
            *inspect.signature(Question).parameters,
            *inspect.signature(Question.check).parameters,
            *inspect.signature(Question.misconception).parameters,
            "ko", "en",
        ]  # fmt: skip
        known = [name for name in dict.fromkeys(known) if name != "self"]
        near = difflib.get_close_matches(wrong, known, n=1)
        return f"did you mean {near[0]!r}?" if near else f"known names: {', '.join(known)}"
    return TEMPLATE_HINT


Mistake = tuple[str, int | None, str]


def _mistakes(question: Question, stem: str, languages: tuple[str, ...]) -> Iterator[Mistake]:
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
    if reference.__name__ != stem:
        near = f"the file is {stem}.py, so name the reference {stem} (or rename the file)"
        yield f"the reference is called {reference.__name__!r}", line, near
    if question.is_number:
        yield from _number_mistakes(question, reference, line)
    elif question.draw_cases is None:
        yield "it draws no cases", None, "decorate a function of a generator with @question.cases"
    if not question.checks:
        yield "it has no check", None, "decorate a hidden test with @question.check(points=..., text=...)"
    yield from _check_mistakes(question)
    yield from _misconception_mistakes(question, reference)


def _text_mistakes(question: Question, languages: tuple[str, ...]) -> Iterator[Mistake]:
    texts = [("title", question.title), ("statement", question.statement)]
    texts += [(f"text of check {check.name}", check.text) for check in question.checks]
    texts += [(f"text of misconception {known.name}", known.text) for known in question.misconceptions]
    for name, text in texts:
        if not isinstance(text, Text):
            yield f"its {name} is no Text", None, f'write it: Text(ko="...", en="..."), not {text!r}'
            return
        for language in text.lacks(languages):
            yield f"its {name} has no {language!r}", None, f'write it: Text(..., {language}="...")'


def _number_mistakes(question: Question, reference: Callable[..., Any], line: int) -> Iterator[Mistake]:
    parameters = list(inspect.signature(reference).parameters)
    for numbers in question.numbers:
        if sorted(numbers) != sorted(parameters):
            given = ", ".join(numbers)
            wanted = ", ".join(parameters)
            yield (
                f"a variant gives {given}; the reference takes {wanted}", line,
                "give exactly the reference's parameters in each variant of numbers=",
            )  # fmt: skip


def _check_mistakes(question: Question) -> Iterator[Mistake]:
    seen: list[str] = []
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
        if check.name in seen:
            yield f"two checks are called {check.name}", line, "give each its own name"
        if len(inspect.signature(check.judge).parameters) != 3:
            yield (
                f"check {check.name} does not take three arguments", line,
                f"write def {check.name}(got, case, want)",
            )  # fmt: skip
        if check.needs is not None and check.needs.name not in seen:
            yield f"check {check.name} needs a check that is not above it", line, "move it below"
        seen.append(check.name)


def _misconception_mistakes(question: Question, reference: Callable[..., Any]) -> Iterator[Mistake]:
    wanted = list(inspect.signature(reference).parameters)
    names = [check.name for check in question.checks]
    seen: list[str] = []
    for known in question.misconceptions:
        line = known.answer.__code__.co_firstlineno
        if not known.fails:
            yield f"misconception {known.name} fails no check", line, "name in fails= what it must fail"
        for check in known.fails:
            if getattr(check, "name", None) not in names:
                yield f"misconception {known.name} names an unknown check", line, f"known: {names}"
        given = list(inspect.signature(known.answer).parameters)
        if given != wanted:
            yield (
                f"misconception {known.name} takes ({', '.join(given)})", line,
                f"give it the reference's parameters: ({', '.join(wanted)})",
            )  # fmt: skip
        if known.name in seen:
            yield f"two misconceptions are called {known.name}", line, "give each its own name"
        if not 0 <= known.credit < question.points:
            yield (
                f"misconception {known.name} earns {known.credit:g} of {question.points:g} points", line,
                "let a wrong answer earn less than full points",
            )  # fmt: skip
        if question.needs_tensorflow and known.seen_in is None:
            yield (
                f"misconception {known.name} cannot be computed while grading", line,
                "say with seen_in= how to recognise it from what the answer gave",
            )  # fmt: skip
        seen.append(known.name)
