"""A class hands in over the web within a minute while a worker grades: nothing fails, nothing is lost. How quick is it?

Two students of three have everything right. With `--situation`, what the tool promises is measured instead: see
`web_situations`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select
from web_class import PATIENCE, ROOT, WRONG, Figures, Place, fail_with, p95
from web_situations import SITUATIONS, Row, Situations, Sizes

from autograder.authoring import demo_class
from autograder.course import Course
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, Delivery, Person
from tests.web.loopback import Lms, lms

STUCK = 300
"""Seconds in which nothing changes, after which the run has failed."""


def run(students: int, seconds: float, jobs: int, database: str, console: Console) -> Figures:
    """Let a class hand in; returns what was seen. Raises SystemExit where anything failed or was lost."""
    with _place(jobs, database) as (place, opened):
        with place.served():
            start = time.monotonic()
            threads = place.at_once(
                ((f"student-{number:04}", "" if number % 3 else WRONG) for number in range(students)), seconds
            )
            _wait(opened, students, place.figures, console)
            for thread in threads:
                thread.join(PATIENCE * 2)
        console.print(f"{students} students within {seconds:g} s: the last score arrived after "
                      f"{time.monotonic() - start:.0f} s")  # fmt: skip
        _check(opened, place.lms, students, place.figures)
    return place.figures


def run_situations(names: Collection[str], sizes: Sizes, jobs: int, database: str) -> Iterator[Row]:
    """Yield what the situations gave. Raises SystemExit where anything failed or was lost."""
    with _place(jobs, database) as (place, opened), place.served():
        situations = Situations(place, opened, sizes)
        for name, situation in SITUATIONS.items():
            if name in names or name == "idle":
                yield from situation(situations)
        situations.check()


@contextlib.contextmanager
def _place(jobs: int, database: str) -> Iterator[tuple[Place, Database]]:
    """Return a place with a copy of the course and an LMS, and its database, empty."""
    with tempfile.TemporaryDirectory(prefix="web-load-") as folder, lms() as other:
        course = demo_class.copy_course(Course.open(ROOT), Path(folder) / "course")
        url = database or f"sqlite:///{folder}/web.db"
        with contextlib.closing(Database.open(url)) as opened:
            other.register(opened)
            other.answer("/ags/1/scores?type_id=2", 200)
            yield Place(course, url, other, jobs), opened


def _wait(database: Database, students: int, figures: Figures, console: Console) -> None:
    """Wait until every score has arrived, or nothing changes any more."""
    seen, changed = (0, 0, 0, 0), time.monotonic()
    with console.status("") as status:
        while seen[2] < students - len(figures.failed):
            with database.read() as session:
                attempts = session.scalar(select(func.count(Attempt.id))) or 0
                graded = session.scalar(select(func.count(Attempt.id)).where(Attempt.state == "graded")) or 0
                sent = (
                    session.scalar(select(func.count(Delivery.id)).where(Delivery.state == "confirmed")) or 0
                )
            now = (attempts, graded, sent, len(figures.failed))
            if now != seen:
                seen, changed = now, time.monotonic()
            status.update(f"{attempts} handed in, {graded} graded, {sent} scores at the LMS")
            if time.monotonic() - changed > STUCK:
                break
            time.sleep(0.5)


def _check(database: Database, other: Lms, students: int, figures: Figures) -> None:
    """Raise SystemExit with every discrepancy."""
    wrong = list(figures.failed)
    with database.read() as session:
        rows = session.execute(
            select(Person.subject, Attempt.state, Attempt.score).join(Attempt.person)
        ).all()
    posts = [json.loads(body) for path, _, body in other.asked if path == "/ags/1/scores?type_id=2"]
    times = Counter(post["userId"] for post in posts)
    at_lms = {post["userId"]: post["scoreGiven"] for post in posts}
    if len(rows) != students or len({subject for subject, *_ in rows}) != students:
        wrong.append(f"{len(rows)} attempts of {students} students")
    for subject, state, score in rows:
        earned = figures.earned.get(subject)
        if (state, score, at_lms.get(subject), times[subject]) != ("graded", earned, earned, 1):
            wrong.append(
                f"{subject}: expected graded, {earned} points, told the LMS once; found {state}, {score} points, "
                f"{at_lms.get(subject)} at the LMS, told {times[subject]} time(s)"
            )
    fail_with(wrong)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=500, metavar="N", help="(default: %(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=60, metavar="S", help="in which they hand in (%(default)s)"
    )
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="graded side by side (%(default)s)")
    parser.add_argument(
        "--database", default="", metavar="URL", help="of an empty database (default: a new SQLite file)"
    )
    parser.add_argument(
        "--situation", nargs="+", choices=[*SITUATIONS, "all"], default=[], metavar="NAME",
        help=f"measure promises of the tool instead: {', '.join(SITUATIONS)}, or all",
    )  # fmt: skip
    parser.add_argument(
        "--scale", type=float, default=1, metavar="F", help="of the sizes of situations (%(default)g)"
    )
    arguments = parser.parse_args()
    if arguments.situation:
        _show_situations(arguments)
    else:
        _show_class(arguments)


def _show_situations(arguments: argparse.Namespace) -> None:
    chosen = SITUATIONS if "all" in arguments.situation else arguments.situation
    table = _table(
        "seconds until there is feedback", "situation", "number", "95th of 100", "ratio", "at most"
    )
    for row in run_situations(chosen, Sizes().scaled(arguments.scale), arguments.jobs, arguments.database):
        table.add_row(*row.words)
    Console(highlight=False).print(table)


def _table(title: str, first: str, *others: str) -> Table:
    """Return a table whose first column is text."""
    table = Table(title=f"{title}, on {len(os.sched_getaffinity(0))} cores")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _show_class(arguments: argparse.Namespace) -> None:
    console = Console(highlight=False)
    figures = run(arguments.students, arguments.seconds, arguments.jobs, arguments.database, console)
    table = _table(
        "seconds that students waited while hand-ins were graded",
        "request", "number", "median", "95th of 100", "worst",
    )  # fmt: skip
    every = [one for seconds in figures.seconds.values() for one in seconds]
    for kind, seconds in [*sorted(figures.seconds.items()), ("all", every)]:
        ranked = sorted(seconds)
        figures_of = statistics.median(ranked), p95(ranked), ranked[-1]
        table.add_row(kind, str(len(ranked)), *(f"{figure:.3f}" for figure in figures_of))
    console.print(table)
    number = arguments.students
    console.print(
        f"{figures.requests} requests, none failed; {number} attempts, {number} graded, {number} scores at the LMS, "
        "each what was earned and told once"
    )


if __name__ == "__main__":
    main()
