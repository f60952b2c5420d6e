"""A session: one student's kernel, and the verbs with which the trusted process asks it for data.

Callers never learn how the kernel was started: `open_session` is the seam where a seal belongs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from autograder.errors import AnswerError
from autograder.recurrent import Model
from autograder.sandbox import wire
from autograder.sandbox.agent import Handle, Layers, encode
from autograder.sandbox.kernel import Kernel, KernelDied, KernelTimeout
from autograder.text import Text

Profile = Literal["counting", "tensorflow"]

STAND_INS: Mapping[Profile, tuple[str, ...]] = {
    "counting": ("tensorflow", "keras", "tf_keras"),
    "tensorflow": (),
}
STAND_IN_SENTENCE = (
    "개수를 세는 문제는 TensorFlow 없이 채점합니다. 식을 직접 쓰세요. / "
    "Counting is graded without TensorFlow: write the formula itself."
)


@dataclass(frozen=True)
class Limits:
    """How long student code may take, in seconds of wall time."""

    cell: float = 60.0
    call: float = 20.0
    training: float = 300.0
    """A call whose result is kept, since it builds or trains a model; and a cell in a TensorFlow notebook."""


@dataclass(frozen=True)
class CellResult:
    """What running one cell gave: nbformat outputs, and the error's name and text where it raised."""

    outputs: list[Any] = field(default_factory=list)
    error: str | None = None
    detail: str = ""


@dataclass(frozen=True)
class Reply:
    """What a call gave back, and its positional arguments after the call where it changed them."""

    value: Any
    arguments: tuple[Any, ...] | None = None


class Session(Protocol):
    """The verbs. Every one but `run` raises AnswerError where the answer gave no data."""

    def run(self, source: str) -> CellResult:
        """Run one cell of the notebook."""
        ...

    def seed(self, seed: int) -> None:
        """Seed every generator that the notebook is likely to use."""
        ...

    def get(self, name: str) -> Any:
        """The value of a variable."""
        ...

    def call(self, name: str, *args: Any, **kwargs: Any) -> Reply:
        """Call a function with data, or with kept values."""
        ...

    def keep(self, name: str, *args: Any, **kwargs: Any) -> Handle:
        """Call a function and keep its result in the kernel."""
        ...

    def build(self, layers: Layers) -> Handle:
        """Build a compiled Keras model in the kernel."""
        ...

    def describe(self, handle: Handle) -> Model:
        """A kept Keras model as data."""
        ...


class KernelSession:
    """A session in a kernel process of its own.

    A kernel that died or could not be interrupted is started anew at the next verb, and the cells that
    had run by then are run again, but for the one that killed it: other questions keep their marks.
    """

    def __init__(self, profile: Profile, folder: Path, limits: Limits) -> None:
        self._profile: Profile = profile
        self._folder = folder
        self._limits = limits
        self._ran: list[str] = []
        self._kernel: Kernel | None = None

    def run(self, source: str) -> CellResult:
        """Run one cell; its fault never raises, it is told in the result."""
        limit = self._limits.training if self._profile == "tensorflow" else self._limits.cell
        try:
            result = self._alive().run(source, limit)
        except KernelTimeout:
            self._stop()
            return CellResult(error=f"ran longer than {limit:g} s and did not stop")
        except KernelDied:
            self._stop()
            return CellResult(error="ended the kernel")
        self._ran.append(source)
        return CellResult(result.outputs, result.error, result.detail)

    def run_without_stand_ins(self, source: str) -> None:
        """Run a cell again without the statements that use a stand-in."""
        with contextlib.suppress(AnswerError):
            self._ask(self._limits.cell, "run_without_stand_ins", source)

    def seed(self, seed: int) -> None:
        """Seed `random`, NumPy and, where it is loaded, Keras."""
        self._ask(self._limits.call, "seed", seed)

    def get(self, name: str) -> Any:
        """The value of a variable."""
        return self._ask(self._limits.call, "get", name)["value"]

    def call(self, name: str, *args: Any, **kwargs: Any) -> Reply:
        """Call a function with data, or with kept values."""
        reply = self._call(name, args, kwargs, keep=False)
        return Reply(reply["value"], reply.get("arguments"))

    def keep(self, name: str, *args: Any, **kwargs: Any) -> Handle:
        """Call a function and keep its result in the kernel."""
        return _handle(self._call(name, args, kwargs, keep=True)["value"])

    def build(self, layers: Layers) -> Handle:
        """Build a compiled Keras model in the kernel."""
        return _handle(self._ask(self._limits.training, "build", encode(layers))["value"])

    def describe(self, handle: Handle) -> Model:
        """A kept Keras model as data."""
        data = self._ask(self._limits.call, "describe", handle.number)["value"]
        try:
            return Model.from_data(data)
        except (KeyError, TypeError, ValueError) as error:
            raise AnswerError(
                "not data", Text(ko="모델을 읽을 수 없습니다", en="the model cannot be read")
            ) from error

    def close(self) -> None:
        """End the kernel and everything it started."""
        self._stop()

    def _call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], *, keep: bool) -> Any:
        positional, named = wire.encode_arguments(args, kwargs)
        limit = self._limits.training if keep else self._limits.call
        return self._ask(limit, "call", name, positional, named, keep)

    def _ask(self, limit: float, verb: str, *arguments: Any) -> dict[str, Any]:
        kernel = self._alive()
        try:
            return wire.read_reply(kernel.ask(wire.request(verb, *arguments), limit))
        except KernelTimeout as error:
            if not error.interrupted:
                self._stop()
            raise AnswerError(
                "timed out",
                Text(
                    ko=f"{limit:g}초 안에 끝나지 않았습니다. 끝나지 않는 반복이 있는지 보세요.",
                    en=f"did not finish within {limit:g} s; look for a loop that never ends",
                ),
            ) from error
        except KernelDied as error:
            self._stop()
            raise AnswerError(
                "died",
                Text(
                    ko="답을 실행하다가 커널이 죽었습니다. exit()나 지나친 메모리 사용이 있는지 보세요.",
                    en="running the answer ended the kernel; look for exit() or a huge use of memory",
                ),
            ) from error

    def _alive(self) -> Kernel:
        if self._kernel is None:
            self._kernel = Kernel.start(self._folder, STAND_INS[self._profile], STAND_IN_SENTENCE)
            again, self._ran = self._ran, []
            for source in again:
                self.run(source)
        return self._kernel if self._kernel is not None else self._alive()

    def _stop(self) -> None:
        if self._kernel is not None:
            self._kernel.stop()
            self._kernel = None


def _handle(value: Any) -> Handle:
    if type(value) is not Handle:
        raise AnswerError("not data", Text(ko="값을 읽을 수 없습니다", en="the value cannot be read"))
    return value


@contextlib.contextmanager
def open_session(profile: Profile, folder: Path, *, limits: Limits | None = None) -> Iterator[KernelSession]:
    """A session whose kernel works in `folder`; ended, with all it started, on leaving.

    profile: `counting` puts stand-ins in the place of TensorFlow and Keras.
    Raises GraderError where no kernel can be started.
    """
    session = KernelSession(profile, folder, limits or Limits())
    try:
        yield session
    finally:
        session.close()
