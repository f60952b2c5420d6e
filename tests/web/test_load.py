"""A class that hands in at once, over real HTTP, with the commands as they are run: nothing fails, nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support import ROOT

pytestmark = [pytest.mark.full, pytest.mark.long, pytest.mark.seal]
STUDENTS, SECONDS = 24, 3
SITUATIONS = {
    "hand-ins, nothing else to do": 1,
    "start of the worker": 1,
    "the same after kill -9": 1,
    "page of a student": 2,
    "page of a class of 50": 2,
}
"""The beginnings of the rows and the number of what was timed, at a twentieth of the size."""
NAMES = ("idle", "kill", "table")
"""Those without endless loops and regrades, which take minutes on a machine that runs other tests as well."""


def test_class_hands_in_at_once(url: str) -> None:
    """Every hand-in is graded, and its score is at the LMS, what was earned and once; the benchmark at a small size.

    It fails where a request fails, an attempt is missing, or a score is not what the answers are worth.
    """
    words = ["--students", str(STUDENTS), "--seconds", str(SECONDS), "--database", url]
    output = " ".join(measured(*words).split())
    assert (
        f"none failed; {STUDENTS} attempts, {STUDENTS} graded, {STUDENTS} scores at the LMS, each what was earned "
        "and told once"
    ) in output


def test_situations_are_measured() -> None:
    """One after the other in one place, with a ratio wherever something is compared; times are not checked."""
    rows = [
        [cell.strip() for cell in line.strip("│").split("│")]
        for line in measured("--situation", *NAMES, "--scale", "0.05").splitlines()
        if line.startswith("│")
    ]
    found = [row for row in rows if row[1]]  # without the second lines of names
    assert [(int(row[1]), bool(row[4])) for row in found] == [
        (number, name.startswith(("the same", "page of a class"))) for name, number in SITUATIONS.items()
    ]
    for row, name in zip(found, SITUATIONS, strict=True):
        assert row[0].startswith(name)
        assert float(row[2]) > 0
        assert not row[4] or float(row[3]) > 0


def measured(*words: str) -> str:
    """What the benchmark prints, which ends without an error."""
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "web_load.py", *words],
        capture_output=True, text=True, timeout=1800, check=False, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
