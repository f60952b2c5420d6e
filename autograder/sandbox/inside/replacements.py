"""Finds what a test has replaced or set in its own kernel, of which the student's code in the other has nothing."""

from __future__ import annotations

import builtins
import sys
import tracemalloc
import types
from collections.abc import Iterator, Mapping
from typing import Any

LEFT_OUT = frozenset([
    *(("builtins", name) for name in ("input", "print", "exit", "quit", "display", "get_ipython")),
    ("sys", "displayhook"), ("sys", "excepthook"),
])  # fmt: skip
"""What does reach the student's code, and what IPython sets itself."""
WITHOUT = frozenset(["matplotlib", "warnings"])
"""Packages that replace functions of their own as they work."""
ABSENT = object()


class Replacements:
    """What the built-in functions, libraries and names of a kernel were when a test began.

    namespace: the notebook's. Looked at are the standard library, packages of which the notebook has a module, and
    names of the notebook that mean something of a library.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        bound = {name: value for name, value in namespace.items() if _is_of_library(value)}
        packages = {
            _package(value.__name__) for value in bound.values() if isinstance(value, types.ModuleType)
        }
        packages = (packages | {*sys.stdlib_module_names}) - WITHOUT - {"__main__"}
        self._modules = {
            name: module
            for name, module in [*sys.modules.items()]
            if _package(name) in packages and isinstance(module, types.ModuleType)
        }
        self._contents = {
            name: {key: value for key, value in vars(module).items() if callable(value) and key[0] != "_"}
            for name, module in self._modules.items()
        }
        self._names: Mapping[str, Any] = bound
        self._before = frozenset(namespace)
        self._state = _state()

    def are_there(self) -> bool:
        """Return whether anything is replaced, deleted or set now."""
        return _state() != self._state or any(self._found())

    def _found(self) -> Iterator[bool]:
        yield any(
            _takes_its_place(self._namespace.get(name, ABSENT), one) for name, one in self._names.items()
        )
        shadowing = (
            (self._namespace.keys() & vars(builtins).keys())
            - self._before
            - {name for _module, name in LEFT_OUT}
        )
        yield any(_takes_its_place(self._namespace[name], ABSENT) for name in shadowing - {"_"})
        yield any(sys.modules.get(name) is not module for name, module in self._modules.items())
        for name, contents in self._contents.items():
            now = vars(self._modules[name])
            yield any(
                now.get(key) is not value and (name, key) not in LEFT_OUT for key, value in contents.items()
            )


def _is_of_library(value: Any) -> bool:
    if isinstance(value, types.ModuleType):
        return True
    return callable(value) and getattr(value, "__module__", "__main__") not in ("__main__", None)


def _takes_its_place(now: Any, before: Any) -> bool:
    """Return whether something is there in place of a function, and is no plain value, which a test may well need."""
    return now is not before and (now is ABSENT or now is None or callable(now))


def _package(name: str) -> str:
    return name.partition(".")[0]


def _state() -> tuple[Any, ...]:
    """Return limits and measurements of the interpreter."""
    return sys.getrecursionlimit(), sys.gettrace(), sys.getprofile(), tracemalloc.is_tracing()
