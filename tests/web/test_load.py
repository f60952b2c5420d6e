"""A class that hands in at once, over real HTTP, with the commands as they are run: nothing fails, nothing is lost."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support import ROOT

STUDENTS, SECONDS = 24, 3


@pytest.mark.full
@pytest.mark.long
@pytest.mark.seal
def test_class_hands_in_at_once(url: str) -> None:
    """Every hand-in is graded, and its score is at the LMS, what was earned and once; the benchmark at a small size.

    It fails where a request fails, an attempt is missing, or a score is not what the answers are worth.
    """
    words = ["--students", str(STUDENTS), "--seconds", str(SECONDS), "--database", url]
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "web_load.py", *words],
        capture_output=True, text=True, timeout=1800, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    output = " ".join(done.stdout.split())
    assert (
        f"none failed; {STUDENTS} attempts, {STUDENTS} graded, {STUDENTS} scores at the LMS, each what was earned "
        "and told once"
    ) in output
