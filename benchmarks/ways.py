"""The ways of grading that are compared: each grades a class, of right answers but for one, and says what that took."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import hand_ins
import otter_run
from measuring import PROGRAMS, Taken, measure

from autograder.authoring.demo_class import DemoStudent

START_SECONDS = 120


@dataclass(frozen=True)
class Place:
    """Where ways are measured."""

    folder: Path
    """Of this run; ways put their classes into it."""
    otter: Path | None
    """The program; None where there is none."""
    env: Mapping[str, str] = field(
        # stock nbgrader calls alembic by its name
        default_factory=lambda: os.environ | {"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
    )

    def fresh(self, name: str) -> Path:
        """Return a new folder for a class."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))


@dataclass(frozen=True)
class Way:
    """One way of grading."""

    key: str
    """Its name on the command line."""
    name: str
    size: Mapping[bool, int]
    """How many submissions: where models are trained (True), and where it is counting (False)."""
    measure: Callable[[Place, str, int], tuple[Taken, list[str]]]
    """Given an assignment and a number of submissions: what it took in all, and how models were trained in each."""
    fit: str = "fast"
    """Of the own compute that stands beside it: `fast`, or `stock` for Keras's own fit."""
    only_trains: bool = False
    """Whether it is another way only where models are trained."""


def _stock(place: Place, assignment: str, number: int) -> tuple[Taken, list[str]]:
    course = hand_ins.stock_course(place.fresh("stock"), assignment, number, place.env)
    students = hand_ins.right_class(assignment, number)
    return _in_course(course, place, assignment, students, *_by_nbgrader(assignment))


def _otter(place: Place, assignment: str, number: int) -> tuple[Taken, list[str]]:
    assert place.otter is not None
    folder = place.fresh("otter")
    submissions = otter_run.otter_class(folder, assignment, number, place.otter, place.env)
    commands = [otter_run.otter_command(place.otter, submission) for submission in submissions]
    taken = measure(commands, folder, place.env)
    otter_run.expect_all_right_in(submissions)
    return taken, []


def _under_nbgrader(place: Place, assignment: str, number: int) -> tuple[Taken, list[str]]:
    students = hand_ins.right_class(assignment, number)
    course = hand_ins.our_course(place.fresh("under"), assignment, students, place.env)
    return _in_course(course, place, assignment, students, *_by_nbgrader(assignment))


def _ours(
    *options: str, class_of: Callable[[str, int], list[DemoStudent]] = hand_ins.right_class
) -> Callable[[Place, str, int], tuple[Taken, list[str]]]:
    def taken(place: Place, assignment: str, number: int) -> tuple[Taken, list[str]]:
        students = class_of(assignment, number)
        course = hand_ins.our_course(place.fresh("ours"), assignment, students, place.env)
        return _in_course(course, place, assignment, students, ["autograder", "grade", assignment, *options])

    return taken


def _on_dask(workers: int) -> Callable[[Place, str, int], tuple[Taken, list[str]]]:
    def taken(place: Place, assignment: str, number: int) -> tuple[Taken, list[str]]:
        with _cluster(place, workers) as address:
            return _ours("--scheduler", address)(place, assignment, number)

    return taken


def _by_nbgrader(assignment: str) -> list[list[str]]:
    return [["nbgrader", "autograde", assignment], ["nbgrader", "generate_feedback", assignment]]


def _in_course(
    course: Path, place: Place, assignment: str, students: list[DemoStudent], *commands: list[str]
) -> tuple[Taken, list[str]]:
    taken = measure(commands, course, place.env)
    hand_ins.expect_scores(course, assignment, students)
    return taken, hand_ins.fits_told(course, assignment)


@contextlib.contextmanager
def _cluster(place: Place, workers: int) -> Iterator[str]:
    """Start a scheduler with this number of fresh workers, as in docs/cluster.md, and yield its address."""
    with tempfile.TemporaryDirectory(
        prefix="dask-", ignore_cleanup_errors=True
    ) as name:  # short: sockets lie in it
        folder, started = Path(name), []

        def start(kind: str, *words: str) -> Path:
            log = folder / f"{kind}.log"
            with log.open("w") as output:
                started.append(
                    subprocess.Popen(
                        [PROGRAMS / "dask", kind, "--no-dashboard", *words], cwd=folder, stdout=output, stderr=output,
                        env={**place.env, "TMPDIR": name},
                    )
                )  # fmt: skip
            return log

        try:
            log = start("scheduler", "--host", "127.0.0.1", "--port", "0")
            address = said(log, r"Scheduler at:\s+(\S+)", 1)[0]
            log = start("worker", address, "--nworkers", str(workers), "--nthreads", "1")
            said(log, r"Registered to:", workers)
            yield address
        finally:
            for process in reversed(started):
                process.terminate()
                process.wait()


def said(log: Path, pattern: str, times: int) -> list[str]:
    """Return what a program wrote that matches, once that is there as often. Raises SystemExit if it does not come."""
    end = time.monotonic() + START_SECONDS
    while len(found := re.findall(pattern, log.read_text())) < times:
        if time.monotonic() > end:
            raise SystemExit(
                f"the cluster did not start within {START_SECONDS} s:\n{log.read_text()[-2000:]}"
            )
        time.sleep(0.1)
    return found


WAYS = (
    Way("stock", "stock nbgrader", {True: 4, False: 10}, _stock, fit="stock"),
    Way("otter", f"otter run {otter_run.VERSION}", {True: 3, False: 5}, _otter, fit="stock"),
    Way("nbgrader", "ours, nbgrader's commands", {True: 6, False: 40}, _under_nbgrader),
    Way("jobs1-stock-fit", "ours, --jobs 1 --stock-fit", {True: 16, False: 0},
        _ours("--jobs", "1", "--stock-fit"), fit="stock", only_trains=True),
    Way("jobs2-stock-fit", "ours, --jobs 2 --stock-fit", {True: 16, False: 0},
        _ours("--jobs", "2", "--stock-fit"), fit="stock", only_trains=True),
    Way("jobs3-stock-fit", "ours, --jobs 3 --stock-fit", {True: 18, False: 0},
        _ours("--jobs", "3", "--stock-fit"), fit="stock", only_trains=True),
    Way("jobs1", "ours, --jobs 1", {True: 30, False: 200}, _ours("--jobs", "1")),
    Way("jobs2", "ours, --jobs 2", {True: 30, False: 200}, _ours("--jobs", "2")),
    Way("mixed", "ours, --jobs 2, the demo class", {True: 10, False: 40},
        _ours("--jobs", "2", class_of=hand_ins.mixed_class)),
    Way("dask1", "ours, one Dask worker", {True: 30, False: 200}, _on_dask(1)),
    Way("dask2", "ours, two Dask workers", {True: 30, False: 200}, _on_dask(2)),
)  # fmt: skip
