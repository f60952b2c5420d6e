"""Stand-ins: modules that can be imported, with any name in them, and used for nothing."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import types
from typing import Any


class StubModuleError(RuntimeError):
    """A stand-in for a library was used."""


class StubModule(types.ModuleType):
    """A module that can be imported, with any name in it, and used for nothing."""

    used = False
    """Whether any was, though the error may have been caught."""

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
        """Any use raises."""
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
    """Imports every module of the named libraries as a stand-in."""

    def __init__(self, libraries: tuple[str, ...], message: str) -> None:
        self.libraries, self.message = libraries, message

    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec where `fullname` belongs to one of the libraries."""
        if fullname.split(".")[0] in self.libraries:
            return importlib.util.spec_from_loader(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """The stand-in itself."""
        return StubModule(spec.name, self.message)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""
