"""A worker as a process of its own: `python worker_process.py URL COURSE PART`; PART is `all` or `send`.

With `send` it sends scores and grades nothing.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from autograder.web.db import outbox
from autograder.web.db.database import Database
from autograder.web.db.models import now
from autograder.web.http import LmsHttpClient
from autograder.web.lti.services import Services
from autograder.web.worker.send_scores import ScoreSender
from autograder.web.worker.timing import Timing


def main(url: str, course: str, part: str) -> None:
    database, stop, http = Database.open(url), threading.Event(), LmsHttpClient(connect=5, read=5, total=10)
    timing = Timing(poll=0.05)
    if part == "send":
        with database.write() as session:
            outbox.void_leases(session)
        ScoreSender(database, Services(database, http), stop, timing, now).run()
        return
    # imports all that grading needs, which takes a while
    from autograder.course import Course
    from autograder.web.worker.loop import run

    run(database, Course.open(Path(course)), stop=stop, http=http, timing=timing)


if __name__ == "__main__":
    main(*sys.argv[1:])
