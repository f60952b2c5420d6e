"""A course of nbgrader's with tests on NumPy, graded by stock nbgrader and by us: times and memory.

The course is written here: notebooks with an author's data and helper, five answers, and six tests, of which two have
hidden tests. A third of the class is right, a third half done, a third wrong. Both graders get the same files, in turn,
each round in a fresh folder, and have to give the same scores. What is timed writes scores and feedback pages:
`nbgrader autograde` and `nbgrader generate_feedback`, and `autograder grade --jobs 2`. `autograder build`, which runs
once per release, is not timed.

    python benchmarks/existing_course.py --students 40 --stock 10 --rounds 3
    python benchmarks/existing_course.py --no-hidden
    python benchmarks/existing_course.py --notebooks 4 --author-seconds 2
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from measuring import PROGRAMS, Taken, adopt_orphans, measure, run
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

ASSIGNMENT = "arrays"
CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'numpy'\nc.ExecutePreprocessor.timeout = 300\n"
OURS = "from autograder import seal_grading\n\nseal_grading(c)\n"
# stock nbgrader calls alembic by its name
ENV = os.environ | {"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
GIVEN = """\
import time

import numpy as np

end = time.process_time() + {seconds}
while time.process_time() < end:
    pass
table = np.loadtxt("table.csv", delimiter=",")


def close(got, wanted):
    np.testing.assert_allclose(got, wanted, rtol=1e-6)"""
ANSWERS: Mapping[str, tuple[str, str]] = {
    "standardize": (
        "def standardize(a):\n    return (a - a.mean(axis=0)) / a.std(axis=0)",
        "def standardize(a):\n    return (a - a.mean()) / a.std()",
    ),
    "distances": (
        "def distances(a, b):\n    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=-1))",
        "def distances(a, b):\n    return ((a[:, None] - b[None]) ** 2).sum(axis=-1)",
    ),
    "moving_average": (
        "def moving_average(a, width):\n    return np.convolve(a, np.ones(width) / width, mode='valid')",
        "def moving_average(a, width):\n    return np.convolve(a, np.ones(width) / width)",
    ),
    "largest": ("largest = table.max(axis=0)", "largest = table.max()"),
    "fit": (
        "slope, intercept = np.polyfit(table[:, 0], table[:, 1], 1)",
        "slope, intercept = np.polyfit(table[:, 1], table[:, 0], 1)",
    ),
}
"""By cell: a right answer and a wrong one."""
TESTS: Mapping[str, Sequence[str]] = {
    "standardize": (
        "z = standardize(table)\nassert z.shape == table.shape\nclose(z.std(axis=0), np.ones(3))",
        "a = np.arange(12.0).reshape(4, 3) ** 2\nclose(standardize(a)[0], (a[0] - a.mean(axis=0)) / a.std(axis=0))\n"
        "### BEGIN HIDDEN TESTS\nfor n in (5, 9):\n    b = np.arange(n * 2.0).reshape(n, 2) ** 3\n"
        "    close(standardize(b).std(axis=0), np.ones(2))\n### END HIDDEN TESTS",
    ),
    "distances": (
        "d = distances(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [6.0, 8.0]]))\nclose(d, [[5.0, 10.0]])\n"
        "### BEGIN HIDDEN TESTS\nclose(distances(np.eye(3), np.zeros((1, 3))), np.ones((3, 1)))\n"
        "### END HIDDEN TESTS",
    ),
    "moving_average": ("close(moving_average(np.array([1.0, 2.0, 6.0]), 2), [1.5, 4.0])",),
    "largest": ("assert isinstance(largest, np.ndarray)\nclose(largest, table.max(axis=0))",),
    "fit": ("close([slope, intercept], np.polyfit(table[:, 0], table[:, 1], 1))",),
}


def main() -> None:
    """Measure and print."""
    arguments = _parser().parse_args()
    adopt_orphans()
    ways = {
        "stock nbgrader": Way(
            arguments.stock, [["nbgrader", "autograde", ASSIGNMENT], ["nbgrader", "generate_feedback", ASSIGNMENT]]
        ),
        f"ours, --jobs {arguments.jobs}": Way(
            arguments.students, [["autograder", "grade", ASSIGNMENT, "--jobs", str(arguments.jobs)]], OURS
        ),
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="existing-", ignore_cleanup_errors=True) as name:
        source = _source(arguments.author_seconds, hidden=arguments.hidden)
        release = _released(Path(name), source, arguments.notebooks)
        print("| round | way | submissions | s / submission | CPU s / submission | peak MB | load |")
        print("|---|---|---|---|---|---|---|")
        for number in range(1, arguments.rounds + 1):
            scores = []
            for key, way in ways.items():
                busy = os.getloadavg()[0]
                one = way.measure(release, Path(tempfile.mkdtemp(dir=name)))
                print(
                    f"| {number} | {key} | {way.students} | {one.seconds:.3f} | {one.cpu:.3f} | {one.memory:.0f} | "
                    f"{busy:.1f} |",
                    flush=True,
                )
                scores.append(way.scores)
            _expect_same(*scores)
    stock, ours = (way.taken for way in ways.values())
    for what in ("seconds", "cpu"):
        ratios = [getattr(a, what) / getattr(b, what) for a, b in zip(stock, ours, strict=True)]
        listed = ", ".join(f"{ratio:.1f}" for ratio in ratios)
        print(f"{what}, times stock: {listed}; median {statistics.median(ratios):.1f}")
    each = max(one.memory for one in ours) / arguments.jobs
    print(f"peak MB per job: {each:.0f}; stock: {max(one.memory for one in stock):.0f}")


@dataclass
class Way:
    """A way of grading, and what it took of each submission, round by round."""

    students: int
    commands: list[list[str]]
    config: str = ""
    """What it adds to the settings of the course."""
    taken: list[Taken] = field(default_factory=list)
    scores: dict[str, float] = field(default_factory=dict)
    """What it gave in the last round, by student."""

    def measure(self, release: Path, folder: Path) -> Taken:
        """Grade a class in a new folder."""
        course = folder / "course"
        shutil.copytree(release, course)
        _hand_in(course, self.students)
        if self.config:
            with (course / "nbgrader_config.py").open("a") as config:
                config.write(self.config)
            run(["autograder", "build", ASSIGNMENT], course, ENV)
        self.taken.append(measure(self.commands, course, ENV).each(self.students))
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
            submissions = gradebook.assignment_submissions(ASSIGNMENT)
            self.scores = {one.student.id: one.score for one in submissions}
        return self.taken[-1]


def _source(seconds: float, *, hidden: bool) -> nbformat.NotebookNode:
    """Return a notebook as its author wrote it. hidden: whether it has hidden tests."""
    cells = [new_markdown_cell("# Arrays"), new_code_cell(GIVEN.format(seconds=seconds))]
    for name, (right, _wrong) in ANSWERS.items():
        head, _, body = right.partition("\n")
        lines = [head, "    ### BEGIN SOLUTION", body, "    ### END SOLUTION"]
        if not body:
            lines = ["### BEGIN SOLUTION", right, "### END SOLUTION"]
        cells.append(_graded(name, "\n".join(lines), solution=True))
        for number, test in enumerate(TESTS[name], 1):
            text = test if hidden else test.partition("### BEGIN HIDDEN TESTS")[0].rstrip()
            cells.append(_graded(f"{name}-test-{number}", text, grade=True))
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


def _graded(name: str, source: str, *, solution: bool = False, grade: bool = False) -> nbformat.NotebookNode:
    cell = new_code_cell(source)
    cell.metadata["nbgrader"] = {
        "grade_id": name, "solution": solution, "grade": grade, "locked": grade, "task": False, "schema_version": 3,
        **({"points": 2} if grade else {}),
    }  # fmt: skip
    return cell


def _released(folder: Path, notebook: nbformat.NotebookNode, notebooks: int) -> Path:
    """Write the course, and release its assignment. notebooks: how often the notebook is in it."""
    course = folder / "course"
    source = course / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    for number in range(notebooks):
        nbformat.write(notebook, source / f"part {number + 1}.ipynb")
    rows = [f"{x},{2 * x + (x % 7)},{(x * x) % 11}" for x in range(200)]
    (source / "table.csv").write_text("\n".join(rows) + "\n")
    (course / "nbgrader_config.py").write_text(CONFIG)
    run(["nbgrader", "generate_assignment", ASSIGNMENT], course, ENV)
    return course


def _hand_in(course: Path, students: int) -> None:
    """Write the submissions: right, half done and wrong ones in turn."""
    for number in range(students):
        target = course / "submitted" / f"s{number:04}" / ASSIGNMENT
        shutil.copytree(course / "release" / ASSIGNMENT, target)
        for path in target.glob("*.ipynb"):
            notebook = nbformat.read(path, as_version=4)
            for place, cell in enumerate(notebook.cells):
                answer = ANSWERS.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
                if answer is not None and not (number % 3 == 1 and place % 2):
                    cell.source = f"# {number}\n{answer[number % 3 == 2]}"
            nbformat.write(notebook, path)


def _expect_same(stock: Mapping[str, float], ours: Mapping[str, float]) -> None:
    """Raise SystemExit unless students who are in both classes have the same scores, and not all have one score."""
    both = stock.keys() & ours.keys()
    wrong = {name: (stock[name], ours[name]) for name in both if stock[name] != ours[name]}
    if wrong or len(both) < min(len(stock), len(ours)) or len({*stock.values()}) == 1:
        raise SystemExit(f"scores differ: {wrong}; stock gave {sorted({*stock.values()})}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, default, what in (
        ("students", 40, "submissions that we grade"), ("stock", 10, "submissions that stock nbgrader grades"),
        ("rounds", 3, "times that both are measured"), ("jobs", 2, "submissions that we grade at once"),
        ("notebooks", 1, "notebooks of the assignment"),
    ):  # fmt: skip
        parser.add_argument(
            f"--{name}", type=int, default=default, metavar="N", help=f"{what} (default: {default})"
        )
    parser.add_argument(
        "--author-seconds",
        type=float,
        default=0.0,
        metavar="S",
        help="seconds that the author's data take to load",
    )
    parser.add_argument(
        "--hidden",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether tests have hidden parts",
    )
    return parser


if __name__ == "__main__":
    main()
