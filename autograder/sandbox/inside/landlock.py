"""Landlock: restricts a kernel to reading certain files and writing to one folder."""

from __future__ import annotations

import ctypes
import os
import struct
from typing import Any

from . import libc

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
VERSION, BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
TRUNCATE = 1 << 14
OLDEST_ABI, OLDEST_ABI_AS_SAME_USER = 3, 6
"""Before version 3 (Linux 6.2), a file can be truncated by its path. Before 6 (Linux 6.12), only the system call filter
confines signals and abstract sockets, which suffices for a user that owns nothing else."""
TCP, SCOPES = 3, 3
READABLE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems", "/sys/devices/system/cpu",
        "/etc/ld.so.cache", "/etc/localtime", "/etc/passwd", "/etc/nsswitch.conf")  # fmt: skip
DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")  # see `namespaces.DEVICES`


def abi_version() -> int:
    """Return Landlock's ABI version on this machine; 0 if it has none."""
    try:
        return libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION, what="landlock")
    except OSError:
        return 0


def restrict(config: dict[str, Any], folder: str) -> None:
    """Restrict this process to the system programs, its Python, and writing to `folder`. Needs no_new_privs.

    Raises OSError if this machine's Landlock is missing or too old.
    """
    oldest = OLDEST_ABI if config["other_user"] else OLDEST_ABI_AS_SAME_USER
    if 0 < abi_version() < oldest:
        raise OSError(f"needs Landlock ABI {oldest}, this machine has {abi_version()}; use a newer Linux")
    whole = [view["path"] for view in config["views"] if view["parts"] == [view["path"]]]
    # a link within a view (`lib64`) may lead around a secret; its target is itself a part, or a view
    parts = [
        part
        for view in config["views"]
        for part in view["parts"]
        if part not in whole and not os.path.islink(part)
    ]
    _restrict(
        (_listable_folders(parts, config["closed"]), READ_DIR),  # to import from
        ({*whole, *parts, *READABLE, f"/proc/{os.getpid()}"}, EXECUTE | READ_FILE | READ_DIR),
        ({folder, *DEVICES}, ~EXECUTE),
    )


def _listable_folders(parts: list[str], closed: list[str]) -> set[str]:
    """Return the folders of these parts that contain nothing private: all names below a listable folder are visible."""
    folders = {os.path.dirname(part) for part in parts}
    return {
        folder
        for folder in folders
        if not any(name.startswith(os.path.realpath(folder) + "/") for name in closed)
    }


def _restrict(*rules: tuple[set[str], int]) -> None:
    """Allow rights below paths, and no others anywhere."""
    abi = abi_version()
    all_rights = (1 << 13) - 1
    for since, right in ((2, 1 << 13), (3, TRUNCATE), (5, 1 << 15)):
        all_rights |= right if abi >= since else 0
    attributes = struct.pack("Q", all_rights)
    attributes += struct.pack("Q", TCP) if abi >= 4 else b""
    attributes += struct.pack("Q", SCOPES) if abi >= 6 else b""
    ruleset = libc.syscall(
        CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0, what="landlock_create_ruleset"
    )
    for paths, rights in rules:
        for path in paths:
            try:
                fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue
            file_rights = EXECUTE | WRITE_FILE | READ_FILE | (TRUNCATE & all_rights)
            allowed = rights & (all_rights if os.path.isdir(path) else file_rights)
            rule = struct.pack("<Qi", allowed, fd)
            libc.syscall(ADD_RULE, ruleset, BENEATH, rule, 0, what=f"landlock_add_rule {path}")
            os.close(fd)
    libc.syscall(RESTRICT_SELF, ruleset, 0, what="landlock_restrict_self")
    os.close(ruleset)
