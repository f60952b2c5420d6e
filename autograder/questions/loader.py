"""Loader of question files. A file with a mistake raises QuestionError."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import hashlib
import importlib.util
import inspect
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from autograder.errors import QuestionError
from autograder.i18n import _
from autograder.questions.corrections import apply_points
from autograder.questions.data_files import data_files, data_folder, run_in_folder, working_in
from autograder.questions.exam import ExamQuestion, asked_from
from autograder.questions.pool import pool_of
from autograder.questions.question import Followed, Misconception, Pool, Question
from autograder.questions.syntax import SHARED, TEMPLATE_HINT, imports_shared, parse_file
from autograder.questions.validate import find_mistakes, find_pool_mistakes
from autograder.suggestions import near_names
from autograder.text import Text, some_of

ALLOWED_AT_TOP = frozenset({"autograder", "numpy"})
CACHE_SIZE = 32
_IMPORT_LOCK = threading.Lock()
PROBES = (5, 11, 17, 23, 31, 41, 47, 59)

Content = tuple[tuple[str, bytes], ...]


def load_assignment(
    folder: Path, languages: tuple[str, ...], names: frozenset[str] | None = None
) -> list[Question]:
    """Load the questions of `solutions/<assignment>/`, in the order of their file names.

    names: of the files that are questions; None for all.
    They are loaded once per process until a file in the folder changes.
    Raises QuestionError for the first file that cannot be loaded.
    """
    questions, errors = load_readable(folder, languages, names)
    for error in errors.values():
        raise QuestionError(*error.arguments)
    return questions


def load_readable(
    folder: Path, languages: tuple[str, ...], names: frozenset[str] | None = None
) -> tuple[list[Question], Mapping[str, QuestionError]]:
    """Return the questions of a folder that can be loaded, and the errors of all others by file stem.

    names: see `load_assignment`.
    """
    files = [path for path in sorted(folder.glob("*")) if path.suffix in (".py", ".json") and path.is_file()]
    content = tuple((path.name, path.read_bytes()) for path in files)
    others = asked_from([(path, path.read_bytes()) for path in files])
    elsewhere = (path for other in others for path in other.glob("*"))
    data = [(path, path.stat()) for path in (*data_files(folder, languages), *sorted(elsewhere))]
    stamps = tuple((str(path), status.st_size, status.st_mtime_ns) for path, status in data)
    loaded = _load_folder(folder, languages, content, stamps, names)
    questions = [result for result in loaded.values() if isinstance(result, Question)]
    return questions, {name: result for name, result in loaded.items() if isinstance(result, QuestionError)}


@lru_cache(CACHE_SIZE)
def _load_folder(
    folder: Path,
    languages: tuple[str, ...],
    content: Content,
    data: tuple[tuple[str, int, int], ...],
    names: frozenset[str] | None,
) -> Mapping[str, Question | QuestionError]:
    """Load the questions of a folder. content, data: its files, the data files and what it asks again, for the cache.

    names: see `load_assignment`.
    """
    loaded: dict[str, Question | QuestionError] = {}
    files = (folder / name for name, _data in content if fnmatch(name, "[!_]*.py"))
    for path in (path for path in files if names is None or path.stem in names):
        try:
            loaded[path.stem] = load_question(path, languages)
        except QuestionError as error:
            loaded[path.stem] = error
    return loaded


def text_of(question: Question) -> str:
    """Return the text of a question's files: its own, its pool's, the shared code, and the files that it follows.

    A data file whose name occurs in the text stands in it by its hash: one beside them, or a released one.
    """
    path = Path(question.path)
    files = [path, *(Path(below.path) for below in _questions_below(question))]
    if isinstance(question.numbers, str):
        files.append(path.with_name(f"{question.numbers}.json"))
    shared = path.with_name(f"{SHARED}.py")
    if shared.exists():
        files.append(shared)
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    beside = [file for file in sorted(path.parent.iterdir()) if file.suffix not in (".py", ".json")]
    hashes = (
        hashlib.sha256(file.read_bytes()).hexdigest()
        for file in [*beside, *question.data_files]
        if file.is_file() and file.name in text
    )
    return text + "".join(hashes)


def _questions_below(question: Question) -> list[Question]:
    """Return the questions that a question follows, and those that they follow in turn."""
    direct = [] if question.followed is None else [*question.followed.questions.values()]
    return [*direct, *(deeper for below in direct for deeper in _questions_below(below))]


def load_question(path: Path, languages: tuple[str, ...], *, followers: tuple[str, ...] = ()) -> Question:
    """Load the question of one file and seal it.

    languages: those of the course; each text must exist in all of them. followers: the chain of questions that follow
    this one, to detect a cycle. Raises QuestionError with the file, the line, the problem and the fix.
    """
    data, folder = data_files(path.parent, languages), data_folder(path.parent, languages)
    with working_in(folder) if data else contextlib.nullcontext():
        question = getattr(_import(path), "question", None)
    if isinstance(question, ExamQuestion):
        return _load_exam_question(question, path, languages)
    if not isinstance(question, Question):
        raise QuestionError(path, None, _("the file holds no `question = Question(...)`"), TEMPLATE_HINT)
    mistakes = _mistakes(question, path, languages)
    if data and not mistakes:
        run_in_folder(question, folder)
    if not mistakes:
        apply_points(question)
    pool, followed = None, question.followed
    misconceptions, inherited = list[Misconception](), list[Misconception]()
    try:
        pool = None if isinstance(question.numbers, Mapping) else pool_of(question, path)
        if pool is not None and question.reference is not None:
            for problem, line, fix in find_pool_mistakes(question, pool):
                mistakes.append(QuestionError(path, line, problem, fix))
    except QuestionError as error:
        mistakes.append(error)
    try:
        if followed is not None and question.reference is not None:
            followed, misconceptions = _load_followed(question, followed, path, languages, followers)
    except QuestionError as error:
        mistakes.append(error)
    if mistakes:
        first, *more = mistakes
        raise QuestionError(*first.arguments[:4], more=(*first.more, *more))
    if followed is not None:
        question.misconceptions = tuple(
            _bound(misconception, followed) for misconception in question.misconceptions
        )
        inherited = [] if pool is None else list(_distinct(misconceptions, question, pool))
    question.seal(
        id=path.stem,
        assignment=path.parent.name,
        path=str(path),
        pool=pool,
        followed=followed,
        inherited=inherited,
        data_files=data,
    )
    return question


def _load_exam_question(asked: ExamQuestion, path: Path, languages: tuple[str, ...]) -> Question:
    """Load the question that an exam asks again, as it asks it. path: of the exam's file."""
    file = path.parent.with_name(asked.assignment) / path.name
    if file == path or not file.is_file():
        raise QuestionError(
            path, None, _("it asks {file} again, which is not there", file=file),
            _("name another assignment, and the file like the question: its function or its variable"),
        )  # fmt: skip
    if not _asks(path, file.parent):
        raise QuestionError(
            path, None, _("it asks {file} again, and changes of that file would not be seen", file=file),
            _('write it as question = ExamQuestion("{assignment}"), in one piece', assignment=asked.assignment),
        )  # fmt: skip
    question = load_question(file, languages)
    if question.is_in_exam:
        raise QuestionError(
            path, None, _("it asks {file} again, which asks a question again itself", file=file),
            _("name the assignment that the question comes from"),
        )  # fmt: skip
    text = text_of(question)
    if opened := [data.name for data in question.data_files if data.name in text]:
        raise QuestionError(
            path, None,
            _("the question opens {files}, which is released with its own assignment only", files=some_of(opened)),
            _("leave the question out of the exam, or copy its file and data into it"),
        )  # fmt: skip
    is_followed = all(_asks(path.with_name(f"{name}.py"), file.parent) for name in question.followed_names)
    return question.in_exam(path.parent.name, is_followed=is_followed)


def _asks(path: Path, folder: Path) -> bool:
    """Return whether a file of an exam asks a question of the assignment in a folder again."""
    return path.is_file() and folder in asked_from([(path, path.read_bytes())])


def _mistakes(question: Question, path: Path, languages: tuple[str, ...]) -> list[QuestionError]:
    """Return every mistake of a question that can be found beside the others."""
    mistakes: list[QuestionError] = []
    try:
        for problem, line, fix in find_mistakes(question, path.stem, languages):
            mistakes.append(QuestionError(path, line, problem, fix))
    except Exception:
        if not mistakes:
            raise
        # what comes after a mistake may rely on its absence
    return mistakes


def _load_followed(
    question: Question, followed: Followed, path: Path, languages: tuple[str, ...], followers: tuple[str, ...]
) -> tuple[Followed, list[Misconception]]:
    """Load the questions that a question follows.

    Returns them with their references, and their misconceptions as answers to the following question.
    """
    assert question.reference is not None
    line = followed.applied.__code__.co_firstlineno
    expected = [*followed.names, *inspect.signature(question.reference).parameters]
    parameters = list(inspect.signature(followed.applied).parameters)
    if parameters != expected:
        raise QuestionError(
            path,
            line,
            _(
                "what follows {formulas} takes ({parameters})",
                formulas=", ".join(followed.names),
                parameters=", ".join(parameters),
            ),
            _(
                "give it the formulas, then the reference's parameters: ({expected})",
                expected=", ".join(expected),
            ),
        )
    if followed.enough is not None:
        own = list(inspect.signature(followed.enough).parameters)
        if len(own) != len(expected):
            raise QuestionError(
                path,
                followed.enough.__code__.co_firstlineno,
                _("enough= takes ({parameters})", parameters=", ".join(own)),
                _(
                    "give it the formulas, then the reference's parameters: ({expected})",
                    expected=", ".join(expected),
                ),
            )
    formulas = {name: _load_formula(name, path, line, languages, followers) for name in followed.names}
    followed = dataclasses.replace(followed, questions=formulas)
    references = followed.references
    misconceptions = [
        dataclasses.replace(
            misconception,
            answer=followed.by(references | {name: misconception.answer}),
            credit=0.0,
            seen_in=None,  # it looks at what comes back there
        )
        for name, formula in formulas.items()
        for misconception in formula.misconceptions
    ]
    return followed, misconceptions


def _bound(misconception: Misconception, followed: Followed) -> Misconception:
    """Return a misconception that takes the reference's parameters only, by the right functions before them."""
    parameters = tuple(inspect.signature(misconception.answer).parameters)
    if parameters[: len(followed.names)] != followed.names:
        return misconception
    answer = followed.applied_to(misconception.answer, followed.references)
    return dataclasses.replace(misconception, answer=answer, applied=misconception.answer)


def _load_formula(
    name: str, path: Path, line: int, languages: tuple[str, ...], followers: tuple[str, ...]
) -> Question:
    file = path.with_name(f"{name}.py")
    if not file.exists():
        raise QuestionError(
            path, line, _("it follows {name}, and there is no {file}", name=repr(name), file=file),
            _("name in follows() questions of the same assignment"),
        )  # fmt: skip
    if name in (*followers, path.stem):
        cycle = " -> ".join((*followers, path.stem, name))
        raise QuestionError(
            path, line, _("it follows itself: {cycle}", cycle=cycle), _("leave one of them out of follows()")
        )
    formula = load_question(file, languages, followers=(*followers, path.stem))
    if formula.is_number or formula.needs_tensorflow:
        raise QuestionError(
            path, line, _("it follows {name}", name=repr(name)),
            _("follow questions whose answers are functions and need no TensorFlow"),
        )  # fmt: skip
    return formula


def _distinct(
    misconceptions: Sequence[Misconception], question: Question, pool: Pool
) -> Iterator[Misconception]:
    """Yield the misconceptions that give other numbers than the question's own answers and than each other."""
    assert question.reference is not None
    answers = [question.reference, *(misconception.answer for misconception in question.misconceptions)]
    known_results = [_results_at_probes(answer, pool) for answer in answers]
    names = {misconception.name for misconception in question.misconceptions}
    for misconception in misconceptions:
        results = _results_at_probes(misconception.answer, pool)
        if misconception.name not in names and results is not None and results not in known_results:
            known_results.append(results)
            names.add(misconception.name)
            yield dataclasses.replace(misconception, fails=question.checks)


def _results_at_probes(answer: Callable[..., Any], pool: Pool) -> list[Any] | None:
    """Return what an answer gives for sets of distinct numbers, or None if a result is not a number."""
    count = len(pool.names)
    rows = [[PROBES[(start + step) % len(PROBES)] for step in range(count)] for start in range(len(PROBES))]
    try:
        numbers = [answer(**pool.mapping(tuple(row))) for row in rows]
    except Exception:  # a mistaken formula may be undefined for some sizes
        return None
    return numbers if all(isinstance(number, (int, float)) for number in numbers) else None


def _import(path: Path) -> ModuleType:
    """Import a question file, with the shared code of its folder if it uses that."""
    tree = parse_file(path)
    _check_imports(path, tree)
    package = f"autograder_questions_{path.parent.name}"
    modules: dict[str, ModuleType] = {}
    line = next((node.lineno for node in _statements_run_by_loading(tree) if imports_shared(node)), None)
    if line is not None:
        shared = path.with_name(f"{SHARED}.py")
        if not shared.is_file():
            raise QuestionError(
                path,
                line,
                _("there is no {shared}", shared=shared),
                _("put the code that question files share there"),
            )
        _check_imports(shared, parse_file(shared))
        name = f"{package}.{SHARED}"
        modules = {package: ModuleType(package), name: _execute(shared, name)}
    return _execute(path, f"{package}.{path.stem}", modules)


def _check_imports(path: Path, tree: ast.Module) -> None:
    for node in _statements_run_by_loading(tree):
        names = []
        if imports_shared(node) and path.stem != SHARED:
            continue
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
                    _("it imports {name} at its top", name=repr(name)),
                    _(
                        "import only autograder, NumPy, the standard library and .{shared} there; a body that needs "
                        "TensorFlow imports it inside, and the question says needs_tensorflow=True",
                        shared=SHARED,
                    ),
                )


def _statements_run_by_loading(tree: ast.AST) -> Iterator[ast.stmt]:
    """Yield every statement that is not inside a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from _statements_run_by_loading(node)


def _execute(path: Path, name: str, modules: Mapping[str, ModuleType] = MappingProxyType({})) -> ModuleType:
    """Execute a file as the module `name`, without writing bytecode.

    modules: those that it may import besides the installed ones; they stay in `sys.modules` only meanwhile, so that a
    changed file is read again.
    """
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise QuestionError(path, None, _("it is not a Python file"), TEMPLATE_HINT)
    module = importlib.util.module_from_spec(spec)
    with _IMPORT_LOCK:
        sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
        sys.modules.update(modules)
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            lines = [frame.lineno for frame in frames if frame.filename == str(path)]
            problem = _("loading it raised {kind}: {error}", kind=type(error).__name__, error=error)
            raise QuestionError(path, lines[-1] if lines else None, problem, _fix_for(error)) from error
        finally:
            sys.dont_write_bytecode = before
            for module_name in modules:
                del sys.modules[module_name]
    return module


def _fix_for(error: Exception) -> Text:
    """Return how to fix an error of loading: the nearest keyword if one is misspelt, else a look at the template."""
    message = str(error)
    if "unexpected keyword argument" in message:
        keyword = message.rsplit("'", 2)[-2]
        names = [
            *inspect.signature(Question).parameters,
            *inspect.signature(Question.check).parameters,
            *inspect.signature(Question.misconception).parameters,
            *inspect.signature(Question.correction).parameters,
            "ko", "en",
        ]  # fmt: skip
        names = [name for name in dict.fromkeys(names) if name != "self"]
        similar = near_names(keyword, names)
        if similar:
            return _("did you mean {name}?", name=repr(similar[0]))
        return _("known names: {names}", names=", ".join(names))
    return TEMPLATE_HINT
