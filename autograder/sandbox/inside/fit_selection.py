"""How the kernels of a warm parent train models: Keras's own way, and the fast one once it has passed its trial."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from . import fast_fit, fast_fit_selftest, libc

TRIAL_SECONDS = 300
EQUAL = "equal"


class FitSelection:
    """Told to every kernel: `way`, and `detail` to it.

    The trial may take longer than the fast fit saves in one submission: it is begun when a second kernel is asked for,
    which waits for it a while, and all that follow. The first trains Keras's own way, as do those that gave up waiting.
    """

    def __init__(self, asked: str, modules: list[str]) -> None:
        """asked: `fast`, or `stock` for Keras's own way whatever a trial would say."""
        keras: Any = sys.modules.get("keras") if "keras" in modules else None
        self.version = str(getattr(keras, "__version__", ""))
        self.way = "" if keras is None else "untried" if asked == "fast" else "asked"
        self.detail = self.version
        self._verdict = -1

    @property
    def told(self) -> list[str]:
        """What a kernel tells of it."""
        return [self.way, self.detail]

    def begin(self) -> int | None:
        """Begin the trial where it is to be held; a descriptor that can be read when it has ended."""
        if self.way != "untried" or self._verdict >= 0:
            return None
        self._verdict, write = os.pipe()
        if os.fork() == 0:
            try:
                libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
                signal.alarm(TRIAL_SECONDS)
                os.write(write, (fast_fit_selftest.trouble() or EQUAL).encode(errors="replace")[:500])
            finally:
                os._exit(0)
        os.close(write)
        return self._verdict

    def leave(self) -> None:
        """In a kernel: the verdict is not for it to read."""
        if self._verdict >= 0 and self.way == "untried":
            os.close(self._verdict)

    def end(self) -> None:
        """Take the verdict: kernels that are forked from now on train as it says."""
        told = os.read(self._verdict, 1000).decode(errors="replace") or "it ended without a word"
        os.close(self._verdict)
        if told == EQUAL:
            fast_fit.install()
            self.way = "fast"
        else:
            self.way, self.detail = "failed", told
