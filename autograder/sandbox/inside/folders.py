"""Folders that a kernel has written to: measured and removed, whatever it made of them.

They may lie deeper than a path is long or a call may recurse, and their user may have closed them. No link is followed.
Whoever does it is their owner, or root.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator

MAX_ENTRIES, MAX_DEPTH = 20_000, 100
"""What a kernel may have where it writes; no honest notebook comes near."""
FRESH_SECONDS = 600.0
KERNEL_PREFIX, FORK_SERVER_PREFIX = "autograder-k-", "autograder-w-"
"""How the names begin of folders that are made for a kernel, and for its warm parent."""
FOLDER_FLAGS = os.O_DIRECTORY | os.O_NOFOLLOW


class TooManyEntries(Exception):
    """There are more files and folders than anybody needs, or they lie deeper."""


def lock(folder: str) -> int:
    """Lock a folder for as long as this process keeps the descriptor: whoever clears up leaves it alone."""
    fd = os.open(folder, os.O_RDONLY | FOLDER_FLAGS)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return fd


def remove_abandoned(parent: str) -> None:
    """Remove the folders that processes of our user left in `fd` when they were killed.

    A folder is nobody's where its lock is free, once it is old enough to have had one.
    """
    for name in os.listdir(parent):
        path, fd = f"{parent}/{name}", -1
        if not name.startswith((KERNEL_PREFIX, FORK_SERVER_PREFIX)):
            continue
        with contextlib.suppress(OSError):
            status = os.lstat(path)
            if time.time() - status.st_ctime > FRESH_SECONDS and os.geteuid() in (0, status.st_uid):
                fd = lock(path)
                remove(path)
        if fd >= 0:
            os.close(fd)


def sizes(folder: str) -> Iterator[tuple[int, int, int]]:
    """Device, number and bytes on disk of all that lies in a folder. Raises TooManyEntries or OSError."""
    opened: list[tuple[int, list[str]]] = []
    entries = 0
    try:
        opened.append(_open_and_list(folder, None))
        while opened:
            fd, names = opened[-1]
            if not names:
                os.close(opened.pop()[0])
                continue
            name, entries = names.pop(), entries + 1
            if entries > MAX_ENTRIES:
                raise TooManyEntries
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):  # it changes meanwhile
                status = os.stat(name, dir_fd=fd, follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    if len(opened) > MAX_DEPTH:
                        raise TooManyEntries
                    opened.append(_open_and_list(name, fd))
                yield status.st_dev, status.st_ino, status.st_blocks * 512
    except OSError as error:
        if error.errno in (errno.EACCES, errno.ELOOP):  # it does not want to be counted
            raise TooManyEntries from error
        raise
    finally:
        for fd, _ in opened:
            os.close(fd)


def _open_and_list(name: str, parent_fd: int | None) -> tuple[int, list[str]]:
    """A folder's descriptor and what is in it; one that is closed is opened, so that it can be counted."""
    try:
        fd = os.open(name, os.O_RDONLY | FOLDER_FLAGS, dir_fd=parent_fd)
    except PermissionError:
        _grant_owner_access(name, parent_fd)
        fd = os.open(name, os.O_RDONLY | FOLDER_FLAGS, dir_fd=parent_fd)
    return fd, os.listdir(fd)


def _grant_owner_access(name: str, parent_fd: int | None) -> None:
    """Give the owner of a folder their rights to it back."""
    fd = os.open(name, os.O_PATH | FOLDER_FLAGS, dir_fd=parent_fd)
    try:
        os.chmod(f"/proc/self/fd/{fd}", stat.S_IRWXU)
    finally:
        os.close(fd)


def remove(folder: str) -> None:
    """Remove a folder and all that is in it, as far as the system lets us.

    What lies in a folder of it is moved up before that is removed, so that nothing is ever deeper than one step.
    """
    with contextlib.suppress(OSError):
        _grant_owner_access(folder, None)
        top_fd = os.open(folder, os.O_RDONLY | FOLDER_FLAGS)
        try:
            pending, prefix, step = _empty(top_fd, ".", ""), os.urandom(8).hex(), 0
            while pending:
                name, step = pending.pop(), step + 1
                with contextlib.suppress(OSError):
                    pending += _empty(top_fd, name, f"{prefix}-{step}")
                    os.rmdir(name, dir_fd=top_fd)
        finally:
            os.close(top_fd)
        os.rmdir(folder)


def _empty(top_fd: int, name: str, prefix: str) -> list[str]:
    """Remove the files of a folder; return its folders, moved to `top_fd` by new names."""
    _grant_owner_access(name, top_fd)
    fd = os.open(name, os.O_RDONLY | FOLDER_FLAGS, dir_fd=top_fd)
    subfolders = []
    try:
        for number, entry in enumerate(os.listdir(fd)):
            try:
                os.unlink(entry, dir_fd=fd)
            except IsADirectoryError:
                moved = f"{prefix}-{number}" if prefix else entry
                with contextlib.suppress(OSError):
                    if prefix:
                        _grant_owner_access(entry, fd)
                        os.rename(entry, moved, src_dir_fd=fd, dst_dir_fd=top_fd)
                    subfolders.append(moved)
            except OSError:
                continue
    finally:
        os.close(fd)
    return subfolders
