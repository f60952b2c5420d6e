"""Safe reading of submitted files: no links, no pipes, bounded sizes."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from autograder.errors import UnreadableSubmission
from autograder.i18n import _
from autograder.text import Text

FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""To open a file without following a link, and without waiting for the other end of a pipe."""
MAX_FILE = 50_000_000
MAX_DATA, MAX_DATA_FILES = 50_000_000, 1_000
CHUNK = 1_000_000
MAX_COPY, MAX_COPIED_FILES, MAX_DEPTH = 1_000_000_000, 100_000, 20
"""Bytes, files with folders, and nested folders of a folder that is copied."""
EXCHANGE_FILES = ("timestamp.txt", "submission_secret.txt")

NOT_PLAIN = _("{name} is a link, or no regular file")


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
    if not _is_single_file(status) or status.st_size > MAX_FILE:
        os.close(descriptor)
        raise UnreadableSubmission(reason)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(MAX_FILE)


def read_data(folder: Path, *, below: Path) -> dict[str, bytes]:
    """Read the files of a submission that are neither notebooks nor the exchange's, by their path in its folder.

    Left out are links and the like, hidden files, and the largest of more than is copied for a submission; see
    `set_aside`. below: a folder above it; no folder between the two may be a link either.
    """
    found: dict[str, bytes] = {}
    try:
        start = _open_without_links(below, folder.relative_to(below).parts)
    except OSError:
        return found
    try:
        sizes = _data_sizes(start)
        left = MAX_DATA
        for size, name in sorted((size, name) for name, size in sizes.items())[:MAX_DATA_FILES]:
            left -= size
            if left < 0:
                break
            with contextlib.suppress(UnreadableSubmission):
                found[name] = read_bytes(folder / name, below)
    finally:
        os.close(start)
    return dict(sorted(found.items()))


def _data_sizes(start: int) -> dict[str, int]:
    """Return the sizes of the data files in an open folder, by their path in it."""
    sizes: dict[str, int] = {}
    for where, folders, names, descriptor in os.fwalk(".", dir_fd=start):
        depth = len(Path(where).parts)
        folders[:] = [name for name in folders if name[0] != "." and depth < MAX_DEPTH]
        for name in names:
            if name.endswith(".ipynb") or name[0] == "." or (depth == 0 and name in EXCHANGE_FILES):
                continue
            status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            if _is_single_file(status):
                sizes[Path(where, name).as_posix()] = status.st_size
            if len(sizes) > MAX_COPIED_FILES:
                return sizes
    return sizes


def unreadable_reason(name: str, error: OSError) -> Text:
    """Return the reason why a path could not be opened without following a link."""
    if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR, errno.ENXIO):
        return NOT_PLAIN.format(name=name)
    return _("{name} cannot be read: {error}", name=name, error=error.strerror or str(error))


def _open(path: str | Path, flags: int = 0, *, within: int | None = None) -> int:
    """Open a file or folder without following a link and without blocking. within: an open folder that holds it.

    Raises UnreadableSubmission.
    """
    try:
        return os.open(path, FLAGS | flags, dir_fd=within)
    except OSError as error:
        raise UnreadableSubmission(unreadable_reason(Path(path).name, error)) from None


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file without following a link at the end of its path, and without blocking on a pipe.

    Raises UnreadableSubmission for anything else.
    """
    descriptor = _open(path)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableSubmission(NOT_PLAIN.format(name=path.name))
    return os.fdopen(descriptor, "rb")


def copy_folder(source: Path, target: Path, *, owner: int | None = None) -> None:
    """Copy a folder in which somebody else can write.

    Each file is opened once, without following a link, and checked as it is open: what is put in its place meanwhile is
    not copied. owner: the user id that has to own the folder and everything in it; None for any.
    Raises UnreadableSubmission for a link, a pipe, a file with several names or of another owner, and for a folder that
    is too large or too deep.
    """
    _copy_open_folder(
        _open(source, os.O_DIRECTORY), target, owner, _Left(MAX_COPY, MAX_COPIED_FILES), MAX_DEPTH
    )


@dataclass
class _Left:
    """The bytes, and files and folders, that may still be copied."""

    bytes: int
    files: int

    def check(self) -> None:
        """Raise UnreadableSubmission if there were more."""
        if self.bytes < 0 or self.files < 0:
            raise UnreadableSubmission(
                _(
                    "it holds more than {bytes} bytes or {files} files",
                    bytes=f"{MAX_COPY:,}",
                    files=f"{MAX_COPIED_FILES:,}",
                )
            )


def _copy_open_folder(folder: int, target: Path, owner: int | None, left: _Left, depth: int) -> None:
    """Copy an open folder, and close it."""
    try:
        if depth == 0:
            raise UnreadableSubmission(_("its folders are nested more than {n} deep", n=MAX_DEPTH))
        _check_owner(os.fstat(folder), target.name, owner)
        target.mkdir()
        with os.scandir(folder) as entries:
            names = [entry.name for entry in itertools.islice(entries, left.files + 1)]
        left.files -= len(names)
        left.check()
        for name in sorted(names):
            inner = _open(name, within=folder)
            if stat.S_ISDIR(os.fstat(inner).st_mode):
                _copy_open_folder(inner, target / name, owner, left, depth - 1)
            else:
                _copy_open_file(inner, target / name, owner, left)
    finally:
        os.close(folder)


def _copy_open_file(descriptor: int, target: Path, owner: int | None, left: _Left) -> None:
    """Copy an open file with its time, and close it."""
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not _is_single_file(status):
            raise UnreadableSubmission(NOT_PLAIN.format(name=target.name))
        _check_owner(status, target.name, owner)
        with target.open("wb") as copy:
            while left.bytes >= 0 and (content := file.read(CHUNK)):
                left.bytes -= len(content)
                copy.write(content)
        left.check()
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))


def _check_owner(status: os.stat_result, name: str, owner: int | None) -> None:
    if owner is not None and status.st_uid != owner:
        raise UnreadableSubmission(_("{name} belongs to another user", name=name))


def _is_single_file(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1


def _open_without_links(start: Path, parts: Sequence[str]) -> int:
    """Open the file at the path `parts` below the folder `start`. Raises OSError if a part is a link."""
    if os.open not in os.supports_dir_fd:  # Windows, where creating a link takes administrator rights
        return os.open(start.joinpath(*parts), FLAGS)
    folder = os.open(start, os.O_RDONLY | os.O_DIRECTORY)
    for part in parts[:-1]:
        try:
            inner = os.open(part, FLAGS | os.O_DIRECTORY, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    try:
        return os.open(parts[-1], FLAGS, dir_fd=folder)
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


def is_plain_throughout(folder: Path) -> bool:
    """Return whether a folder holds, at any depth, only folders and regular files with a single name.

    Raises UnreadableSubmission if it holds more than is copied, and OSError if it cannot be read.
    """
    left = _Left(MAX_COPY, MAX_COPIED_FILES)
    folders = [folder]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                left.files -= 1
                left.check()
                if not is_plain(Path(entry.path)):
                    return False
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
    return True


def is_plain(path: Path) -> bool:
    """Return whether a path is a folder, or a regular file with a single name."""
    status = path.lstat()
    return stat.S_ISDIR(status.st_mode) or _is_single_file(status)
