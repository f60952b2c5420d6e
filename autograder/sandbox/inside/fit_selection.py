"""How the kernels of a warm parent train models: Keras's own way, and the fast one once it has passed its trial."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from . import fast_fit, fast_fit_selftest, libc

SELFTEST_SECONDS = 300
EQUAL = "equal"


class FitSelection:
    """Told to every kernel: `way`, and `detail` to it.

    The trial may take longer than the fast fit saves in one submission: it is begun when a second kernel is requested,
    which waits for it a while, and all that follow. The first trains Keras's own way, as do those that gave up waiting.
    """

    def __init__(self, setting: str, modules: list[str]) -> None:
        """setting: `fast`, or `stock` for Keras's own way whatever a trial would say."""
        keras: Any = sys.modules.get("keras") if "keras" in modules else None
        self.version = str(getattr(keras, "__version__", ""))
        self.mode = "" if keras is None else "untried" if setting == "fast" else "asked"
        self.detail = self.version
        self._result_fd = -1

    @property
    def report(self) -> list[str]:
        """What a kernel tells of it."""
        return [self.mode, self.detail]

    def start_selftest(self) -> int | None:
        """Begin the trial where it is to be held; a descriptor that can be read when it has ended."""
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
        """In a kernel: the verdict is not for it to read."""
        if self._result_fd >= 0 and self.mode == "untried":
            os.close(self._result_fd)

    def apply_result(self) -> None:
        """Take the verdict: kernels that are forked from now on train as it says."""
        result = os.read(self._result_fd, 1000).decode(errors="replace") or "it ended without a word"
        os.close(self._result_fd)
        if result == EQUAL:
            fast_fit.install()
            self.mode = "fast"
        else:
            self.mode, self.detail = "failed", result
