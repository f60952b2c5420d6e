"""Objects and classes that stay in the student's kernel, and are used from the kernel of the tests.

    {"object": n, "class": class}   {"own": n}
    class: {"student_class": n, "name": text, "special": [name, ...], "bases": [class, ...]}
        or {"exception_class": n, "name": text, "bases": [class, ...]}; a built-in exception is its name

In the kernel of the tests such an object has a class of its name, whose every operation is asked of the other kernel:
attributes, methods and special methods. Handed back to that kernel, it is `own`. What it does there is code of the
student's, as with a function: so an object may only be where the author's solution has one of a class of this name,
and has only those special methods that the author's class defines. Elsewhere it is `Opaque`: it can be called, if it
can be at all, as a function might be in its place, and fits no assertion.
An exception class arrives as a new class with the same name and bases, and nothing else of it.

Where an object is from is its place: `account`, `Account()`, `Account.owner`, `Account.copy()`, `accounts[]`. The
kernel of the tests names places by what a test wrote; of what the other kernel sends, only names of classes that were
let in are a part of places.
"""

from __future__ import annotations

import abc
import builtins
import math
import operator
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from .codec import NotSerializable

MAX_NAME = 200
MAX_BASES = 10
MAX_CLASSES = 1_000
METACLASSES = (type, abc.ABCMeta)
WITHOUT_CONTENT = (object, abc.ABC, typing.Generic, typing.Protocol)
"""Bases that add nothing of which a test would know."""
HEAP_TYPE = 1 << 9
"""Flag of types that Python code, and not C, defined."""
QUIET = (StopIteration, StopAsyncIteration)
"""Exceptions that would end a loop of the other kernel's."""
FORWARDED = frozenset(["__dict__"])
"""Names with two underscores that are attributes of the student's object."""


def _iterated(value: Any) -> Iterator[Any]:
    yield from iter(value)


def _next(value: Any) -> tuple[bool, Any]:
    try:
        return True, next(value)
    except StopIteration:  # would not arrive as one
        return False, None


def _reflected(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda value, other: function(other, value)


BINARY = (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift",
)  # fmt: skip
SPECIAL: Mapping[str, Callable[..., Any]] = MappingProxyType({
    **{f"__{name}__": getattr(operator, f"__{name}__") for name in BINARY},
    **{f"__r{name}__": _reflected(getattr(operator, f"__{name}__")) for name in BINARY},
    **{f"__i{name}__": getattr(operator, f"__i{name}__") for name in BINARY},
    **{f"__{name}__": getattr(operator, f"__{name}__") for name in (
        "eq", "ne", "lt", "le", "gt", "ge", "neg", "pos", "abs", "invert", "contains", "getitem", "setitem", "delitem",
        "index",
    )},
    "__bool__": bool, "__len__": len, "__int__": int, "__float__": float, "__complex__": complex, "__round__": round,
    "__trunc__": math.trunc, "__floor__": math.floor, "__ceil__": math.ceil, "__str__": str, "__repr__": repr,
    "__format__": format, "__hash__": hash, "__reversed__": lambda value: _iterated(reversed(value)),
    "__iter__": _iterated, "__next__": _next, "__array__": lambda value, *_args, **_kwargs: np.asarray(value),
    "__enter__": lambda value: type(value).__enter__(value),
    "__exit__": lambda value, *error: type(value).__exit__(value, *error),
    "__call__": lambda value, *args, **kwargs: value(*args, **kwargs),
})  # fmt: skip
"""Special methods that cross, with what does them in the student's kernel."""
OPERATIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {**SPECIAL, "get": getattr, "set": setattr, "delete": delattr, "__dir__": dir}
)


def describe(value: Any, refer: Callable[[Any], int], *, is_data: bool) -> dict[str, Any] | None:
    """Return a reference to an object or a class of the student's; None for what may be data.

    is_data: whether data is tried first, so that only objects of classes that a notebook defines, and those that can be
    called, are referred to.
    Raises NotSerializable for a class that cannot cross.
    """
    kind = type(value)
    if issubclass(kind, (types.ModuleType, BaseException, np.ndarray, np.generic)):
        return None
    if issubclass(kind, type):
        return _describe_class(value, refer)
    if is_data and not (_is_plain(kind) and (kind.__module__ == "__main__" or callable(value))):
        return None
    bases = _describe_class(kind, refer) if _is_plain(kind) else _class(kind, refer, [])
    return {"object": refer(value), "class": bases}


def _is_plain(kind: type) -> bool:
    """Return whether a class inherits from no class in C but `object`, so that it has no built-in value inside."""
    return type(kind) in METACLASSES and all(
        base in WITHOUT_CONTENT or base.__flags__ & HEAP_TYPE for base in kind.__mro__
    )


def _describe_class(kind: type, refer: Callable[[Any], int]) -> dict[str, Any]:
    if type(kind) in METACLASSES and issubclass(kind, Exception) and kind.__module__ != "builtins":
        bases: list[Any] = []
        for base in kind.__bases__:
            if not issubclass(base, Exception):
                raise NotSerializable(
                    "it is an exception class with other bases", "다른 클래스도 상속한 예외입니다"
                )
            is_built_in = base.__module__ == "builtins"
            bases.append(base.__name__ if is_built_in else _describe_class(base, refer))
        return {"exception_class": refer(kind), "name": kind.__name__[:MAX_NAME], "bases": bases}
    if not _is_plain(kind):
        inside = [base for base in kind.__mro__[:-1] if not base.__flags__ & HEAP_TYPE] or [type(kind)]
        name = inside[0].__name__[:MAX_NAME]
        raise NotSerializable(f"it is a class made of {name}", f"{name}에서 나온 클래스입니다")
    return _class(
        kind, refer, [_describe_class(base, refer) for base in kind.__bases__ if base not in WITHOUT_CONTENT]
    )


def _class(kind: type, refer: Callable[[Any], int], bases: list[Any]) -> dict[str, Any]:
    special = [name for name in SPECIAL if _defines(kind, name)]
    return {
        "student_class": refer(kind), "name": kind.__name__[:MAX_NAME], "special": special, "bases": bases
    }  # fmt: skip


def _defines(kind: type, name: str) -> bool:
    """Return whether a class has a special method that is not that of every object."""
    defined = (vars(base)[name] for base in kind.__mro__ if base is not object and name in vars(base))
    return next(defined, None) is not None


Refuse = Callable[[NotSerializable], BaseException]


class RemoteObject:
    """An object of the student's, used from the kernel of the tests. Its subclasses are made from descriptions."""

    __slots__ = ("__weakref__", "peer_number")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in FORWARDED:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return _operate(self, "get", (name,), place=f".{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        _operate(self, "set", (name, value))

    def __delattr__(self, name: str) -> None:
        _operate(self, "delete", (name,))

    def __dir__(self) -> Any:
        return _operate(self, "__dir__")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object>"

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise _objects_of(type(self)).refuse(NotSerializable("it copies an object", "객체를 복사합니다"))


class RemoteClass(type):
    """A class of the student's, used from the kernel of the tests."""

    def __new__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], *, is_described: bool = False
    ) -> RemoteClass:
        """Make a class from a description. A test that inherits from a student's class is refused."""
        if not is_described:
            reason = NotSerializable(
                "it inherits from a class of the student's", "학생의 클래스를 상속합니다"
            )
            raise _objects_of(bases[0]).refuse(reason)
        return super().__new__(cls, name, bases, namespace)

    def __init__(cls, name: str, bases: Any, namespace: Any, *, is_described: bool = False) -> None:
        super().__init__(name, bases, namespace)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make an object in the other kernel."""
        return _operate(cls, "__call__", args, kwargs)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
        return _operate(cls, "get", (name,), place=f".{name}")

    def __setattr__(cls, name: str, value: Any) -> None:
        _operate(cls, "set", (name, value))

    def __delattr__(cls, name: str) -> None:
        _operate(cls, "delete", (name,))

    def __dir__(cls) -> Any:
        return _operate(cls, "__dir__")


class Opaque:
    """What the student has where the author's solution has no object of this class: any use of it ends the test.

    call: what a call of it does; without, it is refused as well.
    """

    __slots__ = ("peer_call", "peer_reason", "peer_refuse")

    def __init__(
        self, refuse: Refuse, reason: NotSerializable, call: Callable[..., Any] | None = None
    ) -> None:
        self.peer_refuse, self.peer_reason, self.peer_call = refuse, reason, call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call what it stands for."""
        if self.peer_call is None:
            raise self.peer_refuse(self.peer_reason)
        return self.peer_call(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        raise self.peer_refuse(self.peer_reason)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise self.peer_refuse(self.peer_reason)

    def __repr__(self) -> str:
        return "<object>"


def _refusing(name: str) -> Callable[..., Any]:
    def method(self: Opaque, *_args: Any, **_kwargs: Any) -> Any:
        raise self.peer_refuse(self.peer_reason)

    method.__name__ = name
    return method


for _name in SPECIAL:
    if _name not in ("__repr__", "__call__"):
        setattr(Opaque, _name, _refusing(_name))


def _special(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return _operate(self, name, args, kwargs)

    method.__name__ = name
    return method


def _next_item(self: Any) -> Any:
    goes_on, item = _operate(self, "__next__")
    if not goes_on:
        raise StopIteration
    return item


Operate = Callable[[int, str, "tuple[Any, ...]", "dict[str, Any]", str], Any]
"""Carries out an operation of the object with a number; its result is at a place."""
REGISTRY = "peer_objects"
NUMBER = "peer_class"


class RemoteObjects:
    """The student's objects and classes that a kernel of tests knows.

    operate: asks the other kernel. refuse: returns the exception that ends a test, for a reason.
    """

    def __init__(self, operate: Operate, refuse: Refuse) -> None:
        self.operate, self.refuse = operate, refuse
        self.allowed: Collection[str] | None = frozenset()
        """What may arrive; None while it is recorded what does."""
        self.found: set[str] = set()
        """What arrived while it was recorded."""
        self._classes: dict[int, Any] = {}
        self._objects: WeakValueDictionary[int, RemoteObject] = WeakValueDictionary()

    def admits(self, key: str) -> bool:
        """Return whether something may arrive, and record it if nothing is refused yet."""
        if self.allowed is None:
            self.found.add(key)
            return True
        return key in self.allowed

    def resolve(self, data: Any, place: str) -> Any:
        """Return what a reference stands for at a place. Raises NotSerializable if it is malformed."""
        described = data["class"] if "object" in data else data
        name = _checked_name(described["name"])
        kind = "class " if "object" not in data else ""
        if not self.admits(f"{place}: {kind}{name}"):
            if "object" not in data:
                return Opaque(self.refuse, NotSerializable(f"it is the class {name}", f"{name} 클래스입니다"))
            reason = NotSerializable(f"its type is {name}", f"자료형이 {name}입니다")
            if "__call__" not in described["special"]:
                return Opaque(self.refuse, reason)
            number = _checked_number(data["object"])
            return Opaque(
                self.refuse,
                reason,
                lambda *args, **kwargs: self.operate(number, "__call__", args, kwargs, f"{place}()"),
            )
        made: Any = self._class(described, 0)
        if "object" not in data:
            return made
        if type(made) is not RemoteClass:
            raise NotSerializable("malformed object")
        number = _checked_number(data["object"])
        known = self._objects.get(number)
        if known is None or type(known) is not made:
            known = RemoteObject.__new__(made)  # type: ignore[arg-type]
            object.__setattr__(known, "peer_number", number)
            self._objects[number] = known
        return known

    def _class(self, data: Any, depth: int) -> Any:
        number = _checked_number(data["student_class" if "student_class" in data else "exception_class"])
        if number in self._classes:
            return self._classes[number]
        name, bases = _checked_name(data["name"]), data["bases"]
        if type(bases) is not list or max(depth, len(bases)) > MAX_BASES or len(self._classes) > MAX_CLASSES:
            raise NotSerializable("malformed class")
        made: Any
        if "exception_class" in data:
            kinds = tuple(
                _built_in_exception(base) if type(base) is str else self._class(base, depth + 1)
                for base in bases
            )
            if not kinds or not all(issubclass(kind, Exception) for kind in kinds):
                raise NotSerializable("malformed exception class")
            made = type(name, kinds, {"__module__": "__main__"})
        else:
            kinds = tuple(self._class(base, depth + 1) for base in bases) or (RemoteObject,)
            special = [one for one in data["special"] if one in SPECIAL and self.admits(f"{name}.{one}")]
            namespace: dict[str, Any] = {one: _special(one) for one in special}
            if "__next__" in namespace:
                namespace["__next__"] = _next_item
            if "__eq__" in namespace and "__hash__" not in namespace:
                namespace["__hash__"] = None
            namespace |= {"__slots__": (), "__module__": "__main__", REGISTRY: self, NUMBER: number}
            made = RemoteClass(name, kinds, namespace, is_described=True)
        self._classes[number] = made
        return made


def _operate(
    target: Any,
    operation: str,
    args: tuple[Any, ...] = (),
    kwargs: dict[str, Any] | None = None,
    place: str | None = None,
) -> Any:
    """Carry out an operation of an object or a class. place: of its result, after the name of the class."""
    is_class = isinstance(target, RemoteClass)
    kind = target if is_class else type(target)
    number = vars(kind)[NUMBER] if is_class else object.__getattribute__(target, "peer_number")
    if place is None:
        place = "()" if is_class else f".{operation}()"
    return _objects_of(kind).operate(number, operation, args, kwargs or {}, f"{kind.__name__}{place}")


def _objects_of(kind: Any) -> RemoteObjects:
    found: RemoteObjects = next(vars(base)[REGISTRY] for base in kind.__mro__ if REGISTRY in vars(base))
    return found


def own_number(value: Any) -> int | None:
    """Return the number of an object or a class of the other kernel; None for anything else."""
    if isinstance(value, RemoteClass):
        return int(vars(value)[NUMBER])
    if type(type(value)) is RemoteClass:
        return int(object.__getattribute__(value, "peer_number"))
    return None


def _checked_name(name: Any) -> str:
    if type(name) is not str or not name.isidentifier() or len(name) > MAX_NAME:
        raise NotSerializable("malformed class name")
    return name


def _checked_number(number: Any) -> int:
    if type(number) is not int or not 0 <= number < 2**62:
        raise NotSerializable("malformed number")
    return number


def _built_in_exception(name: str) -> type[Exception]:
    found = vars(builtins).get(name)
    if not (isinstance(found, type) and issubclass(found, Exception)) or issubclass(found, QUIET):
        raise NotSerializable("malformed exception class")
    return found
