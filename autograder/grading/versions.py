"""Versions of what grades and proofs depend on: subpackages of this package, and other packages."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Sequence
from pathlib import Path

import autograder

GRADES_DEPEND_ON = (
    "assignment.py",
    "diagnosis",
    "engine/worker.py",
    "graded_cells.py",
    "grading",
    "nbgrader",
    "notebooks",
    "questions",
    "roster.py",
    "sandbox",
    "submissions",
    "test_cells",
)
"""Files and folders of the package. A change in one of them makes every kept grade stale."""
LIBRARIES = ("pandas", "scipy", "matplotlib", "scikit-learn", "ipykernel")
"""Packages that nbgrader's own tests use, besides those that every grade depends on."""
PROOFS_DEPEND_ON = (*GRADES_DEPEND_ON, "verification")


def package_digest(names: Sequence[str]) -> str:
    """Return the SHA-256 of files and folders of this package, in hexadecimal; bytecode caches are left out."""
    root = Path(autograder.__file__).parent
    files = sorted(
        file
        for name in names
        for file in ((root / name).rglob("*") if (root / name).is_dir() else (root / name,))
        if file.is_file() and file.suffix != ".pyc"
    )
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def own_version() -> str:
    """Return this package's version and a digest of the files that grades depend on, such as `0.1.0+1f2e3d4c`."""
    return f"{autograder.__version__}+{package_digest(GRADES_DEPEND_ON)[:8]}"


def version_of(package: str) -> str:
    """Return the installed version of a package, or an empty string if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
