"""What keeps student code in: which layers there are, what each shows of this machine, and what is missing."""

from __future__ import annotations

import importlib.metadata
import os
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Layer = Literal["namespaces", "landlock", "none"]
Need = Literal["sealed", "best", "unsealed"]
"""`sealed`: refuse where no seal holds. `best`: our own code, run anyhow. `unsealed`: asked for in words."""

UNSEALED = "NONE"
DISTRIBUTION = "rnn-course-kit"
SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = ("/etc/alternatives", "/etc/fonts", "/etc/ssl/certs")


@dataclass(frozen=True)
class Resources:
    """What one kernel may use, all its processes together where the layer can see them.

    memory_mb: above what the warm parent holds. processes: threads among them. disk_mb: files it writes, in
    memory. cpu_seconds: of one process.
    """

    memory_mb: int = 1000
    processes: int = 256
    file_mb: int = 64
    disk_mb: int = 192
    cpu_seconds: int = 600


@dataclass(frozen=True)
class Seal:
    """One way to keep a kernel in. user_namespace: everything happens in a user namespace of its own."""

    layer: Layer
    user_namespace: bool = False

    @property
    def name(self) -> str:
        """A short name, to tell one from another."""
        return "namespaces in a user namespace" if self.user_namespace else self.layer

    def __str__(self) -> str:
        """What is in force, for a summary."""
        if self.layer == "namespaces":
            own = "user, " if self.user_namespace else ""
            return f"namespaces ({own}mount, process, network, IPC), read-only system, system call filter, limits"
        if self.layer == "landlock":
            return "Landlock, system call filter, no processes, no sockets, limits (no namespaces)"
        return UNSEALED


def candidates() -> tuple[Seal, ...]:
    """The seals to try on this machine, the strongest first."""
    if sys.platform != "linux":
        return ()
    strong = (Seal("namespaces"),) if os.geteuid() == 0 else ()
    return (*strong, Seal("namespaces", user_namespace=True), Seal("landlock"))


def order(seal: Seal, resources: Resources, *, hidden: tuple[str, ...]) -> dict[str, Any]:
    """What a warm parent is told of its seal. hidden: top-level packages that a kernel shall not find."""
    links = [(path, os.readlink(path)) for path in SYSTEM_FOLDERS if os.path.islink(path)]
    return {
        "layer": seal.layer,
        "user_namespace": seal.user_namespace,
        "views": list(views(hidden)),
        "links": links,
        "limits": asdict(resources),
    }


def views(hidden: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """What a kernel sees of this machine: the system's programs and its Python, without us.

    Each view has its `path`, the `real` one, the `secrets` that lie in it, and the `parts` that hold none.
    """
    system = [path for path in (*SYSTEM_FOLDERS, *SYSTEM_FILES) if not os.path.islink(path)]
    pythons = {
        sys.prefix,
        sys.base_prefix,
        sys.exec_prefix,
        str(Path(sys.executable).resolve().parent.parent),
    }
    pythons |= {sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib", "platstdlib")}
    secrets = {os.path.realpath(path) for path in (*_ours(), *_packages(hidden)) if os.path.lexists(path)}
    shown: list[str] = []
    for path in sorted({path for path in (*system, *pythons) if os.path.exists(path)}, key=len):
        if any(path == one or path.startswith(one + "/") for one in shown):
            continue
        shown.append(path)
        real = os.path.realpath(path)
        inside = sorted(one for one in secrets if one.startswith(real + "/"))
        # a secret within a secret is covered with it
        outer = [one for one in inside if not any(one.startswith(other + "/") for other in inside)]
        yield {"path": path, "real": real, "secrets": outer, "parts": list(_parts(path, real, outer))}


def _parts(path: str, real: str, secrets: list[str]) -> Iterator[str]:
    """`path`, or the largest parts of it that hold no secret."""
    if real in secrets:
        return
    if not any(one.startswith(real + "/") for one in secrets):
        yield path
        return
    for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
        yield from _parts(entry.path, f"{real}/{entry.name}", secrets)


def _packages(names: tuple[str, ...]) -> Iterator[str]:
    for name in ("purelib", "platlib"):
        folder = os.path.realpath(sysconfig.get_path(name))
        if names and os.path.isdir(folder):
            for entry in os.scandir(folder):
                if entry.name.split("-")[0].split(".")[0].lower() in names:
                    yield os.path.realpath(entry.path)


def _ours() -> Iterator[str]:
    """Where this package is, with what its installation left beside it, and the course it works on."""
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
