"""Folders that a kernel has written to: measure and remove them, whatever they contain.

Their paths may be too long for one call, their nesting too deep for recursion, and their modes may exclude the owner.
No link is followed. The caller owns them or is root.
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
"""Limits on what a kernel may write; no honest notebook comes near them."""
FRESH_SECONDS = 600.0
KERNEL_PREFIX, FORK_SERVER_PREFIX = "autograder-k-", "autograder-w-"
"""Name prefixes of the folders made for a kernel and for its fork server."""
FOLDER_FLAGS = os.O_DIRECTORY | os.O_NOFOLLOW


class TooManyEntries(Exception):
    """The folder has more entries, or deeper ones, than any notebook needs."""


def lock(folder: str) -> int:
    """Lock a folder for as long as this process keeps the returned descriptor: `remove_abandoned` skips it.

    Raises OSError if another one has locked it.
    """
    fd = os.open(folder, os.O_RDONLY | FOLDER_FLAGS)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        raise
    return fd


def remove_abandoned(parent: str) -> None:
    """Remove the folders in `parent` that killed processes of this user left behind.

    A folder is abandoned if its lock is free and it is old enough to have been locked.
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
    """Yield device, inode and bytes on disk of everything in a folder.

    Raises TooManyEntries, or OSError if the folder is gone.
    """
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
            # the folder may change meanwhile
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                status = os.stat(name, dir_fd=fd, follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    if len(opened) > MAX_DEPTH:
                        raise TooManyEntries
                    opened.append(_open_and_list(name, fd))
                yield status.st_dev, status.st_ino, status.st_blocks * 512
    except OSError as error:
        if error.errno in (errno.EACCES, errno.ELOOP):  # it evades being counted
            raise TooManyEntries from error
        raise
    finally:
        for fd, _ in opened:
            os.close(fd)


def _open_and_list(name: str, parent_fd: int | None) -> tuple[int, list[str]]:
    """Return a folder's descriptor and entries; one without permissions is made accessible first."""
    try:
        fd = os.open(name, os.O_RDONLY | FOLDER_FLAGS, dir_fd=parent_fd)
    except PermissionError:
        _grant_owner_access(name, parent_fd)
        fd = os.open(name, os.O_RDONLY | FOLDER_FLAGS, dir_fd=parent_fd)
    return fd, os.listdir(fd)


def _grant_owner_access(name: str, parent_fd: int | None) -> None:
    """Restore the owner's access to a folder."""
    fd = os.open(name, os.O_PATH | FOLDER_FLAGS, dir_fd=parent_fd)
    try:
        os.chmod(f"/proc/self/fd/{fd}", stat.S_IRWXU)
    finally:
        os.close(fd)


def remove(folder: str) -> None:
    """Remove a folder and its contents, as far as the system allows.

    Subfolders are moved to the top before their parent is removed, so that no path is ever deeper than one step.
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
    """Remove a folder's files and move its folders to `top_fd` under new names with this prefix; return those names."""
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
