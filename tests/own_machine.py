"""Runs a program as root on what looks like a machine of its own: that of a container which grants little.

As an ordinary container does: no CAP_SYS_ADMIN, no namespaces; and, if asked, no Landlock, as on an older kernel. The
folders in which all users meet are empty and its own, so that a program may close them. It sees `STAGE` as
/mnt/gradescope and the Python that this one runs on as /mnt/python, since that may lie where only root can read.

    python own_machine.py STAGE landlock|none PROGRAM...
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

ROOT, PYTHON = "/mnt/gradescope", "/mnt/python"
MEETING_PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock")
SYSTEM = {
    "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "mnt", "proc", "root", "run", "sbin", "sys", "tmp",
    "usr", "var",
}  # fmt: skip
# those that container engines leave to root by default
KEPT = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
LANDLOCK = (444, 445, 446)
NAMESPACES = ("unshare", "setns", "mount", "move_mount")
CLONE3 = 435
IN_VENV = sys.prefix != sys.base_prefix


def main() -> None:
    from autograder.sandbox.inside import bpf, libc, seccomp

    stage, layer, *words = sys.argv[1:]
    libc.unshare(libc.CLONE_NEWNS)
    libc.mount(None, "/", None, libc.MS_REC | libc.MS_PRIVATE)
    libc.mount("tmpfs", "/mnt", "tmpfs", 0, "mode=755")
    for place, target in ((stage, ROOT), (sys.base_prefix, PYTHON)):
        Path(target).mkdir()
        libc.mount(place, target, None, libc.MS_BIND)
    # no other copy of the course and of this package is on it, here or in a folder that a system does not have
    checkouts = {
        str(Path(__file__).resolve().parent.parent),
        *([str(Path(sys.prefix).parent)] if IN_VENV else []),
        *(str(path) for path in Path("/").iterdir() if path.name not in SYSTEM and not path.is_symlink()),
    }
    for place, mode in [*((place, 700) for place in checkouts), *((place, 1777) for place in MEETING_PLACES)]:
        if Path(place).is_dir():
            libc.mount("tmpfs", place, "tmpfs", 0, f"mode={mode}")
    rules = bpf.Filter()
    for name in NAMESPACES:
        rules.answer(seccomp.number(name), errno.EPERM)
    rules.answer_with_bits(seccomp.number("clone"), 0, libc.CLONE_NEWUSER, errno.EPERM)
    for number in (CLONE3, *(LANDLOCK if layer == "none" else ())):
        rules.answer(number, errno.ENOSYS)
    for capability in range(64):
        if capability not in KEPT:
            ctypes.CDLL(None).prctl(libc.PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0)
    rules.install()
    os.chdir(ROOT)
    os.execvp(words[0], words)


if __name__ == "__main__":
    main()
