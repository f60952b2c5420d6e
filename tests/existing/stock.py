"""Runs stock nbgrader on a course, in a process of its own.

    python -m tests.existing.stock release|grade ASSIGNMENT,... STUDENT...

It runs in the course's folder and knows nothing of the kit. `grade` prints JSON: each student's automatic scores by
assignment, notebook and grade cell, or nbgrader's error.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config, JSONFileConfigLoader, PyFileConfigLoader


def config() -> Config:
    """Return the settings of the course in the current folder."""
    if Path("nbgrader_config.json").exists():
        found = JSONFileConfigLoader("nbgrader_config.json").load_config()
    else:
        found = PyFileConfigLoader("nbgrader_config.py").load_config()
    found.CourseDirectory.root = str(Path.cwd())
    return found


def scores(student: str, assignment: str) -> dict[str, dict[str, float | None]]:
    """Return the automatic score of each grade cell of a submission, by notebook."""
    with Gradebook("sqlite:///gradebook.db", "synthetic") as gradebook:
        submission = gradebook.find_submission(assignment, student)
        return {
            notebook.name: {
                grade.name: grade.auto_score for grade in notebook.grades if grade.cell.type == "GradeCell"
            }
            for notebook in submission.notebooks
        }


def main(verb: str, assignments: str, *students: str) -> None:
    """Release or grade the assignments, which are separated by commas."""
    api = NbGraderAPI(config=config())
    results: dict[str, dict[str, Any]] = {}
    for assignment in assignments.split(","):
        if verb == "release":
            done = api.generate_assignment(assignment)
            if not done["success"]:
                raise SystemExit(f"{assignment}: {done['log']}")
        for student in students:
            done = api.autograde(assignment, student)
            graded = scores(student, assignment) if done["success"] else done["log"]
            results.setdefault(student, {})[assignment] = graded
    print(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
