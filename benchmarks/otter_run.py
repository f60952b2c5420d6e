"""Otter-Grader beside us: an environment of its own, and the same class as `otter run` takes it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from hand_ins import ASKS, our_course, right_class
from measuring import run

from autograder.course import Course

VERSION = "7.0.0"
SAME = ("tensorflow", "keras", "numpy")
"""What of its environment is as in ours."""


def otter_environment(folder: Path, env: Mapping[str, str]) -> Path:
    """Return the `otter` of an environment in `folder`, created if missing. Raises OSError if that fails."""
    otter, python = folder / "bin" / "otter", folder / "bin" / "python"
    wanted = [f"otter-grader[grading]=={VERSION}", *(f"{name}=={version(name)}" for name in SAME)]
    try:
        if not python.exists():
            run([sys.executable, "-m", "venv", folder], Path.cwd(), env)
        # says in a second that all is there
        run([python, "-m", "pip", "install", "--quiet", *wanted], Path.cwd(), env)
    except (SystemExit, subprocess.SubprocessError) as error:
        raise OSError(str(error)) from error
    return otter


def otter_class(
    folder: Path, assignment: str, number: int, otter: Path, env: Mapping[str, str]
) -> list[Path]:
    """Write the submissions, and next to them the tests as Otter packs them, `autograder.zip`."""
    ours = Course.open(our_course(folder / "handed-in", assignment, right_class(assignment, number), env))
    (folder / "tests").mkdir()
    for question in ours.assignment(assignment).questions:
        asked = ASKS.get(question.id, f"assert {question.id}")
        code = f">>> {asked}\n" if asked.startswith("assert ") else f">>> _ = {asked}\n"
        test = {"name": question.id, "points": 1, "suites": [{"type": "doctest", "cases": [{"code": code}]}]}
        (folder / "tests" / f"{question.id}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n")
    run([otter, "generate", "--no-requirements", "--no-environment"], folder, env)
    submissions = []
    for path in sorted(ours.submitted.glob(f"*/{assignment}/{assignment}.ipynb")):
        submissions.append(folder / f"{path.parent.parent.name}.ipynb")
        shutil.copy(path, submissions[-1])
        results(submissions[-1]).mkdir()
    return submissions


def otter_command(otter: Path, submission: Path) -> list[str | Path]:
    """Grades one submission; its batch mode needs Docker."""
    return [otter, "run", submission, "--autograder", "autograder.zip", "--output-dir", results(submission)]


def results(submission: Path) -> Path:
    """Run Otter on a submission and return its output folder."""
    return submission.with_suffix("")


def expect_all_right_in(submissions: list[Path]) -> None:
    """Raise SystemExit unless every test of every submission passed."""
    for submission in submissions:
        found = json.loads((results(submission) / "results.json").read_text())
        scores = [(test["score"], test["max_score"]) for test in found["tests"] if "max_score" in test]
        number = len(list((submission.parent / "tests").glob("*.py")))
        if scores != [(1, 1)] * number:
            raise SystemExit(
                f"{submission}: otter did not find {number} answers right: {json.dumps(found)[:3000]}"
            )
