"""Data files of an assignment, which the code of a question file opens by the names that students use.

A student's notebook runs beside the data files that were released with it. So the code of a question file runs in the
folder that they are released from, which is not on the import path and never holds a file of a student.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from autograder.files import visible_files
from autograder.questions.question import Followed, Question

_FOLDER_LOCK = threading.RLock()
"""The working folder is one for all threads."""


def data_files(solutions: Path, languages: Sequence[str]) -> tuple[Path, ...]:
    """Return the data files that are released with an assignment, in order. solutions: its folder of question files.

    They are read from the sources; from the release in the first language where there are no sources, as on a cluster.
    """
    folder = data_folder(solutions, languages)
    return tuple(path for path in visible_files(folder) if path.suffix != ".ipynb") if folder.is_dir() else ()


def data_folder(solutions: Path, languages: Sequence[str]) -> Path:
    """Return the folder of the data files, which need not exist; see `data_files`."""
    root = solutions.parent.parent
    source = root / "source" / solutions.name
    return source if source.is_dir() or not languages else root / "release" / languages[0] / solutions.name


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Make a folder the working folder of this process for a while. Other threads wait for their turn."""
    with _FOLDER_LOCK, kept_folder():
        if "" in sys.path:  # the working folder, on which no import must depend
            sys.path[:] = [entry or str(Path.cwd()) for entry in sys.path]
        os.chdir(folder)
        yield


@contextlib.contextmanager
def kept_folder() -> Iterator[None]:
    """Go back to the current working folder at the end, even if it was removed."""
    before = os.open(".", getattr(os, "O_PATH", os.O_RDONLY))
    try:
        yield
    finally:
        os.chdir(before)
        os.close(before)


class InFolder:
    """A function of a question file that runs in the folder of the assignment's data files."""

    def __init__(self, function: Callable[..., Any], folder: Path) -> None:
        functools.update_wrapper(self, function)
        self.__code__ = function.__code__
        self._function, self._folder = function, folder

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        with working_in(self._folder):
            return self._function(*args, **kwargs)


def run_in_folder(question: Question, folder: Path) -> None:
    """Let every function of a question that is not sealed yet run in a folder."""

    def run_there(function: Any) -> Any:
        return InFolder(function, folder) if hasattr(function, "__code__") else function

    question.replace_checks(
        lambda check: dataclasses.replace(check, judge=run_there(check.judge), when=run_there(check.when)),
        lambda misconception: dataclasses.replace(
            misconception, answer=run_there(misconception.answer), seen_in=run_there(misconception.seen_in)
        ),
    )
    question.others = tuple(map(run_there, question.others))
    for name in ("reference", "examples", "draw_cases", "ask"):
        setattr(question, name, run_there(getattr(question, name)))
    if question.followed is not None:
        question.followed = Followed(
            question.followed.names,
            run_there(question.followed.applied),
            run_there(question.followed.enough),
        )
