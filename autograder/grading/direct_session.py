"""A session without a kernel, for answers that the author of a question wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.errors import AnswerError
from autograder.sandbox.inside.codec import Handle, Layers, NotSerializable, decode, encode
from autograder.sandbox.model import Model
from autograder.sandbox.session import Arguments
from autograder.sandbox.wire import Reply
from autograder.text import Text


class DirectSession:
    """A session in this process whose answer is a function or value from the question file."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def seed(self, seed: int) -> None:
        """Seed NumPy, as a kernel would."""
        np.random.seed(seed)

    def get(self, name: str) -> Any:
        """Return the value under test."""
        try:
            return decode(encode(self._answer))
        except NotSerializable as error:
            raise AnswerError("not data", Text(en=str(error))) from error

    def call(self, name: str, *args: Any, **kwargs: Any) -> Reply:
        """Call a function with the arguments encoded and decoded as on the wire."""
        arguments = [decode(encode(arg)) for arg in args]
        named = {key: decode(encode(value)) for key, value in kwargs.items()}
        try:
            value = decode(encode(self._answer(*arguments, **named)))
        except NotSerializable as error:
            raise AnswerError("not data", Text(en=str(error))) from error
        except Exception as error:
            raise AnswerError("raised", Text(en=repr(error))) from error
        changed = [encode(arg) for arg in arguments] != [encode(arg) for arg in args]
        return Reply(value, tuple(arguments) if changed else None)

    def call_all(self, name: str, calls: Sequence[Arguments], seed: int) -> list[Reply | AnswerError]:
        """Return no replies: calling one by one costs nothing here."""
        return []

    def keep(self, name: str, *args: Any, **kwargs: Any) -> Handle:
        """Raise NotImplementedError: nothing can be kept here."""
        raise NotImplementedError

    def build(self, layers: Layers) -> Handle:
        """Raise NotImplementedError: no model can be built here."""
        raise NotImplementedError

    def describe(self, handle: Handle) -> Model:
        """Raise NotImplementedError: no model can be described here."""
        raise NotImplementedError
