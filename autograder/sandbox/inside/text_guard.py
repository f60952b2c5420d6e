"""Keeps the kernel of the tests from running a text that a student may have written.

A student's value may be a text or bytes, which an author's test or cell may run as code: by `eval`, as an expression of
a library, as a pickle, as a command. Python tells an audit hook of each of these before it happens (PEP 578, and the
table of audit events in Python's documentation). The hook lets through what stands in the author's own cells, what
libraries do while they are imported, and classes in pickles that are in the author's, too. Anything else ends the test.
"""

from __future__ import annotations

import ast
import os
import sys
import threading
import time
import types
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from .codec import NotSerializable

COMPILE, UNPICKLE = "compile", "pickle.find_class"
PROCESSES = frozenset(["subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"])
EVENTS = PROCESSES | {COMPILE, UNPICKLE, "ctypes.dlopen", "marshal.loads", "code.__new__"}
IMPORTS = "<frozen importlib"
PARSES = str(ast.__file__)
LIBRARY = os.path.dirname(os.__file__)
MAKES_CODE = frozenset(
    os.path.join(LIBRARY, *path)
    for path in (("collections", "__init__.py"), ("dataclasses.py",), ("typing.py",), ("unittest", "mock.py"))
)
"""Modules that compile texts of their own, or annotations: no text of a student's."""
TIMES = os.path.join(LIBRARY, "timeit.py")
OF_TIMES = frozenset(
    ["", "_t0 = _timer()", "for _i in _it:", "_stmt()", "pass", "_t1 = _timer()", "return _t1 - _t0"]
)
"""A module that compiles a template with a statement in it, and lines of the template."""
INTERPRETS = os.path.join("pandas", "core", "computation")
"""Where a library runs what `ast.parse` returns."""
TRANSLATES = os.path.join("tensorflow", "python", "autograph")
"""Where a library compiles functions anew, which are the author's here."""
SHELLS = frozenset(["/bin/sh", "/bin/bash", "sh", "bash", "-c", sys.executable, os.environ.get("SHELL", "")])
PLAIN = frozenset(["set", "frozenset", "bytearray", "complex", "range", "slice"])
"""Built-in classes to which a pickle of plain data refers."""


class TextGuard:
    """Watches what the author's code does in this kernel from here on. It cannot be removed."""

    def __init__(
        self,
        namespace: dict[str, Any],
        texts: Collection[str],
        admits: Callable[[str], bool],
        refuse: Callable[[NotSerializable], BaseException],
    ) -> None:
        """Begin.

        namespace: the names of the notebook, by which the author's code is known. texts: those that stand in it.
        admits: records something by a key, or tells whether the author's solution led to it. refuse: returns the
        exception that ends a test, for a reason.
        """
        self._namespace, self._admits, self._refuse = namespace, admits, refuse
        self._texts = [_without_spaces(text) for text in texts]
        self._began = time.time()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in EVENTS:
            return
        files = self._files_above()
        if files is not None and not self._lets_through(event, arguments, files):
            raise self._refuse(NotSerializable("it would run as code there", "거기서 코드로 실행됩니다"))

    def _files_above(self) -> list[str] | None:
        """Return the files of the code that leads from the author's to the event, the last first.

        None if none of the author's code runs: the kernel runs code, too.
        """
        files: list[str] = []
        frame: types.FrameType | None = sys._getframe(2)
        while frame is not None:
            if frame.f_globals is self._namespace:
                return files
            files.append(frame.f_code.co_filename)
            frame = frame.f_back
        return None if threading.current_thread() is threading.main_thread() else files

    def _lets_through(self, event: str, arguments: tuple[Any, ...], files: list[str]) -> bool:
        if event == UNPICKLE:
            module, name = arguments[1:3] if len(arguments) > 2 else arguments
            is_plain = module == "builtins" and name in PLAIN
            return is_plain or self._admits(f"unpickles {module}.{name}")
        if event in PROCESSES:
            return all(text in SHELLS or self._is_written(text) for text in _parts(arguments[:2]))
        imports = any(file.startswith(IMPORTS) for file in files)
        return self._may_compile(*arguments, files=files, imports=imports) if event == COMPILE else imports

    def _may_compile(self, source: Any, name: Any, *, files: list[str], imports: bool) -> bool:
        """Return whether a source may be compiled. name: of its file."""
        if isinstance(source, bytes):
            source = source.decode(errors="replace")
        if self._is_written(source) or any(TRANSLATES in file for file in files):
            return True
        if not files:
            return False
        if isinstance(source, ast.AST):  # IPython had it from a text, which was looked at
            return any(f"{os.sep}IPython{os.sep}" in file for file in files[:2])
        if files[0] == TIMES:
            lines = {line.strip() for line in source.splitlines()} - OF_TIMES
            return all(line.startswith("def inner(_it, _timer") or self._is_written(line) for line in lines)
        if imports:
            return not files[0].startswith(IMPORTS) or self._was_there(name)
        if files[0] == PARSES:
            return not any(INTERPRETS in file for file in files)
        return files[0] in MAKES_CODE

    def _is_written(self, text: Any) -> bool:
        """Return whether a text stands in the author's code."""
        if not isinstance(text, str):
            return False
        text = _without_spaces(text)
        return text in ("", "pass") or any(text in written for written in self._texts)

    def _was_there(self, path: Any) -> bool:
        """Return whether a file was there before the author's code ran."""
        try:
            return os.stat(path).st_ctime < self._began
        except (OSError, TypeError, ValueError):
            return False


def _without_spaces(text: str) -> str:
    """Return a text as pandas, for one, may have put it together anew."""
    return "".join(text.split())


def _parts(arguments: Iterable[Any]) -> Iterator[Any]:
    """Yield the texts with which a process is started."""
    for part in arguments:
        if isinstance(part, (list, tuple)):
            yield from _parts(part)
        elif part is not None:
            yield os.fsdecode(part) if isinstance(part, (str, bytes, os.PathLike)) else part
