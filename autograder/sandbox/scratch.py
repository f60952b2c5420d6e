"""Folders of the grader's own for as long as it runs, and the end of those that one which was killed has left."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from autograder.sandbox.inside import folders


class Scratch:
    """A temporary folder; whose it is stands in its lock, which ends with this process.

    prefix: one of those that `inside.folders` names.
    """

    def __init__(self, prefix: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        self._lock: int | None = folders.lock(str(self.path))

    def remove(self) -> None:
        """Remove it, whatever an unsealed kernel put there. It may have been removed already."""
        if sys.platform == "linux":
            folders.remove(str(self.path))
        else:
            shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def remove_abandoned() -> None:
    """Remove what graders that were killed have left."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            folders.remove_abandoned(tempfile.gettempdir())
