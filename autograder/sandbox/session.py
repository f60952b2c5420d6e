"""A session: one student's kernel, and the verbs with which the trusted process asks it for data.

Callers never learn how the kernel was started: `open_session` is the seam where a seal belongs.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Protocol

from autograder.errors import AnswerError, SessionLost
from autograder.sandbox import wire
from autograder.sandbox.fit_mode import NO_FIT, Fit
from autograder.sandbox.fork_server import ForkServerPool, KernelProfile
from autograder.sandbox.inside.codec import MAX_MODEL, Handle, Layers, encode
from autograder.sandbox.kernel import Kernel, KernelDied, KernelTimeout
from autograder.sandbox.limits import Limits
from autograder.sandbox.model import Model, ModelTooLarge
from autograder.sandbox.seal import Need, Resources
from autograder.text import Text

Profile = Literal["counting", "tensorflow"]
Arguments = tuple[tuple[Any, ...], dict[str, Any]]
"""Positional and keyword arguments of a call."""

STUB_MESSAGE = (
    "이 문제는 TensorFlow 없이 채점합니다. 식을 직접 쓰세요. / "
    "This question is graded without TensorFlow: write the formula itself."
)
KERNEL_PROFILES: Mapping[Profile, KernelProfile] = MappingProxyType(
    {
        "counting": KernelProfile(
            "counting", (), ("tensorflow", "keras", "tf_keras"), STUB_MESSAGE, Resources()
        ),
        "tensorflow": KernelProfile("tensorflow", ("tensorflow", "keras"), (), "", Resources(memory_mb=3000)),
    }
)


MAX_RESTARTS = 20
"""Kernels of a submission that its own code ends; no answer is target for after that."""
RESTART_SECONDS = 10.0
"""Of the start of a kernel in the place of such a one: what takes longer is the machine's doing."""
MAX_REPLY_CHARACTERS = 200_000_000
"""Characters of all replies of a submission."""


@dataclass(frozen=True)
class CellResult:
    """What running one cell gave: nbformat outputs, and the error's name and text where it raised."""

    outputs: list[Any] = field(default_factory=list)
    error: str | None = None
    detail: str = ""
    used_stub_modules: bool = False
    stopped: bool = False
    """Whether it took too long or ended the kernel: `error` is then the session's, and nothing else is known."""
    interrupted: bool = False
    """Whether it took too long and was interrupted: `error` is then the session's, and what it did before counts."""


@dataclass(frozen=True)
class Reply:
    """What a call gave back, and its positional arguments after the call where it changed them."""

    value: Any
    arguments: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class HungCode:
    """What ran into a limit in a session, or ended its kernel: another session on the same notebook is skip that."""

    cells: dict[str, str] = field(default_factory=dict)
    """Sources, with what became of them."""
    answers: dict[str, AnswerError] = field(default_factory=dict)
    """Names that were target for, with what became of that."""


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

    def call_all(self, name: str, calls: Sequence[Arguments], seed: int) -> list[Reply | AnswerError]:
        """Seed, then call a function with each of several arguments, the first of which may be all that fit."""
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

    def __init__(
        self, profile: Profile, data: Path | None, limits: Limits, need: Need, skip: HungCode | None = None
    ) -> None:
        self._profile: Profile = profile
        self._data, self._need = data, need
        self._limits = limits
        self._skip = skip or HungCode()
        self.hung = HungCode()
        self._deadline = time.monotonic() + limits.session
        self._completed_cells: list[tuple[str, bool]] = []
        """The cells that have run, and whether without stand-ins."""
        self._kernel: Kernel | None = None
        self._last_kernel: Kernel | None = None
        """The one that runs, or the last one that did."""
        self._lost_kernels = 0
        """Kernels that ended, or had to be ended, by what the notebook does."""
        self._reply_characters = 0

    @property
    def exhausted(self) -> bool:
        """Whether the notebook has used up its time or its kernels: nothing more is run or target."""
        return self.seconds_left <= 0 or self._lost_kernels > MAX_RESTARTS

    @property
    def seal(self) -> str:
        """The name of what keeps the student's code in."""
        return (self._last_kernel or self._running_kernel()).seal.name

    @property
    def fit(self) -> Fit:
        """How models are trained in it; nothing where none can be."""
        return (self._last_kernel or self._running_kernel()).fit if self._profile == "tensorflow" else NO_FIT

    def run(self, source: str) -> CellResult:
        """Run one cell; its fault never raises, it is told in the result."""
        if source in self._skip.cells:
            return CellResult(error=self._skip.cells[source], stopped=True)
        result = self._run(source)
        if result.stopped or result.interrupted:
            self.hung.cells[source] = str(result.error)
        return result

    def _run(self, source: str) -> CellResult:
        limit = self._limits.training if self._profile == "tensorflow" else self._limits.cell
        kernel = self._usable_kernel()
        if kernel is None:
            duration = f"took {self._limits.session:g} s"
            reason = (
                f"ended its kernel {self._lost_kernels} times"
                if self._lost_kernels > MAX_RESTARTS
                else duration
            )
            return CellResult(error=f"not run: the notebook {reason}", stopped=True)
        try:
            result = kernel.run(source, min(limit, self.seconds_left))
        except KernelTimeout:
            self._stop()
            self._lost_kernels += 1
            return CellResult(error=f"ran longer than {limit:g} s and did not stop", stopped=True)
        except KernelDied:
            self._discard(kernel)
            return CellResult(error="ended the kernel", stopped=True)
        self._completed_cells.append((source, False))
        return CellResult(
            result.outputs,
            result.error,
            result.detail,
            result.used_stub_modules,
            interrupted=result.interrupted,
        )

    def run_without_stub_modules(self, source: str) -> None:
        """Run a cell again without the statements that use a stand-in, or miss what is not installed here."""
        with contextlib.suppress(AnswerError):
            self._request(self._limits.cell, "run_without_stand_ins", source)
            self._completed_cells.append((source, True))

    def seed(self, seed: int) -> None:
        """Seed `random`, NumPy and, where it is loaded, Keras."""
        self._request(self._limits.call, "seed", seed)

    def get(self, name: str) -> Any:
        """The value of a variable."""
        return self._request(self._limits.call, "get", name)["value"]

    def call(self, name: str, *args: Any, **kwargs: Any) -> Reply:
        """Call a function with data, or with kept values."""
        return _reply(self._call(name, args, kwargs, keep=False))

    def call_all(self, name: str, calls: Sequence[Arguments], seed: int) -> list[Reply | AnswerError]:
        """Seed, then call a function with each of several arguments, the first of which may be all that fit."""
        encoded_calls = [wire.encode_arguments(args, kwargs) for args, kwargs in calls]
        text = self._send(self._limits.call, "call_all", name, encoded_calls, seed)
        replies = wire.read_replies(text, len(calls))
        return [reply if isinstance(reply, AnswerError) else _reply(reply) for reply in replies]

    def keep(self, name: str, *args: Any, **kwargs: Any) -> Handle:
        """Call a function and keep its result in the kernel."""
        return _handle(self._call(name, args, kwargs, keep=True)["value"])

    def build(self, layers: Layers) -> Handle:
        """Build a compiled Keras model in the kernel."""
        return _handle(self._request(self._limits.training, "build", encode(layers))["value"])

    def describe(self, handle: Handle) -> Model:
        """A kept Keras model as data."""
        text = self._send(self._limits.call, "describe", handle.number)
        try:
            return Model.from_data(wire.read_reply(text, MAX_MODEL)["value"])
        except ModelTooLarge as error:
            raise AnswerError(
                "not data",
                Text(
                    ko=f"모델이 너무 커서 채점할 수 없습니다: {error.excess.ko}",
                    en=f"the model is too big to be judged: {error.excess.en}",
                ),
            ) from error
        except (KeyError, TypeError, ValueError) as error:
            raise AnswerError(
                "not data", Text(ko="모델을 읽을 수 없습니다", en="the model cannot be read")
            ) from error

    def close(self) -> None:
        """End the kernel and everything it started."""
        ForkServerPool.instance().start_next()
        self._stop()

    def _call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], *, keep: bool) -> Any:
        positional, named = wire.encode_arguments(args, kwargs)
        limit = self._limits.training if keep else self._limits.call
        return self._request(limit, "call", name, positional, named, keep)

    def _request(self, limit: float, verb: str, *arguments: Any) -> dict[str, Any]:
        return wire.read_reply(self._send(limit, verb, *arguments))

    def _send(self, limit: float, verb: str, *arguments: Any) -> str:
        """The reply to a request, as text that nobody has read yet."""
        target = str(arguments[0])
        if target in self._skip.answers:
            raise self._skip.answers[target]
        try:
            return self._exchange(limit, verb, *arguments)
        except AnswerError as error:
            # of several calls at once, each may be quick
            if error.fault in ("timed out", "died") and verb != "call_all":
                self.hung.answers[target] = error
            raise

    def _exchange(self, limit: float, verb: str, *arguments: Any) -> str:
        if self._reply_characters > MAX_REPLY_CHARACTERS:
            raise AnswerError(
                "not data",
                Text(
                    ko="답들이 돌려준 값이 모두 합쳐 너무 커서 더 읽지 않습니다.",
                    en="the answers have given back too much in all; no more of it is read",
                ),
            )
        kernel = self._usable_kernel()
        if kernel is None:
            raise _died() if self._lost_kernels > MAX_RESTARTS else _timed_out(self._limits.session)
        try:
            text = kernel.ask(wire.request(verb, *arguments), min(limit, self.seconds_left))
        except KernelTimeout as error:
            if not error.interrupted:
                self._stop()
                self._lost_kernels += 1
            raise _timed_out(limit) from error
        except KernelDied as error:
            self._discard(kernel)
            raise _died() from error
        self._reply_characters += len(text)
        return text

    def _usable_kernel(self) -> Kernel | None:
        """The kernel, running; None where the notebook has used up its time or its kernels."""
        kernel = (
            self._running_kernel() if self.seconds_left > 0 and self._lost_kernels <= MAX_RESTARTS else None
        )
        return kernel if self.seconds_left > 0 else None

    def _running_kernel(self) -> Kernel:
        if self._kernel is None:
            started = time.monotonic()
            self._kernel = self._last_kernel = Kernel.start(
                KERNEL_PROFILES[self._profile], self._data, self._need
            )
            # what it waited for is no doing of the answers, unless they ended the kernel before
            allowed = RESTART_SECONDS if self._lost_kernels else 0.0
            self._deadline += max(0.0, time.monotonic() - started - allowed)
            cells, self._completed_cells = self._completed_cells, []
            for source, without_stubs in cells:
                if without_stubs:
                    self.run_without_stub_modules(source)
                else:
                    self.run(source)
        return self._kernel if self._kernel is not None else self._running_kernel()

    @property
    def seconds_left(self) -> float:
        """Seconds that the whole submission may still take."""
        return self._deadline - time.monotonic()

    def _discard(self, kernel: Kernel) -> None:
        """Stop a kernel that died; raises SessionLost where its warm parent did, and took it along."""
        lost = kernel.lost_fork_server
        self._stop()
        if lost:
            raise SessionLost("the warm parent of the kernel ended")
        self._lost_kernels += 1

    def _stop(self) -> None:
        if self._kernel is not None:
            self._kernel.stop()
            self._kernel = None


def _died() -> AnswerError:
    return AnswerError(
        "died",
        Text(
            ko="답을 실행하다가 커널이 죽었습니다. exit()나 지나친 메모리 사용이 있는지 보세요.",
            en="running the answer ended the kernel; look for exit() or a huge use of memory",
        ),
    )


def _timed_out(limit: float) -> AnswerError:
    return AnswerError(
        "timed out",
        Text(
            ko=f"{limit:g}초 안에 끝나지 않았습니다. 끝나지 않는 반복이 있는지 보세요.",
            en=f"did not finish within {limit:g} s; look for a loop that never ends",
        ),
    )


def _reply(reply: dict[str, Any]) -> Reply:
    return Reply(reply["value"], reply.get("arguments"))


def _handle(value: Any) -> Handle:
    if type(value) is not Handle:
        raise AnswerError("not data", Text(ko="값을 읽을 수 없습니다", en="the value cannot be read"))
    return value


@contextlib.contextmanager
def open_session(
    profile: Profile,
    data: Path | None = None,
    *,
    limits: Limits | None = None,
    need: Need = "required",
    skip: HungCode | None = None,
) -> Iterator[KernelSession]:
    """A session whose kernel works in a folder of its own; ended, with all it started, on leaving.

    profile: `counting` puts stand-ins in the place of TensorFlow and Keras. data: a folder whose files, notebooks
    excepted, the kernel gets. skip: what is not tried again, since it hung in an earlier session.
    Raises GraderError where no kernel can be started, or none sealed as `need` asks.
    """
    session = KernelSession(profile, data, limits or Limits(), need, skip)
    try:
        yield session
    finally:
        session.close()
