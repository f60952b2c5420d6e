"""Question files into questions. Every QuestionError comes from here."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import importlib.util
import inspect
import json
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.errors import QuestionError
from autograder.questions.question import Check, Followed, Misconception, Pool, Question, Term
from autograder.text import Text

POOL_HINT = (
    'write it as {"names": ["units"], "public": [7], "variants": [[9], [11]], "shows": "LSTM({units})"}'
)
TEMPLATE_HINT = "compare with the template that `autograder new` writes"
RETURNS = ("int", "list", "array", "model", "")
RESERVED = ("student_id", "numbers", "student")
ALLOWED_AT_TOP = frozenset({"autograder", "numpy"})
REMEMBERED = 32
_ONE_AT_A_TIME = threading.Lock()

Content = tuple[tuple[str, bytes], ...]


def load_assignment(folder: Path, languages: tuple[str, ...]) -> list[Question]:
    """The questions of `solutions/<assignment>/`, in the order of their file names.

    They are loaded once per process until a file in the folder changes.
    Raises QuestionError for the first mistake found.
    """
    questions, unreadable = load_readable(folder, languages)
    for error in unreadable.values():
        raise QuestionError(error.path, error.line, error.problem, error.fix)
    return questions


def load_readable(
    folder: Path, languages: tuple[str, ...]
) -> tuple[list[Question], Mapping[str, QuestionError]]:
    """Return the questions of a folder that can be loaded, and the error of each other one by its file's stem."""
    files = [path for path in sorted(folder.glob("*")) if path.suffix in (".py", ".json") and path.is_file()]
    loaded = _loaded(folder, languages, tuple((path.name, path.read_bytes()) for path in files))
    questions = [one for one in loaded.values() if isinstance(one, Question)]
    return questions, {name: one for name, one in loaded.items() if isinstance(one, QuestionError)}


@lru_cache(REMEMBERED)
def _loaded(
    folder: Path, languages: tuple[str, ...], content: Content
) -> Mapping[str, Question | QuestionError]:
    """Load the questions of a folder. content: its files; a change in them reloads the questions."""
    loaded: dict[str, Question | QuestionError] = {}
    for path in (folder / name for name, _ in content if fnmatch(name, "[!_]*.py")):
        try:
            loaded[path.stem] = load_question(path, languages)
        except QuestionError as error:
            loaded[path.stem] = error
    return loaded


def text_of(question: Question) -> str:
    """Return the text of a question's files: its own, its pool's, and those of the questions that it follows."""
    path = Path(question.path)
    files = [path, *(path.with_name(f"{name}.py") for name in question.formulas)]
    if isinstance(question.numbers, str):
        files.append(path.with_name(f"{question.numbers}.json"))
    return "".join(file.read_text(encoding="utf-8") for file in files)


def load_question(path: Path, languages: tuple[str, ...], *, above: tuple[str, ...] = ()) -> Question:
    """The sealed question of one file.

    languages: those of the course; each text must exist in all of them. above: the questions that follow this one.
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
    pool = _pool(question, path)
    if pool is not None:
        for problem, line, mend in _number_mistakes(question, pool):
            raise QuestionError(path, line, problem, mend)
    followed = (
        None if question.followed is None else _followed(question, question.followed, path, languages, above)
    )
    inherited = [] if followed is None or pool is None else list(_inherited(question, followed[1], pool))
    question.seal(
        id=path.stem,
        assignment=path.parent.name,
        path=str(path),
        pool=pool,
        followed=followed and followed[0],
        inherited=inherited,
    )
    return question


def _followed(
    question: Question, followed: Followed, path: Path, languages: tuple[str, ...], above: tuple[str, ...]
) -> tuple[Followed, list[Misconception]]:
    """What a question follows, with the right functions, and the mistakes known of them as they come out here."""
    assert question.reference is not None
    line = followed.applied.__code__.co_firstlineno
    wanted = [*followed.formulas, *inspect.signature(question.reference).parameters]
    given = list(inspect.signature(followed.applied).parameters)
    if given != wanted:
        raise QuestionError(
            path, line, f"what follows {', '.join(followed.formulas)} takes ({', '.join(given)})",
            f"give it the formulas, then the reference's parameters: ({', '.join(wanted)})",
        )  # fmt: skip
    formulas = {name: _formula(name, path, line, languages, above) for name in followed.formulas}
    references = {
        name: formula.reference for name, formula in formulas.items() if formula.reference is not None
    }
    known = [
        dataclasses.replace(one, answer=followed.by(references | {name: one.answer}), credit=0.0)
        for name, formula in formulas.items()
        for one in formula.misconceptions
    ]
    return dataclasses.replace(followed, references=references), known


def _formula(
    name: str, path: Path, line: int, languages: tuple[str, ...], above: tuple[str, ...]
) -> Question:
    where = path.with_name(f"{name}.py")
    if not where.exists():
        raise QuestionError(
            path, line, f"it follows {name!r}, and there is no {where}",
            "name in follows() questions of the same assignment",
        )  # fmt: skip
    if name in (*above, path.stem):
        circle = " -> ".join((*above, path.stem, name))
        raise QuestionError(path, line, f"it follows itself: {circle}", "leave one of them out of follows()")
    formula = load_question(where, languages, above=(*above, path.stem))
    if formula.is_number or formula.needs_tensorflow:
        raise QuestionError(
            path, line, f"it follows {name!r}",
            "follow questions whose answers are functions and need no TensorFlow",
        )  # fmt: skip
    return formula


def _inherited(question: Question, known: Sequence[Misconception], pool: Pool) -> Iterator[Misconception]:
    """Of the mistakes known of other questions those that make a difference of their own here."""
    assert question.reference is not None
    own = [question.reference, *(one.answer for one in question.misconceptions)]
    met = [_at_probes(answer, pool) for answer in own]
    names = {one.name for one in question.misconceptions}
    for one in known:
        numbers = _at_probes(one.answer, pool)
        if one.name not in names and numbers is not None and numbers not in met:
            met.append(numbers)
            names.add(one.name)
            yield dataclasses.replace(one, fails=question.checks)


PROBES = (5, 11, 17, 23, 31, 41, 47, 59)


def _at_probes(answer: Callable[..., Any], pool: Pool) -> list[Any] | None:
    """What an answer gives for some numbers that are all different; None where it gives no number."""
    count = len(pool.names)
    rows = [[PROBES[(start + step) % len(PROBES)] for step in range(count)] for start in range(len(PROBES))]
    try:
        numbers = [answer(**pool.mapping(tuple(row))) for row in rows]
    except Exception:  # a mistaken formula may be undefined for some sizes
        return None
    return numbers if all(isinstance(number, (int, float)) for number in numbers) else None


def read_pool(path: Path) -> Pool:
    """The pool in a JSON file: `names`, `public`, `variants` and `shows`.

    Raises QuestionError where it holds something else.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        pool = Pool(
            path.stem, tuple(data["names"]), tuple(data["public"]),
            tuple(map(tuple, data.get("variants", ()))), data.get("shows", ""),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise QuestionError(
            path, None, f"it is no pool of numbers: {type(error).__name__}: {error}", POOL_HINT
        ) from error
    for numbers in (pool.public, *pool.variants):
        whole = all(type(number) is int for number in numbers)
        if len(numbers) != len(pool.names) or not whole:
            raise QuestionError(
                path, None, f"a variant is {list(numbers)}", f"give whole numbers for {', '.join(pool.names)}"
            )
    if len(set(pool.variants)) != len(pool.variants):
        raise QuestionError(path, None, "a variant stands there twice", "remove one of the two")
    return pool


def _pool(question: Question, path: Path) -> Pool | None:
    numbers = question.numbers
    if numbers == "student":
        raise QuestionError(path, None, "its pool is called 'student'", "give the pool another name")
    if isinstance(numbers, str):
        return read_pool(path.with_name(f"{numbers}.json"))
    if not numbers:
        return None
    names = tuple(numbers[0])
    sets = []
    for variant in numbers:
        if set(variant) != set(names):
            raise QuestionError(
                path, None, f"a variant gives {', '.join(variant)}, another {', '.join(names)}",
                "give the same names in each variant of numbers=",
            )  # fmt: skip
        sets.append(tuple(variant[name] for name in names))
    return Pool(path.stem, names, sets[0], tuple(sets[1:]))


def bodies(question: Question) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Name and syntax tree of every private function of a question: reference, checks, mistakes, draws."""
    private: set[Any] = {question.reference, question.draw_cases, question.ask}
    private |= {check.judge for check in question.checks}
    private |= set() if question.followed is None else {question.followed.applied}
    for known in question.misconceptions:
        private |= {known.answer, known.seen_in}
    names = {function.__name__ for function in private if hasattr(function, "__name__")}
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


def tree_of(source: str, name: str = "<unknown>") -> ast.Module:
    """The syntax tree of a source text. Raises what `ast.parse` raises.

    One thread at a time: before Python 3.11.8 and 3.12.2 threads share the depth of the trees that they build, and now
    and then one of them gets a SystemError for it (CPython issue 106905).
    """
    with _ONE_AT_A_TIME:
        return ast.parse(source, filename=name)


def _parse(path: Path) -> ast.Module:
    try:
        return tree_of(path.read_text(encoding="utf-8-sig"), str(path))
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
    if stem in RESERVED or stem.startswith("numbers-"):
        yield (
            f"the question is called {stem!r}",
            line,
            "give it another name: that one is taken by the notebook",
        )
    if reference.__name__ != stem:
        near = f"the file is {stem}.py, so name the reference {stem} (or rename the file)"
        yield f"the reference is called {reference.__name__!r}", line, near
    if not question.is_number and question.in_quiz != Text():
        yield "it has in_quiz= and no numbers=", line, "a quiz asks number questions only: remove in_quiz="
    if not question.is_number and question.draw_cases is None:
        yield "it draws no cases", None, "decorate a function of a generator with @question.cases"
    if not question.checks:
        yield "it has no check", None, "decorate a hidden test with @question.check(points=..., text=...)"
    yield from _check_mistakes(question)
    yield from _misconception_mistakes(question, reference)
    yield from _term_mistakes(question, reference)


def _text_mistakes(question: Question, languages: tuple[str, ...]) -> Iterator[Mistake]:
    texts = [("title", question.title), ("statement", question.statement)]
    if question.in_quiz != Text():
        texts.append(("in_quiz", question.in_quiz))
    texts += [(f"text of check {check.name}", check.text) for check in question.checks]
    texts += [(f"text of misconception {known.name}", known.text) for known in question.misconceptions]
    texts += [
        (f"term {term.product}", term.counts)
        for term in question.terms
        if isinstance(term, Term) and term.counts is not None
    ]
    for name, text in texts:
        if not isinstance(text, Text):
            yield f"its {name} is no Text", None, f'write it: Text(ko="...", en="..."), not {text!r}'
            return
        for language in text.lacks(languages):
            yield f"its {name} has no {language!r}", None, f'write it: Text(..., {language}="...")'


def _number_mistakes(question: Question, pool: Pool) -> Iterator[Mistake]:
    assert question.reference is not None
    parameters = list(inspect.signature(question.reference).parameters)
    if sorted(pool.names) != sorted(parameters):
        yield (
            f"a variant gives {', '.join(pool.names)}; the reference takes {', '.join(parameters)}",
            question.reference.__code__.co_firstlineno,
            "give exactly the reference's parameters in each variant of numbers=",
        )


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
        if max(map(term.factors.count, term.factors), default=0) > 3:
            yield f"term {term.product!r} has a power above the third", None, "declare lower powers"
        for name in term.factors:
            if name not in parameters:
                yield (
                    f"term {term.product!r} multiplies {name!r}", None,
                    f"the reference's parameters are {', '.join(parameters)}",
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
