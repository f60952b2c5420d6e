"""How the kernels of a fork server train models: with Keras's own fit, or the fast fit once it passed its self-test."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from . import fast_fit, fast_fit_selftest, libc

SELFTEST_SECONDS = 300
EQUAL = "equal"


class FitSelection:
    """The training `mode`, and a `detail`, reported to the owner of the fork server.

    The self-test may take longer than the fast fit saves in one submission, so it starts with the request for a second
    kernel. That kernel and later ones wait for it for a while. The first kernel uses Keras's own fit, as do those that
    stopped waiting.
    """

    def __init__(self, setting: str, modules: list[str]) -> None:
        """Create a selection. setting: `fast`, or `stock` to use Keras's own fit in any case."""
        keras: Any = sys.modules.get("keras") if "keras" in modules else None
        self.mode = "" if keras is None else "untried" if setting == "fast" else "asked"
        self.detail = str(getattr(keras, "__version__", ""))
        self._result_fd = -1

    @property
    def report(self) -> list[str]:
        """Return what is reported to the owner."""
        return [self.mode, self.detail]

    def start_selftest(self) -> int | None:
        """Start the self-test if it is needed. Returns a descriptor that becomes readable at its end, or None."""
        if self.mode != "untried" or self._result_fd >= 0:
            return None
        self._result_fd, write = os.pipe()
        if os.fork() == 0:
            try:
                libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
                signal.alarm(SELFTEST_SECONDS)
                os.write(write, (fast_fit_selftest.find_difference() or EQUAL).encode(errors="replace")[:500])
            finally:
                os._exit(0)
        os.close(write)
        return self._result_fd

    def close_in_kernel(self) -> None:
        """Close the result descriptor in a kernel, which must not read it."""
        if self._result_fd >= 0 and self.mode == "untried":
            os.close(self._result_fd)

    def apply_result(self) -> None:
        """Read the result of the self-test; kernels forked from now on train accordingly."""
        result = os.read(self._result_fd, 1000).decode(errors="replace") or "it ended without a result"
        os.close(self._result_fd)
        if result == EQUAL:
            fast_fit.install()
            self.mode = "fast"
        else:
            self.mode, self.detail = "failed", result
