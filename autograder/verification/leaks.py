"""Search a release for anything that only the instructor may know.

The search covers every string of every released file: cells, outputs, metadata, attachments, cell ids, and the text in
a picture beside its pixels. Not allowed are: a statement from the body of a reference, a check or a misconception; the
answer of a number question in any variant, as a token of three digits or more; and the hash of such an answer, however
short.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.i18n import _
from autograder.notebooks import images
from autograder.notebooks.stamp import answer_text
from autograder.questions.number_answers import is_whole
from autograder.questions.question import Question
from autograder.questions.syntax import private_functions, walk_statements
from autograder.text import Text

TOKEN = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]+(?![0-9A-Za-z])")
MIN_DIGITS = 4
"""Length from which the digits after the point of an answer are searched for; 0.125 may be anything."""
HEX_LENGTHS = (32, 40, 56, 64, 96, 128)


@dataclass(frozen=True)
class Leak:
    """A private statement or answer found in a released file."""

    path: Path
    question: str
    what: Text

    @property
    def text(self) -> Text:
        """The leak in words: the file, what it holds, and the question."""
        return _(
            "{path}: holds {what} of question {question}",
            path=self.path,
            what=self.what,
            question=self.question,
        )


@dataclass
class LeakSearch:
    """Figures of a search for leaks, and the leaks found."""

    files: int = 0
    statements: int = 0
    answers: int = 0
    leaks: list[Leak] = field(default_factory=list)


def search(release: Path, questions: Sequence[Question]) -> LeakSearch:
    """Look for leaks of `questions` in every file below `release`."""
    secrets = [(question.id, what, secret) for question in questions for what, secret in _secrets(question)]
    answers: dict[str, str] = {}
    for question in questions:
        for answer in _answers(question):
            answers[answer] = ", ".join(filter(None, (answers.get(answer), question.id)))
    searched = LeakSearch(statements=len(secrets), answers=len(answers))
    for path in sorted(release.rglob("*")):
        if not path.is_file():
            continue
        searched.files += 1
        # a tight text has no line break, so no match spans two of them
        text = "\n".join(dict.fromkeys(map(_tight, _strings(path))))
        searched.leaks += [
            Leak(path, name, what) for name, what, secret in secrets if _contains(text, secret)
        ]
        tokens = set(TOKEN.findall(text))
        for token in sorted(tokens & answers.keys()):
            if len(token) >= 3:
                searched.leaks.append(Leak(path, answers[token], _("its answer {answer}", answer=token)))
        digests = {token.lower() for token in tokens if len(token) in HEX_LENGTHS}
        hashes = _hashes(answers) if digests else {}
        for digest in sorted(digests & hashes.keys()):
            answer = hashes[digest]
            searched.leaks.append(
                Leak(path, answers[answer], _("its answer {answer}, hashed", answer=answer))
            )
    return searched


def _answers(question: Question) -> set[str]:
    """Return the right numbers of a number question, in every variant.

    Strings and arrays are left out: what is in one may well be in a statement, too.
    """
    right = (question.reference, *question.others)
    answers = [answer(**numbers) for numbers in question.variants for answer in right if answer is not None]
    whole = {str(answer) for answer in answers if is_whole(answer)}
    # of a float, the digits after the point: they are a token of their own
    fractions = {str(answer).partition(".")[2] for answer in answers if isinstance(answer, float)}
    return whole | {digits for digits in fractions if len(digits) >= MIN_DIGITS}


def _hashes(answers: Collection[str]) -> dict[str, str]:
    """Return answers by their digests: a short number is quickly recovered from its hash."""
    return {
        hashlib.new(name, answer.encode(), usedforsecurity=False).hexdigest(): answer
        for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
        for answer in answers
    }


def _secrets(question: Question) -> Iterator[tuple[Text, str]]:
    """Yield each private statement: a description and its tight text."""
    data = {path.name for path in question.data_files}
    for function, node in private_functions(question):
        for statement in _statements(node, data):
            yield (
                _("`{statement}` from {function}", statement=statement, function=function),
                _tight(statement),
            )
    if question.is_number:
        solved = _normalized(answer_text(question).splitlines()[2])
        yield _("its solution `{solution}`", solution=solved), _tight(solved)


def _statements(function: ast.FunctionDef, data: Collection[str]) -> Iterator[str]:
    """Yield the simple statements of a body, each on one line, except docstrings, imports and `return name`.

    A statement that does no more than read a released file is left out, too. data: the names of these files.
    """
    for node in walk_statements(function):
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass, ast.Break, ast.Continue)):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Return) and isinstance(node.value, (ast.Name, type(None))):
            continue
        if isinstance(node, ast.Assign) and _only_reads(node.value, data):
            continue
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Raise)):
            yield _normalized(ast.unparse(node))


def _only_reads(value: ast.expr, data: Collection[str]) -> bool:
    """Return whether an expression is one call with constants, the first of which is the name of a data file."""
    if not isinstance(value, ast.Call) or not value.args:
        return False
    given = [*value.args, *(keyword.value for keyword in value.keywords)]
    constants = [argument.value for argument in given if isinstance(argument, ast.Constant)]
    is_plain = isinstance(value.func, ast.Name) or (
        isinstance(value.func, ast.Attribute) and isinstance(value.func.value, ast.Name)
    )
    return is_plain and len(constants) == len(given) and Path(str(constants[0])).name in data


def _contains(text: str, secret: str) -> bool:
    """Return whether `text` contains `secret`, other than as part of a longer name."""
    if secret not in text:  # true for nearly all, and much faster than the pattern
        return False
    after = r"(?!\w)" if re.match(r"\w", secret[-1]) else ""
    return re.search(rf"(?<![\w.]){re.escape(secret)}{after}", text) is not None


def _normalized(text: str) -> str:
    """Normalize white space and quotes."""
    return re.sub(r"\s+", " ", text.replace('"', "'")).strip()


def _tight(text: str) -> str:
    """Remove the spaces around operators and brackets, which Python does not need."""
    return re.sub(r" ?([^\w\s'`.]) ?", r"\1", _normalized(text))


def _strings(path: Path) -> Iterator[str]:
    """Yield every string in a file; of a notebook each string of its JSON, and each statement of its code unparsed."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        yield path.read_bytes().decode("latin-1")
        return
    if path.suffix != ".ipynb":
        yield text
        return
    data = json.loads(text)
    yield from _leaves(data)
    for cell in data.get("cells", []):
        if cell.get("cell_type") == "code":
            try:
                tree = ast.parse("".join(cell["source"]))
            except SyntaxError:
                continue
            yield from (ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.stmt))


def _leaves(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield str(key)
            png = images.decode_png(value) if key == images.PNG else b""
            yield from _leaves(images.non_pixel_data(png) if png else value)
    elif isinstance(data, list):
        if data and all(isinstance(item, str) for item in data):
            yield "".join(data)
        for item in data:
            yield from _leaves(item)
    elif isinstance(data, (str, int, float)):
        yield str(data)
