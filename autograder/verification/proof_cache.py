"""Remembers what was proved, so that a build proves again only what has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.grading.versions import PROOFS_DEPEND_ON, package_digest, version_of

PROOFS = Path("build", "proofs.json")


class ProofCache:
    """What was proved before, its figures and when, by a digest of all that the proof depended on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._known: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._known = {}
        self._package = package_digest(PROOFS_DEPEND_ON) + "".join(
            version_of(package) for package in ("numpy", "tensorflow", "keras")
        )

    def known(self, what: str, texts: Sequence[str]) -> Mapping[str, Any] | None:
        """The figures of a proof that still holds; None where it is to be made."""
        found = self._known.get(what)
        if not isinstance(found, dict) or found.get("digest") != self._digest(texts):
            return None
        figures: Mapping[str, Any] = found["figures"]
        return figures

    def keep(self, what: str, texts: Sequence[str], figures: Mapping[str, Any]) -> None:
        """Write down what was proved just now, so that it is not lost whatever happens next."""
        self._known[what] = {"digest": self._digest(texts), "figures": dict(figures)}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(self._known, indent=1, sort_keys=True), encoding="utf-8")
        fresh.replace(self._path)

    def _digest(self, texts: Sequence[str]) -> str:
        return hashlib.sha256("\0".join([self._package, *texts]).encode()).hexdigest()
