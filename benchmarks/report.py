"""Measures `autograder report` on a class of 1,000, multiplied from the demo class.

The demo class is graded once. Each student of the large class gets the graded notebook of one of the demo class, with
comments of their own in the code, so that there are as many words to compare as in a real class.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from autograder.course import Course, SubmissionId
from autograder.grading.submission_grader import GradedSubmission
from autograder.nbgrader import graded_notebook
from autograder.nbgrader.gradebook import GradebookWriter
from autograder.notebooks.cells import cell_metadata

ROOT = Path(__file__).parents[1]
AUTOGRADER = Path(sys.executable).with_name("autograder")
STARTS, ENDS = (
    ("ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru"),
    ("ban", "dor", "fel", "gim", "kut"),
)
WORDS = [start + end for start in STARTS for end in ENDS]


def main() -> None:
    """Make the class, write its report, and print how long that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assignment", default="lstm_parameters")
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument(
        "--demo", type=Path, help="a demo that was graded before, as `autograder demo` left it"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "course")
        if arguments.demo:
            shutil.copytree(arguments.demo, root)
        else:
            command = [str(AUTOGRADER), "demo", "--assignment", arguments.assignment, "--folder", str(root)]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        multiply(Course.open(root), arguments.assignment, arguments.students)
        start, before = time.perf_counter(), cpu_of_commands()
        subprocess.run(
            [str(AUTOGRADER), "report", arguments.assignment], cwd=root, check=True, capture_output=True
        )
        seconds, cpu = time.perf_counter() - start, cpu_of_commands() - before
        size = sum(path.stat().st_size for path in (root / "reports").glob("*.en.html")) / 1e6
        print(
            f"{arguments.students} students: {cpu:.1f} CPU s as a command, {seconds:.1f} s on the clock, "
            f"page of {size:.1f} MB"
        )


def cpu_of_commands() -> float:
    """Return the CPU seconds of the commands so far, which do not depend on what else the machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def multiply(course: Course, assignment: str, students: int) -> None:
    """Add students with the graded notebooks of the demo class."""
    rng = random.Random(0)  # noqa: S311 - words for a benchmark
    models = sorted(course.autograded.glob(f"*/{assignment}/{assignment}.ipynb"))
    texts = [path.read_text(encoding="utf-8") for path in models]
    with GradebookWriter(course) as gradebook:
        for number in range(students - len(models)):
            submission = SubmissionId(f"s{number:05}", assignment)
            notebook = nbformat.reads(texts[number % len(texts)], as_version=4)
            for cell in notebook.cells:
                if cell_metadata(cell).get("part") == "answer":
                    cell.source += "\n# " + " ".join(rng.choices(WORDS, k=5))
            written = nbformat.writes(notebook)
            graded = GradedSubmission(submission, notebook, graded_notebook.reports_in(notebook))
            gradebook.write(graded_notebook.grade_record(graded, written))
            for path in (
                course.graded_path(submission),
                course.submitted_folder(submission) / f"{assignment}.ipynb",
            ):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
