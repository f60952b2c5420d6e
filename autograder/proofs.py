"""Remembers what was proved, so that a build proves again only what has changed."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
from collections.abc import Iterator
from pathlib import Path

# what a proof depends on beside the question itself
DECIDING = (
    "expect.py",
    "grader.py",
    "grading.py",
    "intake.py",
    "laws.py",
    "notebook.py",
    "recurrent.py",
    "sandbox/inside/agent.py",
    "sandbox/inside/codec.py",
    "sandbox/inside/stand_ins.py",
    "sandbox/kernel.py",
    "sandbox/session.py",
    "sandbox/wire.py",
)


class Proofs:
    """What was proved before, by a digest of all that the proof depended on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._known: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._known = {}
        self._package = "".join(
            (Path(__file__).parent / name).read_text(encoding="utf-8") for name in DECIDING
        ) + "".join(version_of(package) for package in ("numpy", "tensorflow", "keras"))

    @contextlib.contextmanager
    def once(self, what: str, *texts: str) -> Iterator[bool]:
        """Whether `what` still needs a proof; remembered as proved where the block does not raise."""
        digest = hashlib.sha256("\0".join([self._package, *texts]).encode()).hexdigest()
        yield self._known.get(what) != digest
        self._known[what] = digest

    def keep(self) -> None:
        """Write down what is proved. Called only when nothing was found broken."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._known, indent=1, sort_keys=True), encoding="utf-8")


def version_of(package: str) -> str:
    """The installed version of a package; empty where there is none."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
