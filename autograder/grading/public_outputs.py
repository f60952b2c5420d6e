"""What everybody's notebook shows: a page repeats it whatever was asked before, since nobody's answer is in it."""

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
from autograder.grading.notebook_grader import CellOutputs, release_outputs
from autograder.grading.versions import own_version, version_of
from autograder.sandbox.session import Profile

KEPT = Path("build", "shown")
DECIDING = ("ipython", "matplotlib", "numpy")


class PublicOutputs:
    """What the released notebooks of a course show, each run once for a state of it and kept in `build/shown`."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._known: dict[str, CellOutputs] = {}

    def outputs_of(self, assignment: str, edition: str, profile: Profile) -> CellOutputs:
        """The texts of a release's cells with what they show. Raises GraderError where none can be run."""
        from filelock import FileLock  # here: --help should not wait for it

        release = self._course.release(assignment, edition)
        seal = self._course.settings.seal
        digest = hashlib.sha256(
            f"{profile} {seal} {self._versions}".encode() + release.read_bytes()
        ).hexdigest()
        if digest not in self._known:
            path = self._course.root / KEPT / f"{assignment}-{edition}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock")):  # workers begin together: the others wait for the first
                found = _read(path, digest)
                if found is None:
                    found = release_outputs(
                        nbformat.read(release, as_version=4), profile=profile, data_folder=release.parent,
                        limits=self._course.limits, need=seal,
                    )  # fmt: skip
                    atomic_write(path, json.dumps({"digest": digest, "shown": sorted(found)}, indent=1))
            self._known[digest] = found
        return self._known[digest]

    @cached_property
    def _versions(self) -> tuple[str, ...]:
        return own_version(), sys.version, *map(version_of, DECIDING)


def _read(path: Path, digest: str) -> CellOutputs | None:
    """What was kept of this state; None where nothing was."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(path.read_bytes())
        if kept["digest"] == digest:
            pairs: Iterable[tuple[str, str]] = kept["shown"]
            return frozenset((source, shown) for source, shown in pairs)
    return None
