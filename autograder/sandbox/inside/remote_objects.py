"""Objects and classes that stay in the student's kernel, and are used from the kernel of the tests.

    {"object": n, "class": class, "data": value, if there is a built-in one inside}   {"own": n}
    class: {"student_class": n, "name": text, "special": [name, ...], "bases": [class, ...], "inside": built-in class}
        or {"exception_class": n, "name": text, "bases": [class, ...]}; a built-in exception is its name

In the kernel of the tests such an object has a class of its name, whose every operation is asked of the other kernel:
attributes, methods and special methods. Handed back to that kernel, it is `own`. What it does there is code of the
student's, as with a function: so an object may only be where the author's solution has one. There it has the role of
that one, whatever its class is called: it has the special methods of the author's class, no more and no less, and may
be compared with what that is compared with. Python's own rules then decide, in the student's kernel, by which method.
Elsewhere it is `Opaque`: it can be called, if it can be at all, as a function might be in its place, and fits no
assertion. An exception class arrives as a new class with the same name and bases, and nothing else of it.

Where an object is from is its place: `account`, `Account()`, `Account.owner`, `Account.copy()`, `accounts[]`. The
kernel of the tests names places by what a test wrote, and by roles.
"""

from __future__ import annotations

import abc
import builtins
import enum
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
    "__divmod__": divmod, "__rdivmod__": _reflected(divmod),
})  # fmt: skip
"""Special methods that cross, with what does them in the student's kernel."""
RELATED: Mapping[str, tuple[str, ...]] = MappingProxyType({
    **{f"__{name}__": (f"__i{name}__",) for name in BINARY},
    "__repr__": ("__str__", "__format__"), "__str__": ("__format__",), "__len__": ("__bool__",),
    "__iter__": ("__contains__",), "__getitem__": ("__iter__", "__contains__"),
})  # fmt: skip
"""Special methods that Python does without by means of the one that is defined; a student may define these instead."""
WITH_OPERAND = frozenset(
    ["__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__", "__divmod__", "__rdivmod__"]
    + [f"__{prefix}{name}__" for prefix in ("", "r", "i") for name in BINARY]
)
"""Special methods that are asked only with an operand of a kind that the author's object meets, or with its like."""
OPERATIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {**SPECIAL, "get": getattr, "set": setattr, "delete": delattr, "__dir__": dir}
)


def describe(value: Any, refer: Callable[[Any], int], *, is_data: bool) -> dict[str, Any] | None:
    """Return a reference to an object or a class of the student's; None for what may be data.

    is_data: whether data is tried first, so that only objects of classes that a notebook defines, and those that can be
    called, are referred to.
    A reference with the key `data` is to get the built-in value inside there.
    Raises NotSerializable for a class that cannot cross.
    """
    kind = type(value)
    if issubclass(kind, (types.ModuleType, BaseException, np.ndarray, np.generic, enum.Enum)):
        return None
    if issubclass(kind, type):
        return _describe_class(value, refer)
    of_notebook = kind.__module__ == "__main__"
    if _is_plain(kind):
        if is_data and not (of_notebook or callable(value)):
            return None
        return {"object": refer(value), "class": _describe_class(kind, refer)}
    if is_data and not of_notebook:
        return None
    return {"object": refer(value), "class": _class(kind, refer, [])} | ({"data": None} if is_data else {})


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
        return _class(kind, refer, []) | {"inside": inside[0].__name__[:MAX_NAME]}
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


def library_key(name: str, module: str = "", inside: str = "") -> str:
    """Return the key by which a module, or something inside one, is admitted under a name; without one, its start."""
    return f"{name} from {module} {inside}" if module else f"{name} from "


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
            raise next(_objects_of(base) for base in bases if type(base) is RemoteClass).refuse(reason)
        return super().__new__(cls, name, bases, namespace)

    def __init__(cls, name: str, bases: Any, namespace: Any, *, is_described: bool = False) -> None:
        super().__init__(name, bases, namespace)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make an object in the other kernel."""
        return _operate(cls, "__call__", args, kwargs)

    def __subclasscheck__(cls, other: type) -> bool:
        """Return whether a class is this one, or inherits from it, in the student's kernel."""
        number = vars(cls)[NUMBER]
        return any(vars(kind).get(NUMBER) == number for kind in type.__getattribute__(other, "__mro__"))

    def __instancecheck__(cls, value: Any) -> bool:
        return cls.__subclasscheck__(type(value))

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
    """An object of the student's where the author's solution has none. Any use of it ends the test."""

    __slots__ = ("peer_reason", "peer_refuse")

    def __init__(self, refuse: Refuse, reason: NotSerializable) -> None:
        self.peer_refuse, self.peer_reason = refuse, reason

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


class OpaqueFunction(Opaque):
    """An `Opaque` that can be called, as a function."""

    __slots__ = ("peer_call",)

    def __init__(self, refuse: Refuse, reason: NotSerializable, call: Callable[..., Any]) -> None:
        super().__init__(refuse, reason)
        self.peer_call = call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call what it stands for."""
        return self.peer_call(*args, **kwargs)


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
IS_NUMBER = " is a number"
REPLACED = "call() beside a replacement"
"""Recorded if a test has replaced a function that the student's code may use."""
REGISTRY = "peer_objects"
NUMBER = "peer_class"
ROLE = "peer_role"


class RemoteObjects:
    """The student's objects and classes that a kernel of tests knows.

    operate: asks the other kernel. refuse: returns the exception that ends a test, for a reason.
    """

    def __init__(self, operate: Operate, refuse: Refuse) -> None:
        self.operate, self.refuse = operate, refuse
        self._allowed: Collection[str] | None = frozenset()
        self._roles: dict[str, list[str]] = {}
        """Names of the author's classes by the place of their objects, or of themselves."""
        self._found: set[str] = set()
        self._classes: dict[tuple[Any, ...], Any] = {}
        self._objects: WeakValueDictionary[int, RemoteObject] = WeakValueDictionary()
        self._of_test: list[RemoteObject] = []
        """Objects that arrived in this test, kept so that each stays one object until the test ends."""
        self.lent: set[int] = set()
        """Numbers of objects that the test handed to the student's code, which may hand them back."""

    @property
    def is_recording(self) -> bool:
        """Whether all that arrives is recorded, and nothing is refused."""
        return self._allowed is None

    def admit(self, allowed: Collection[str] | None) -> list[str]:
        """Let in what is named, or record what arrives. Returns what was recorded since the last call."""
        found, self._found, self._allowed, self._roles = sorted(self._found), set(), allowed, {}
        for key in allowed or ():
            place, colon, role = key.rpartition(": ")
            if colon:
                self._roles.setdefault(place, []).append(role)
        return found

    def admits(self, key: str) -> bool:
        """Return whether something is let in; it is while it is recorded."""
        if self._allowed is None:
            self._found.add(key)
            return True
        return key in self._allowed

    def expects_library(self, name: str) -> bool:
        """Return whether the author's solution has something of a library under a name."""
        return any(key.startswith(library_key(name)) for key in self._allowed or ())

    def record_number(self, place: str) -> None:
        """Record that the author's solution has a number at a place."""
        if self.is_recording:
            self._found.add(f"{place}{IS_NUMBER}")

    def expects_number(self, place: str) -> bool:
        """Return whether the author's solution has a number at a place."""
        return f"{place}{IS_NUMBER}" in (self._allowed or ())

    def expects(self, place: str) -> bool:
        """Return whether the author's solution has an object at a place."""
        return place in self._roles

    def end_test(self) -> None:
        """Forget what only the test knew."""
        self._of_test.clear()
        self.lent.clear()

    def resolve(self, data: Any, place: str) -> Any:
        """Return what a reference stands for at a place; None for an object that is the data inside it there.

        Raises NotSerializable if it is malformed, or is recorded and cannot be used from here.
        """
        is_object = "object" in data
        described = data["class"] if is_object else data
        name = _checked_name(described["name"])
        suffix = "" if is_object else " exception" if "exception_class" in described else " class"
        number = _checked_number(data["object"]) if is_object else None
        if number in self.lent and (known := self._objects.get(number)) is not None:
            if self.is_recording:  # a student's code may make a new one
                self.admits(f"{place}: {vars(type(known))[ROLE]}")
            return known
        if self.is_recording and "data" in data:
            return None
        if self.is_recording and "inside" in data:
            inside = _checked_name(data["inside"])
            raise NotSerializable(f"it is a class made of {inside}", f"{inside}에서 나온 클래스입니다")
        place += suffix
        roles = [name] if self.admits(f"{place}: {name}") else sorted(self._roles.get(place, ()))
        if roles:
            kind = self._class(described, roles[0], 0)
            return kind if number is None else self._object(kind, number)
        if "data" in data:
            return None
        if is_object:
            reason = NotSerializable(f"its type is {name}", f"자료형이 {name}입니다")
            is_callable = "__call__" in described["special"]
        else:
            reason = NotSerializable(f"it is the class {name}", f"{name} 클래스입니다")
            is_callable = "student_class" in data
        if not is_callable:
            return Opaque(self.refuse, reason)
        number = _checked_number(data["object" if is_object else "student_class"])
        return OpaqueFunction(
            self.refuse,
            reason,
            lambda *args, **kwargs: self.operate(number, "__call__", args, kwargs, f"{place}()"),
        )

    def _object(self, kind: Any, number: int) -> RemoteObject:
        if type(kind) is not RemoteClass:
            raise NotSerializable("malformed object")
        known = self._objects.get(number)
        if known is None or type(known) is not kind:
            known = RemoteObject.__new__(kind)  # type: ignore[arg-type]
            object.__setattr__(known, "peer_number", number)
            self._objects[number] = known
        self._of_test.append(known)
        return known

    def _class(self, data: Any, role: str, depth: int) -> Any:
        if "exception_class" in data:
            return self._exception_class(data, depth)
        number, name, bases = (
            _checked_number(data["student_class"]),
            _checked_name(data["name"]),
            data["bases"],
        )
        special = tuple(one for one in SPECIAL if self._has(role, one, data["special"]))
        key = number, name, role, special
        if key in self._classes:
            return self._classes[key]
        self._check_size(bases, depth)
        kinds = tuple(self._class(base, _checked_name(base["name"]), depth + 1) for base in bases)
        kinds = kinds or (RemoteObject,)
        inherited = [
            one for one in SPECIAL if any(one in vars(kind) for base in kinds for kind in base.__mro__[:-2])
        ]
        namespace: dict[str, Any] = {
            one: vars(RemoteObject).get(one, vars(object).get(one)) for one in inherited
        }
        namespace |= {one: _special(one) for one in special}
        if "__next__" in special:
            namespace["__next__"] = _next_item
        if "__eq__" in special and "__hash__" not in special:
            namespace["__hash__"] = None
        namespace |= {"__slots__": (), "__module__": "__main__", REGISTRY: self, NUMBER: number, ROLE: role}
        self._classes[key] = RemoteClass(name, kinds, namespace, is_described=True)
        return self._classes[key]

    def _has(self, role: str, name: str, defined: Any) -> bool:
        """Return whether objects of a role have a special method. defined: those that a class defines."""
        if not self.is_recording:
            return self.admits(f"{role}.{name}")
        if name in defined or any(name in RELATED.get(one, ()) for one in defined):
            return self.admits(f"{role}.{name}")
        return False

    def _exception_class(self, data: Any, depth: int) -> Any:
        number, name, bases = (
            _checked_number(data["exception_class"]),
            _checked_name(data["name"]),
            data["bases"],
        )
        if (number, name) in self._classes:
            return self._classes[number, name]
        self._check_size(bases, depth)
        kinds = tuple(
            _built_in_exception(base) if type(base) is str else self._exception_class(base, depth + 1)
            for base in bases
        )
        if not kinds:
            raise NotSerializable("malformed exception class")
        self._classes[number, name] = type(name, kinds, {"__module__": "__main__"})
        return self._classes[number, name]

    def _check_size(self, bases: Any, depth: int) -> None:
        if type(bases) is not list or max(depth, len(bases)) > MAX_BASES or len(self._classes) > MAX_CLASSES:
            raise NotSerializable("malformed class")

    def check_operand(self, role: str, operation: str, operand: Any) -> None:
        """Raise what ends a test if an object is to meet another kind of value than the author's object does."""
        kind = type(operand)
        other = vars(kind)[ROLE] if type(kind) is RemoteClass else kind.__name__
        if other != role and not self.admits(f"{role}.{operation}({other})"):
            raise self.refuse(
                NotSerializable(f"its type is {role}, beside {other}", f"자료형이 {role}입니다({other} 옆)")
            )


def _operate(
    target: Any,
    operation: str,
    args: tuple[Any, ...] = (),
    kwargs: dict[str, Any] | None = None,
    place: str | None = None,
) -> Any:
    """Carry out an operation of an object or a class. place: of its result, after the name of the role."""
    is_class = isinstance(target, RemoteClass)
    kind = target if is_class else type(target)
    number = vars(kind)[NUMBER] if is_class else object.__getattribute__(target, "peer_number")
    role, objects = vars(kind)[ROLE], _objects_of(kind)
    if operation in WITH_OPERAND:
        objects.check_operand(role, operation, args[0])
    if place is None:
        place = "()" if is_class else f".{operation}()"
    return objects.operate(number, operation, args, kwargs or {}, f"{role}{place}")


def _objects_of(kind: Any) -> RemoteObjects:
    found: RemoteObjects = vars(kind)[REGISTRY]
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
