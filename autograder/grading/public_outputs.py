"""Outputs of the released notebooks. Any page may repeat them, because they contain nobody's answer."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import nbformat

from autograder.course import Course
from autograder.files import atomic_write
from autograder.grading.notebook_grader import CellOutputs, KernelOptions, release_outputs
from autograder.grading.versions import own_version, version_of
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.session import Profile

CACHE_FOLDER = Path("build", "shown")
PACKAGES = ("ipython", "matplotlib", "numpy")


class PublicOutputs:
    """The outputs of a course's released notebooks, each run once per version of it and cached in `build/shown`."""

    def __init__(self, course: Course, pool: ForkServerPool | None = None) -> None:
        """Create the cache. pool: the fork servers that notebooks run in; None for one per run."""
        self._course, self._pool = course, pool
        self._known: dict[str, CellOutputs] = {}

    def outputs_of(self, assignment: str, edition: str, profile: Profile) -> CellOutputs:
        """Return the sources of a release's cells with their outputs. Raises GraderError if they cannot be run."""
        from filelock import FileLock  # imported here to keep --help fast

        release = self._course.assignment(assignment).release(edition)
        seal = self._course.settings.seal
        digest = hashlib.sha256(
            f"{profile} {seal} {self._versions}".encode() + release.read_bytes()
        ).hexdigest()
        if digest not in self._known:
            path = self._course.root / CACHE_FOLDER / f"{assignment}-{edition}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock")):  # workers start together: the others wait for the first
                outputs = _read(path, digest)
                if outputs is None:
                    outputs = release_outputs(
                        nbformat.read(release, as_version=4),
                        KernelOptions(profile, release.parent, self._course.limits, seal, self._pool),
                    )
                    atomic_write(path, json.dumps({"digest": digest, "shown": sorted(outputs)}, indent=1))
            self._known[digest] = outputs
        return self._known[digest]

    @cached_property
    def _versions(self) -> tuple[str, ...]:
        return own_version(), sys.version, *map(version_of, PACKAGES)


def _read(path: Path, digest: str) -> CellOutputs | None:
    """Return the cached outputs of this version, or None."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(path.read_bytes())
        if kept["digest"] == digest:
            pairs: Iterable[tuple[str, str]] = kept["shown"]
            return frozenset((source, output) for source, output in pairs)
    return None
