"""Keeps the kernel of the tests from running a text that a student may have written.

A student's value may be a text or bytes, which an author's test or cell may run as code: by `eval`, as an expression of
a library, as a pickle, as a command. Python tells an audit hook of each of these before it happens (PEP 578, and the
table of audit events in Python's documentation). The hook lets through what stands in the author's own cells, what
libraries do while they are imported, and pickles of plain data. Anything else ends the test.
"""

from __future__ import annotations

import ast
import contextlib
import glob
import os
import re
import sys
import tempfile
import threading
import time
import types
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from .codec import NotSerializable

COMPILE, UNPICKLE = "compile", "pickle.find_class"
PROCESSES = frozenset(["subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"])
REASON = NotSerializable("it would run as code there", "거기서 코드로 실행됩니다")
EVENTS = PROCESSES | {COMPILE, UNPICKLE, "ctypes.dlopen", "marshal.loads", "code.__new__"}
IMPORTS = "<frozen importlib"
PARSES = str(ast.__file__)
LIBRARY = os.path.dirname(os.__file__)
MAKES_CODE = frozenset(
    os.path.join(LIBRARY, *path)
    for path in (("collections", "__init__.py"), ("dataclasses.py",), ("typing.py",), ("unittest", "mock.py"))
)
OF_SCIPY = os.path.join("scipy", "stats", "_distn_infrastructure.py")
"""Modules that compile texts of their own, in which only names are a caller's, or annotations."""
LAUNCH = (
    os.path.join(LIBRARY, "platform.py"),
    os.path.join("joblib", "externals", "loky", "backend", "context.py"),
)
"""Modules that start commands of their own."""
LAUNCHERS = frozenset([os.path.join(LIBRARY, "subprocess.py"), os.path.join(LIBRARY, "os.py")])
CONFIGURES = os.path.join("IPython", "core", "magics", "config.py")
MULTIPROCESSING = os.path.join(LIBRARY, "multiprocessing", "")
TIMES = os.path.join(LIBRARY, "timeit.py")
TEMPLATE_OF_TIMES = re.compile(
    r"\s*def inner\(_it, _timer(?:, _setup=_setup)?(?:, _stmt=_stmt)?\):\n(.*)\n    _t0 = _timer\(\)\n"
    r"    for _i in _it:\n(.*)\n        pass\n    _t1 = _timer\(\)\n    return _t1 - _t0\n",
    re.DOTALL,
)
OF_TIMES = frozenset(["_setup()", "_stmt()"])
"""A module that compiles a template with a setup and a statement in it, and what stands there for functions."""
INTERPRETS = os.path.join("pandas", "core", "computation")
"""Where pandas evaluates the tree that `ast.parse` returns."""
TRANSLATES = os.path.join("tensorflow", "python", "autograph")
"""Where TensorFlow recompiles functions. In this kernel they are the author's."""
SHELLS = frozenset(
    ["-c", sys.executable]
    + [folder + name for folder in ("", "/bin/", "/usr/bin/") for name in ("sh", "bash", "dash", "zsh")]
)
MAX_LINES = 100
"""Lines of a statement that `timeit` sets up."""
PLAIN = frozenset(
    [("builtins", name) for name in ("set", "frozenset", "bytearray", "complex", "range", "slice")]
    + [("datetime", name) for name in ("date", "datetime", "time", "timedelta", "timezone")]
    + [("collections", "deque")]
)
"""Classes to which a pickle may refer: it may set attributes of a class, but not of these, which are immutable."""


class TextGuard:
    """Watches what the author's code does in this kernel from here on. It cannot be removed."""

    def __init__(
        self,
        namespace: dict[str, Any],
        texts: Collection[str],
        refuse: Callable[[NotSerializable], BaseException],
    ) -> None:
        """Begin.

        namespace: the names of the notebook, by which the author's code is known. texts: those that stand in it.
        refuse: returns the exception that ends a test, for a reason.
        """
        self._namespace, self._refuse = namespace, refuse
        self._texts = {_comparable(text) for text in texts}
        self._began, self._process = time.time(), os.getpid()
        self._refusal = os.path.join(tempfile.gettempdir(), f"refused-{self._process}")
        """A file by which a copy of this process, whose other files may be closed, tells of a refusal."""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in EVENTS:
            return
        files = self._files_above()
        if files is None or self._lets_through(event, arguments, files):
            return
        if os.getpid() != self._process:  # a copy of this process, which is about to run a command
            with contextlib.suppress(OSError):
                os.close(os.open(self._refusal, os.O_CREAT))
            os._exit(1)
        raise self._refuse(REASON)

    def check_copies(self) -> None:
        """Refuse what a process was ended for that this one had forked, if one was."""
        with contextlib.suppress(FileNotFoundError):
            os.remove(self._refusal)
            self._refuse(REASON)

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
        imports = any(file.startswith(IMPORTS) for file in files)
        if event == UNPICKLE:  # processes of the author's hand each other what they have pickled themselves
            return arguments in PLAIN or imports or bool(files and files[0].startswith(MULTIPROCESSING))
        if event in PROCESSES:
            caller = next((file for file in files if file not in LAUNCHERS), "")
            is_written = all(text in SHELLS or self._is_written(text) for text in _parts(arguments[:2]))
            return is_written or imports or caller.endswith(LAUNCH)
        return self._may_compile(*arguments, files=files, imports=imports) if event == COMPILE else imports

    def _may_compile(self, source: Any, name: Any, *, files: list[str], imports: bool) -> bool:
        """Return whether a source may be compiled. name: of its file."""
        if isinstance(source, bytes):
            source = source.decode(errors="replace")
        if self._is_written(source) or self._is_file(source) or any(TRANSLATES in file for file in files):
            return True
        if not files:
            return False
        if isinstance(source, ast.AST):  # IPython had it from a text, which was looked at
            return any(f"{os.sep}IPython{os.sep}" in file for file in files[:2])
        if files[0] == TIMES:
            template = TEMPLATE_OF_TIMES.fullmatch(source)
            pairs = [template.groups()] if template else _parted(source)
            return any(all(map(self._is_timed, pair)) for pair in pairs)
        if files[0].endswith(CONFIGURES):
            return self._is_written(source.removeprefix("cfg."))
        if imports:  # a library in C may compile a text, which names no file
            return not files[0].startswith(IMPORTS) or not os.path.isabs(name) or self._was_there(name)
        if files[0] == PARSES:
            return not any(INTERPRETS in file for file in files)
        return files[0] in MAKES_CODE or files[0].endswith(OF_SCIPY)

    def _is_written(self, text: Any) -> bool:
        """Return whether a text stands in the author's code."""
        if not isinstance(text, str):
            return False
        text = _comparable(text)
        return text in ("", "pass") or text in self._texts

    def _is_timed(self, text: str) -> bool:
        return text.strip() in OF_TIMES or self._is_written(text)

    def _is_file(self, text: Any) -> bool:
        """Return whether a text is that of a file beside the notebook that was there before the author's code ran."""
        for path in glob.glob("*.py") if isinstance(text, str) else ():
            with contextlib.suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as file:
                if self._was_there(path) and file.read(len(text) + 1) == text:
                    return True
        return False

    def _was_there(self, path: Any) -> bool:
        """Return whether a file was there before the author's code ran."""
        try:
            return os.stat(path).st_ctime < self._began
        except (OSError, TypeError, ValueError):
            return False


def _comparable(text: str) -> str:
    """Return a text in a form that is the same before and after pandas rewrites a query."""
    quoted = re.sub("`([^`]+)`", lambda name: f"BACKTICK_QUOTED_STRING_{name[1].replace(' ', '_')}", text)
    plain = quoted.replace("__pd_eval_local_", "@").replace("&", "and").replace("|", "or")
    return "".join(plain.split())


def _parted(text: str) -> Iterator[tuple[str, str]]:
    """Yield what is before and after each end of a line, of which there may not be many."""
    lines = text.split("\n", MAX_LINES)
    for number in range(1, len(lines)):
        yield "\n".join(lines[:number]), "\n".join(lines[number:])


def _parts(arguments: Iterable[Any]) -> Iterator[Any]:
    """Yield the texts with which a process is started."""
    for part in arguments:
        if isinstance(part, (list, tuple)):
            yield from _parts(part)
        elif part is not None:
            yield os.fsdecode(part) if isinstance(part, (str, bytes, os.PathLike)) else part
