"""Temporary folders that live as long as the grader, and cleanup of those that killed graders left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from autograder.sandbox.inside import folders


class Scratch:
    """A temporary folder, locked for as long as this process runs.

    prefix: one of the prefixes in `inside.folders`.
    """

    def __init__(self, prefix: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        self._lock: int | None = folders.lock(str(self.path))

    def remove(self) -> None:
        """Remove the folder, whatever an unsealed kernel put there. It may be gone already."""
        if sys.platform == "linux":
            folders.remove(str(self.path))
        else:
            shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def remove_abandoned() -> None:
    """Remove the folders that killed graders left behind."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            folders.remove_abandoned(tempfile.gettempdir())
