"""Cache of proofs, so that a build proves only what has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.files import atomic_write
from autograder.grading.versions import PROOFS_DEPEND_ON, package_digest, version_of

PROOFS = Path("build", "proofs.json")


class ProofCache:
    """The figures of earlier proofs, each with a digest of everything that the proof depended on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._entries: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._entries = {}
        self._package = package_digest(PROOFS_DEPEND_ON) + "".join(
            version_of(package) for package in ("numpy", "tensorflow", "keras")
        )

    def lookup(self, what: str, texts: Sequence[str]) -> Mapping[str, Any] | None:
        """Return the figures of a proof that is still valid, or None."""
        entry = self._entries.get(what)
        if not isinstance(entry, dict) or entry.get("digest") != self._digest(texts):
            return None
        figures: Mapping[str, Any] = entry["figures"]
        return figures

    def save(self, what: str, texts: Sequence[str], figures: Mapping[str, Any]) -> None:
        """Save a proof at once, so that it is not lost whatever happens next."""
        self._entries[what] = {"digest": self._digest(texts), "figures": dict(figures)}
        atomic_write(self._path, json.dumps(self._entries, indent=1, sort_keys=True))

    def forget(self, what: str) -> None:
        """Drop a proof that was found not to hold."""
        if self._entries.pop(what, None) is not None:
            atomic_write(self._path, json.dumps(self._entries, indent=1, sort_keys=True))

    def _digest(self, texts: Sequence[str]) -> str:
        return hashlib.sha256("\0".join([self._package, *texts]).encode()).hexdigest()
