"""Entry point of `run_autograder` in Gradescope's container: grade a submission and write `results.json`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import autograder.startup  # noqa: F401 - before anything that imports nbformat
from autograder.i18n import LANGUAGES
from autograder.lms.gradescope import results
from autograder.lms.gradescope.metadata import Metadata, read

STUDENTS_PART, OURS_PART = 0.4, 0.9
"""Shares of Gradescope's time limit, after which each of the two runs of student code, and this process, are ended."""


class OutOfTime(BaseException):
    """Gradescope's time limit is near. A BaseException, so that no handler swallows it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Grade one submission. Return 0 if it was graded or exceeds the allowed attempts, 1 after a grader error."""
    parser = argparse.ArgumentParser(
        prog="run_autograder", description="Grades one submission at Gradescope."
    )
    parser.add_argument("assignment")
    parser.add_argument("--minutes", type=float, required=True, help="that Gradescope gives")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="those of the course")
    arguments = parser.parse_args(argv)
    languages = arguments.languages.split(",")
    root = Path(os.environ.get("GRADESCOPE_ROOT", "/autograder"))
    written = root / "results" / "results.json"
    metadata = Metadata()
    try:
        with at_most(arguments.minutes * 60 * OURS_PART):
            metadata = read(root / "submission_metadata.json")
            results.write(
                written, results.not_graded(metadata, languages)
            )  # replaced once there is a better result
            results.write(written, grade(root, arguments.assignment, arguments.minutes, metadata))
    except (Exception, OutOfTime):
        traceback.print_exc(file=sys.stdout)
        print(
            "NOT GRADED, through no fault of the student's: fix the problem above, then rerun the autograder"
        )
        results.write(written, results.not_graded(metadata, languages))
        return 1
    return 0


def grade(root: Path, assignment: str, minutes: float, metadata: Metadata) -> results.Result:
    """Return the result of the submission in `root`. Raises an error if the fault is the grader's."""
    from autograder.lms.gradescope.submission import mark, open_course  # nbgrader takes a second

    began = time.monotonic()
    course = open_course(root / "source", assignment, minutes * 60 * STUDENTS_PART)
    allowed = course.assignment(assignment).attempts
    hidden = course.assignment(assignment).hidden_until(datetime.now(UTC))
    if allowed is not None and metadata.attempt > allowed and metadata.best is not None:
        print(f"attempt {metadata.attempt} of {allowed}: not graded, {metadata.best:g} stands")
        kept = results.too_many(metadata, allowed, course.languages)
        return results.hide(kept) if hidden else kept
    private = (root / "results", root / "submission_metadata.json")
    marked = mark(course, assignment, root / "submission", metadata, private=private)
    seconds = time.monotonic() - began
    print(
        f"score {marked.score:g} in {seconds:.0f} s; student code was sealed by: {marked.seal or 'none was run'}"
    )
    result = results.graded(marked, metadata, seconds)
    return results.hide(result) if hidden else result


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise OutOfTime in the block after this many seconds."""

    def out_of_time(number: int, frame: object) -> NoReturn:
        raise OutOfTime(f"not ready after {seconds:.0f} s: give the container more CPU, or more time")

    before = signal.signal(signal.SIGALRM, out_of_time)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


if __name__ == "__main__":
    sys.exit(main())
