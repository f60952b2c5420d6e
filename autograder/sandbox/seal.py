"""Seals: which layers this machine offers, what each shows of the machine, and what is missing."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import sys
import sysconfig
import tempfile
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from autograder.errors import GraderError
from autograder.i18n import _
from autograder.sandbox.limits import ResourceLimits
from autograder.text import Text, joined

Layer = Literal["namespaces", "landlock", "user", "none"]
Need = Literal["required", "preferred", "none"]
"""`preferred` runs our own code unsealed where no seal works; `none` is an explicit request for no seal."""

UNSEALED = "none"
FIRST_USER, FALLBACK_FIRST_USER = 0x40000000, 62_000
SEAL_DESCRIPTIONS: Mapping[str, Text] = {
    "namespaces": _(
        "namespaces (mount, process, network, IPC), read-only system, system call filter, limits"
    ),
    "namespaces in a user namespace": _(
        "namespaces (user, mount, process, network, IPC), read-only system, system call filter, limits"
    ),
    "landlock": _("Landlock, system call filter, no new processes, no connections, limits (no namespaces)"),
    "landlock as another user": _(
        "Landlock, another user, system call filter, no new processes, no connections, limits (no namespaces)"
    ),
    "another user": _(
        "another user, system call filter, no new processes, no connections, limits (no namespaces, "
        "no Landlock)"
    ),
    UNSEALED: _("NONE"),
}
WEAKEST_POINTS: Mapping[str, Text] = {
    "namespaces": _("the Linux kernel. A submission that knows a fault of it can break out"),
    "namespaces in a user namespace": _(
        "the Linux kernel. A submission that knows a fault of it can break out, and user namespaces "
        "expose more of it"
    ),
    "landlock": _(
        "the same user. A submission runs as you: Landlock and the system call filter alone protect "
        "your files, and it can find out whether a file of a given name exists"
    ),
    "landlock as another user": _(
        "file names. A submission can find out whether a file of a given name exists"
    ),
    "another user": _(
        "file modes. A submission reads what is open to other users, and sees every process with its "
        "command line"
    ),
}
"""The weakest point of a seal, by its name."""
DISTRIBUTION = "rnn-course-kit"
FRAMEWORKS = (
    "tensorflow_core", "tensorflow_cpu", "tensorflow_gpu", "tensorflow_intel", "intel_tensorflow", "tf_nightly",
    "tf_keras", "keras_core", "keras_nightly", "keras_hub", "keras_nlp", "keras_cv", "torch", "torchvision",
    "pytorch_lightning", "lightning", "jax", "jaxlib", "flax", "haiku", "dm_haiku", "equinox", "sonnet", "mxnet",
    "paddle", "theano", "tinygrad", "mlx",
)  # fmt: skip
PACKAGES = ("/site-packages", "/dist-packages")
SKIPPED_FOLDERS = ("__pycache__", "doc", "include", "locale", "man", "zoneinfo")
PARTS_OF_PYTHON = ("bin", "lib", "lib32", "lib64", "pyvenv.cfg")
SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = ("/etc/alternatives", "/etc/fonts", "/etc/ssl/certs")
SHARED_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock")  # noqa: S108 - only checked


@dataclass(frozen=True)
class Seal:
    """One way to contain a kernel.

    user_namespace: whether everything happens in its own user namespace.
    other_user: whether root's kernel runs as an otherwise unused user, as it does in root's own namespaces.
    """

    layer: Layer
    user_namespace: bool = False
    other_user: bool = False

    @property
    def name(self) -> str:
        """Return a short, unique name."""
        if self.layer == "user":
            return "another user"
        words: list[str] = [self.layer]
        if self.user_namespace:
            words.append("in a user namespace")
        if self.other_user:
            words.append("as another user")
        return " ".join(words)

    @property
    def text(self) -> Text:
        """Return a description of the active protections."""
        return SEAL_DESCRIPTIONS[self.name]

    @property
    def weakest_point(self) -> Text:
        """Return a description of the weakest point."""
        return WEAKEST_POINTS[self.name]


def candidates() -> tuple[Seal, ...]:
    """Return the seals to try on this machine, strongest first."""
    if sys.platform != "linux":
        return ()
    in_a_user_namespace, landlock = Seal("namespaces", user_namespace=True), Seal("landlock")
    if os.geteuid() != 0:
        return (in_a_user_namespace, landlock)
    return (
        Seal("namespaces"), in_a_user_namespace, Seal("landlock", other_user=True), landlock,
        Seal("user", other_user=True),
    )  # fmt: skip


def fork_server_config(
    seal: Seal, resources: ResourceLimits, *, hidden: tuple[str, ...], private: tuple[str, ...]
) -> dict[str, Any]:
    """Return the part of a fork server's configuration that concerns its seal.

    hidden: top-level packages to hide from kernels; if any, all other packages that count weights are hidden too.
    private: files and folders that a kernel must not read. A seal that hides nothing is refused unless their
    permissions exclude it already.
    Raises GraderError if a kernel needs one of the private folders.
    """
    links = [(path, os.readlink(path)) for path in SYSTEM_FOLDERS if os.path.islink(path)]
    return {
        "layer": seal.layer,
        "user_namespace": seal.user_namespace,
        "other_user": seal.other_user,
        "private": list(private),
        "shared": SHARED_FOLDERS,
        "folder": tempfile.gettempdir(),
        "views": list(views(hidden, private)),
        "closed": [os.path.realpath(path) for path in private],
        "links": links,
        "limits": asdict(resources) | {"memory_mb": min(resources.memory_mb, available_memory_mb())},
    }


def available_memory_mb() -> int:
    """Return the memory that this process's container has left; `sys.maxsize` if it has no limit."""
    for limit_file, usage_file in CONTAINER_MEMORY:
        with contextlib.suppress(OSError, ValueError):
            limit, usage = int(Path(limit_file).read_text()), int(Path(usage_file).read_text())
            available = limit - usage + _reclaimable_bytes(Path(usage_file).parent)
            return max(0, available - RESERVED_MB * (1 << 20)) >> 20
    return sys.maxsize


def _reclaimable_bytes(group: Path) -> int:
    """Return the size of a container's page cache, which the system frees on demand."""
    with contextlib.suppress(OSError, ValueError):
        for line in (group / "memory.stat").read_text().splitlines():
            name, _, value = line.partition(" ")
            if name in ("inactive_file", "total_inactive_file"):
                return int(value)
    return 0


def first_user(process: int, users: int, *, uid_map: Path = Path("/proc/self/uid_map")) -> int:
    """Return the first of `users` user ids that no account has, reserved for the fork server with this process id.

    uid_map: the user ids that are valid here.
    """
    try:
        lines = uid_map.read_text().splitlines()
    except OSError:
        return FIRST_USER
    wanted = FIRST_USER + process * users
    for start, _inner, count in ([int(word) for word in line.split()] for line in lines):
        if start <= wanted and wanted + users <= start + count:
            return wanted
    return FALLBACK_FIRST_USER  # a container with only the usual 65,536 user ids


def views(hidden: tuple[str, ...], private: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Yield the parts of this machine that a kernel sees: system programs and Python, without us and private files.

    Each view has its `path`, its `real` path, the `secrets` inside it, and the `parts` that contain no secret.
    Raises GraderError if a private folder is one that a kernel needs.
    """
    closed = {os.path.realpath(path) for path in private if os.path.lexists(path)}
    needed = {*_system_paths(), *_needed_python_paths(closed)}
    for path in needed:
        if os.path.realpath(path) in closed:
            raise GraderError(_("student code needs {path}: move the course into its own folder", path=path))
    visible: list[tuple[str, str]] = []
    for path in sorted((path for path in needed if os.path.exists(path)), key=len):
        real = os.path.realpath(path)
        if not any(_is_in_view(path, real, view, closed) for view in visible):
            visible.append((path, real))
    secrets = {*_own_paths(), *_packages(hidden, [path for path, _ in visible], closed), *closed}
    secrets = {os.path.realpath(path) for path in secrets if os.path.lexists(path)}
    for path, real in visible:
        inside = sorted(secret for secret in secrets if secret.startswith(real + "/"))
        # a secret inside another secret is covered with it
        outer = [path for path in inside if not any(path.startswith(other + "/") for other in inside)]
        yield {"path": path, "real": real, "secrets": outer, "parts": list(_parts(path, real, outer))}


def _system_paths() -> Iterator[str]:
    return (path for path in (*SYSTEM_FOLDERS, *SYSTEM_FILES) if not os.path.islink(path))


def python_paths() -> set[str]:
    """Return the folders that belong to the running Python."""
    prefixes = {
        sys.prefix,
        sys.base_prefix,
        sys.exec_prefix,
        str(Path(sys.executable).resolve().parent.parent),
    }
    return prefixes | {sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib", "platstdlib")}


def _needed_python_paths(closed: Container[str]) -> Iterator[str]:
    """Yield these folders; of one that is also a course (`python -m venv .` in it), only what Python needs."""
    for path in python_paths():
        if os.path.realpath(path) in closed:
            parts = (f"{path}/{name}" for name in PARTS_OF_PYTHON)
            yield from (part for part in parts if not os.path.islink(part))
        else:
            yield path


def _contains(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def _is_in_view(path: str, real: str, view: tuple[str, str], closed: Iterable[str]) -> bool:
    """Return whether a path is visible in another path's view, with no private folder in between."""
    other, real_other = view
    return _contains(other, path) and not any(
        _contains(folder, real) and folder.startswith(real_other + "/") for folder in closed
    )


def _parts(path: str, real: str, secrets: list[str]) -> Iterator[str]:
    """Yield `path`, or its largest parts that contain no secret."""
    if real in secrets:
        return
    if not any(secret.startswith(real + "/") for secret in secrets):
        yield path
        return
    for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
        yield from _parts(entry.path, f"{real}/{entry.name}", secrets)


def _packages(names: tuple[str, ...], visible: Iterable[str], closed: Container[str]) -> Iterator[str]:
    """Yield the visible paths of packages with these names, and of others that count weights."""
    wanted = {*names, *FRAMEWORKS} if names else set()
    folders = [os.path.realpath(path) for path in visible if os.path.isdir(path)] if wanted else []
    while folders:
        folder = folders.pop()
        holds_packages = folder.endswith(PACKAGES)
        # what we cannot read, no kernel can either
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if holds_packages:
                    if entry.name.split("-")[0].split(".")[0].lower() in wanted:
                        yield entry.path
                elif (
                    entry.name not in SKIPPED_FOLDERS
                    and entry.path not in closed
                    and entry.is_dir(follow_symlinks=False)
                ):
                    folders.append(entry.path)


def _own_paths() -> Iterator[str]:
    """Yield the paths of this package and of what its installation left next to it."""
    yield str(Path(__file__).parent.parent)
    try:
        files = importlib.metadata.files(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return
    for file in files:
        located = Path(str(file.locate()))
        yield str(
            located if file.parts[0] in ("..", "autograder") or len(file.parts) == 1 else located.parent
        )


CONTAINER_MEMORY = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)
RESERVED_MB = 250  # for the grader itself, and for what a fork server has yet to import
CONTAINER = (
    "docker run --rm -it --network none --cap-add SYS_ADMIN --security-opt apparmor=unconfined "
    '-v "$PWD:/course" rnn-course-kit grade'
)
WSL = "wsl -- .venv/bin/autograder grade"


def refusal(reasons: list[str]) -> Text:
    """Return the message that explains why nothing is graded here and what to do."""
    if sys.platform == "linux":
        why = Text.same("; ".join(reasons))
    else:
        why = _("{platform} offers none of the Linux layers that it is made of", platform=sys.platform)
    again = Text.same(CONTAINER)
    if sys.platform == "win32":
        again = joined(
            "\n",
            [
                again,
                _("  or, set up inside WSL 2 (`autograder docs containers`):\n    {command}", command=WSL),
            ],
        )
    return _(
        "student code is not run here: no seal holds on this machine ({why}).\n"
        "  to grade in a container instead, whose image is made as in `autograder docs containers`:\n    {again}\n"
        "  `autograder doctor` tells what is missing. If you trust every submission, --unsealed runs it with your "
        "own rights.",
        why=why,
        again=again,
    )
