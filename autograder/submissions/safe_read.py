"""Safe reading of submitted files: no links, no pipes, bounded sizes."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder.errors import UnreadableSubmission
from autograder.i18n import _

MAX_FILE = 50_000_000
MAX_DATA, MAX_DATA_FILES = 50_000_000, 1_000
EXCHANGE_FILES = ("timestamp.txt", "submission_secret.txt")


def read_bytes(path: Path, below: Path | None = None) -> bytes:
    """Read a regular file without following a link and without blocking on a pipe.

    below: a folder above the file; no folder between the two may be a link either.
    Raises UnreadableSubmission for anything but a regular file of at most `MAX_FILE` bytes.
    """
    reason = _(
        "not read: the submission is too large or is not a regular file; submit the .ipynb itself, its outputs "
        "cleared"
    )
    parts = path.relative_to(below).parts if below is not None else (path.name,)
    try:
        descriptor = _open_without_links(below or path.parent, parts)
    except OSError:
        raise UnreadableSubmission(reason) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1 or status.st_size > MAX_FILE:
        os.close(descriptor)
        raise UnreadableSubmission(reason)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(MAX_FILE)


def _open_without_links(start: Path, parts: Sequence[str]) -> int:
    """Open the file at the path `parts` below the folder `start`. Raises OSError if a part is a link."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    if os.open not in os.supports_dir_fd:  # Windows, where creating a link takes administrator rights
        return os.open(start.joinpath(*parts), flags)
    folder = os.open(start, os.O_RDONLY | os.O_DIRECTORY)
    for part in parts[:-1]:
        try:
            inner = os.open(part, flags | os.O_DIRECTORY, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    try:
        return os.open(parts[-1], flags, dir_fd=folder)
    finally:
        os.close(folder)


def set_aside(root: Path, parts: Sequence[str], place: Path) -> list[Path]:
    """Move everything but folders, regular files and notebooks out of the folder at the path `parts` below `root`.

    A part that is itself a link is moved. Data files are moved if there are more of them, or more bytes, than are
    copied for every submission; a sparse file counts with its apparent size. Returns the new paths, in a fresh folder
    below `place`: nothing that an earlier submission left there, such as a link, is ever traversed.
    """
    candidates = [root.joinpath(*parts[: count + 1]) for count in range(len(parts))]
    refused = [path for path in candidates if path.is_symlink()][:1]
    if not refused:
        data: list[Path] = []
        for where, folders, names in os.walk(candidates[-1]):
            for path in (Path(where, name) for name in (*folders, *names)):
                if path.suffix != ".ipynb":
                    (data if is_plain(path) else refused).append(path)
        refused += _excess([path for path in data if not path.is_dir()])
    moved: list[Path] = []
    if not refused:
        return moved
    place.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="from-", dir=place))
    for path in refused:
        target = fresh / path.relative_to(root)
        # only folders of the submission are in between: os.walk does not follow links
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
        moved.append(target)
    return moved


def _excess(data: list[Path]) -> list[Path]:
    """Return the data files beyond what is copied. The exchange's own files are kept first, then the smallest."""
    sizes = {path: path.lstat().st_size for path in data}
    ordered = sorted(data, key=lambda path: (path.name not in EXCHANGE_FILES, sizes[path], path))
    total, excess = 0, []
    for number, path in enumerate(ordered):
        total += sizes[path]
        if number >= MAX_DATA_FILES or total > MAX_DATA:
            excess.append(path)
    return excess


def is_plain(path: Path) -> bool:
    """Return whether a path is a folder, or a regular file with a single name."""
    status = path.lstat()
    return stat.S_ISDIR(status.st_mode) or (stat.S_ISREG(status.st_mode) and status.st_nlink == 1)
