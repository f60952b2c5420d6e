"""The few system calls that Python does not offer, through ctypes. Linux only."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from typing import Any

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS = 0x00020000, 0x02000000, 0x04000000
CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x08000000, 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
MNT_DETACH = 2
LAST_CAPABILITY = 63
SYS_MOUNT_SETATTR = 442  # the same number on every architecture
AT_FDCWD, AT_RECURSIVE = -100, 0x8000

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def unshare(flags: int) -> None:
    """Move this process into new namespaces, selected by `flags`."""
    _checked(_libc.unshare(flags), f"unshare {flags:#x}")


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount or bind-mount a file system, or change a mount."""
    arguments = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    result = _libc.mount(*arguments, ctypes.c_ulong(flags), os.fsencode(options) or None)
    _checked(result, f"mount {kind or source} on {target}")


def lock_mounts(path: str, flags: int, *, recursive: bool) -> None:
    """Add `flags` such as MS_RDONLY to a mount, or to all mounts below it. Needs Linux 5.12."""
    attributes = (ctypes.c_uint64 * 4)(flags, 0, 0, 0)
    result = _libc.syscall(
        SYS_MOUNT_SETATTR, AT_FDCWD, os.fsencode(path), AT_RECURSIVE if recursive else 0,
        ctypes.byref(attributes), ctypes.c_size_t(ctypes.sizeof(attributes)),
    )  # fmt: skip
    _checked(result, f"mount_setattr {path}")


def trim_heap() -> None:
    """Return free memory to the system, if the C library can, as glibc can. Forked processes would share it in vain."""
    with contextlib.suppress(AttributeError):
        _libc.malloc_trim(0)


def pivot_into(root: str) -> None:
    """Make the mount at `root` the root, and remove the old root from this mount namespace."""
    os.chdir(root)
    _checked(_libc.pivot_root(b".", b"."), "pivot_root")  # exported by glibc and musl
    _checked(_libc.umount2(b".", MNT_DETACH), "umount of the old root")
    os.chdir("/")


def prctl(option: int, value: int = 0) -> None:
    """Set an attribute of this process."""
    _checked(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl {option}")


@contextlib.contextmanager
def as_filesystem_user(user: int, group: int) -> Iterator[None]:
    """Access another user's /proc files as that user, where root's own privileges do not suffice."""
    _libc.setfsgid(group)
    _libc.setfsuid(user)
    try:
        yield
    finally:
        _libc.setfsuid(os.geteuid())
        _libc.setfsgid(os.getegid())


def drop_bounding_set() -> None:
    """Empty the capability bounding set, so that no program started from here gains a capability."""
    for capability in range(LAST_CAPABILITY + 1):
        # fails above the last capability, or without privileges
        _libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0)


def drop_capabilities() -> None:
    """Drop every capability of this thread."""
    header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(header, none), "capset")


def syscall(number: int, *arguments: Any, what: str) -> int:
    """Make a system call by its number. `what` names it in the error."""
    return _checked(_libc.syscall(number, *arguments), what)
