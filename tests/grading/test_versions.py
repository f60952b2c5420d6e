"""What makes a kept grade, or a proof, stale: the rooms of the package that decide it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import autograder
from autograder.grading import versions
from autograder.grading.versions import GRADES_DEPEND_ON, PROOFS_DEPEND_ON, own_version, package_digest

DECIDES = (
    "submissions/selection.py", "nbgrader/preprocessors.py", "roster.py", "engine/worker.py", "sandbox/fit_mode.py",
    "sandbox/limits.py", "sandbox/kernel.py", "sandbox/inside/agent.py", "diagnosis/misconceptions.py",
    "questions/expect.py", "notebooks/cells.py", "graded_cells.py", "test_cells/run.py",
)  # fmt: skip
DECIDES_NOT = (
    "cli/main.py",
    "web/app.py",
    "lms/canvas.py",
    "cli/grading_summary.py",
    "authoring/build.py",
)


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Adds a line to a file in a copy of the package, which is the one that is looked at."""
    copied = tmp_path / "autograder"
    shutil.copytree(
        Path(autograder.__file__).parent, copied, ignore=shutil.ignore_patterns("__pycache__", "static")
    )
    monkeypatch.setattr(versions.autograder, "__file__", str(copied / "__init__.py"))

    def change(name: str) -> None:
        path = copied / name
        path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")

    return change


@pytest.mark.parametrize("name", DECIDES)
def test_code_that_decides_grades_changes_their_version(changed: Callable[[str], None], name: str) -> None:
    """Which notebook counts, how the score is filled in, who is who, and what a kernel may do are among it."""
    grades, proofs = own_version(), package_digest(PROOFS_DEPEND_ON)
    changed(name)
    assert own_version() != grades
    assert package_digest(PROOFS_DEPEND_ON) != proofs


@pytest.mark.parametrize("name", ["verification/laws.py", "verification/attacks.toml"])
def test_code_that_decides_proofs_alone_keeps_grades(changed: Callable[[str], None], name: str) -> None:
    """A law or an attack more makes proofs stale, and no grade."""
    grades, proofs = own_version(), package_digest(PROOFS_DEPEND_ON)
    changed(name)
    assert own_version() == grades
    assert package_digest(PROOFS_DEPEND_ON) != proofs


@pytest.mark.parametrize("name", DECIDES_NOT)
def test_code_that_decides_neither_changes_nothing(changed: Callable[[str], None], name: str) -> None:
    """Commands, pages, exports and reports."""
    grades, proofs = own_version(), package_digest(PROOFS_DEPEND_ON)
    changed(name)
    assert (own_version(), package_digest(PROOFS_DEPEND_ON)) == (grades, proofs)


def test_every_name_is_there() -> None:
    """A room that is renamed is not left out of what decides."""
    root = Path(autograder.__file__).parent
    assert [name for name in GRADES_DEPEND_ON if not (root / name).exists()] == []
