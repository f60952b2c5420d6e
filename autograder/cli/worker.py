"""The command that grades what the web tool takes."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from autograder.cli.options import add_command, jobs_option, scheduler_option
from autograder.cli.web_options import database_option, opened_course, opened_database

if TYPE_CHECKING:
    from autograder.web.db.database import Database

log = logging.getLogger(__name__)
LOOK = 0.5
NICE = 10
"""By how much grading stands back behind pages where both share a machine."""
STUCK = 300.0
"""Seconds without any change after which `--once` ends, though something waits: a worker puts off what fails."""


def add_worker_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add it to the parser of `autograder`."""
    worker = add_command(
        commands, "worker", _worker, "grade what the web tool takes, and send scores",
        "Runs beside `autograder serve`: grades hand-ins as they come, writes the gradebook and feedback, and sends "
        "scores to the LMS until it has confirmed them. It may be ended or killed at any time, and goes on where it "
        "was. SIGTERM or Ctrl-C gives back what it is at and ends.",
        "autograder worker",
        "autograder worker --jobs 4      four hand-ins side by side",
        "autograder worker --once        grade what waits, send what is due, and end",
    )  # fmt: skip
    worker.add_argument("--once", action="store_true", help="end once nothing waits that can be done now")
    jobs_option(worker, "hand-ins are graded")
    scheduler_option(worker, "grade on the Dask cluster of this scheduler (default: the course's setting)")
    database_option(worker)


def _worker(arguments: argparse.Namespace, console: Console) -> int:
    course = opened_course(arguments)

    from autograder.web.db.models import now
    from autograder.web.db.queue_status import read_queue_status
    from autograder.web.logs import log_to_stderr
    from autograder.web.worker.loop import run

    log_to_stderr()
    if hasattr(os, "nice"):
        os.nice(NICE)
    stop = threading.Event()

    def told(*_: object) -> None:
        log.info("told to end: what is under way is given back")
        stop.set()

    with opened_database(course) as database:
        before = {one: signal.signal(one, told) for one in (signal.SIGTERM, signal.SIGINT)}
        try:
            console.print(
                f"grading for the course in {escape(str(course.root))}, {arguments.jobs} side by side",
                soft_wrap=True,
            )
            if course.settings.seal == "none":
                console.print(
                    "[bold red]warning: grading unsealed: student code runs with your own rights[/]"
                )
            if arguments.once:
                threading.Thread(target=_end_when_done, args=(database, stop), daemon=True).start()
            run(database, course, slots=arguments.jobs, scheduler=arguments.scheduler, stop=stop)
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
        with database.read() as session:
            left = read_queue_status(session, now())
    hand_ins = left.free + left.busy + left.later
    console.print(
        f"ended: {hand_ins} hand-in(s) wait to be graded, {left.unsent} score(s) for an LMS, {left.refused} refused"
    )
    return 1 if arguments.once and (hand_ins or left.unsent) else 0


def _end_when_done(database: Database, stop: threading.Event) -> None:
    """Tell the worker to end once nothing waits for it, or nothing that it can do."""
    from sqlalchemy.exc import SQLAlchemyError

    from autograder.web.db.models import now
    from autograder.web.db.queue_status import read_queue_status

    seen, changed = None, time.monotonic()
    while not stop.wait(LOOK):
        try:
            with database.read() as session:
                left = read_queue_status(session, now())
        except SQLAlchemyError:  # the worker waits for its database, and says so
            continue
        if left != seen:
            seen, changed = left, time.monotonic()
        if not left.for_now or (not left.busy and time.monotonic() - changed > STUCK):
            stop.set()
