"""File permissions of a course, whose submissions, scores and answers other users of the machine must not read."""

from __future__ import annotations

import atexit
import contextlib
import os
import shlex
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

PRIVATE = (
    "source", "solutions", "submitted", "autograded", "feedback", "reports", "regrades", "archives", "build", "web",
    "gradebook.db", "grades.csv", "question_scores.csv", "roster.csv", "groups.csv", "hidden_inputs.key",
)  # fmt: skip
"""The private paths of a course. `release` is not private: students may be given the folder itself."""
STUDENT_DATA = (
    "submitted/", "autograded/", "feedback/", "reports/", "regrades/", "build/", "archives/", "web/", "gradebook.db*",
    "grades.csv", "question_scores.csv", "roster.csv", "groups.csv", "times.csv", "hidden_inputs.key",
)  # fmt: skip
"""What the `.gitignore` of a course lists, so that neither students' data nor the secret is committed."""
RELEASED = 0o755


def close_files(root: Path | None) -> int:
    """Make the files that this process writes from now on private. Return the previous umask.

    root: the course's folder. If it is group-writable, several people grade, and the group keeps its rights.
    """
    closed = 0o077 & ~_kept(root)
    before = os.umask(0o077)
    os.umask(before | closed)
    return before


def _kept(root: Path | None) -> int:
    """Return the permission bits that users other than the owner keep on files written into a course."""
    if root is None:
        return 0
    status = root.stat()
    if status.st_mode & stat.S_IWGRP:
        return 0o070
    # in another user's folder, where root in a container usually writes, the owner would be locked out
    return 0 if status.st_uid == getattr(os, "geteuid", lambda: status.st_uid)() else 0o077


@contextlib.contextmanager
def closed_files(root: Path | None) -> Iterator[None]:
    """Make the files written in the block private; see `close_files`."""
    before = close_files(root)
    try:
        yield
    finally:
        os.umask(before)


def close_files_of_nbgrader(config: Any) -> None:
    """Close files if this process is an nbgrader command: Jupyter reads the same config, but writes other files too.

    config: nbgrader's. The folders of a release are opened when the command ends.
    """
    program = Path(sys.argv[0] if sys.argv else "")
    if "nbgrader" in (program.stem, program.parent.name):  # also as `python -m nbgrader`
        before = close_files(Path.cwd())
        if sys.argv[1:2] == ["generate_assignment"]:
            there = set(_release_folders(config))
            atexit.register(lambda: _open(set(_release_folders(config)) - there, RELEASED & ~before))


def _release_folders(config: Any) -> Iterator[Path]:
    """Yield the folders of nbgrader's releases, and those above them in the course."""
    root = Path(str(config.CourseDirectory.get("root", "."))).absolute()
    release = root / str(config.CourseDirectory.get("release_directory", "release"))
    for path in (*release.parents, release, *release.rglob("*")):
        if root in path.parents and path.is_dir() and not path.is_symlink():
            yield path


def _open(folders: Iterable[Path], opened: int) -> None:
    """Give the folders that are closed some permission bits."""
    for folder in folders:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & 0o077:
            folder.chmod(mode | opened)


def make_closed(folder: Path) -> None:
    """Create a private folder of a course, if it is missing, whatever the umask."""
    if not folder.exists():
        folder.mkdir(parents=True)
        mode, kept = stat.S_IMODE(folder.stat().st_mode), _kept(folder.parent)
        folder.chmod(mode & ~0o077 | (kept & (mode if kept == 0o077 else 0o070)))


def make_open(folder: Path) -> None:
    """Create a folder that students may read, with its missing parents."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir()
        path.chmod(RELEASED | (path.parent.stat().st_mode & (stat.S_IWGRP | stat.S_ISGID)))


def open_to_others(root: Path, moved: Iterable[Path] = ()) -> list[Path]:
    """Return the private paths of a course that other users of this machine can read.

    moved: private folders that the course's configuration names, which may lie elsewhere than by default.
    """
    root = root.resolve()
    if os.name != "posix" or not all(path.stat().st_mode & stat.S_IXOTH for path in (root, *root.parents)):
        return []
    paths = dict.fromkeys((*(root / name for name in PRIVATE), *(path.resolve() for path in moved)))
    return [path for path in paths if path.exists() and path.stat().st_mode & 0o005]


def closing_command(root: Path, paths: list[Path]) -> str:
    """Return the command that makes paths private. The group keeps its rights if the course is group-writable."""
    mode = "o=" if root.stat().st_mode & stat.S_IWGRP else "go="
    return shlex.join(["chmod", mode, *map(str, paths)])
