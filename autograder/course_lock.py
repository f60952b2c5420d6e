"""The lock that lets one command at a time write in a course."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import CourseError
from autograder.files import atomic_write
from autograder.i18n import _


@contextlib.contextmanager
def hold(root: Path, command: str) -> Iterator[None]:
    """Hold the lock of the course in `root` within a block, without waiting for it.

    The operating system releases it when the process ends, however it ends. Raises CourseError where another command
    holds it, with the name and process id of that command.
    """
    from filelock import FileLock, Timeout  # here: --help should not wait for it

    folder = root / "build"
    folder.mkdir(exist_ok=True)
    holder = folder / "command.json"
    lock = FileLock(folder / "command.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise CourseError(
            _(
                "{command} is running in {root}; wait for it, or stop it, and run this command again",
                command=_holder_name(holder),
                root=root,
            )
        ) from None
    try:
        with contextlib.suppress(OSError):  # on a full disk the command itself reports it
            atomic_write(holder, json.dumps({"command": command, "process": os.getpid()}) + "\n")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _holder_name(holder: Path) -> str:
    """Return the name of the command that holds the lock; it may have ended, or not have written its name yet."""
    try:
        content = json.loads(holder.read_text(encoding="utf-8"))
        return f"another `{content['command']}` (process {content['process']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another command of `autograder`"
