"""The strong seal: a kernel with its own view of processes, files, network and users.

The fork server moves into a new root once (`prepare`). Each kernel forked from it gets its own namespaces and its
own empty folders, and drops all privileges (`enter`). Root needs no user namespace: the kernel becomes an otherwise
unused user. For an ordinary user, everything happens in user namespaces.
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

from . import libc, rlimits, seccomp, sockets

BOX = "/box"  # the only folder a kernel can write to: its own tmpfs
HOME, TMP, SHM = f"{BOX}/home", f"{BOX}/tmp", f"{BOX}/shm"
FOLDERS = ("home", "tmp", "shm", "connection", "cache")
NOBODY = 1000  # the kernel's user id inside a user namespace
PLAIN = libc.MS_NOSUID | libc.MS_NODEV
KERNEL_NAMESPACES = (
    libc.CLONE_NEWNS | libc.CLONE_NEWPID | libc.CLONE_NEWNET
    | libc.CLONE_NEWIPC | libc.CLONE_NEWUTS | libc.CLONE_NEWCGROUP
)  # fmt: skip
SHOWN = "/shown"  # mount point for folders that contain a secret or are below /tmp
SHOWN_TMP = f"{SHOWN}/tmp"
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
DEVICES = ("null", "full", "random", "urandom")  # shared mappings of /dev/zero count for no process
EMPTY = "/empty"
VISIBLE_PROC_ENTRIES = (
    "cpuinfo", "filesystems", "loadavg", "meminfo", "mounts", "net", "self", "stat", "sys", "thread-self", "uptime",
    "version", "vmstat",
)  # fmt: skip
"""Entries of /proc, besides processes, that libraries read; the others only describe the host: disks, boot options."""
COPIED = ("/etc/ld.so.cache", "/etc/localtime")


def fork_first(config: dict[str, Any]) -> None:
    """Return in a child that is the first process of its own PID namespace: when it ends, so does all that it forked.

    The calling process waits for that child and exits with it: what it has imported by then takes memory twice.
    """
    flags = libc.CLONE_NEWNS | libc.CLONE_NEWPID
    if config["user_namespace"]:
        _enter_user_namespace(os.geteuid(), os.getegid(), flags)
    else:
        libc.unshare(flags)
    if (child := os.fork()) != 0:
        _exit_with(child)
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)


def prepare(config: dict[str, Any]) -> None:
    """Move this process, the first of its namespaces, into a read-only root, with the views of `config`."""
    libc.mount(None, "/", None, libc.MS_REC | libc.MS_PRIVATE)
    # on /tmp, a folder that every machine has; what is below it is accessed by descriptor
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
    cpu = "/sys/devices/system/cpu"  # where libraries read the number of CPUs
    if os.path.isdir(cpu):
        libc.mount(cpu, root + cpu, None, libc.MS_BIND | libc.MS_REC)
        libc.lock_mounts(root + cpu, libc.MS_RDONLY, recursive=True)
    libc.pivot_into(root)
    # for what is imported here; each kernel mounts its own
    libc.mount("tmpfs", BOX, "tmpfs", PLAIN, "size=64m,mode=755")
    os.makedirs(TMP)
    _link_into_tmp()
    libc.lock_mounts("/", PLAIN | libc.MS_RDONLY, recursive=False)


def unshare(config: dict[str, Any]) -> None:
    """Give this process and its children their own namespaces; the first child becomes the kernel."""
    if config["user_namespace"]:
        _enter_user_namespace(NOBODY, NOBODY, KERNEL_NAMESPACES)
    else:
        libc.unshare(KERNEL_NAMESPACES)


def enter(config: dict[str, Any], user: int, data: int | None) -> None:
    """Seal this process, the first of its PID namespace, permanently.

    user: id of the user that the kernel becomes if we are root.
    data: descriptor of the folder whose files the kernel gets.
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
        "devpts",
        "/dev/pts",
        "devpts",
        libc.MS_NOSUID | libc.MS_NOEXEC,
        "newinstance,ptmxmode=0666,mode=600,max=64",
    )
    sockets.bound_buffers()
    rlimits.set_limits(config["limits"], count_processes=True)
    # its files set, among others, the share of the processor that a session gets (autogroup)
    libc.lock_mounts("/proc", PLAIN | libc.MS_NOEXEC | libc.MS_RDONLY, recursive=False)
    libc.drop_bounding_set()
    if not config["user_namespace"]:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    libc.drop_capabilities()
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)  # cleared by the change of user
    seccomp.install(seccomp.kernel_filter())


def make_folders(box: str, data: int | None, user: int = -1) -> None:
    """Create the folders that a kernel may write to, owned by `user`, with a copy of the files below `data`.

    Notebooks are not copied: a release is not data. data: folder descriptor.
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
    """Wait for the first process of a namespace and exit with its status."""
    os.closerange(3, 1 << 16)
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 255)


def _bind_view(view: dict[str, Any], root: str, number: int, source: int, secrets: list[int]) -> None:
    """Bind-mount a file or folder read-only without its secrets, and link `view["path"]` to its parts.

    If it contains a secret, its folders are rebuilt from links to everything else, so that not even a secret's name is
    visible. A view below /tmp is linked from the kernel's own /tmp.
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
    """Reduce /proc to the processes of this namespace and the entries that libraries read."""
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() and entry.name not in VISIBLE_PROC_ENTRIES and not entry.is_symlink():
            cover = EMPTY if entry.is_dir() else "/dev/null"
            libc.mount(cover, entry.path, None, libc.MS_BIND)


def _raise_loopback() -> None:
    """Bring up the loopback interface for the kernel's own processes; this network has no other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))


def _link_into_tmp() -> None:
    """Link what is shown below /tmp into the kernel's /tmp."""
    for name in os.listdir(SHOWN_TMP) if os.path.isdir(SHOWN_TMP) else ():
        os.symlink(f"{SHOWN_TMP}/{name}", f"{TMP}/{name}")


def _write_etc(root: str) -> None:
    etc = Path(root, "etc")
    etc.mkdir(exist_ok=True)
    for path in COPIED:
        if os.path.exists(path):
            shutil.copyfile(path, root + path)
    for name in ("passwd", "group"):  # the user of each kernel
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
