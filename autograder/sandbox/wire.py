"""Messages between the trusted process and a kernel: JSON text, bounded in size and checked for type.

A student's code may forge the kernel's side, so that a reply is trusted only to be data.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from autograder.errors import AnswerError
from autograder.i18n import _
from autograder.sandbox.inside.codec import MAX_ITEMS, MAX_REPLY, NotSerializable, decode, encode
from autograder.text import Text, joined, one_line

MAX_PARTS = 5 * MAX_ITEMS
"""Limit on JSON tokens: an item has several, and each costs hundreds of bytes to parse that it did not cost to send."""
UNKNOWN_SYSTEM_CALL = f"[Errno {errno.ENOSYS}]"
NO_TENSORFLOW = _("This question is graded without TensorFlow: write the formula itself.")
NO_TENSORFLOW_EN = NO_TENSORFLOW.in_language("en")  # `.en` would read the catalogs of all languages
"""What the stub modules raise; it crosses the wire in English."""
SYSTEM_CALL_HINT = _(
    " (a system call that is not available where answers are graded; if your answer is right, "
    "tell your instructor)"
)
T = TypeVar("T")


@dataclass(frozen=True)
class Reply:
    """The return value of a call, and its positional arguments after the call if it changed them."""

    value: Any
    arguments: tuple[Any, ...] | None = None


def request(verb: str, *arguments: Any) -> str:
    """Return the JSON text of a request to the agent."""
    return json.dumps([verb, *arguments], ensure_ascii=True)


def encode_arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Encode positional and keyword arguments as wire values."""
    return [encode(arg) for arg in args], [[key, encode(value)] for key, value in kwargs.items()]


def read_reply(text: str, max_length: int = MAX_REPLY) -> Reply:
    """Parse a reply of at most `max_length` characters and decode its values.

    Raises AnswerError if the reply reports a fault of the answer, or is malformed.
    """
    return _checked(lambda: _read(_parse(text, max_length)))


def read_replies(text: str, number: int) -> list[Reply | AnswerError]:
    """Parse the replies to a batch of at most `number` calls, each on its own.

    Raises AnswerError if the batch as a whole is malformed.
    """
    parsed = _checked(lambda: _parse(text, MAX_REPLY))
    if "fault" in parsed:
        _checked(lambda: _read(parsed))
    replies: list[Reply | AnswerError] = []
    for answer in _checked(lambda: list(parsed["answers"])[:number]):
        try:
            replies.append(_checked(partial(_read, answer)))
        except AnswerError as error:
            replies.append(error)
    return replies


def _parse(text: str, max_length: int) -> dict[str, Any]:
    if len(text) > max_length or sum(map(text.count, "[{,")) > MAX_PARTS:
        raise ValueError("the reply is too long")
    reply = json.loads(text, parse_constant=_refuse_constant)
    if type(reply) is not dict:
        raise ValueError("the reply is not an object")
    return reply


def _read(reply: Any) -> Reply:
    if type(reply) is not dict:
        raise ValueError("the reply is not an object")
    if "fault" in reply:
        raise _fault(reply)
    value = decode(reply["value"])
    return Reply(value, tuple(decode(reply["arguments"])) if "arguments" in reply else None)


def _checked(parse: Callable[[], T]) -> T:
    try:
        return parse()
    except (ValueError, KeyError, TypeError, RecursionError, NotSerializable) as error:
        raise AnswerError(
            "not data",
            _("what the answer gave back cannot be read; return a plain value, list or array"),
        ) from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _fault(reply: dict[str, Any]) -> AnswerError:
    message, kind = one_line(reply.get("message", ""))[:300], one_line(reply.get("type", ""))[:80]
    if reply["fault"] == "missing":
        return AnswerError(
            "missing",
            _("there is no answer: its cell is untouched, failed to run, or the name has changed"),
        )
    if reply["fault"] == "not data":
        return AnswerError(
            "not data",
            _(
                "the answer did not give back a value that can be judged: {reason}",
                reason=Text(ko=one_line(reply.get("ko", message))[:300], en=message),
            ),
        )
    if kind == "MemoryError":  # with other arguments it would take as long once more
        return AnswerError(
            "died",
            _("the answer used more memory than it may; look for a loop that never ends, or a huge array"),
        )
    detail = f"{kind}: {message}" if message else kind
    hint = system_call_hint(detail)
    return AnswerError(
        "raised",
        _("running the answer raised {detail}{hint}", detail=localized(detail), hint=hint),
    )


def localized(error: str) -> Text:
    """Return the error of student code as a text: what the kit itself raised there is translated."""
    before, ours, after = error.partition(NO_TENSORFLOW_EN)
    return joined("", [Text.same(before), NO_TENSORFLOW, Text.same(after)]) if ours else Text.same(error)


def system_call_hint(error: str) -> Text:
    """Return the hint for an error that says that the seal does not allow a system call; empty for other errors."""
    return SYSTEM_CALL_HINT if UNKNOWN_SYSTEM_CALL in error else Text()
