"""A worker as a process of its own: `python grading_process.py URL NAME HANG`.

It grades until nothing is left, writes a line for each job that it claims and each that it finishes, and hangs in
the middle of its HANGth job (0: never) for longer than anybody waits.
"""

from __future__ import annotations

import sys
import time

from sqlalchemy import func, select

from autograder.errors import LeaseLost
from autograder.web.db import job_queue
from autograder.web.db.database import Database
from autograder.web.db.models import GradingJob


def main(url: str, name: str, hang: int) -> None:
    database = Database.open(url)
    with database.write() as session:
        job_queue.void_leases(session)
    claims = 0
    while True:
        with database.write() as session:
            claim = job_queue.claim(session, name)
        if claim is None:
            with database.read() as session:
                left = session.scalar(
                    select(func.count()).select_from(GradingJob).where(GradingJob.state != "done")
                )
            if not left:
                return
            time.sleep(0.05)
            continue
        claims += 1
        print("claimed", claim.attempt, flush=True)
        time.sleep(3600 if claims == hang else 0.01)
        try:
            with database.write() as session:
                job_queue.finish(
                    session, claim, job_queue.AttemptResult(1, 2, {"by": name}, {"tries": claim.tries})
                )
        except LeaseLost:
            print("lost", claim.attempt, flush=True)
        else:
            print("finished", claim.attempt, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
