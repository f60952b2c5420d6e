"""Stub modules: modules that can be imported, have any attribute, and raise an error on any use."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import types
from typing import Any


class StubModuleError(RuntimeError):
    """A stub module was used."""


class StubModule(types.ModuleType):
    """A module that can be imported, has any attribute, and raises StubModuleError on any use."""

    used = False
    """Whether any stub module was used, even if the error was caught."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self.__version__ = "0 (stand-in)"
        self._message = message

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StubModule(f"{self.__name__}.{name}", self._message)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Raise StubModuleError: any use does."""
        StubModule.used = True
        raise StubModuleError(self._message)

    __mro_entries__ = __instancecheck__ = __subclasscheck__ = __enter__ = __exit__ = __call__
    __iter__ = __len__ = __getitem__ = __setitem__ = __contains__ = __bool__ = __call__
    __int__ = __float__ = __index__ = __array__ = __neg__ = __pos__ = __abs__ = __call__
    __add__ = __sub__ = __mul__ = __matmul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = __call__
    __radd__ = __rsub__ = __rmul__ = __rmatmul__ = __rtruediv__ = __rfloordiv__ = __rmod__ = __rpow__ = (
        __call__
    )
    __lt__ = __le__ = __gt__ = __ge__ = __call__


class StubFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import finder that provides stub modules for the given libraries."""

    def __init__(self, libraries: tuple[str, ...], message: str) -> None:
        self.libraries, self.message = libraries, message

    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec if `fullname` belongs to one of the libraries."""
        if fullname.split(".")[0] in self.libraries:
            return importlib.util.spec_from_loader(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Create the stub module."""
        return StubModule(spec.name, self.message)

    def exec_module(self, module: types.ModuleType) -> None:
        """Do nothing: there is no code to run."""
