"""One of the two kernels of a separate test: a student's, or that of the tests. Each calls functions of the other.

A message is one JSON object, answered by one. A kernel that waits for an answer may get a request instead: the other
one calls a function that it was given, and asks for its result first. What carries the messages reads none of them.
The kernel of the tests trusts nothing that comes: it binds only the names that it asked for, and no message of the
student's kernel changes anything else in it but the arguments of a call.

A mutable argument or result is shared: what either kernel changes in its copy is done to the other copy with the next
call, as if the two were one object.

Requests: `{"call": n, "args": ..., "kwargs": ...}`, of the student's kernel also with an `operation` of an object and
the number of the call, `shared` as [key, value], keys of `forgotten` ones, `random`, `changed`, `deleted` and
`restored`; `{"values": [name, ...]}`; `{"restored": [name, ...]}`; `{"input": prompt}`.
Answers: `{"value": ..., "same": key, "printed": ..., "arguments": ..., "shared": ...}`, `{"raised": ...}`,
`{"blocked": reason}`. The key is of a shared value that the result is.
A reason is JSON text in both languages, or one for both.
"""

from __future__ import annotations

import builtins
import contextlib
import enum
import functools
import hashlib
import importlib
import io
import json
import os
import random
import sys
import threading
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from .codec import NotSerializable
from .exception_codec import decode_exception, encode_exception
from .in_place import merge_in_place, update_in_place
from .remote_objects import (
    OPERATIONS,
    REPLACED,
    Opaque,
    OpaqueFunction,
    RemoteObjects,
    describe,
    library_key,
    own_number,
)
from .replacements import Replacements
from .rich_codec import decode_rich, encode_rich
from .rich_collections import fields_of
from .rich_functions import step, to_signature
from .text_guard import TextGuard
from .vacuous_values import VacuousValues

MAX_TEXT = 12_000_000
"""Characters of one message."""
MAX_PRINTED, MAX_REASON = 1_000_000, 2_000
MAX_SHARED, MAX_SHARED_VALUE, MAX_SHARED_TEXT = 100, 20_000, 60_000
"""Values that calls of a test gave and got, whose changes cross; and characters of one, and of all, as messages."""
BUILT_IN = (str, bytes, int, float, complex, list, tuple, dict, set, frozenset)
FUNCTIONS = (
    types.FunctionType, types.BuiltinFunctionType, types.MethodType, np.ufunc, type(np.mean),
)  # fmt: skip
"""Classes of the functions of libraries."""
UNCHANGING = frozenset([int, float, str, bool, type(None), bytes])
MAX_OPERATIONS = 2_000
"""Operations of objects in one test, each of which asks the other kernel."""
MAX_LOOKED = 20
"""Calls of a test before which is looked for what it has replaced."""
MAX_COMPARED = 10_000
"""Items of a value up to which it is compared before each call with what it was."""


REQUESTS = frozenset(["call", "input", "values", "restored", "operation"])
"""Keys by which a message is known as a request. Of the kernel of the tests only calls and input may be asked."""


class Blocked(BaseException):
    """A value cannot cross to the other kernel, or its code was stopped. Nothing that a test catches catches it."""


class Peer:
    """This kernel's end of the conversation. send: carries a message to the other kernel, and returns what comes."""

    def __init__(self, namespace: dict[str, Any], send: Callable[[str], str]) -> None:
        self.namespace, self._send = namespace, send
        self._of_tests = False
        """Whether this is the kernel of the tests."""
        self._process = os.getpid()
        self._one_thread = threading.RLock()
        """Held by the thread that waits for an answer."""
        self._functions: list[Any] = []
        """Functions and generators that the other kernel may call, by number."""
        self._numbers: dict[int, int] = {}
        self._received: dict[str, tuple[Any, str]] = {}
        """Values that came by name, and digests of what they came in."""
        self._sent: dict[str, str] = {}
        """Digests of what these values were when the other kernel had them last, as this one would send them."""
        self.objects = RemoteObjects(self._operate, self._block)
        """The student's objects, in the kernel of the tests."""
        self._proxies: dict[int, Any] = {}
        """Functions that call the other kernel's, by number: the same one for the same function."""
        self._proxy_code: Any = None
        """The code of these functions. What `functools.wraps` makes of one has its attributes, but another code."""
        self._replaced: set[str] = set()
        """Names that a test has given another meaning in the student's kernel."""
        self._originals: dict[str, Any] = {}
        """In the student's kernel: what these names meant."""
        self._shared: dict[str, tuple[Any, str, str]] = {}
        """Values that calls gave and got, with what was in them, and the place of a result."""
        self._calls = self._calls_of_test = self._operations = 0
        """Calls so far, and those and operations of objects in the test."""
        self._random: Any = None
        """State of the generators of random numbers as last sent; None if a seed was set since."""
        self._guard: TextGuard | None = None
        self._replacements: Replacements | None = None
        """In the kernel of the tests, during a test while what it uses is recorded."""
        self.vacuous = VacuousValues(namespace, self.objects)
        self.blocked = self.stopped = ""
        """Why a value could not cross, and why the other kernel was stopped at its limits."""

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Carry out a request of the other kernel; never raises, but for an interrupt."""
        try:
            if self._of_tests and request.keys() & REQUESTS not in ({"call"}, {"input"}):
                raise NotSerializable("malformed request")
            if "values" in request:
                return self._values(request["values"])
            if "input" in request:
                return {"value": encode_rich(str(builtins.input(request["input"])))}
            if "call" in request:
                return self._called(request)
            self._restore(request["restored"])
            return {"value": None}
        except KeyboardInterrupt:
            raise
        except (Blocked, NotSerializable) as error:
            return {"blocked": _reason(error)}
        except BaseException as error:
            return {"raised": encode_exception(error, self._refer)}

    def belong_to_tests(self, texts: list[str]) -> None:
        """Make this the end of the kernel of the tests. texts: those that stand in the author's code."""
        self._of_tests, self._guard = True, TextGuard(self.namespace, texts, self._block)
        for module, name in (
            (random, "seed"),
            (random, "setstate"),
            (np.random, "seed"),
            (np.random, "set_state"),
        ):
            setattr(module, name, self._noticing(getattr(module, name)))

    def _noticing(self, set_seed: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(set_seed)
        def noticed(*args: Any, **kwargs: Any) -> Any:
            self._random = None
            return set_seed(*args, **kwargs)

        return noticed

    def receive(
        self,
        values: dict[str, Any],
        names: Iterable[str],
        answers: Iterable[str] = (),
        assigned: Iterable[str] = (),
    ) -> dict[str, Any]:
        """Bind the values of an answer to `{"values": names}` to these names.

        What the author's cells defined here keeps its meaning, except for answers, in whatever way they did: also a
        name that came from the other kernel, and that they have given another value since.

        answers: names that the author's solutions define. assigned: those that they do not only import.
        Returns why values could not cross, by name.
        """
        blocked: dict[str, str] = {}
        self.vacuous.end_step()
        answers, assigned = {*answers}, {*assigned}
        names = [name for name in names if name in answers or not self._is_own(name)]
        found = {name: values["found"][name] for name in names if name in values["found"]}
        for name, data in found.items():
            try:
                data = self._as_admitted(name, data, name in answers, name in assigned)
                if data is None:
                    self._forget(name)
                    continue
                digest = _digest(data)
                known = self._received.get(name)
                if known is not None and known[1] == digest and self.namespace.get(name) is known[0]:
                    continue
                value = _imported(data) if "module" in data else self._decoded(data["value"], name)
                if isinstance(value, Opaque) and not isinstance(value, OpaqueFunction):
                    raise value.peer_reason
                other = found[name].get("same")
                if (
                    other in found
                    and other in self._received
                    and found[other].get("value") == data.get("value")
                ):
                    value = self.namespace.get(other, value)
            except NotSerializable as error:
                blocked[name] = _reason(error)
                self._forget(name)
                self.vacuous.places.clear()
                continue
            self.namespace[name] = value
            self.vacuous.keep([name])
            self._received[name] = value, digest
            self._sent[name] = self._own_digest(value, data, digest)
        for name in names:
            if name not in found:
                self._forget(name)
        blocked |= {name: str(reason) for name, reason in values["blocked"].items() if name in names}
        return {"blocked": blocked}

    def _is_own(self, name: str) -> bool:
        """Return whether a name has a value of this kernel."""
        if name not in self.namespace:
            return False
        return name not in self._received or self.namespace[name] is not self._received[name][0]

    def _as_admitted(self, name: str, data: Any, is_answer: bool, is_assigned: bool) -> Any:
        """Return what the value of a name may be: something of a library only if it is the same one for the author.

        It is None for a module that the author's notebook does not have, which no test needs. A function may also be
        one of the student's kernel. Raises NotSerializable if the author's solutions only import the name, and the
        student's do otherwise: tests may judge by it.
        """
        if "value" in data and (is_assigned or "module" not in data):
            data = {"value": data["value"]}
        elif self._admits_library(name, data):
            return {key: value for key, value in data.items() if key != "value"}
        if not is_assigned and self.objects.expects_library(name):
            raise NotSerializable(
                "it is not what the author's solution imports", "정답이 임포트하는 것과 다릅니다"
            )
        if "value" in data:
            return {"value": data["value"]}
        if is_answer and "name" in data:
            place = f"{data['name']} ({data['module']})"
            raise NotSerializable(f"it is the class {place}", f"{place} 클래스입니다")
        return None

    def _own_digest(self, value: Any, data: Any, digest: str) -> str:
        """Return the digest of what this kernel would send of a value: not as it came if there are references in it."""
        if not _may_change(value):
            return digest
        text = json.dumps(data)
        if not any(f'"{tag}":' in text for tag in ("object", "student_class", "function")):
            return digest
        with contextlib.suppress(NotSerializable):
            return _digest({"value": self._encoded(value)})
        return digest

    def _admits_library(self, name: str, data: dict[str, Any]) -> bool:
        """Return whether a name may be a module or class of a library: the one that it is in the author's solution.

        It may be a built-in such as `int`, but no exception, which a test may catch, and nothing that everything is.
        """
        one = vars(builtins).get(data.get("name", "")) if data["module"] == "builtins" else None
        if isinstance(one, type) and one is not object and not issubclass(one, (BaseException, type)):
            return True
        return self.objects.admits(library_key(name, data["module"], data.get("name", "")))

    def _forget(self, name: str) -> None:
        if name in self._received:
            del self._received[name]
            self.namespace.pop(name, None)

    def _values(self, names: Iterable[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        blocked: dict[str, str] = {}
        missing = []
        known: dict[int, str] = {}
        for name in names:
            if name not in self.namespace or self.namespace[name] is Ellipsis:
                missing.append(name)
                continue
            value = self.namespace[name]
            place = _place(value)
            try:
                is_value = place is None or isinstance(value, FUNCTIONS)
                found[name] = (place or {}) | ({"value": self._encoded(value)} if is_value else {})
                if _has_identity(value) and known.setdefault(id(value), name) != name:
                    found[name]["same"] = known[id(value)]
            except NotSerializable as error:
                blocked[name] = _reason(error)
            except Exception as error:  # a method of the value's failed
                blocked[name] = f"{type(error).__name__}: {error}"[:300]
        return {"found": found, "blocked": blocked, "missing": missing}

    def _called(self, request: dict[str, Any]) -> dict[str, Any]:
        function = self._functions[request["call"]]
        if "operation" in request:
            function = functools.partial(OPERATIONS[request["operation"]], function)
        elif isinstance(function, Iterator) and not callable(function):
            function = functools.partial(step, function)
        if not self._of_tests:
            self._restore(request.get("restored", ()))
            for name in request.get("deleted", ()):
                self._replace(name)
            for name, data in request.get("changed", {}).items():
                self._take_over(name, data)
            self._set_random(request.get("random"))
            self._update_shared(request.get("shared", ()))
            for key in request.get("forgotten", ()):
                self._shared.pop(key, None)
        place = "" if not self._of_tests else f"argument of {getattr(function, '__name__', '')}"
        args = self._decoded(request["args"], place)
        kwargs = self._decoded(request["kwargs"], place)
        places: list[tuple[int | str, Any]] = [*enumerate(args), *kwargs.items()]
        given = [self._text_or_none(value) for _place, value in places]
        printed, warned = io.StringIO(), io.StringIO()
        answer: dict[str, Any]
        with (
            _replaced_input(self._ask_input),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(warned),
        ):
            try:
                result = function(*args, **kwargs)
                answer = {"value": self._encoded(result)}
                if not self._of_tests and (key := self._key_of(result, places, request.get("number", 0))):
                    answer["same"] = key
                places.append(("result", result))
            except KeyboardInterrupt:
                raise
            except (Blocked, NotSerializable) as error:
                answer = {"blocked": _reason(error)}
            except BaseException as error:
                answer = {"raised": encode_exception(error, self._refer)}
        changed = [
            [place, json.loads(text)]
            for (place, value), before in zip(places, given, strict=False)
            if (text := self._text_or_none(value)) != before and text is not None
        ]
        if changed:
            answer["arguments"] = changed
        if not self._of_tests:
            if shared := self._changed_shared():
                answer["shared"] = shared
            self._share(request.get("number", 0), places)
        if printed.getvalue():
            answer["printed"] = printed.getvalue()[:MAX_PRINTED]
        if warned.getvalue():
            answer["warned"] = warned.getvalue()[:MAX_PRINTED]
        return answer

    def _key_of(self, result: Any, given: Iterable[tuple[int | str, Any]], call: int) -> str | None:
        """Return the key of an argument, or of what an earlier call gave or got, that a result is."""
        if not _has_identity(result):
            return None
        keys = (f"{call}.{key}" for key, value in given if value is result)
        earlier = (key for key, (value, _text, _place) in self._shared.items() if value is result)
        return next(keys, None) or next(earlier, None)

    def _take_over(self, name: str, data: Any) -> None:
        """Take over what a test has changed in a value of this kernel."""
        with contextlib.suppress(NotSerializable):
            value = self._decoded(data)
            if callable(value):
                self._replace(name)
            if callable(value) or not self._update(self.namespace.get(name), data):
                self.namespace[name] = value

    def _replace(self, name: str) -> None:
        """Take a name away from what it means here, until the test gives it back."""
        if name in self.namespace:
            self._originals.setdefault(name, self.namespace.pop(name))

    def _restore(self, names: Iterable[str]) -> None:
        """Give names back to what they meant here before a test took them."""
        for name in names:
            if name in self._originals:
                self.namespace[name] = self._originals.pop(name)

    def _ask_input(self, prompt: object = "") -> str:
        reply = self._converse({"input": str(prompt)[:MAX_PRINTED]})
        return str(self._result(reply))

    def call(
        self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any], place: str, operation: str = ""
    ) -> Any:
        """Call a function of the other kernel, or carry out an operation of an object there.

        place: of the result. Raises what is raised there, and Blocked if a value cannot cross.
        """
        try:
            request: dict[str, Any] = {
                "call": number, "args": self._encoded(list(args)), "kwargs": self._encoded(kwargs)
            }  # fmt: skip
        except NotSerializable as error:
            reason = NotSerializable(f"an argument of the test's: {error}", f"테스트의 인수: {error.ko}")
            raise self._block(reason) from None
        if operation:
            request["operation"] = operation
        if self._of_tests:
            self._calls += 1
            self._calls_of_test += 1
            if self._calls_of_test <= MAX_LOOKED:
                self._look_for_replacements()
            shared = self._changed_shared()
            request |= {"number": self._calls, "shared": shared, "forgotten": self._forgotten_shared()}
            request["random"] = self._changed_random()
            request |= self._changed_names(number)
            self.objects.lent |= {own for value in (*args, *kwargs.values()) for own in _own_numbers(value)}
        reply = self._converse(request)
        sys.stdout.write(str(reply.get("printed", "")))
        if reply.get("warned"):
            sys.stderr.write(str(reply["warned"]))
        argument = f"argument of {place}" if self._of_tests else ""
        for key, data in reply.get("arguments", ()):
            with contextlib.suppress(NotSerializable):
                given = kwargs[key] if isinstance(key, str) else args[key]
                update_in_place(given, self._decoded(data, argument))
        self._update_shared(reply.get("shared", ()))
        if not self._of_tests:
            return self._result(reply, place)
        arguments: list[tuple[int | str, Any]] = [*enumerate(args), *kwargs.items()]
        self._share(request["number"], arguments, argument)
        result = self._result(reply, place)
        if (same := reply.get("same")) is not None:
            known = {key: value for key, (value, _text, _place) in self._shared.items()}
            known |= {f"{request['number']}.{key}": value for key, value in arguments}
            result = self._bound(known.get(str(same)), result)
        self._share(request["number"], [("result", result)], place)
        return result

    def _bound(self, known: Any, result: Any) -> Any:
        """Return what is known here as the same object as a result, if it is equal to it; else the result."""
        text = self._text_or_none(known)
        return known if text is not None and text == self._text_or_none(result) else result

    def _operate(
        self, number: int, operation: str, args: tuple[Any, ...], kwargs: dict[str, Any], place: str
    ) -> Any:
        self._operations += 1
        if self.objects.is_recording and self._operations > MAX_OPERATIONS:
            raise self._block(NotSerializable("it uses objects too often", "객체를 너무 자주 씁니다"))
        return self.call(number, args, kwargs, place, operation)

    def begin_test(self, names: Iterable[str]) -> None:
        """Forget the functions and values of the test before. names: those that the test reads."""
        self.vacuous.end_step()
        self.vacuous.begin_test(names)
        self._functions = [None] * len(self._functions)
        self._numbers.clear()
        self.objects.end_test()
        self._operations = self._calls_of_test = 0
        self._replacements = Replacements(self.namespace) if self.objects.is_recording else None

    def check_copies(self) -> None:
        """Note whether a process that the test forked was ended, because it was to run a student's text."""
        if self._guard is not None:
            self._guard.check_copies()

    def end_test(self) -> None:
        """Give names back in the student's kernel that the test gave back here."""
        self._look_for_replacements()
        if restored := self._given_back():
            self._converse({"restored": restored})

    def _look_for_replacements(self) -> None:
        """Record whether the test has replaced what the student's code may use, which goes on with the original."""
        if self._replacements is not None and self._replacements.are_there():
            self._replacements = None
            self.objects.admits(REPLACED)

    def _share(self, call: int, values: Iterable[tuple[int | str, Any]], place: str = "") -> None:
        """Keep arguments or the result of a call. place: theirs, in the kernel of the tests."""
        for key, value in values:
            if (
                own_number(value) is None
                and (text := self._text_or_none(value))
                and len(text) <= MAX_SHARED_VALUE
            ):
                self._shared[f"{call}.{key}"] = value, text, place
        characters = 0
        for number, (key, (_value, text, _place)) in enumerate(reversed([*self._shared.items()])):
            characters += len(text)
            if number >= MAX_SHARED or characters > MAX_SHARED_TEXT:
                del self._shared[key]

    def _changed_shared(self) -> list[Any]:
        """Return what has changed in this kernel since the other one had it, as [key, value]."""
        texts: dict[int, str | None] = {}
        changed = []
        for key, (value, before, place) in self._shared.items():
            if id(value) not in texts:
                texts[id(value)] = self._text_or_none(value)
            if (text := texts[id(value)]) is not None and text != before:
                changed.append([key, json.loads(text)])
                self._shared[key] = value, text, place
        return changed

    def _forgotten_shared(self) -> list[str]:
        """Forget values to which nothing else here refers, and return their keys."""
        keys = []
        for key in [*self._shared]:
            # beside the value's own tuple, the name and the argument
            if _is_flat(value := self._shared[key][0]) and sys.getrefcount(value) <= 3:
                keys.append(key)
                del self._shared[key]
            del value
        return keys

    def _update_shared(self, changed: Any) -> None:
        """Do to values here what happened to their copies in the other kernel."""
        for key, data in [*changed][:MAX_SHARED]:
            if key not in self._shared:
                continue
            value, before, place = self._shared[key]
            with contextlib.suppress(NotSerializable):
                self._update(value, data, place)
            self._shared[key] = value, self._text_or_none(value) or before, place

    def _update(self, value: Any, data: Any, place: str = "") -> bool:
        """Make a mutable value here what its copy is; return whether that was possible."""
        if not self._of_tests and merge_in_place(value, data, self._encoded, self._decoded):
            return True
        return update_in_place(value, self._decoded(data, place))

    def _result(self, reply: dict[str, Any], place: str = "") -> Any:
        if "stopped" in reply:
            self.stopped = json.dumps(reply["stopped"])[:MAX_REASON]
            raise Blocked(self.stopped)
        if "blocked" in reply:
            raise self._block(str(reply["blocked"]))
        try:
            if "raised" in reply:
                error = decode_exception(reply["raised"], self.namespace)
            else:
                return self._decoded(reply["value"], place)
        except NotSerializable as reason:
            raise self._block(reason) from None
        raise error

    def _block(self, reason: NotSerializable | str) -> Blocked:
        text = reason if isinstance(reason, str) else reason.reason
        self.blocked = self.blocked or text[:MAX_REASON]
        return Blocked(text)

    def _converse(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a request and return the answer to it; meanwhile, carry out requests of the other kernel."""
        if os.getpid() != self._process:
            # two processes would read one another's answers
            raise RuntimeError("another process cannot call functions of the notebook")
        with self._one_thread:
            while True:
                text = json.dumps(message)
                if len(text) > MAX_TEXT:
                    raise self._block(NotSerializable("it is too big", "너무 큰 값입니다"))
                reply = json.loads(self._send(text))
                if not isinstance(reply, dict):
                    raise self._block(NotSerializable("the answer cannot be read", "답을 읽을 수 없습니다"))
                if not reply.keys() & {"call", "input"}:
                    return reply
                message = self.answer(reply)

    def _changed_names(self, called: int) -> dict[str, Any]:
        """Return what a test has made of names of the other kernel, as parts of a request.

        called: the function that is called, which gets no replacement of itself: that may be a right one.
        """
        names = (name for name in self._received if name not in self.namespace)
        deleted = [name for name in names if callable(self._received[name][0]) and name not in self._replaced]
        parts = {
            "changed": dict(self._changed_values(called)), "deleted": deleted, "restored": self._given_back()
        }  # fmt: skip
        self._replaced |= {*deleted}
        return parts

    def _given_back(self) -> list[str]:
        """Return names that mean again what they meant before a test replaced it."""
        names = [name for name in self._replaced if name in self._received]
        found = [name for name in names if self.namespace.get(name) is self._received[name][0]]
        self._replaced -= {*found}
        return found

    def _changed_values(self, called: int) -> Iterator[tuple[str, Any]]:
        """Yield values of the other kernel that a test changed in place, and functions that it replaced."""
        for name, (value, _came_in) in self._received.items():
            now = self.namespace.get(name, value)
            if now is not value and callable(now) and not isinstance(now, type):
                if getattr(value, "peer_number", None) == called:
                    continue
                self._replaced.add(name)
                yield name, self._encoded(now)
            elif now is value and _may_change(value):
                with contextlib.suppress(NotSerializable):
                    data = self._encoded(now)
                    if (digest := _digest({"value": data})) != self._sent[name]:
                        self._sent[name] = digest
                        yield name, data

    def _refer(self, function: Any) -> int:
        """Return the number by which the other kernel calls a function."""
        if id(function) not in self._numbers:
            self._numbers[id(function)] = len(self._functions)
            self._functions.append(function)  # which keeps it, and so its id
        return self._numbers[id(function)]

    def _encoded(self, value: Any) -> Any:
        return encode_rich(value, self._refer, self._describe)

    def _decoded(self, data: Any, place: str = "") -> Any:
        """Decode a value of the other kernel. place: where it is from, in the kernel of the tests."""
        is_from_student = self._of_tests and bool(place)
        value = decode_rich(
            data,
            functools.partial(self._proxy, place),
            functools.partial(self._find, place),
            functools.partial(self.vacuous.note, place) if is_from_student else None,
        )
        if is_from_student:
            self.vacuous.compare(value, place)
        return value

    def _describe(self, value: Any, is_data: bool) -> Any:
        if not self._of_tests:
            return describe(value, self._refer, is_data=is_data)
        is_proxy = isinstance(value, types.FunctionType) and value.__code__ is self._proxy_code
        number = vars(value)["peer_number"] if is_proxy else own_number(value)
        if number is not None:
            return {"own": number}
        kind = type(value)
        name = kind.__name__
        if is_data and kind.__module__ == "__main__" and self.namespace.get(name) is kind:
            if isinstance(value, enum.Enum):
                return {"given_class": name, "member": value.name, "data": None}
            if fields_of(kind) is not None:
                return {"given_class": name, "member": None, "data": None}
        if _behaves_otherwise(kind):
            raise NotSerializable(f"its type is {name}"[:80], f"자료형이 {name}입니다"[:80])
        return None

    def _find(self, place: str, data: dict[str, Any], depth: int) -> Any:
        if self._of_tests and not data.keys() & {"own", "given_class"}:
            return self.objects.resolve(data, place + "[]" * depth)
        if self._of_tests:
            raise NotSerializable("malformed object")
        return self._functions[data["own"]] if "own" in data else self._of_given_class(data)

    def _of_given_class(self, data: dict[str, Any]) -> Any:
        """Return a member of an enumeration, or a named tuple, of a class that both kernels have; None without it."""
        kind: Any = self.namespace.get(data["given_class"])
        if not isinstance(kind, type):
            return None
        if data["member"] is not None:
            return kind.__members__.get(data["member"]) if issubclass(kind, enum.Enum) else None
        fields = fields_of(kind)
        if fields is None or fields != data["data"].get("fields"):
            return None
        return tuple.__new__(kind, self._decoded(data["data"]))

    def _text_or_none(self, value: Any) -> str | None:
        """Return a value as a message; None if it is not data, or cannot change."""
        if isinstance(value, (int, float, str, frozenset, bytes)) or value is None or callable(value):
            return None
        if isinstance(value, tuple) and all(isinstance(part, (int, float, str, bytes)) for part in value):
            return None
        try:
            return json.dumps(self._encoded(value))
        except NotSerializable:
            return None

    def _proxy(self, place: str, number: int, name: str, doc: str | None, signature: Any) -> Any:
        """Return a function that calls one of the other kernel's."""
        if type(number) is not int:
            raise NotSerializable("malformed function")
        known = self._proxies.get(number)
        if known is not None and known.peer_place == place:
            return known

        is_generator = name == "generator" and signature is None and doc is None
        after = place if is_generator else f"{place}()"

        def proxy(*args: Any, **kwargs: Any) -> Any:
            return self.call(number, args, kwargs, after)

        if self._of_tests and self.objects.expects(place):
            reason = NotSerializable("it is a function", "함수입니다")
            return OpaqueFunction(self._block, reason, proxy)
        self._proxy_code = proxy.__code__
        proxy.__name__ = proxy.__qualname__ = name
        proxy.__doc__ = doc
        proxy.peer_number = number  # type: ignore[attr-defined]
        proxy.peer_place = place  # type: ignore[attr-defined]
        proxy.__module__ = "__main__"
        if (parameters := to_signature(signature)) is not None:
            proxy.__signature__ = parameters  # type: ignore[attr-defined]
        self._proxies[number] = proxy
        return proxy

    def _changed_random(self) -> Any:
        """Return the state of the generators of random numbers if it has changed or was set, else None."""
        generator: Any = np.random.get_state(legacy=True)
        name, keys, *rest = generator
        state = random.getstate(), keys.tobytes(), rest
        if state == self._random:
            return None
        self._random = state
        return encode_rich([state[0], [name, keys.tolist(), *rest]])

    def _set_random(self, data: Any) -> None:
        if data is None:
            return
        state: Any = decode_rich(data)
        with contextlib.suppress(TypeError, ValueError, LookupError):
            random.setstate(state[0])
            name, keys, *rest = state[1]
            np.random.set_state((name, np.array(keys, dtype=np.uint32), *rest))


def _imported(data: dict[str, Any]) -> Any:
    """Import a library, or a class or function of one, here: the other kernel says only where it is from."""
    module, name = str(data["module"]), data.get("name")
    try:
        value: Any = importlib.import_module(module)
        return value if name is None else functools.reduce(getattr, str(name).split("."), value)
    except (ImportError, AttributeError) as error:
        raise NotSerializable(f"{type(error).__name__}: {error}") from error


def _libraries() -> set[str]:
    """Return the names of what may be imported: the standard library, and packages that are loaded."""
    installed = {
        name.split(".")[0]
        for name, module in list(sys.modules.items())
        if "site-packages" in str(getattr(module, "__file__", None))
        or "dist-packages" in str(getattr(module, "__file__", None))
    }
    return installed | set(sys.stdlib_module_names)


def _place(value: Any) -> dict[str, str] | None:
    """Return where a library, or a class or function of one, is imported from; None for any other value."""
    if isinstance(value, types.ModuleType):
        name = getattr(value, "__name__", "")
        return {"module": name} if name.split(".")[0] in _libraries() else None
    is_class = isinstance(value, type)
    if is_class or isinstance(value, FUNCTIONS):
        module = getattr(value, "__module__", "")
        if isinstance(module, str) and module.split(".")[0] in _libraries():
            if is_class:
                return {"module": module, "name": value.__qualname__}
            name = value.__name__
            if getattr(sys.modules.get(module), name, None) is value:
                return {"module": module, "name": name}
    return None


def _behaves_otherwise(kind: type) -> bool:
    """Return whether a class of the author's inherits from a built-in one, whose values would arrive in its place."""
    if not issubclass(kind, BUILT_IN) or kind in BUILT_IN or issubclass(kind, enum.Enum):
        return False
    return not hasattr(kind, "_fields") and kind.__module__.split(".")[0] not in _libraries()


def _has_identity(value: Any) -> bool:
    """Return whether it matters which object a value is: it may change."""
    return type(value) not in UNCHANGING and not isinstance(value, np.generic) and not callable(value)


def _is_flat(value: Any) -> bool:
    """Return whether a value has no parts that something else may refer to."""
    if type(value) in (list, set):
        return all(type(one) in UNCHANGING for one in value)
    return type(value) is np.ndarray and value.base is None and value.dtype != object


def _own_numbers(value: Any) -> list[int]:
    """Return the numbers of the other kernel's objects in a value, or in a list or tuple."""
    parts = value if isinstance(value, (list, tuple)) else (value,)
    return [number for part in parts if (number := own_number(part)) is not None]


def _reason(error: Blocked | NotSerializable) -> str:
    return error.reason if isinstance(error, NotSerializable) else str(error)


def _digest(data: Any) -> str:
    return hashlib.sha1(json.dumps(data).encode(), usedforsecurity=False).hexdigest()


def _may_change(value: Any) -> bool:
    """Return whether a test may change a value in place, which is small enough to be compared before each call."""
    if own_number(value) is not None:
        return False
    if isinstance(value, np.ndarray):
        return value.size <= MAX_COMPARED
    try:
        return (
            not callable(value) and not isinstance(value, (str, bytes, tuple)) and len(value) <= MAX_COMPARED
        )
    except TypeError:  # a number
        return False


@contextlib.contextmanager
def _replaced_input(function: Callable[..., str]) -> Iterator[None]:
    before = builtins.input
    builtins.input = function
    try:
        yield
    finally:
        builtins.input = before
