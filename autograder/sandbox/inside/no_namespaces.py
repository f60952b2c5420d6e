"""Seals without namespaces: a single process with a system call filter.

The process cannot start another one, reach a socket or signal anyone. What it can read and write is decided by
Landlock or, without it, by file modes: the kernel then runs as another user.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import sysconfig
from typing import Any

from . import landlock, libc, rlimits, seccomp
from .namespaces import make_folders


def enter(config: dict[str, Any], user: int, folder: str, data: int | None) -> None:
    """Seal this process permanently. Raises OSError if it could still read what is private, or write elsewhere.

    user: the user that the kernel becomes, if another. folder: where the kernel may write.
    """
    other_user = config["other_user"]
    make_folders(folder, data, user if other_user else -1)
    if other_user:
        os.chown(folder, user, user)
    rlimits.set_limits(config["limits"], count_processes=other_user)
    with contextlib.suppress(PermissionError):  # an ordinary user, or root of a user namespace
        os.setgroups([])
    libc.drop_bounding_set()
    if other_user:
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user cleared it
        # this too; the supervisor must see what this process uses, and RLIMIT_CORE prevents a dump
        libc.prctl(libc.PR_SET_DUMPABLE, 1)
    libc.drop_capabilities()
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    if config["layer"] == "landlock":
        landlock.restrict(config, folder)
    else:
        _check_file_modes(config)
    if other_user:
        _check_python_is_readable()
    rules = seccomp.kernel_filter()
    seccomp.confine(rules, os.getpid(), same_user=not other_user)
    seccomp.install(rules, more_to_come=True)


def _check_file_modes(config: dict[str, Any]) -> None:
    """Raise OSError if this user can read what is private, or write where others do."""
    if not config["private"]:
        raise OSError("no course was declared private")
    secrets = [secret for view in config["views"] for secret in view["secrets"]]
    for path in (*config["private"], *secrets):
        if os.access(path, os.R_OK) or os.access(path, os.X_OK if os.path.isdir(path) else os.W_OK):
            raise OSError(f"{path} is open to other users; close it with: chmod -R go= {path}")
    for path in config["shared"]:
        if os.access(path, os.W_OK):
            raise OSError(
                f"{path} can be written to by other users; only a dedicated machine can change that"
            )


def _check_python_is_readable() -> None:
    """Raise OSError if this user cannot read the Python that a kernel runs on."""
    for path in (sys.executable, sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")):
        if not os.access(path, os.R_OK):
            raise OSError(f"{path} is readable by root only")
