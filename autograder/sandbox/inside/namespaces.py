"""The strong seal: a kernel with its own view of processes, files, network and users.

The warm parent moves into a new root once (`prepare`); each kernel forked from it gets its own namespaces,
its own empty folders and no privilege (`enter`). As root no user namespace is needed: the kernel becomes a user
that nobody else is. As an ordinary user everything happens in user namespaces.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import stat
import struct
import tempfile
from pathlib import Path
from typing import Any

from . import libc, rlimits, seccomp

BOX = "/box"  # the only folder a kernel can write to: a tmpfs of its own
HOME, TMP, SHM = f"{BOX}/home", f"{BOX}/tmp", f"{BOX}/shm"
FOLDERS = ("home", "tmp", "shm", "connection", "cache")
NOBODY = 1000  # the kernel's user, as it sees itself in a user namespace
PLAIN = libc.MS_NOSUID | libc.MS_NODEV
KERNEL_NAMESPACES = (
    libc.CLONE_NEWNS | libc.CLONE_NEWPID | libc.CLONE_NEWNET
    | libc.CLONE_NEWIPC | libc.CLONE_NEWUTS | libc.CLONE_NEWCGROUP
)  # fmt: skip
SHOWN = "/shown"  # where folders that hold a secret, or lie below /tmp, are bound
SHOWN_TMP = f"{SHOWN}/tmp"
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
DEVICES = ("null", "zero", "full", "random", "urandom")
EMPTY = "/empty"
VISIBLE_PROC_ENTRIES = (
    "cpuinfo", "filesystems", "loadavg", "meminfo", "mounts", "net", "self", "stat", "sys", "thread-self", "uptime",
    "version", "vmstat",
)  # fmt: skip
"""What libraries look for in /proc beside processes; the rest tells of the host alone: disks, how it was started."""
COPIED = ("/etc/ld.so.cache", "/etc/localtime")


def prepare(config: dict[str, Any]) -> None:
    """Move this process into a new, read-only root that holds `config["paths"]` and little else.

    Returns in a child that is the first process of its own process namespace: when it ends, so does everything
    it forked. The process that called stays behind and ends with it.
    """
    flags = libc.CLONE_NEWNS | libc.CLONE_NEWPID
    if config["user_namespace"]:
        _enter_user_namespace(os.geteuid(), os.getegid(), flags)
    else:
        libc.unshare(flags)
    if (child := os.fork()) != 0:
        _exit_with(child)
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.mount(None, "/", None, libc.MS_REC | libc.MS_PRIVATE)
    # on /tmp, for want of a folder that every machine has; what lies below it is reached by its descriptor
    view_fds = [os.open(view["real"], os.O_PATH) for view in config["views"]]
    secrets = [[os.open(path, os.O_PATH) for path in view["secrets"]] for view in config["views"]]
    root = tempfile.gettempdir()
    libc.mount("tmpfs", root, "tmpfs", PLAIN, "size=16m,mode=755")
    _write_etc(root)
    for number, view in enumerate(config["views"]):
        _bind_view(view, root, number, view_fds[number], secrets[number])
    for link, target in (("/tmp", TMP), ("/home", HOME), *config["links"]):
        if not os.path.lexists(root + link):
            Path(root + link).parent.mkdir(parents=True, exist_ok=True)
            os.symlink(target, root + link)
    for folder in ("/proc", "/dev", BOX, EMPTY, "/sys/devices/system/cpu"):
        os.makedirs(root + folder, exist_ok=True)
    _mount_devices(root + "/dev")
    libc.mount("proc", root + "/proc", "proc", PLAIN | libc.MS_NOEXEC)
    cpu = "/sys/devices/system/cpu"  # how many there are
    if os.path.isdir(cpu):
        libc.mount(cpu, root + cpu, None, libc.MS_BIND | libc.MS_REC)
        libc.lock_mounts(root + cpu, libc.MS_RDONLY, recursive=True)
    libc.pivot_into(root)
    libc.mount(
        "tmpfs", BOX, "tmpfs", PLAIN, "size=64m,mode=755"
    )  # for what is imported here; a kernel has its own
    os.makedirs(TMP)
    _link_into_tmp()
    libc.lock_mounts("/", PLAIN | libc.MS_RDONLY, recursive=False)


def unshare(config: dict[str, Any]) -> None:
    """Give this process, and what it forks, namespaces of its own; the first child is the kernel."""
    if config["user_namespace"]:
        _enter_user_namespace(NOBODY, NOBODY, KERNEL_NAMESPACES)
    else:
        libc.unshare(KERNEL_NAMESPACES)


def enter(config: dict[str, Any], user: int, data: int | None) -> None:
    """Seal this process, the first of its process namespace, for good.

    user: the number of the user that the kernel becomes where we are root.
    data: a descriptor of the folder whose files the kernel gets.
    """
    user = NOBODY if config["user_namespace"] else user
    libc.mount(None, "/", None, libc.MS_REC | libc.MS_PRIVATE)
    size = f"size={config['limits']['disk_mb']}m,nr_inodes=20000,mode=755"
    libc.mount("tmpfs", BOX, "tmpfs", PLAIN, size)
    make_folders(BOX, data, user)
    _link_into_tmp()
    Path(BOX, "passwd").write_text(f"student:x:{user}:{user}::{HOME}:/bin/sh\n")
    Path(BOX, "group").write_text(f"student:x:{user}:\n")
    socket.sethostname("kernel")
    _raise_loopback()
    libc.mount("proc", "/proc", "proc", PLAIN | libc.MS_NOEXEC)
    _hide_host_proc()
    libc.mount(
        "devpts", "/dev/pts", "devpts", libc.MS_NOSUID | libc.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=600"
    )
    rlimits.set_limits(config["limits"], count_processes=True)
    libc.drop_bounding_set()
    if not config["user_namespace"]:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    libc.drop_capabilities()
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user cleared it
    seccomp.install(seccomp.kernel_filter())


def make_folders(box: str, data: int | None, user: int = -1) -> None:
    """The folders that a kernel may write to, for `user`, with a copy of the files below the open folder `data`.

    Notebooks are left out: a release is no data.
    """
    for name in FOLDERS:
        os.mkdir(f"{box}/{name}", 0o700)
    for path, _, names, folder in os.fwalk(".", dir_fd=data) if data is not None else ():
        for name in names:
            if not name.endswith(".ipynb"):
                copy = os.path.join(box, "home", path, name)
                os.makedirs(os.path.dirname(copy), exist_ok=True)
                source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
                with open(source, "rb") as read, open(copy, "wb") as written:
                    shutil.copyfileobj(read, written)
    for path, folders, names in os.walk(box):
        for name in (*folders, *names):
            os.chown(os.path.join(path, name), user, user)


def _enter_user_namespace(user: int, group: int, flags: int) -> None:
    libc.unshare(libc.CLONE_NEWUSER | flags)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")


def _exit_with(child: int) -> None:
    """Wait for the first process of a namespace and end as it ended."""
    os.closerange(3, 1 << 16)
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 255)


def _bind_view(view: dict[str, Any], root: str, number: int, source: int, secrets: list[int]) -> None:
    """Bind a file or folder, read-only and without its secrets, and let `view["path"]` lead to its parts.

    Where there is a secret in it, its folders are rebuilt from links to all that is none, so that a secret is
    not even a name; a view below /tmp is reached from the kernel's own /tmp.
    """
    target, source_path = f"{SHOWN}/{number}", f"/proc/self/fd/{source}"
    if not view["secrets"] and not view["path"].startswith("/tmp/"):
        target = view["path"]
    folder = stat.S_ISDIR(os.fstat(source).st_mode)
    os.makedirs(root + (target if folder else os.path.dirname(target)), exist_ok=True)
    if not folder:
        Path(root + target).touch()
    libc.mount(source_path, root + target, None, libc.MS_BIND | libc.MS_REC)
    for path, secret in zip(view["secrets"], secrets, strict=True):
        covered = root + target + path.removeprefix(view["real"])
        if stat.S_ISDIR(os.fstat(secret).st_mode):
            libc.mount("tmpfs", covered, "tmpfs", PLAIN, "size=4k,mode=0")
        else:
            libc.mount("/dev/null", covered, None, libc.MS_BIND)
        os.close(secret)
    libc.lock_mounts(root + target, PLAIN | libc.MS_RDONLY, recursive=True)
    os.close(source)
    if target != view["path"]:
        for part in view["parts"]:
            link = root + (SHOWN + part if part.startswith("/tmp/") else part)
            os.makedirs(os.path.dirname(link), exist_ok=True)
            os.symlink(target + part.removeprefix(view["path"]), link)


def _hide_host_proc() -> None:
    """Leave in /proc the processes of this namespace and what libraries look for."""
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() and entry.name not in VISIBLE_PROC_ENTRIES and not entry.is_symlink():
            cover = EMPTY if entry.is_dir() else "/dev/null"
            libc.mount(cover, entry.path, None, libc.MS_BIND)


def _raise_loopback() -> None:
    """Let the kernel's own processes speak to each other by 127.0.0.1; nothing else is on this network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))


def _link_into_tmp() -> None:
    """Let what is shown below /tmp be found there."""
    for name in os.listdir(SHOWN_TMP) if os.path.isdir(SHOWN_TMP) else ():
        os.symlink(f"{SHOWN_TMP}/{name}", f"{TMP}/{name}")


def _write_etc(root: str) -> None:
    etc = Path(root, "etc")
    etc.mkdir(exist_ok=True)
    for path in COPIED:
        if os.path.exists(path):
            shutil.copyfile(path, root + path)
    for name in ("passwd", "group"):  # as each kernel knows its user
        (etc / name).symlink_to(f"{BOX}/{name}")
    (etc / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")


def _mount_devices(dev: str) -> None:
    libc.mount("tmpfs", dev, "tmpfs", libc.MS_NOSUID | libc.MS_NOEXEC, "size=64k,mode=755")
    for name in DEVICES:
        Path(dev, name).touch()
        libc.mount(f"/dev/{name}", f"{dev}/{name}", None, libc.MS_BIND)
    os.mkdir(f"{dev}/pts")
    links = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1",
             "stderr": "/proc/self/fd/2", "ptmx": "pts/ptmx", "shm": SHM}  # fmt: skip
    for name, target in links.items():
        os.symlink(target, f"{dev}/{name}")
    libc.lock_mounts(dev, libc.MS_RDONLY, recursive=False)
