"""`autograder serve`: serve the web tool."""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import time
from types import FrameType
from typing import NoReturn

from rich.console import Console
from rich.markup import escape

from autograder.cli.help_format import Commands
from autograder.cli.options import add_command, jobs_option, language_of, progress_bar, size
from autograder.cli.web.options import database_option, opened_course, opened_database
from autograder.course import Course
from autograder.errors import CourseError
from autograder.i18n import _

LOOPBACK = ("127.0.0.1", "localhost")
DEFAULT_ADDRESS = f"{LOOPBACK[0]}:8000"
LOOK = 0.5
"""Seconds between two looks at a trial."""


def add_parser(commands: Commands) -> None:
    """Add the command to the parser of `autograder`."""
    serve = add_command(
        commands, "serve", run, _("serve the web tool, which an LMS launches"),
        _("Serves the pages that students and teachers see inside their LMS. It accepts submissions and shows "
        "feedback; `autograder worker` grades them and must run beside it. Put a web server with TLS in front of it, "
        "see `autograder docs web`. Options override c.WebSettings of nbgrader_config.py. "
        "SIGTERM or Ctrl-C stops it after the requests in progress."),
        ("autograder serve --try", _("see it at once, with a small LMS and a class of 300")),
        "autograder serve --url https://tool.example.org",
        "autograder serve --listen 0.0.0.0:8000 --threads 16",
        "autograder serve --database postgresql://tool@db.example.org/tool",
    )  # fmt: skip
    serve.add_argument(
        "--url", metavar="URL",
        help=_("public URL, such as https://tool.example.org (default: c.WebSettings.url)"),
    )  # fmt: skip
    serve.add_argument(
        "--listen", metavar="HOST:PORT",
        help=_("address to listen on (default: c.WebSettings.listen, else 127.0.0.1:8000)"),
    )  # fmt: skip
    serve.add_argument(
        "--threads", type=size, metavar="N",
        help=_("requests answered in parallel (default: c.WebSettings.threads, else 8)"),
    )  # fmt: skip
    database_option(serve)
    serve.add_argument(
        "--try", dest="try_it", action="store_true",
        help=_("run tool, worker and a small LMS with a simulated class in a temporary folder, on this machine alone; "
        "the course and its gradebook are not touched"),
    )  # fmt: skip
    serve.add_argument(
        "--students", type=size, default=300, metavar="N", help=_("size of that class (default: %(default)s)")
    )
    jobs_option(serve)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit code."""
    if arguments.try_it:
        return _try(arguments, console)
    course = opened_course(arguments)

    from sqlalchemy import select

    from autograder.web.app import make_app
    from autograder.web.db.models import Platform
    from autograder.web.logs import log_requests, log_to_stderr
    from autograder.web.server import create, listening, serve
    from autograder.web.settings import base_url_of, settings_of

    url = base_url_of(course)

    settings = settings_of(course)
    with opened_database(course) as database, listening(settings.listen) as at:
        with database.read() as session:
            platforms = session.scalars(select(Platform).where(Platform.active).order_by(Platform.id)).all()
        where = database.engine.url.render_as_string(hide_password=True)
        lines = [
            _("the course in {folder}, at {url}", folder=course.root, url=url),
            _("listening on {address}, database {database}", address=settings.listen, database=where),
            *(
                _(
                    "launched by {issuer} (client id {client})",
                    issuer=platform.issuer,
                    client=platform.client_id,
                )
                for platform in platforms
            ),
        ]
        if not platforms:
            lines.append(
                _("no LMS is registered yet, so nobody can launch it: see `autograder lms register --help`")
            )
        lines.append(_("`autograder worker` must run too: nothing is graded and no score is sent without it"))

        def ready() -> None:
            for line in lines:
                console.print(line.map(escape))

        log_to_stderr()
        app = make_app(database, course, base_url=url)
        log_requests(app)
        server = create(
            app,
            at,
            threads=settings.threads,
            behind_proxy=settings.behind_proxy,
            max_kept=(settings.max_megabytes + 1) * 1024 * 1024,
        )
        serve(server, ready)
    return 0


def _try(arguments: argparse.Namespace, console: Console) -> int:
    """Run a trial until it is stopped."""
    from autograder.web.settings import check_packages

    check_packages()
    course = Course.open()
    course.check_settings()
    address = arguments.listen or DEFAULT_ADDRESS
    if arguments.url or arguments.database or address.rpartition(":")[0] not in LOOPBACK:
        raise CourseError(
            _(
                "--try runs on this machine alone, in a temporary folder: leave out --url and --database, and name "
                "no other host than {host} with --listen",
                host=LOOPBACK[0],
            )
        )
    from autograder.trial.run import trial

    logging.disable()  # each request of the class would be a line
    language = language_of(arguments)
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _interrupt_once)
    try:
        with contextlib.ExitStack() as stack:
            with console.status(_("starting").in_language(language)):
                made = stack.enter_context(
                    trial(course, listen=address, jobs=arguments.jobs, class_size=arguments.students)
                )
            console.print(_("be a teacher: {url}", url=made.url(language, teacher=True)))
            console.print(_("be a student: {url}", url=made.url(language, teacher=False)))
            console.print(_("Ctrl-C ends it and removes everything"))
            with progress_bar(console, made.hands_in) as advance:
                for number in range(made.hands_in):
                    while len(made.lms.scores) <= number:
                        made.check()
                        time.sleep(LOOK)
                    advance("")
            console.print(_("the class is graded; its scores are in the LMS"))
            while True:
                made.check()
                time.sleep(LOOK)
    except KeyboardInterrupt:
        console.print(_("stopped; nothing is left behind"))
        return 0
    finally:
        logging.disable(logging.NOTSET)


def _interrupt_once(_number: int, _frame: FrameType | None) -> NoReturn:
    """Raise KeyboardInterrupt, and ignore further signals until the process has ended.

    A second one would keep the trial from removing everything, or end Python, as it exits, with another status.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
