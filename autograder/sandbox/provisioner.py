"""Kernel provisioner for `jupyter_client`: forks kernels from a fork server; notebooks keep the `python3` kernel."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Any as AnyTrait

from autograder.errors import GraderError
from autograder.i18n import _
from autograder.sandbox.fork_server import ForkedKernel, ForkServerAddress, ForkServerPool

END_SECONDS, FINAL_MESSAGE_SECONDS = 10.0, 2.0


class ForkServerProvisioner(KernelProvisionerBase):  # type: ignore[misc]
    """Forks a kernel from one of a pool's fork servers; it is ready as soon as `launch_kernel` returns."""

    pool: ForkServerPool = AnyTrait()
    address: ForkServerAddress = AnyTrait()
    data: Path | None = AnyTrait(None)
    _kernel: ForkedKernel | None = None
    pid = None

    @property
    def has_process(self) -> bool:
        """Return whether there is a kernel."""
        return self._kernel is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepare nothing: there is no command and no port to choose."""
        prepared: dict[str, Any] = await super().pre_launch(cmd=[], **kwargs)
        return prepared

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        """Fork a kernel and return its connection information.

        Raises ForkServerDied, and GraderError if the kernel does not start or its sockets are not sockets.
        """
        kernel = self._kernel = self.pool.fork(self.address, self.data)
        for port in range(1, 5):
            if not _is_socket(kernel.folder, f"k-{port}"):
                raise GraderError(_("the kernel has no socket {name}", name=f"k-{port}"))
        return {
            "transport": "ipc", "ip": f"/proc/self/fd/{kernel.folder}/k", "key": kernel.key.encode(),
            "signature_scheme": "hmac-sha256", "shell_port": 1, "iopub_port": 2, "stdin_port": 3,
            "control_port": 4, "hb_port": 5,
        }  # fmt: skip

    async def poll(self) -> int | None:
        """Return None while the kernel runs, else a number."""
        return 1 if self.ended else None

    async def wait(self) -> int | None:
        """Wait until the kernel and all processes that it started have ended."""
        while not self.ended:
            await asyncio.sleep(0.01)
        return 1

    async def send_signal(self, signum: int) -> None:
        """Interrupt the kernel for SIGINT; end it for any other signal."""
        if self._kernel is not None:
            self._kernel.interrupt() if signum == signal.SIGINT else self._kernel.end()

    async def kill(self, restart: bool = False) -> None:
        """End the kernel at once, with all processes that it started."""
        await self.send_signal(signal.SIGTERM)

    async def terminate(self, restart: bool = False) -> None:
        """End the kernel at once: it has nothing to clean up."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Close the connection to the kernel."""
        if self._kernel is not None:
            self._kernel.close()
            self._kernel = None

    @property
    def ended(self) -> bool:
        """Return whether there is no kernel any more."""
        return self._kernel is None or self._kernel.has_ended(0)

    @property
    def lost(self) -> bool:
        """Return whether the kernel ended without a final message of its supervisor: its fork server was ended."""
        return (
            self._kernel is not None and self._kernel.has_ended(FINAL_MESSAGE_SECONDS) and self._kernel.lost
        )

    @property
    def lacked_memory(self) -> bool:
        """Return whether the kernel was ended because the machine had no more memory; see `ForkedKernel`."""
        return self._kernel is not None and self._kernel.lacked_memory

    def processor_use(self, seconds: float) -> tuple[float, float]:
        """Return how many of the last seconds the kernel waited and computed; see `ForkedKernel`."""
        return (0.0, 0.0) if self._kernel is None else self._kernel.processor_use(seconds)

    def end(self) -> None:
        """End the kernel and all that it started, and wait for it; asyncio would poll only every 0.1 s."""
        if self._kernel is not None:
            self._kernel.end()
            self._kernel.has_ended(END_SECONDS)
            self._kernel.close()
            self._kernel = None


def _is_socket(folder: int, name: str) -> bool:
    """Return whether `name` is itself a socket, not a link to someone else's."""
    try:
        return stat.S_ISSOCK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False
