"""Does a release hold anything that only the instructor may know?

Looked for in every string of every released file: cells, outputs, metadata, attachments, cell ids, and in what
a picture holds beside its pixels. What may not stand there: a statement from the body of a reference, a check or a
misconception, and the answer of a number question as a token of three digits or more.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder import pictures
from autograder.grading import draw_cases, wanted
from autograder.loading import bodies
from autograder.notebook import answer_text
from autograder.question import Question


@dataclass(frozen=True)
class Leak:
    """One private thing that stands in a released file."""

    path: Path
    question: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: holds {self.what} of question {self.question}"


def find_leaks(release: Path, questions: Sequence[Question]) -> list[Leak]:
    """Every leak of `questions` in the files below `release`."""
    secrets = [(question.id, what, pattern) for question in questions for what, pattern in _secrets(question)]
    leaks = []
    for path in sorted(release.rglob("*")):
        if not path.is_file():
            continue
        texts = [_tight(text) for text in _strings(path)]
        for name, what, pattern in secrets:
            if any(pattern.search(text) for text in texts):
                leaks.append(Leak(path, name, what))
    return leaks


def _secrets(question: Question) -> Iterator[tuple[str, re.Pattern[str]]]:
    for function, node in bodies(question):
        for statement in _statements(node):
            yield f"`{statement}` from {function}", _token(statement)
    if question.is_number:
        solved = _normal(answer_text(question).splitlines()[2])
        yield f"its solution `{solved}`", _token(solved)
        answer = str(wanted(question, draw_cases(question, np.random.default_rng(0))[0]))
        if len(answer) >= 3:
            yield f"its answer {answer}", re.compile(rf"(?<![0-9A-Za-z]){answer}(?![0-9A-Za-z])")


def _statements(function: ast.FunctionDef) -> Iterator[str]:
    """The simple statements of a body, each on one line; docstrings, imports and `return name` excepted."""
    for node in ast.walk(function):
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass, ast.Break, ast.Continue)):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Return) and isinstance(node.value, (ast.Name, type(None))):
            continue
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Raise)):
            yield _normal(ast.unparse(node))


def _token(text: str) -> re.Pattern[str]:
    after = r"(?!\w)" if re.match(r"\w", text[-1]) else ""
    return re.compile(rf"(?<![\w.]){re.escape(_tight(text))}{after}")


def _normal(text: str) -> str:
    """Text without differences that do not count: white space and the kind of quotes."""
    return re.sub(r"\s+", " ", text.replace('"', "'")).strip()


def _tight(text: str) -> str:
    """Text without the spaces around operators and brackets, which Python does not need."""
    return re.sub(r" ?([^\w\s'`.]) ?", r"\1", _normal(text))


def _strings(path: Path) -> Iterator[str]:
    """Every string in a file; of a notebook each string of its JSON, and each code cell as Python reads it."""
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
            png = pictures.decoded(value) if key == pictures.PNG else b""
            yield from _leaves(pictures.text_in(png) if png else value)
    elif isinstance(data, list):
        if data and all(isinstance(item, str) for item in data):
            yield "".join(data)
        for item in data:
            yield from _leaves(item)
    elif isinstance(data, (str, int, float)):
        yield str(data)
