"""One IPython kernel process: start, run a cell, ask the agent, stop.

Everything read from the kernel is capped: its outputs, its replies, the time it takes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from autograder.errors import GraderError
from autograder.sandbox import agent, wire
from autograder.text import one_line

START_SECONDS = 60.0
INTERRUPT_SECONDS = 5.0
MAX_OUTPUT_BYTES = 2_000_000
KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class KernelDied(Exception):
    """The kernel process ended while it was asked something."""


class KernelTimeout(Exception):
    """The kernel did not answer in time; `interrupted` tells whether an interrupt brought it back."""

    def __init__(self, *, interrupted: bool) -> None:
        self.interrupted = interrupted
        super().__init__(f"interrupted: {interrupted}")


@dataclass
class Ran:
    """Outputs of a cell, capped, and the name and text of the error it raised."""

    outputs: list[Any] = field(default_factory=list)
    error: str | None = None
    detail: str = ""
    size: int = 0

    def take(self, message: dict[str, Any]) -> None:
        """Add an output message, unless there are too many of them already."""
        kind = message["header"]["msg_type"]
        if kind not in ("stream", "display_data", "execute_result", "error"):
            return
        content = message["content"]
        self.size += len(str(content.get("text") or content.get("data") or content.get("traceback")))
        if self.size > MAX_OUTPUT_BYTES:
            return
        try:
            output = nbformat.v4.output_from_msg(message)
        except (ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError):
            return  # forged: what is no output is none
        if kind == "stream":
            output.text = "".join(output.text)
            if self.outputs and self.outputs[-1].get("name") == output.name:
                self.outputs[-1].text += output.text
                return
        self.outputs.append(output)


class Kernel:
    """A kernel process with the agent in it."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient, home: Path) -> None:
        self._manager, self._client, self._home = manager, client, home

    @classmethod
    def start(cls, folder: Path, stand_ins: tuple[str, ...], sentence: str) -> Kernel:
        """Start a kernel of this Python in `folder`, with an empty home and no inherited secrets.

        Raises GraderError where it does not come up.
        """
        home = Path(tempfile.mkdtemp(prefix="kernel-"))
        context = zmq.Context()
        context.setsockopt(zmq.MAXMSGSIZE, 2 * wire.MAX_REPLY)
        context.setsockopt(zmq.LINGER, 0)
        # no kernel folders: a python3 that somebody installed for another Python is not the grader's
        manager = KernelManager(
            kernel_name="python3",
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
            transport="tcp" if sys.platform == "win32" else "ipc",
            ip="127.0.0.1" if sys.platform == "win32" else str(home / "k"),
            connection_file=str(home / "connection.json"),
            context=context,
        )
        try:
            manager.start_kernel(
                extra_arguments=["--HistoryManager.enabled=False"],
                cwd=str(folder),
                env=_environment(home),
                stdout=subprocess.DEVNULL,  # what its libraries write past IPython is nobody's output
                stderr=subprocess.DEVNULL,
            )
            client = manager.client()
            client.start_channels()
            kernel = cls(manager, client, home)
            client.wait_for_ready(timeout=START_SECONDS)
            kernel._install(stand_ins, sentence)
        except (RuntimeError, OSError, KernelDied, KernelTimeout, zmq.ZMQError) as error:
            with contextlib.suppress(Exception):
                manager.shutdown_kernel(now=True)
            shutil.rmtree(home, ignore_errors=True)
            raise GraderError(f"no kernel could be started: {error}") from error
        return kernel

    def run(self, source: str, limit: float) -> Ran:
        """Run a cell for at most `limit` seconds; one that is interrupted in time tells so as its error.

        Raises KernelDied, or KernelTimeout where an interrupt does not bring the kernel back.
        """
        ran = Ran()
        try:
            reply = self._execute(source, limit, ran.take)
        except KernelTimeout as error:
            if not error.interrupted:
                raise
            ran.error = f"ran longer than {limit:g} s"
            return ran
        if reply.get("status") == "error":
            ran.error = one_line(reply.get("ename", "error"))[:100]
            ran.detail = one_line(reply.get("evalue", ""))[:300]
        return ran

    def ask(self, request: str, limit: float) -> str:
        """The agent's reply to a request, as JSON text that nobody has checked yet."""
        expression = f"__import__('sys').modules['autograder_agent'].agent.reply({request!r})"
        reply = self._execute("", limit, lambda message: None, {"reply": expression})
        try:
            return str(reply["user_expressions"]["reply"]["data"]["text/plain"])
        except (KeyError, TypeError):
            return ""

    def stop(self) -> None:
        """End the process group at once."""
        pid = getattr(self._manager.provisioner, "pid", None)
        self._client.stop_channels()
        with contextlib.suppress(Exception):
            self._manager.shutdown_kernel(now=True)
        if pid is not None and hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(Exception):
            self._manager.context.destroy(linger=0)
        shutil.rmtree(self._home, ignore_errors=True)

    def _install(self, stand_ins: tuple[str, ...], sentence: str) -> None:
        text = Path(agent.__file__).read_text(encoding="utf-8")
        code = (
            "import sys, types\n"
            "module = sys.modules['autograder_agent'] = types.ModuleType('autograder_agent')\n"
            f"exec(compile({text!r}, 'autograder_agent', 'exec'), module.__dict__)\n"
            f"module.install(get_ipython(), {stand_ins!r}, {sentence!r})\n"
            "del sys, types, module\n"
        )
        ran = self.run(code, START_SECONDS)
        if ran.error:
            raise GraderError(f"the agent could not be placed in the kernel: {ran.outputs}")

    def _execute(
        self,
        code: str,
        limit: float,
        take: Callable[[dict[str, Any]], None],
        expressions: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Send one execute request and gather its messages until it is idle and has replied."""
        client = self._client
        sent = client.execute(
            code, silent=expressions is not None, store_history=False,
            user_expressions=expressions or {}, allow_stdin=False,
        )  # fmt: skip
        end, interrupted = time.monotonic() + limit, False
        reply: dict[str, Any] | None = None
        idle = False
        poller = zmq.Poller()
        for channel in (client.iopub_channel, client.shell_channel):
            poller.register(channel.socket, zmq.POLLIN)
        while reply is None or not idle:
            ready = dict(poller.poll(200))
            for channel in (client.iopub_channel, client.shell_channel):
                message = _read(channel) if channel.socket in ready else None
                if message is None or message.get("parent_header", {}).get("msg_id") != sent:
                    continue
                if channel is client.shell_channel:
                    reply = message["content"]
                    end = min(end, time.monotonic() + 2.0)  # an idle message may have been dropped
                elif message["header"]["msg_type"] == "status":
                    idle = message["content"].get("execution_state") == "idle"
                else:
                    take(message)
            if time.monotonic() < end:
                if not ready and reply is None and not self._manager.is_alive():
                    raise KernelDied
                continue
            if reply is not None:
                break
            if interrupted:
                raise KernelTimeout(interrupted=False)
            self._manager.interrupt_kernel()
            interrupted, end = True, time.monotonic() + INTERRUPT_SECONDS
        if interrupted:
            raise KernelTimeout(interrupted=True)
        return reply


def _read(channel: Any) -> dict[str, Any] | None:
    """The next message of a channel, or None where what was sent is no message."""
    try:
        message = dict(channel.get_msg(timeout=0))
    except (Empty, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    parts = (message.get(part) for part in ("header", "parent_header", "content"))
    return message if all(isinstance(part, dict) for part in parts) else None


def _environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return kept | {
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "PYTHONNOUSERSITE": "1",
        "PYTHONIOENCODING": "utf-8",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
