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
OF_A_KERNEL, OF_A_PARENT = "autograder-k-", "autograder-w-"
"""How the names begin of folders that are made for a kernel, and for its warm parent."""
FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW


class TooMany(Exception):
    """There are more files and folders than anybody needs, or they lie deeper."""


def hold(folder: str) -> int:
    """Lock a folder for as long as this process keeps the descriptor: whoever clears up leaves it alone."""
    place = os.open(folder, os.O_RDONLY | FOLDER)
    fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return place


def clear_up(place: str) -> None:
    """Remove the folders that processes of our user left in `place` when they were killed.

    A folder is nobody's where its lock is free, once it is old enough to have had one.
    """
    for name in os.listdir(place):
        path, held = f"{place}/{name}", -1
        if not name.startswith((OF_A_KERNEL, OF_A_PARENT)):
            continue
        with contextlib.suppress(OSError):
            found = os.lstat(path)
            if time.time() - found.st_ctime > FRESH_SECONDS and os.geteuid() in (0, found.st_uid):
                held = hold(path)
                remove(path)
        if held >= 0:
            os.close(held)


def sizes(folder: str) -> Iterator[tuple[int, int, int]]:
    """Device, number and bytes on disk of all that lies in a folder. Raises TooMany, and OSError where it is gone."""
    opened: list[tuple[int, list[str]]] = []
    entries = 0
    try:
        opened.append(_listed(folder, None))
        while opened:
            place, names = opened[-1]
            if not names:
                os.close(opened.pop()[0])
                continue
            name, entries = names.pop(), entries + 1
            if entries > MAX_ENTRIES:
                raise TooMany
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):  # it changes meanwhile
                found = os.stat(name, dir_fd=place, follow_symlinks=False)
                if stat.S_ISDIR(found.st_mode):
                    if len(opened) > MAX_DEPTH:
                        raise TooMany
                    opened.append(_listed(name, place))
                yield found.st_dev, found.st_ino, found.st_blocks * 512
    except OSError as error:
        if error.errno in (errno.EACCES, errno.ELOOP):  # it does not want to be counted
            raise TooMany from error
        raise
    finally:
        for place, _ in opened:
            os.close(place)


def _listed(name: str, within: int | None) -> tuple[int, list[str]]:
    """A folder's descriptor and what is in it; one that is closed is opened, so that it can be counted."""
    try:
        place = os.open(name, os.O_RDONLY | FOLDER, dir_fd=within)
    except PermissionError:
        _open_up(name, within)
        place = os.open(name, os.O_RDONLY | FOLDER, dir_fd=within)
    return place, os.listdir(place)


def _open_up(name: str, within: int | None) -> None:
    """Give the owner of a folder their rights to it back."""
    place = os.open(name, os.O_PATH | FOLDER, dir_fd=within)
    try:
        os.chmod(f"/proc/self/fd/{place}", stat.S_IRWXU)
    finally:
        os.close(place)


def remove(folder: str) -> None:
    """Remove a folder and all that is in it, as far as the system lets us.

    What lies in a folder of it is moved up before that is removed, so that nothing is ever deeper than one step.
    """
    with contextlib.suppress(OSError):
        _open_up(folder, None)
        top = os.open(folder, os.O_RDONLY | FOLDER)
        try:
            waiting, mark, step = _emptied(top, ".", ""), os.urandom(8).hex(), 0
            while waiting:
                name, step = waiting.pop(), step + 1
                with contextlib.suppress(OSError):
                    waiting += _emptied(top, name, f"{mark}-{step}")
                    os.rmdir(name, dir_fd=top)
        finally:
            os.close(top)
        os.rmdir(folder)


def _emptied(top: int, name: str, mark: str) -> list[str]:
    """Remove the files of a folder; return its folders, which lie in `top` then, by names with a mark that is new."""
    _open_up(name, top)
    place = os.open(name, os.O_RDONLY | FOLDER, dir_fd=top)
    found = []
    try:
        for number, entry in enumerate(os.listdir(place)):
            try:
                os.unlink(entry, dir_fd=place)
            except IsADirectoryError:
                moved = f"{mark}-{number}" if mark else entry
                with contextlib.suppress(OSError):
                    if mark:
                        _open_up(entry, place)
                        os.rename(entry, moved, src_dir_fd=place, dst_dir_fd=top)
                    found.append(moved)
            except OSError:
                continue
    finally:
        os.close(place)
    return found
