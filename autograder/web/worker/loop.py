"""The worker's main loop: runs each task in turn; a failing task backs off without blocking the rest."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course
from autograder.errors import AutograderError, GraderError
from autograder.web.db import job_queue, outbox
from autograder.web.db.database import Database
from autograder.web.db.models import now
from autograder.web.heartbeat import BEAT_SECONDS, beat
from autograder.web.http import LmsHttpClient
from autograder.web.lti.services import Services
from autograder.web.worker.cleanup import clean_up
from autograder.web.worker.error_text import format_error
from autograder.web.worker.finalize_grades import GradeFinalizer
from autograder.web.worker.grade_attempts import AttemptGrader
from autograder.web.worker.open_course import OpenCourse, state_of
from autograder.web.worker.refresh_feedback import FeedbackRefresher
from autograder.web.worker.regrade_class import ClassRegrader
from autograder.web.worker.send_scores import ScoreSender
from autograder.web.worker.timing import Timing
from autograder.web.worker.watch_gradebook import GradebookWatcher
from autograder.web.worker_lock import worker_lock

log = logging.getLogger(__name__)
TIMING = Timing()
SENDERS = 4
"""Scores sent in parallel, so that one LMS that does not respond delays few others."""


def run(
    database: Database,
    course: Course,
    *,
    slots: int = 1,
    scheduler: str | None = None,
    stop: threading.Event,
    http: LmsHttpClient | None = None,
    timing: Timing = TIMING,
    clock: Callable[[], datetime] = now,
) -> None:
    """Grade attempts and send scores until `stop` is set; then release what is in progress, and return.

    slots: how many attempts to grade in parallel on this machine. scheduler: of the cluster that grades instead; None
    to use the course's settings. A second worker of the same course waits until the first has ended. Raises GraderError
    if this machine cannot seal student code, CourseError if the course cannot be opened; later errors are logged and
    retried.
    """
    with ExitStack() as stack:
        if not stack.enter_context(_sole_worker(course, stop)):
            return
        with database.write() as session:  # whoever held them has ended, since only one worker runs
            job_queue.void_leases(session)
            outbox.void_leases(session, at=clock())
        worker = _Worker(database, course, slots, scheduler, timing, clock)
        services = Services(database, http or LmsHttpClient())
        senders = [
            ScoreSender(database, services, stop, timing, clock, worker.hidden_assignments)
            for _ in range(SENDERS)
        ]
        for sender in senders:
            sender.start()
            stack.callback(sender.join)
        stack.callback(worker.close)
        # however the loop ends, the senders stop with it
        stack.callback(stop.set)
        while not stop.is_set():
            worker.run_once(stop)


@dataclass
class _Task:
    """A task of the loop: what it does, how often, and when it may run again."""

    name: str
    step: Callable[[OpenCourse], None]
    every: float = 0.0
    after: float = 0.0
    """When it may run next, by the monotonic clock."""
    pause: float = 0.0
    """The current back-off after failures; 0 if there are none."""

    def run_if_due(self, opened: OpenCourse, timing: Timing) -> None:
        """Run the task if it is due; back off after a failure."""
        if time.monotonic() < self.after:
            return
        try:
            self.step(opened)
        except Exception as error:  # no error stops the worker
            if not self.pause:
                _log_error(self.name, error)
            self.pause = min(self.pause * 2 or timing.poll, timing.max_pause)
            self.after = time.monotonic() + self.pause
        else:
            if self.pause:
                log.info("%s: works again", self.name)
            self.pause, self.after = 0.0, time.monotonic() + self.every


class _Worker:
    """The tasks of the loop, and the open course that they work on."""

    def __init__(
        self,
        database: Database,
        course: Course,
        slots: int,
        scheduler: str | None,
        timing: Timing,
        clock: Callable[[], datetime],
    ) -> None:
        self._database, self._course, self._timing, self._clock = database, course, timing, clock
        self._open_course = partial(
            OpenCourse,
            slots=slots,
            retry_after=timing.retry_unavailable,
            long_after=timing.long_attempt,
            scheduler=scheduler,
        )
        name = f"{socket.gethostname()}-{os.getpid()}"
        self._grader = AttemptGrader(database, name, timing, clock)
        self._finalizer = GradeFinalizer(database, timing, clock)
        self._regrader = ClassRegrader(database, self._grader, timing, clock)
        receivers = (self._grader, self._finalizer, self._regrader)
        self._receivers = {task.name: task for task in receivers}
        self._tasks = [
            _Task("grading", self._grader.step),
            _Task("regrades", self._regrader.step),
            _Task("final grades", self._finalizer.step),
            _Task("gradebook changes", GradebookWatcher(database).step, timing.sweep),
            _Task("feedback pages", FeedbackRefresher(database, clock).step, timing.sweep),
            _Task("heartbeat", lambda opened: beat(opened.course, clock()), BEAT_SECONDS),
            _Task("cleanup", partial(clean_up, database, clock), timing.cleanup),
        ]
        self._state = ""
        """The fingerprint of the course's files at the last check."""
        self._reload = _Task("the course", self._reopen_if_changed, timing.course)
        self._receive = _Task("results of worker processes", self._receive_results)
        self._opened: OpenCourse | None = self._open_course(course)

    def run_once(self, stop: threading.Event) -> None:
        """Run each task that is due, then receive results of the worker processes."""
        if self._opened is None:
            self._open(stop)
            return
        self._reload.run_if_due(self._opened, self._timing)
        if self._opened is None:
            return
        for task in self._tasks:
            task.run_if_due(self._opened, self._timing)
        self._receive.run_if_due(self._opened, self._timing)
        if self._receive.pause:
            stop.wait(self._timing.poll)

    def hidden_assignments(self) -> list[str]:
        """Return the assignments whose scores are not sent yet, by the settings that could be read last."""
        return self._course.hidden_assignments(self._clock())

    def close(self) -> None:
        """Record finished work, release the rest, and stop the worker processes."""
        if self._opened is None:
            return
        end = time.monotonic() + self._timing.shutdown
        while True:
            try:
                self._grader.give_all_back(self._opened)
                break
            except (SQLAlchemyError, TimeoutError) as error:
                if time.monotonic() > end:
                    _log_error("cannot release attempts; they wait until the database is back", error)
                    break
                time.sleep(self._timing.poll)
        self._grader.forget()
        self._finalizer.forget()
        self._regrader.forget()
        self._opened.close()
        self._opened = None

    def _receive_results(self, opened: OpenCourse) -> None:
        try:
            for finished in opened.engine.completed(self._timing.poll):
                task = self._receivers[finished.key[0]]
                try:
                    task.take(opened, finished)
                except Exception as error:
                    _log_error(f"result of a worker process ({task.name})", error)
        except GraderError:
            if self._grader.holds and not opened.slots:
                # no worker process is left: release the attempts, so that late results do not find them queued twice
                self.close()
            raise

    def _reopen_if_changed(self, opened: OpenCourse) -> None:
        """Reopen the course when its files have changed, once they have stopped changing."""
        before, self._state = self._state, state_of(opened.course)
        if self._state == before != opened.state:
            log.info("the course's files changed; reopening it")
            self.close()

    def _open(self, stop: threading.Event) -> None:
        try:
            self._course = Course.open(self._course.root)
            with (
                self._database.write() as session
            ):  # what could not be released, since nothing is being graded
                job_queue.void_leases(session)
            self._opened = self._open_course(self._course)
        except Exception as error:
            _log_error("cannot open the course; nothing is graded until it can be opened", error)
            stop.wait(self._timing.retry_unavailable)


def _log_error(context: str, error: Exception) -> None:
    is_known = isinstance(error, (AutograderError, SQLAlchemyError, OSError))
    log.error("%s: %s", context, format_error(error), exc_info=None if is_known else error)


@contextmanager
def _sole_worker(course: Course, stop: threading.Event) -> Iterator[bool]:
    """Wait until this is the only worker of the course. Yields false if `stop` is set first.

    The lock is released when its process ends, by whatever signal.
    """
    waited = False
    while not stop.is_set():
        with worker_lock(course) as acquired:
            if acquired:
                yield True
                return
        if not waited:
            log.info("another worker of this course is running; waiting until it ends")
        waited = True
        stop.wait(1)
    yield False
