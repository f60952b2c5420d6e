"""Seconds a submission: stock nbgrader, our settings under nbgrader's commands, and ours at once.

All three grade the same right answers to an assignment and write scores and feedback pages. Beside them stands the
students' own compute: what the same cells and calls take in a process that has imported everything already.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from rich.console import Console
from rich.table import Table

from autograder import demo, grader
from autograder.course import Course
from autograder.intake import grade_id, is_solution
from autograder.notebook import mark, question_of
from autograder.sandbox import wire
from autograder.sandbox.inside.agent import Agent
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import CellResult, KernelSession

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
STOCK_CONFIG = (
    "c = get_config()\nc.CourseDirectory.course_id = 'stock'\nc.ExecutePreprocessor.timeout = 600\n"
)
# what the checks of ours ask an answer for, as a stock grade cell would
ASKS = {
    "gru_params": "[gru_params(i, u, r) for i in (4, 10, 23) for u in (3, 9) for r in (True, False)]",
    "gru_weight_shapes": "[gru_weight_shapes(i, 9, True) for i in (4, 10, 23)]",
    "lstm_params": "[lstm_params(i, u) for i in (4, 10, 23) for u in (3, 9, 40)]",
    "dense_params": "[dense_params(i, u) for i in (4, 10, 23) for u in (3, 9, 40)]",
    "stacked_params": "[stacked_params(i, [8, 4], 3) for i in (4, 10, 23)]",
    "encode": "encode(['John loves Jane', 'Jane loves Alex'], ['John', 'loves', 'Jane', 'Alex'])",
    "build_tagger": "[build_tagger(cell, rate) for cell in ('lstm', 'gru') for rate in (0.3, 0.05, 0.02)]",
    "train": "[train(build_tagger(cell, 0.1), np.eye(4, dtype='float32')[[[0, 1, 2], [2, 1, 3]]], "
    "np.array([[[0], [1], [2]], [[0], [1], [2]]], dtype='float32')) for cell in ('lstm', 'gru')]",
    "decode_tags": "decode_tags(np.full((2, 3, 3), 1 / 3), {0: 'S', 1: 'V', 2: 'O'})",
    "build_gru_stack": "build_gru_stack().get_weights()",
}


@dataclass(frozen=True)
class Measured:
    """What a way of grading took: seconds and CPU seconds a submission, and the most memory, in MB."""

    seconds: float
    cpu: float
    memory: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("assignments", nargs="*", default=["gru_parameters", "tagging"], metavar="ASSIGNMENT")
    parser.add_argument("--stock", type=int, default=3, metavar="N", help="submissions of the first way")
    parser.add_argument(
        "--ours", type=int, default=40, metavar="N", help="submissions for ours (%(default)s)"
    )
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="workers (%(default)s)")
    parser.add_argument(
        "--class-of", type=int, default=0, metavar="N", help="also a counting class of so many"
    )
    parser.add_argument("--own-compute", metavar="ASSIGNMENT", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.own_compute:
        own_compute(arguments.own_compute)
        return
    console = Console()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        for assignment in arguments.assignments:
            _compare(console, Path(folder), assignment, arguments)
        if arguments.class_of:
            _large_class(console, Path(folder), arguments)


def _compare(console: Console, folder: Path, assignment: str, arguments: argparse.Namespace) -> None:
    number = arguments.ours if assignment != "tagging" else max(4, arguments.ours // 5)
    stock = _stock_course(folder / "stock" / assignment, assignment, arguments.stock)
    ways: dict[str, Callable[[], Measured]] = {
        "stock nbgrader": lambda: _command(
            stock, arguments.stock, ["nbgrader", "autograde", assignment], ["nbgrader", "generate_feedback", assignment]
        ),
        "ours, nbgrader's commands": lambda: _command(
            _our_course(folder / f"under-{assignment}", assignment, number), number,
            ["nbgrader", "autograde", assignment], ["nbgrader", "generate_feedback", assignment],
        ),
        f"ours, --jobs {arguments.jobs}": lambda: _command(
            _our_course(folder / f"ours-{assignment}", assignment, number), number,
            ["autograder", "grade", assignment, "--jobs", str(arguments.jobs)],
        ),
    }  # fmt: skip
    table = Table(title=f"{assignment}: {number} submissions ({arguments.stock} for stock nbgrader)")
    for name in (
        "way",
        "s / submission",
        "CPU s / submission",
        "peak MB",
        "times stock",
        "CPU above own compute",
    ):
        table.add_column(name, justify="right" if name != "way" else "left")
    own = _own_compute(assignment)
    measured = {}
    for name, measure in ways.items():
        with console.status(f"{assignment}: {name}"):
            found = measured[name] = measure()
        ratio = measured["stock nbgrader"].seconds / found.seconds
        table.add_row(
            name, f"{found.seconds:.3f}", f"{found.cpu:.3f}", f"{found.memory:.0f}", f"{ratio:.1f}",
            f"{found.cpu / own - 1:+.0%}",
        )  # fmt: skip
    table.add_row("students' own compute", "", f"{own:.3f}", "", "", "")
    console.print(table)


def _large_class(console: Console, folder: Path, arguments: argparse.Namespace) -> None:
    number = arguments.class_of
    course = _our_course(folder / "large", "gru_parameters", number)
    words = ["autograder", "grade", "gru_parameters", "--jobs", str(arguments.jobs)]
    with console.status(f"a class of {number}"):
        found = _command(course, number, words)
    console.print(
        f"a class of {number} counting notebooks, --jobs {arguments.jobs}: {found.seconds * number:.0f} s, "
        f"{found.seconds:.3f} s and {found.cpu:.3f} CPU s a submission, peak {found.memory:.0f} MB"
    )


def _right(assignment: str, number: int) -> list[demo.Student]:
    """Students whose answers are all right."""
    answers = _right_answers(assignment)
    return [demo.Student(f"s{place:04}", assignment, "en", answers) for place in range(number)]


def _right_answers(assignment: str) -> dict[str, str]:
    path = ROOT / "tests" / "demo_class" / f"{assignment}.toml"
    answers: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["right"]
    questions = Course.open(ROOT).questions(assignment)
    public = {question.id: question.variants[0] for question in questions if question.is_number}
    return answers | {name: demo.with_numbers(answers[name], numbers) for name, numbers in public.items()}


def _our_course(folder: Path, assignment: str, number: int) -> Path:
    course = demo.prepare(Course.open(ROOT), folder)
    demo.hand_in(course, _right(assignment, number))
    _run(course.root, ["nbgrader", "generate_assignment", assignment]).communicate()
    return course.root


def _stock_course(folder: Path, assignment: str, number: int) -> Path:
    """The same assignment and hand-ins as stock nbgrader has them: hidden tests in its notebooks."""
    ours = Course.open(_our_course(folder.parent.parent / "handed-in" / assignment, assignment, number))
    source = nbformat.read(ours.source(assignment), as_version=4)
    source.cells = [cell for cell in source.cells if mark(cell).get("lang", "en") == "en"]
    for cell in source.cells:
        name = question_of(cell)
        if name is not None:
            cell.source = ASKS.get(name, f"assert {name}")
    (folder / "source" / assignment).mkdir(parents=True)
    nbformat.write(source, folder / "source" / assignment / f"{assignment}.ipynb")
    (folder / "nbgrader_config.py").write_text(STOCK_CONFIG)
    shutil.copytree(ours.submitted, folder / "submitted")
    _run(folder, ["nbgrader", "generate_assignment", assignment]).communicate()
    return folder


class InThisProcess(KernelSession):
    """A session whose student code runs right here: no kernel, no seal, no wire but its encoding."""

    def __init__(self) -> None:
        super().__init__("tensorflow", None, Limits(), "none")
        self._agent = Agent({})

    def run(self, source: str) -> CellResult:
        """Run one cell."""
        exec(source, self._agent.namespace)
        return CellResult()

    def _send(self, limit: float, verb: str, *arguments: Any) -> str:
        return str(self._agent.reply(wire.request(verb, *arguments)))


def own_compute(assignment: str) -> None:
    """Print the CPU seconds of a notebook's cells and of what the checks ask for, in a process that is warm."""
    course = Course.open(ROOT)
    importlib.import_module("keras")
    notebook = nbformat.read(course.release(assignment, "en"), as_version=4)
    for cell in notebook.cells:
        if is_solution(cell):
            cell.source = _right_answers(assignment)[grade_id(cell)]
    times = []
    for _ in range(3):
        start = time.process_time()
        grader.judge(notebook, course.questions(assignment), InThisProcess(), seed=course.seed(assignment))
        times.append(time.process_time() - start)
    print(min(times[1:]))  # the first pays for what libraries do once


def _own_compute(assignment: str) -> float:
    done = subprocess.run(
        [sys.executable, __file__, "--own-compute", assignment], capture_output=True, text=True, check=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
    )  # fmt: skip
    return float(done.stdout.splitlines()[-1])


def _run(folder: Path, words: list[str]) -> subprocess.Popen[bytes]:
    paths = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"  # stock nbgrader calls alembic by its name
    return subprocess.Popen(
        words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ | {"PATH": paths},
        executable=PROGRAMS / words[0],
    )  # fmt: skip


def _command(folder: Path, number: int, *commands: list[str]) -> Measured:
    """Run commands in a course one after the other; every one must succeed."""
    start, busy = time.monotonic(), _busy()
    peak = 0.0
    for words in commands:
        with (
            subprocess.Popen(
                [PROGRAMS / words[0], *words[1:]],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            ) as process,
            _watched(process.pid) as watched,
        ):
            _, told = process.communicate()
        if process.returncode:
            raise SystemExit(f"{' '.join(words)} in {folder} failed:\n{told.decode()[-2000:]}")
        peak = max(peak, watched[0])
    return Measured((time.monotonic() - start) / number, (_busy() - busy) / number, peak)


def _busy() -> float:
    """CPU seconds that this machine has spent, idle and waiting excepted."""
    user, nice, system = map(int, Path("/proc/stat").read_text().split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _watched(pid: int) -> Iterator[list[float]]:
    """The most memory that a process and all it started hold together, in MB, looked at ten times a second."""
    peak, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.3):
            peak[0] = max(peak[0], sum(map(_memory, [pid, *_descendants(pid)])))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _memory(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _descendants(pid: int) -> list[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rsplit(") ", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
    found, last = [], [pid]
    while last:
        last = [child for child, parent in parents.items() if parent in last]
        found += last
    return found


if __name__ == "__main__":
    main()
