"""A session: one student's kernel, and the calls by which the trusted process gets data from it.

`open_session` hides how the kernel is started and sealed.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from autograder.errors import TOO_SLOW, AnswerError, SessionLost, Starved
from autograder.i18n import _
from autograder.sandbox import wire
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.inside.codec import BATCH_SECONDS, MAX_MODEL, Handle, Layers, encode
from autograder.sandbox.kernel import (
    CellResult,
    Conversation,
    Kernel,
    KernelDied,
    KernelTimeout,
    result_of,
)
from autograder.sandbox.limits import Limits
from autograder.sandbox.model import Model, ModelTooLarge
from autograder.sandbox.profiles import KERNEL_PROFILES, KernelProfile, Profile
from autograder.sandbox.seal import Need
from autograder.sandbox.wire import Reply

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
"""Positional and keyword arguments of a call."""

MAX_RESTARTS = 20
"""How often a submission may end its own kernel; after that, nothing more is run."""
RESTART_SECONDS = 10.0
"""Part of a replacement kernel's start that counts against the submission; a slower start is the machine's fault."""
SECOND_SHARE = 0.1
"""Part of its time limit that a cell gets which hung in an earlier session of the same submission, and an answer after
a call that hung."""
STARVED_SHARE = 0.25
"""The time limit of a whole submission does not count against one that waited for a processor for that part of it, and
computed for less than the limit."""
MAX_REPLY_CHARACTERS = 200_000_000
"""Maximum length of all replies to one submission."""


@dataclass(frozen=True)
class HungCode:
    """Cells, by their source, and answers, by name, that ran into a limit or ended the kernel."""

    cells: set[str] = field(default_factory=set)
    answers: set[str] = field(default_factory=set)


class Session(Protocol):
    """Operations on an answer in its kernel. Each raises AnswerError if the answer returns no data."""

    def seed(self, seed: int) -> None:
        """Seed every random number generator that a notebook is likely to use."""
        ...

    def get(self, name: str) -> Any:
        """Return the value of a variable."""
        ...

    def call(self, name: str, *args: Any, **kwargs: Any) -> Reply:
        """Call a function with data or kept values."""
        ...

    def call_all(self, name: str, calls: Sequence[Arguments], seed: int) -> list[Reply | AnswerError]:
        """Seed, then call a function once per set of arguments.

        Returns the replies to as many calls as fit into the time limit, from the first on.
        """
        ...

    def keep(self, name: str, *args: Any, **kwargs: Any) -> Handle:
        """Call a function and keep its result in the kernel."""
        ...

    def build(self, layers: Layers) -> Handle:
        """Build a compiled Keras model in the kernel."""
        ...

    def describe(self, handle: Handle) -> Model:
        """Return a kept Keras model as data."""
        ...


class KernelSession:
    """A session with its own kernel process.

    If the kernel dies or cannot be interrupted, the next operation starts a new one and runs the earlier cells again,
    except the one that killed it. Other questions keep their marks.
    """

    def __init__(
        self,
        pool: ForkServerPool,
        profile: KernelProfile,
        data: Path | None,
        limits: Limits,
        need: Need,
        hung_before: HungCode | None = None,
    ) -> None:
        self._pool = pool
        self._profile = profile
        self._data, self._need = data, need
        self._limits = limits
        self._hung_before = hung_before or HungCode()
        self.hung = HungCode()
        self._deadline = time.monotonic() + limits.session
        self._completed_cells: list[tuple[str, bool]] = []
        """Source of each cell that has run, and whether it ran without stub modules."""
        self._kernel: Kernel | None = None
        self._last_kernel: Kernel | None = None
        """The running kernel, or the last one."""
        self._lost_kernels = 0
        """Number of kernels that the notebook ended, or that had to be ended because of it."""
        self._reply_characters = 0

    @property
    def exhausted(self) -> bool:
        """Return whether the notebook has used up its time or its kernels, so that nothing more is run."""
        return self.seconds_left <= 0 or self._lost_kernels > MAX_RESTARTS

    @property
    def seal(self) -> str:
        """Return the name of the seal that contains the student's code."""
        return (self._last_kernel or self._running_kernel()).seal.name

    def run(self, source: str) -> CellResult:
        """Run one cell. Its errors are reported in the result, never raised."""
        result = result_of(self._run(source, converses=False))
        if (result.stopped or result.interrupted) and not self.exhausted:
            self.hung.cells.add(source)
        return result

    def converse_in_cell(self, source: str) -> Conversation[CellResult]:
        """Run one cell as `run` does; its code may ask for something meanwhile."""
        return self._run(source, converses=True)

    def _run(self, source: str, *, converses: bool) -> Conversation[CellResult]:
        limit = self._limits.training if self._profile.trains else self._limits.cell
        kernel = self._usable_kernel()
        if kernel is None:
            duration = f"took {self._limits.session:g} s"
            reason = (
                f"ended its kernel {self._lost_kernels} times"
                if self._lost_kernels > MAX_RESTARTS
                else duration
            )
            return CellResult(error=f"not run: the notebook {reason}", stopped=True)
        granted = self._granted(limit, hung_before=source in self._hung_before.cells)
        try:
            result = yield from kernel.converse_in_cell(source, granted, converses=converses)
        except KernelTimeout:
            self._check_limit(kernel, granted)
            self._stop()
            self._lost_kernels += 1
            return CellResult(error=f"ran longer than {limit:g} s and did not stop", stopped=True)
        except KernelDied:
            self._discard(kernel)
            return CellResult(error="ended the kernel", stopped=True)
        if result.interrupted:
            self._check_limit(kernel, granted)
        self._completed_cells.append((source, False))
        return result

    def run_without_stub_modules(self, source: str) -> None:
        """Run a cell again without the statements that use a stub module or a package that is not installed."""
        with contextlib.suppress(AnswerError):
            self._request(self._limits.cell, "run_without_stand_ins", source)
            self._completed_cells.append((source, True))

    def seed(self, seed: int) -> None:
        """Seed `random`, NumPy and, if it is loaded, Keras."""
        self._request(self._limits.call, "seed", seed)

    def get(self, name: str) -> Any:
        """Return the value of a variable."""
        return self._request(self._limits.call, "get", name).value

    def call(self, name: str, *args: Any, **kwargs: Any) -> Reply:
        """Call a function with data or kept values."""
        return self._call(name, args, kwargs, keep=False)

    def call_all(self, name: str, calls: Sequence[Arguments], seed: int) -> list[Reply | AnswerError]:
        """Seed, then call a function once per set of arguments.

        Returns the replies to as many calls as fit into the time limit, from the first on.
        """
        encoded_calls = [wire.encode_arguments(args, kwargs) for args, kwargs in calls]
        # what is in progress at the end of both has had the limit of a call, since it began before `BATCH_SECONDS`
        try:
            text = self._send(self._limits.call + BATCH_SECONDS, "call_all", name, encoded_calls, seed)
        except AnswerError as error:
            self._note_hung(name, error)
            raise
        replies = wire.read_replies(text, len(calls))
        for reply in replies:
            self._note_hung(name, reply)
        return replies

    def keep(self, name: str, *args: Any, **kwargs: Any) -> Handle:
        """Call a function and keep its result in the kernel."""
        return _handle(self._call(name, args, kwargs, keep=True))

    def build(self, layers: Layers) -> Handle:
        """Build a compiled Keras model in the kernel."""
        return _handle(self._request(self._limits.training, "build", encode(layers)))

    def describe(self, handle: Handle) -> Model:
        """Return a kept Keras model as data."""
        text = self._send(self._limits.call, "describe", handle.number)
        try:
            return Model.from_data(wire.read_reply(text, MAX_MODEL).value)
        except ModelTooLarge as error:
            raise AnswerError(
                "not data",
                _("the model is too big to be judged: {excess}", excess=error.excess),
            ) from error
        except (KeyError, TypeError, ValueError) as error:
            raise AnswerError("not data", _("the model cannot be read")) from error

    def ask(self, limit: float, verb: str, *arguments: Any) -> str:
        """Send a request to the agent and return the reply as unparsed text. Raises AnswerError if there is none."""
        return self._send(limit, verb, *arguments)

    @contextlib.contextmanager
    def training_stopped(self) -> Iterator[None]:
        """Let no model be trained: a call that would do so returns no data."""
        with contextlib.suppress(AnswerError):
            self._request(self._limits.call, "stop_training", True)
        try:
            yield
        finally:
            with contextlib.suppress(AnswerError):
                self._request(self._limits.call, "stop_training", False)

    def close(self) -> None:
        """End the kernel and all processes that it started."""
        self._pool.start_next()
        self._stop()

    def _call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], *, keep: bool) -> Reply:
        positional, named = wire.encode_arguments(args, kwargs)
        limit = self._limits.training if keep else self._limits.call
        return self._request(limit, "call", name, positional, named, keep)

    def _request(self, limit: float, verb: str, *arguments: Any) -> Reply:
        try:
            return wire.read_reply(self._send(limit, verb, *arguments))
        except AnswerError as error:
            self._note_hung(str(arguments[0]), error)
            raise

    def _granted(self, limit: float, *, hung_before: bool) -> float:
        """Return how many seconds of a limit the next code gets."""
        return min(limit * SECOND_SHARE if hung_before else limit, self.seconds_left)

    def _check_limit(self, kernel: Kernel, limit: float) -> None:
        """Raise Starved if a kernel reached a limit, in seconds, because it waited for a processor."""
        if kernel.is_starved:
            raise _starved(limit)

    def check_waiting(self, seconds: float) -> None:
        """Raise Starved if the kernel waited for a processor for a good part of the last seconds, a limit."""
        waited, _used = self._kernel.processor_use(seconds) if self._kernel is not None else (0.0, 0.0)
        if waited >= STARVED_SHARE * seconds:
            raise _starved(seconds)

    def _check_session_limit(self) -> None:
        """Raise Starved if the whole submission has taken its time because it waited for a processor."""
        limit = self._limits.session
        if self._kernel is not None and self.seconds_left <= 0:
            waited, used = self._kernel.processor_use(limit)
            if waited >= STARVED_SHARE * limit and used < limit:
                raise _starved(limit)

    def _note_hung(self, target: str, reply: Reply | AnswerError) -> None:
        if isinstance(reply, AnswerError) and reply.fault in TOO_SLOW and not self.exhausted:
            self.hung.answers.add(target)

    def converse(self, limit: float, verb: str, *arguments: Any) -> Conversation[str]:
        """Send a request to the agent and return the reply as unparsed text; the agent may ask for something meanwhile.

        Raises AnswerError if there is no reply.
        """
        return self._request_text(limit, verb, *arguments, converses=True)

    def _send(self, limit: float, verb: str, *arguments: Any) -> str:
        """Send a request and return the reply as unparsed text."""
        return result_of(self._request_text(limit, verb, *arguments, converses=False))

    def _request_text(self, limit: float, verb: str, *arguments: Any, converses: bool) -> Conversation[str]:
        if self._reply_characters > MAX_REPLY_CHARACTERS:
            raise AnswerError(
                "not data",
                _("the answers have given back too much in all; no more of it is read"),
            )
        kernel = self._usable_kernel()
        if kernel is None:
            raise _died() if self._lost_kernels > MAX_RESTARTS else _timed_out(self._limits.session)
        hung = self._hung_before.answers | self.hung.answers
        granted = self._granted(limit, hung_before=str(arguments[0]) in hung)
        try:
            text = yield from kernel.converse(wire.request(verb, *arguments), granted, converses=converses)
        except KernelTimeout as error:
            self._check_limit(kernel, granted)
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
        """Return a running kernel, or None if the notebook has used up its time or its kernels."""
        if self.exhausted:
            self._check_session_limit()
            return None
        kernel = self._running_kernel()
        return kernel if self.seconds_left > 0 else None  # running earlier cells again takes time, too

    def _running_kernel(self) -> Kernel:
        if self._kernel is None:
            started = time.monotonic()
            self._kernel = self._last_kernel = Kernel.start(self._pool, self._profile, self._data, self._need)
            # waiting for a kernel is not charged to the submission, unless its answers ended the previous one
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
        """Return how many seconds the whole submission may still take."""
        lacked = self._kernel.lacked_seconds if self._kernel is not None else 0.0
        return self._deadline + lacked - time.monotonic()

    def _discard(self, kernel: Kernel) -> None:
        """Stop a kernel that died.

        Raises SessionLost if its fork server ended and took it along, and Starved if the machine had no memory for it.
        """
        lost, lacked_memory = kernel.lost_fork_server, kernel.lacked_memory
        self._stop()
        if lost:
            raise SessionLost(_("the kernel's fork server ended"))
        if lacked_memory:
            raise Starved(
                _(
                    "the machine ran out of memory while the code used less than it may; grade it again when the "
                    "machine has less to do"
                )
            )
        self._lost_kernels += 1

    def _stop(self) -> None:
        if self._kernel is not None:
            self._deadline += self._kernel.lacked_seconds
            self._kernel.stop()
            self._kernel = None


def _died() -> AnswerError:
    return AnswerError(
        "died",
        _("running the answer ended the kernel; look for exit() or a huge use of memory"),
    )


def _timed_out(limit: float) -> AnswerError:
    return AnswerError(
        "timed out",
        _(
            "did not finish within {limit:g} s; look for a loop that never ends or takes too many rounds",
            limit=limit,
        ),
    )


def _starved(limit: float) -> Starved:
    return Starved(
        _(
            "a time limit of {limit:g} s was reached while the code waited for a processor; grade it again "
            "when the machine has less to do",
            limit=limit,
        )
    )


def _handle(reply: Reply) -> Handle:
    if type(reply.value) is not Handle:
        raise AnswerError("not data", _("the value cannot be read"))
    return reply.value


@contextlib.contextmanager
def open_session(
    profile: Profile | KernelProfile,
    data: Path | None = None,
    *,
    limits: Limits | None = None,
    need: Need = "required",
    hung_before: HungCode | None = None,
    pool: ForkServerPool | None = None,
) -> Iterator[KernelSession]:
    """Open a session whose kernel works in its own folder; on exit, end the kernel and all that it started.

    profile: one of our own, by name: `counting` replaces TensorFlow and Keras with stub modules; or any other.
    data: folder whose files, except notebooks, are copied for the kernel.
    hung_before: code that hung in an earlier session of the same submission, which gets `SECOND_SHARE` of its limit.
    pool: the fork servers to use; by default, the session starts one of its own.
    Raises GraderError if no kernel can be started, or no seal satisfies `need`.
    """
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(ForkServerPool()) if pool is None else pool
        if isinstance(profile, str):
            profile = KERNEL_PROFILES[profile]
        yield stack.enter_context(
            contextlib.closing(KernelSession(pool, profile, data, limits or Limits(), need, hung_before))
        )
