"""Landlock: of all files, those that a kernel may read and the one folder that it may write to."""

from __future__ import annotations

import ctypes
import os
import struct
from typing import Any

from . import libc

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # one number on every architecture
VERSION, BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
TRUNCATE = 1 << 14
OLDEST_ABI, OLDEST_ABI_AS_SAME_USER = 3, 6
"""Versions. Before 3 (Linux 6.2) a file is cut to nothing by its path. Before 6 (Linux 6.12) the filter alone keeps
signals and abstract sockets in, which is enough for a user to whom nothing else belongs."""
TCP, SCOPES = 3, 3
READABLE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems", "/sys/devices/system/cpu",
        "/etc/ld.so.cache", "/etc/localtime", "/etc/passwd", "/etc/nsswitch.conf")  # fmt: skip
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def abi_version() -> int:
    """Landlock's version on this machine, 0 where it has none."""
    try:
        return libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION, what="landlock")
    except OSError:
        return 0


def restrict(config: dict[str, Any], folder: str) -> None:
    """Let this process see the system's programs and its Python, and write to `folder`. Needs no_new_privs.

    Raises OSError where this machine's Landlock is missing or too old.
    """
    oldest = OLDEST_ABI if config["other_user"] else OLDEST_ABI_AS_SAME_USER
    if 0 < abi_version() < oldest:
        raise OSError(
            f"it takes Landlock {oldest}, and this machine has {abi_version()}; a newer Linux has it"
        )
    whole = [view["path"] for view in config["views"] if view["parts"] == [view["path"]]]
    # a link within a view (`lib64`) may lead around a secret; what it leads to is a part itself, or a view
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
    """The folders of these parts: all names below them are seen, so that nothing closed may lie there."""
    folders = {os.path.dirname(part) for part in parts}
    return {
        folder
        for folder in folders
        if not any(name.startswith(os.path.realpath(folder) + "/") for name in closed)
    }


def _restrict(*rules: tuple[set[str], int]) -> None:
    """Allow some rights below some paths, and no others anywhere."""
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
