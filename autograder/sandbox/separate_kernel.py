"""A kernel in a process of its own, without a seal and a fork server: `--unsealed` on other systems than Linux."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from jupyter_client.launcher import launch_kernel

from autograder.errors import GraderError
from autograder.i18n import _
from autograder.sandbox.fork_server import START_SECONDS, environment
from autograder.sandbox.inside import folders
from autograder.sandbox.profiles import KernelProfile
from autograder.sandbox.scratch import Scratch

CODE = (
    f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n"
    "from inside.separate_main import main\ndel sys.path[0]\nmain()"
)
POLL_SECONDS = 0.5


class SeparateKernel:
    """A kernel in a process of its own; see `KernelProcess`."""

    lost = lacked_memory = False

    def __init__(self, profile: KernelProfile, data: Path | None) -> None:
        """Start a kernel. data: folder whose files it gets. Raises GraderError if it does not start."""
        self.key = secrets.token_hex(16)
        self._work = Scratch(folders.KERNEL_PREFIX)
        work, on_windows = self._work.path, sys.platform == "win32"
        home = work / "home"
        shutil.copytree(data, home, ignore=shutil.ignore_patterns("*.ipynb")) if data else home.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            token = secrets.token_hex(16)
            config = {
                "stub_modules": profile.stub_modules, "stub_message": profile.stub_message,
                "converses": profile.converses, "port": listener.getsockname()[1], "token": token, "key": self.key,
                "transport": "tcp" if on_windows else "ipc", "ip": "127.0.0.1" if on_windows else str(work / "k"),
                "folder": str(work),
            }  # fmt: skip
            self._process = launch_kernel(
                [sys.executable, "-c", CODE],
                stdout=subprocess.DEVNULL,  # what libraries write past IPython is not cell output
                stderr=subprocess.DEVNULL,
                env=_environment(work, home) | {"AUTOGRADER_KERNEL": json.dumps(config)},
                cwd=str(home),
            )
            try:
                self.connection, port = self._accept(listener, token)
            except BaseException:
                self._release()
                raise
        self.outputs = f"tcp://127.0.0.1:{port}" if on_windows else f"ipc://{work}/k-{port}"

    def interrupt(self) -> None:
        """Interrupt the kernel, as Ctrl-C does."""
        if sys.platform == "win32":
            from jupyter_client.win_interrupt import send_interrupt

            send_interrupt(self._process.win32_interrupt_event)
        else:
            self._signal(signal.SIGINT)

    def lower_priority(self) -> None:
        """Do nothing: that is not supported."""

    def has_ended(self, seconds: float) -> bool:
        """Return whether the kernel has ended, or ends within `seconds`."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self) -> None:
        """End the kernel and the processes that it started, as far as they can be identified."""
        self.connection.close()
        self._release()

    def processor_use(self, seconds: float) -> tuple[float, float]:
        """Return zeros: that is not known."""
        return 0.0, 0.0

    def _accept(self, listener: socket.socket, token: str) -> tuple[socket.socket, int]:
        """Return the connection that a kernel with this token opens, and the port of its outputs."""
        listener.settimeout(POLL_SECONDS)
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and not self.has_ended(0):
            try:
                connection, _address = listener.accept()
            except TimeoutError:
                continue
            connection.settimeout(START_SECONDS)
            with connection.makefile("rb", buffering=0) as lines:
                found, _space, port = lines.readline(100).decode(errors="replace").partition(" ")
            if secrets.compare_digest(found.encode(), token.encode()):
                return connection, int(port)
            connection.close()
        raise GraderError(_("a kernel did not start within {limit:g} s", limit=START_SECONDS))

    def _release(self) -> None:
        self._process.kill()
        if sys.platform != "win32":
            self._signal(signal.SIGKILL)
        self._process.wait()
        self._work.remove()

    def _signal(self, number: int) -> None:
        """Signal the process group of the kernel, which it leads."""
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return


def _environment(work: Path, home: Path) -> dict[str, Any]:
    """Return an environment with an empty home and no inherited secrets."""
    inherited = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP") if name in os.environ}
    return inherited | environment() | {
        "HOME": str(home), "IPYTHONDIR": str(work / "ipython"), "MPLCONFIGDIR": str(work / "matplotlib"),
    }  # fmt: skip
