"""Who else on this machine may read a course: its hand-ins, its scores and its answers are nobody else's."""

from __future__ import annotations

import contextlib
import os
import shlex
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

PRIVATE = (
    "source", "solutions", "submitted", "autograded", "feedback", "build", "web",
    "gradebook.db", "grades.csv", "roster.csv", "groups.csv",
)  # fmt: skip
"""What of a course is not for students. `release` is: they may be given the folder itself."""
RELEASED = 0o755


def close_files(root: Path | None) -> int:
    """Let nobody else read what this process writes from now on; returns the umask that was in force.

    root: the course's folder. Where its group may write to it, several people grade, and the group keeps its rights.
    """
    closed = 0o077 & ~_kept(root)
    before = os.umask(0o077)
    os.umask(before | closed)
    return before


def _kept(root: Path | None) -> int:
    """The rights that others than its owner keep to what is written into a course."""
    if root is None:
        return 0
    status = root.stat()
    if status.st_mode & stat.S_IWGRP:
        return 0o070
    # in somebody else's folder, as root in a container usually writes, the owner would be locked out
    return 0 if status.st_uid == getattr(os, "geteuid", lambda: status.st_uid)() else 0o077


@contextlib.contextmanager
def closed_files(root: Path | None) -> Iterator[None]:
    """What is written in the block is not for others: see `close_files`."""
    before = close_files(root)
    try:
        yield
    finally:
        os.umask(before)


def close_files_of_nbgrader() -> None:
    """Do so where this process is one of nbgrader's commands: Jupyter, which reads the same config, writes more."""
    program = Path(sys.argv[0] if sys.argv else "")
    if "nbgrader" in (program.stem, program.parent.name):  # also as `python -m nbgrader`
        close_files(Path.cwd())


def make_closed(folder: Path) -> None:
    """Make a folder of a course that nobody else may look into, if it is missing, whatever the umask lets through."""
    if not folder.exists():
        folder.mkdir(parents=True)
        mode, kept = stat.S_IMODE(folder.stat().st_mode), _kept(folder.parent)
        folder.chmod(mode & ~0o077 | (kept & (mode if kept == 0o077 else 0o070)))


def make_open(folder: Path) -> None:
    """Make a folder that students may look into, with those above it that are missing."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir()
        one.chmod(RELEASED | (one.parent.stat().st_mode & (stat.S_IWGRP | stat.S_ISGID)))


def open_to_others(root: Path) -> list[Path]:
    """What of a course other users of this machine can read, though it is not for them."""
    root = root.resolve()
    if os.name != "posix" or not all(one.stat().st_mode & stat.S_IXOTH for one in (root, *root.parents)):
        return []
    return [path for name in PRIVATE if (path := root / name).exists() and path.stat().st_mode & 0o005]


def closing_command(root: Path, paths: list[Path]) -> str:
    """The command that closes them; the group keeps its rights where it may write to the course."""
    whose = "o=" if root.stat().st_mode & stat.S_IWGRP else "go="
    return shlex.join(["chmod", whose, *map(str, paths)])
