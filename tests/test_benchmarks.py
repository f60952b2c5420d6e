"""The benchmarks measure what they say, and run."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.support import ROOT

ORPHANING = """
import os, time

def spend(seconds):
    start = time.process_time()
    while time.process_time() < start + seconds:
        pass

if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
        spend(2)
    os._exit(0)
os.wait()
spend(1)
"""


def test_cpu_of_an_orphaned_grandchild_is_counted() -> None:
    """A program spends one CPU second and leaves behind a grandchild that spends two: three are measured."""
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "measuring.py", sys.executable, "-c", ORPHANING],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    found = re.fullmatch(r"\S+ s, (\S+) CPU s, \d+ MB\n", done.stdout)
    assert found, done.stdout + done.stderr
    assert 2.95 <= float(found[1]) < 3.6


@pytest.mark.full
@pytest.mark.long
def test_grading_of_an_existing_course_is_measured() -> None:
    """Three submissions are graded by stock nbgrader and by us, with the same scores, and the ratios are told."""
    words = ["--students", "3", "--stock", "3", "--rounds", "1", "--notebooks", "2"]
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "existing_course.py", *words],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for way in ("stock nbgrader", "ours, --jobs 2"):
        assert re.search(rf"^\| 1 \| {way} \| 3 \|( [\d.]+ \|){{4}}$", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^cpu, times stock: [\d.]+; median [\d.]+$", done.stdout, re.MULTILINE), done.stdout


@pytest.mark.full
@pytest.mark.long
def test_grading_is_measured() -> None:
    """Two submissions are graded each way, all have the scores that are due, and a line tells each aim."""
    words = [
        "gru_parameters", "--only", "stock", "jobs2", "--size", "2", "--yardsticks", "1", "--markdown",
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "grading.py", *words],
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for way in ("stock nbgrader", "ours, --jobs 2"):
        assert re.search(rf"^\| {way} +\| +2 \|( +[\d.]+ \|){{3}}", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"gru_parameters: --jobs 2, times stock: at least 40: measured [\d.]+", done.stdout), (
        done.stdout
    )


@pytest.mark.full
@pytest.mark.long
def test_load_of_a_cluster_is_measured() -> None:
    """Simulated workers wait for each submission; all have the scores that are due, and the shares are told."""
    words = ["--submissions", "6", "--workers", "2", "--seconds", "0.5"]
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "cluster_load.py", *words],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    lines = (
        r"6 submissions of 0\.5 s on 2 simulated workers: \d+ s",
        r"workers busy: (\d+\.\d)%",
        r"CPU ms a submission: scheduler [\d.]+, command [\d.]+",
    )
    found = re.fullmatch("\n".join((*lines, "")), done.stdout)
    assert found, done.stdout
    assert 0 < float(found[1]) <= 100
