"""One IPython kernel process: start it, run a cell, send the agent a request, stop it.

Everything read from the kernel is bounded: the size of its outputs and replies, and the time it takes.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import nbformat
import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_client.utils import run_sync
from traitlets import Any as AnyTrait

from autograder.errors import GraderError, message_of
from autograder.i18n import _
from autograder.sandbox.fork_server import (
    START_SECONDS,
    ForkServerAddress,
    ForkServerDied,
    ForkServerPool,
    KernelProfile,
    environment,
)
from autograder.sandbox.inside import folders
from autograder.sandbox.inside.codec import MAX_MODEL
from autograder.sandbox.provisioner import ForkServerProvisioner
from autograder.sandbox.scratch import Scratch
from autograder.sandbox.seal import Need, Seal
from autograder.text import one_line

INTERRUPT_SECONDS = 5.0
LONGEST, SHORTEST, LITTLE = 4, 0.5, 0.05
"""A time limit does not include the time for which code waits for a processor, up to `LONGEST` times the limit. What is
left of a limit, up to `SHORTEST` seconds, is not prolonged, and no limit by less than its part `LITTLE`."""
MAX_OUTPUT_BYTES = 2_000_000
RECONNECT_MILLISECONDS = 1_000_000_000  # eleven days, in effect never
SEND_MILLISECONDS, POLL_MILLISECONDS = 2_000, 50
MAX_MEMORY_GROWTH_MB = 300
MAX_MESSAGES = 100_000
"""Maximum number of messages from one kernel."""
MAX_QUEUED_OUTPUTS, MAX_QUEUED_REPLIES = 50, 3
"""Maximum number of messages that ZeroMQ queues while nothing reads them."""
MAX_OUTPUT_MESSAGE_BYTES, MAX_REPLY_MESSAGE_BYTES = 4_000_000, MAX_MODEL + 8_000_000
"""Maximum size of one part of a message; a longer one closes the connection. A reply is quoted inside its message."""
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
START_ATTEMPTS = 3
CHANNELS = ("shell", "iopub", "stdin", "hb", "control")
AGENT = "__import__('sys').modules['autograder_agent'].agent"
T = TypeVar("T")
Conversation = Generator[str, str, T]
"""Work of a kernel that asks for something meanwhile: yields each request, is sent the reply, and returns a result."""


def result_of(work: Conversation[T]) -> T:
    """Return the result of work in which the kernel asks for nothing."""
    try:
        next(work)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("the kernel asked for something")


class KernelDied(Exception):
    """The kernel process ended during a request."""


class KernelTimeout(Exception):
    """The kernel did not answer in time; `interrupted` is whether an interrupt made it responsive again."""

    def __init__(self, *, interrupted: bool) -> None:
        self.interrupted = interrupted
        super().__init__(f"interrupted: {interrupted}")


@dataclass(frozen=True)
class CellResult:
    """Result of running one cell: nbformat outputs, and the name and text of the error that it raised."""

    outputs: list[Any] = field(default_factory=list)
    error: str | None = None
    detail: str = ""
    used_stub_modules: bool = False
    stopped: bool = False
    """Whether the cell was not run, hung or ended the kernel. `error` gives the reason."""
    interrupted: bool = False
    """Whether the cell was interrupted at its time limit. What it did before the interrupt remains in effect."""


class _Outputs(list[Any]):
    """The nbformat outputs of a cell, bounded in size."""

    size = 0

    def add(self, message: dict[str, Any]) -> None:
        """Add an output message, unless the outputs are too large already."""
        kind = message["header"]["msg_type"]
        if kind not in ("stream", "display_data", "execute_result", "error"):
            return
        content = message["content"]
        try:
            self.size += len(str(content))
            if self.size > MAX_OUTPUT_BYTES:
                return
            output = nbformat.v4.output_from_msg(message)
            if kind == "stream":
                output.text = "".join(output.text)
                output.name = "stderr" if output.name == "stderr" else "stdout"
        except Exception:  # a forged message that is not a valid output
            return
        if kind == "stream" and self and self[-1].get("name") == output.name:
            self[-1].text += output.text
        else:
            self.append(output)


class Kernel:
    """A kernel process that runs the agent. seal: the seal that contains it."""

    def __init__(
        self,
        manager: KernelManager,
        client: BlockingKernelClient,
        work: Scratch,
        address: ForkServerAddress | None,
        *,
        converses: bool,
    ) -> None:
        self._converses = converses
        self._manager, self._client, self._work = manager, client, work
        self.seal = address.seal if address is not None else Seal("none")
        self._memory_before_mb, self._messages_read = _memory_mb(), 0
        self.is_starved = False
        """Whether the last time limit was reached before the code had its seconds of processor time or sleep."""

    @classmethod
    def start(cls, pool: ForkServerPool, profile: KernelProfile, data: Path | None, need: Need) -> Kernel:
        """Fork a kernel from a fork server, or start a separate process if there is none and `need` allows that.

        data: folder whose files the kernel gets. A fork server that dies meanwhile is replaced.
        Raises GraderError if no kernel starts.
        """
        for attempt in range(START_ATTEMPTS):
            address = pool.get(profile, need)
            try:
                return cls._start(pool, profile, data, address)
            except (ForkServerDied, RuntimeError, OSError, KernelDied, KernelTimeout, zmq.ZMQError) as error:
                if attempt == START_ATTEMPTS - 1:
                    raise GraderError(_("cannot start a kernel: {error}", error=message_of(error))) from error
        raise AssertionError("unreachable")

    @classmethod
    def _start(
        cls,
        pool: ForkServerPool,
        profile: KernelProfile,
        data: Path | None,
        address: ForkServerAddress | None,
    ) -> Kernel:
        work = Scratch(folders.KERNEL_PREFIX)
        manager = _Manager(
            kernel_name="python3",
            kernel_spec_manager=_KernelSpecs(kernel_dirs=[], pool=pool, address=address, data=data),
            connection_file=str(work.path / "connection.json"),
            context=_context(connect_once=address is not None),
            # silent: our own error includes what Jupyter would say of a failed start
            log=logging.Logger("autograder.kernel", logging.CRITICAL + 1),
        )
        if address is None:
            manager.transport = "tcp" if sys.platform == "win32" else "ipc"
            manager.ip = "127.0.0.1" if sys.platform == "win32" else str(work.path / "k")
        kernel = None
        try:
            manager.start_kernel(**_standalone_options(work.path, data) if address is None else {})
            # without `context=`, a client creates its own context, without our limits
            client = manager.client(context=manager.context)
            channels = [
                ("iopub", MAX_QUEUED_OUTPUTS, MAX_OUTPUT_MESSAGE_BYTES),
                ("shell", MAX_QUEUED_REPLIES, MAX_REPLY_MESSAGE_BYTES),
            ]
            if profile.converses:
                channels.append(("stdin", MAX_QUEUED_REPLIES, MAX_REPLY_MESSAGE_BYTES))
            for name, max_queued, max_bytes in channels:
                manager.context.setsockopt(zmq.RCVHWM, max_queued)  # for sockets created from here on
                manager.context.setsockopt(zmq.MAXMSGSIZE, max_bytes)
                client.start_channels(**dict.fromkeys(CHANNELS, False) | {name: True})
            for name, *_limits in channels:
                # Jupyter's default is one second after a kernel has ended by itself
                getattr(client, f"{name}_channel").socket.linger = 0
            kernel = cls(manager, client, work, address, converses=profile.converses)
            kernel._await_messages()
            if address is None:
                kernel._install(profile)
        except BaseException:
            if kernel is not None:
                kernel.stop()
            else:
                with contextlib.suppress(Exception):
                    manager.shutdown_kernel(now=True)
                manager.context.destroy(linger=0)
                work.remove()
            raise
        return kernel

    @property
    def lost_fork_server(self) -> bool:
        """Return whether the kernel ended because its fork server did, which is not the student's fault."""
        return isinstance(self._manager.provisioner, ForkServerProvisioner) and self._manager.provisioner.lost

    @property
    def lacked_memory(self) -> bool:
        """Return whether the machine had no more memory for the kernel, which is not the student's fault either."""
        provisioner = self._manager.provisioner
        return isinstance(provisioner, ForkServerProvisioner) and provisioner.lacked_memory

    def processor_use(self, seconds: float) -> tuple[float, float]:
        """Return how many of the last seconds the kernel waited for a processor, and how many it computed.

        Both are 0 if that is not known.
        """
        provisioner = self._manager.provisioner
        is_ours = isinstance(provisioner, ForkServerProvisioner)
        return provisioner.processor_use(seconds) if is_ours else (0.0, 0.0)

    def run(self, source: str, limit: float) -> CellResult:
        """Run a cell for at most `limit` seconds. If it is interrupted in time, the result's error says so.

        Raises KernelDied, or KernelTimeout if an interrupt does not make the kernel responsive again.
        """
        return result_of(self.converse_in_cell(source, limit, converses=False))

    def converse_in_cell(
        self, source: str, limit: float, *, converses: bool = True
    ) -> Conversation[CellResult]:
        """Run a cell as `run` does; its code may ask for something meanwhile, for which no time is counted."""
        outputs = _Outputs()
        try:
            expressions = {"used": f"{AGENT}.used_stand_ins()"}
            reply = yield from self._execute(source, limit, outputs.add, expressions, converses=converses)
        except KernelTimeout as error:
            if not error.interrupted:
                raise
            return CellResult(outputs, f"ran longer than {limit:g} s", interrupted=True)
        used_stubs = reply.get("ename") == "StubModuleError" or _expression_text(reply, "used") == "True"
        if reply.get("status") != "error":
            return CellResult(outputs, used_stub_modules=used_stubs)
        name = _error_field(reply, "ename", 100) or "error"
        return CellResult(outputs, name, _error_field(reply, "evalue", 300), used_stubs)

    def ask(self, request: str, limit: float) -> str:
        """Return the agent's reply to a request, as unchecked JSON text."""
        return result_of(self.converse(request, limit, converses=False))

    def converse(self, request: str, limit: float, *, converses: bool = True) -> Conversation[str]:
        """Send a request as `ask` does; the agent may ask for something meanwhile, for which no time is counted."""
        expressions = {"reply": f"{AGENT}.reply({request!r})"}
        reply = yield from self._execute(
            "", limit, lambda message: None, expressions, silent=True, converses=converses
        )
        return _expression_text(reply, "reply")

    def stop(self) -> None:
        """End the kernel and all processes that it started, immediately."""
        provisioner = self._manager.provisioner
        pid = getattr(provisioner, "pid", None)
        # not `stop_channels`: it would open the channels that we never opened, to whatever a student put there
        self._client.shell_channel.stop()
        self._client.iopub_channel.stop()
        if self._converses:
            self._client.stdin_channel.stop()
        if isinstance(provisioner, ForkServerProvisioner):
            provisioner.end()  # Jupyter's shutdown would wait, and has nothing to clean up
        else:
            with contextlib.suppress(Exception):
                self._manager.shutdown_kernel(now=True)
            # the processes it started, as far as they can be identified
            if pid is not None and hasattr(os, "killpg"):
                with contextlib.suppress(OSError):
                    os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(Exception):
            self._manager.context.destroy(linger=0)
        self._work.remove()

    def _await_messages(self) -> None:
        """Poll until the kernel's outputs arrive; anything it publishes before is lost."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            message_id = self._client.kernel_info()
            until = min(end, time.monotonic() + 1.0)
            while time.monotonic() < until:
                if not self._client.iopub_channel.socket.poll(100):
                    if not self._is_alive():
                        raise KernelDied
                    continue
                message = _read(self._client.iopub_channel)
                if message is not None and message["parent_header"].get("msg_id") == message_id:
                    return
        raise KernelTimeout(interrupted=False)

    def _is_alive(self) -> bool:
        provisioner = self._manager.provisioner
        if isinstance(provisioner, ForkServerProvisioner):
            return not provisioner.ended  # without the event loop that Jupyter's own check starts
        return bool(self._manager.is_alive())

    def _install(self, profile: KernelProfile) -> None:
        arguments = f"{profile.stub_modules!r}, {profile.stub_message!r}, converses={profile.converses}"
        code = (
            f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\nfrom inside import agent\n"
            f"del sys.path[0]\nagent.install(get_ipython(), {arguments})\ndel sys, agent\n"
        )
        result = self.run(code, START_SECONDS)
        if result.error:
            raise GraderError(
                _("cannot install the agent in the kernel: {output}", output=str(result.outputs))
            )

    def _execute(
        self,
        code: str,
        limit: float,
        on_output: Callable[[dict[str, Any]], None],
        expressions: dict[str, str],
        *,
        silent: bool = False,
        converses: bool,
    ) -> Conversation[dict[str, Any]]:
        """Send one execute request and collect its messages until the kernel is idle and has replied.

        converses: whether what it asks for on the way is yielded.
        """
        client = self._client
        try:
            message_id = client.execute(
                code, silent=silent, store_history=False,
                user_expressions=expressions, allow_stdin=converses,
            )  # fmt: skip
        except zmq.Again as error:  # the kernel is gone
            raise KernelDied from error
        started, asked = time.monotonic(), 0.0
        end, interrupted = started + limit, False
        reply: dict[str, Any] | None = None
        idle = False
        poller = zmq.Poller()
        channels = [
            client.iopub_channel,
            client.shell_channel,
            *([client.stdin_channel] if converses else []),
        ]
        for channel in channels:
            poller.register(channel.socket, zmq.POLLIN)
        while reply is None or not idle:
            # ZeroMQ limits the size of each message part, not the number of parts
            if (
                _memory_mb() > self._memory_before_mb + MAX_MEMORY_GROWTH_MB
                or self._messages_read > MAX_MESSAGES
            ):
                self.stop()
                raise KernelDied
            ready = dict(poller.poll(POLL_MILLISECONDS))
            for channel in channels:
                message = _read(channel) if channel.socket in ready else None
                self._messages_read += channel.socket in ready
                if message is None or message.get("parent_header", {}).get("msg_id") != message_id:
                    continue
                if channel is client.shell_channel:
                    reply = message["content"]
                    end = min(end, time.monotonic() + 2.0)  # the idle message may have been dropped
                elif converses and channel is client.stdin_channel:
                    began = time.monotonic()
                    answer = yield str(message["content"].get("prompt", ""))
                    asked += time.monotonic() - began
                    end += time.monotonic() - began
                    with contextlib.suppress(zmq.Again):  # the kernel is gone
                        client.input(answer)
                elif message["header"]["msg_type"] == "status":
                    idle = message["content"].get("execution_state") == "idle"
                else:
                    on_output(message)
            if time.monotonic() < end:
                if not ready and reply is None and not self._is_alive():
                    raise KernelDied
                continue
            if reply is not None:
                break
            if interrupted:
                raise KernelTimeout(interrupted=False)
            passed = time.monotonic() - started
            lacked, left = self._lacked_seconds(limit, passed, asked), LONGEST * limit - (passed - asked)
            if lacked > 0 and left > 0:
                end += min(lacked, left)
                continue
            self.is_starved = lacked > 0
            self._manager.interrupt_kernel()
            interrupted, end = True, time.monotonic() + INTERRUPT_SECONDS
        if interrupted:
            raise KernelTimeout(interrupted=True)
        return reply

    def _lacked_seconds(self, limit: float, passed: float, asked: float) -> float:
        """Return how many seconds of a limit code has not had, because it waited for a processor; 0 if only few.

        passed: since it was started, with those in which it waited for what it asked for.
        Code that has computed for its limit, in all its processes, has had it, and so has code that slept.
        """
        waited, used = self.processor_use(passed) if limit > SHORTEST else (0.0, 0.0)
        lacked = waited - (passed - asked - limit)
        return lacked if used < limit and lacked > LITTLE * limit else 0.0


def _error_field(reply: dict[str, Any], name: str, max_length: int) -> str:
    """Return a text field of an error reply on one line, shortened; empty if it is not text."""
    text = reply.get(name)
    return one_line(text)[:max_length] if isinstance(text, str) else ""


def _expression_text(reply: dict[str, Any], name: str) -> str:
    """Return the value of a user expression; empty if it failed."""
    try:
        text = reply["user_expressions"][name]["data"]["text/plain"]
    except (KeyError, TypeError):
        return ""
    return text if isinstance(text, str) else ""


def _read(channel: Any) -> dict[str, Any] | None:
    """Return the next message of a channel, or None if there is none or it is malformed."""
    try:
        message = dict(channel.get_msg(timeout=0))
    except Exception:  # no message yet, or a malformed one
        return None
    parts = (message.get(part) for part in ("header", "parent_header", "content"))
    return message if all(isinstance(part, dict) for part in parts) else None


class _Manager(KernelManager):  # type: ignore[misc]
    """Kernel manager without Jupyter's delay of 0.01 s after each start, which only Jupyter's own tests need."""

    start_kernel = run_sync(inspect.unwrap(KernelManager._async_start_kernel))


class _KernelSpecs(KernelSpecManager):  # type: ignore[misc]
    """Kernel specs in which `python3` runs this Python, forked from `address` if there is one.

    Installed kernel specs are ignored: a `python3` installed for another Python is not the grader's.
    """

    pool = AnyTrait(None)
    address = AnyTrait(None)
    data = AnyTrait(None)

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the spec of a kernel."""
        spec = super().get_kernel_spec(kernel_name)
        if self.address is not None:
            spec.metadata["kernel_provisioner"] = {
                "provisioner_name": "autograder-warm",
                "config": {"pool": self.pool, "address": self.address, "data": self.data},
            }
        return spec


def _memory_mb() -> int:
    """Return the resident memory of this process; 0 if the system does not report it."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * PAGE >> 20
    except OSError:
        return 0


def _context(*, connect_once: bool) -> zmq.Context[Any]:
    """Create a ZeroMQ context.

    connect_once: the kernel listens already, so that its sockets connect once and never reconnect.
    """
    context = zmq.Context()
    context.setsockopt(zmq.LINGER, 0)
    context.setsockopt(zmq.SNDTIMEO, SEND_MILLISECONDS)
    if connect_once:
        # never reconnect: a student may have replaced the socket. Not -1 either: with it, a connection that ends within
        # a message of several parts may abort this process ("Assertion failed: !_more", libzmq 4.3.5)
        context.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MILLISECONDS)
    return context


def _standalone_options(work: Path, data: Path | None) -> dict[str, Any]:
    """Return the options for starting a kernel without a fork server: an empty home and no inherited secrets."""
    home = work / "home"
    shutil.copytree(data, home, ignore=shutil.ignore_patterns("*.ipynb")) if data else home.mkdir()
    inherited = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP") if name in os.environ}
    return {
        "extra_arguments": ["--HistoryManager.enabled=False"],
        "cwd": str(home),
        "env": inherited | environment() | {
            "HOME": str(home), "IPYTHONDIR": str(work / "ipython"), "MPLCONFIGDIR": str(work / "matplotlib"),
        },
        "stdout": subprocess.DEVNULL,  # what libraries write past IPython is not cell output
        "stderr": subprocess.DEVNULL,
    }  # fmt: skip
