"""`autograder worker`: grade the submissions of the web tool and send scores."""

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

from autograder.cli.exit_codes import finish
from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, jobs_option, scheduler_option
from autograder.cli.web.options import database_option, opened_course, opened_database
from autograder.course import Course
from autograder.i18n import _, ngettext

if TYPE_CHECKING:
    from autograder.web.db.database import Database
    from autograder.web.db.queue_status import QueueStatus

log = logging.getLogger(__name__)
LOOK = 0.5
NICE = 10
"""Niceness of grading, so that pages come first where both share a machine."""
STUCK = 300.0
"""Seconds without any change after which `--once` ends although work waits: a worker backs off from what fails."""


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    worker = add_command(
        commands, "worker", run, _("grade submissions of the web tool and send scores"),
        _("Runs next to `autograder serve`: grades submissions as they arrive, writes the gradebook and feedback, and "
        "sends scores to the LMS until they are confirmed. It may be stopped or killed at any time and resumes where "
        "it was. SIGTERM or Ctrl-C returns work in progress to the queue and exits."),
        "autograder worker",
        ("autograder worker --jobs 4", _("four submissions in parallel")),
        ("autograder worker --once", _("grade what waits, send what is due, and exit")),
    )  # fmt: skip
    worker.add_argument("--once", action="store_true", help=_("exit once nothing waits that can be done now"))
    jobs_option(worker)
    scheduler_option(worker)
    database_option(worker)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    course = opened_course(arguments)

    from autograder.web.logs import log_to_stderr
    from autograder.web.worker.loop import run

    log_to_stderr()
    if hasattr(os, "nice"):
        os.nice(NICE)
    stop = threading.Event()

    def stop_worker(*_: object) -> None:
        log.info("stopping: work in progress is returned to the queue")
        stop.set()

    with opened_database(course) as database:
        before = {number: signal.signal(number, stop_worker) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            console.print(
                _(
                    "grading for the course in {folder}, {jobs} in parallel",
                    folder=escape(str(course.root)),
                    jobs=arguments.jobs,
                )
            )
            if course.settings.seal == "none":
                console.print(
                    _("[bold red]warning: grading unsealed: student code runs with your own rights[/]")
                )
            if arguments.once:
                threading.Thread(target=_end_when_done, args=(course, database, stop), daemon=True).start()
            run(database, course, slots=arguments.jobs, scheduler=arguments.scheduler, stop=stop)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        left = _queue_status(course, database)
    submissions = left.free + left.busy + left.later
    if left.hidden:
        console.print(left.hidden_text)
    return finish(
        console,
        ngettext(
            "stopped: {n} submission waits to be graded, {scores} to be sent, {refused} refused",
            "stopped: {n} submissions wait to be graded, {scores} to be sent, {refused} refused",
            submissions,
            scores=ngettext("{n} score", "{n} scores", left.unsent),
            refused=left.refused,
        ),
        submissions + left.unsent + left.refused if arguments.once else 0,
    )


def _queue_status(course: Course, database: Database) -> QueueStatus:
    from autograder.web.db.models import now
    from autograder.web.db.queue_status import read_queue_status

    moment = now()
    with database.read() as session:
        return read_queue_status(session, moment, course.hidden_assignments(moment))


def _end_when_done(course: Course, database: Database, stop: threading.Event) -> None:
    """Stop the worker once nothing waits that it can do."""
    from sqlalchemy.exc import SQLAlchemyError

    seen, changed = None, time.monotonic()
    while not stop.wait(LOOK):
        try:
            left = _queue_status(course, database)
        except SQLAlchemyError:  # the worker logs this and waits for its database
            continue
        if left != seen:
            seen, changed = left, time.monotonic()
        if not left.for_now or (not left.busy and time.monotonic() - changed > STUCK):
            stop.set()
