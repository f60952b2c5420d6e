"""The same class of right answers, graded in several ways, one after the other: what does a submission take?

  stock            nbgrader as it comes: nbgrader autograde and nbgrader generate_feedback
  otter            Otter-Grader: `otter run` on one submission after the other, in an environment of its own
  nbgrader         our settings under nbgrader's own two commands
  jobs1, jobs2     `autograder grade` with one and two workers
  jobs1-stock-fit, jobs2-stock-fit, jobs3-stock-fit
                   with Keras's own fit alone, and three workers too; where nothing is trained there is no such way
  dask1, dask2     `autograder grade --scheduler` on a Dask cluster of one and two workers on this machine

Each is timed as whole commands that write scores and feedback. One that did not find everything right is left out, and
the run fails at its end. A cluster stands before the clock starts and has graded nothing yet.

Before and after each way stand a yardstick, which tells how fast the machine is then, and the students' own compute:
the CPU seconds of the same cells and calls in a process that has imported everything, with Keras's own fit beside
stock, otter and the ways with --stock-fit, with the fast fit beside the others.

Run it on a machine that does nothing else. Compare the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

# by default libraries print much that nobody asked for here
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from comparing import Comparison, Row, show
from hand_ins import ROOT
from measuring import adopt_orphans, yardstick
from otter_run import VERSION, otter_environment
from own_compute import own_compute
from rich.console import Console
from ways import WAYS, Place, Way

from autograder.course import Course

_Measured = TypeVar("_Measured")
KEYS = [way.key for way in WAYS]
EXAMPLES = """examples:
  python benchmarks/grading.py --otter-venv otter --markdown           everything; some 50 minutes on two cores
  python benchmarks/grading.py --size 3 --no-otter                     does it work? figures of so few mean nothing
  python benchmarks/grading.py gru_parameters --only stock jobs2       one ratio
  python benchmarks/grading.py gru_parameters --only jobs2 --size 1000 a class of 1,000
  python benchmarks/grading.py tagging --size jobs2=60 --size stock=10 larger classes for two of the ways
"""


def main() -> None:
    """Measure and print."""
    arguments = _parser().parse_args()
    sizes = _sizes(arguments.size)
    adopt_orphans()
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        place = _place(Path(name), arguments)
        ways = [way for way in WAYS if way.key in arguments.only and (way.key != "otter" or place.otter)]
        compared = [
            _compare(place, assignment, ways, sizes, arguments.yardsticks)
            for assignment in arguments.assignments
        ]
    _tell(f"all of it took {(time.monotonic() - start) / 60:.0f} minutes")
    show(Console(width=160), compared, markdown=arguments.markdown)
    sys.exit(any(comparison.failed for comparison in compared))


def _compare(
    place: Place, assignment: str, ways: list[Way], sizes: dict[str, int], yardsticks: int
) -> Comparison:
    trains = Course.open(ROOT).assignment(assignment).profile == "tensorflow"
    found, beside = Comparison(assignment, trains), Beside(assignment, yardsticks)
    for way in ways:
        if way.only_trains and not trains:
            continue
        number = sizes.get(way.key) or sizes.get("") or way.size[trains]
        _tell(f"{assignment}: {way.name}, {number} submissions")
        try:
            (taken, fits), look = beside.around(
                way.fit, functools.partial(way.measure, place, assignment, number)
            )
        except SystemExit as error:  # the others are still worth their time
            _tell(f"FAILED, and left out: {error}")
            found.failed.append(way.key)
            continue
        row = Row(way, number, taken.each(number), look.pace, look.own, Counter(fits))
        _tell(
            f"  {row.each.seconds:.3f} s and {row.each.cpu:.3f} CPU s a submission, own compute {look.own:.3f}"
        )
        found.rows[way.key] = row
    return found


@dataclass(frozen=True)
class Look:
    """CPU seconds of two things beside which others are held, at a moment."""

    pace: float
    """Of the yardstick."""
    own: float
    """Of the students' own compute."""


class Beside:
    """How fast the machine is, and what the students' own compute costs on it, before and after each way."""

    def __init__(self, assignment: str, yardsticks: int) -> None:
        self._assignment, self._yardsticks = assignment, yardsticks
        self._last: tuple[str, Look] | None = None

    def around(self, fit: str, measure: Callable[[], _Measured]) -> tuple[_Measured, Look]:
        """Run `measure` and return its result with the mean own compute around it. fit: of the own compute."""
        if self._last is None or self._last[0] != fit:
            self._last = fit, self._look(fit)
        _, before = self._last
        self._last = None  # it is old, should `measure` fail
        measured = measure()
        after = self._look(fit)
        self._last = fit, after
        return measured, Look((before.pace + after.pace) / 2, (before.own + after.own) / 2)

    def _look(self, fit: str) -> Look:
        return Look(yardstick(self._yardsticks), own_compute(self._assignment, fit))


def _place(folder: Path, arguments: argparse.Namespace) -> Place:
    """Where to measure, with Otter-Grader where it is wanted and can be had."""
    place = Place(folder, None)
    if "otter" not in arguments.only:
        return place
    if arguments.no_otter:
        _tell("otter run is left out, as asked")
        return place
    _tell(f"an environment with Otter-Grader {VERSION}")
    venv = Path(arguments.otter_venv).resolve() if arguments.otter_venv else folder / "otter-venv"
    try:
        return Place(folder, otter_environment(venv, place.env))
    except OSError as error:
        _tell(f"otter run is left out: it could not be installed: {error}")
        return place


def _sizes(words: list[str]) -> dict[str, int]:
    """Class sizes by way; that of all others under the empty name."""
    sizes = {}
    for word in words:
        key, _, number = word.rpartition("=")
        if (key and key not in KEYS) or not number.isdecimal() or int(number) < 1:
            raise SystemExit(f"--size {word}: expected a number or WAY=NUMBER; ways: {', '.join(KEYS)}")
        sizes[key] = int(number)
    return sizes


def _tell(line: str) -> None:
    print(time.strftime("%H:%M:%S"), line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "assignments", nargs="*", default=["gru_parameters", "tagging"], metavar="ASSIGNMENT",
        help="default: gru_parameters, which is counting, and tagging, which trains models",
    )  # fmt: skip
    parser.add_argument(
        "--only", nargs="+", choices=KEYS, default=KEYS, metavar="WAY", help=f"of {', '.join(KEYS)}"
    )
    parser.add_argument(
        "--size", action="append", default=[], metavar="[WAY=]N",
        help="submissions in the class of one way, or of every way (repeatable; default: "
        + ", ".join(f"{way.key} {way.size[False] or '–'} and {way.size[True]}" for way in WAYS)
        + ", counting and training)",
    )  # fmt: skip
    parser.add_argument(
        "--yardsticks", type=int, default=4, metavar="N",
        help="times that the yardstick is run at each look (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--otter-venv", metavar="FOLDER", help="keep Otter-Grader's environment here")
    parser.add_argument("--no-otter", action="store_true", help="leave otter run out; nothing is installed")
    parser.add_argument("--markdown", action="store_true", help="print the tables as markdown, too")
    return parser


if __name__ == "__main__":
    main()
