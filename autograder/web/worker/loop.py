"""The worker's loop: each part takes its turn, and one that fails waits and is tried again without the others."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course
from autograder.errors import AutograderError, GraderError
from autograder.web.db.database import Database
from autograder.web.db.models import now
from autograder.web.http import LmsHttpClient
from autograder.web.lti.services import Services
from autograder.web.settings import folder_of
from autograder.web.worker.cleanup import Cleanup
from autograder.web.worker.error_text import format_error
from autograder.web.worker.finalize_grades import GradeFinalizer
from autograder.web.worker.grade_attempts import AttemptGrader
from autograder.web.worker.open_course import OpenCourse, state_of
from autograder.web.worker.refresh_feedback import FeedbackRefresher
from autograder.web.worker.run_replays import ReplayRunner
from autograder.web.worker.send_scores import ScoreSender
from autograder.web.worker.timing import Timing
from autograder.web.worker.watch_gradebook import GradebookWatcher

log = logging.getLogger(__name__)
PACE = Timing()
SENDERS = 4
"""Scores that are sent side by side, so that one LMS that keeps silent holds up few."""


def run(
    database: Database,
    course: Course,
    *,
    slots: int = 1,
    scheduler: str | None = None,
    stop: threading.Event,
    http: LmsHttpClient | None = None,
    pace: Timing = PACE,
    clock: Callable[[], datetime] = now,
) -> None:
    """Grade, settle and send until `stop` is set; then give back what is under way, and return.

    slots: how many attempts are graded side by side on this machine. scheduler: of the cluster that grades in its
    place; None for what the course's settings say. A second worker of the same course waits until the first has
    ended. Raises GraderError where this machine has no seal for student code, CourseError where the course cannot be
    opened; whatever goes wrong later is logged and waited out.
    """
    with ExitStack() as stack:
        if not stack.enter_context(_alone(course, stop)):
            return
        worker = _Worker(database, course, slots, scheduler, pace, clock)
        services = Services(database, http or LmsHttpClient())
        senders = [ScoreSender(database, services, stop, pace, clock) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
            stack.callback(sender.join)
        stack.callback(worker.close)
        # whatever ends the loop, the senders end with it
        stack.callback(stop.set)
        while not stop.is_set():
            worker.turn(stop)


@dataclass
class _Part:
    """A part of the loop: what it does, how often, and when it may be tried again."""

    name: str
    step: Callable[[OpenCourse], None]
    every: float = 0.0
    after: float = 0.0
    """When its next turn is, by the monotonic clock."""
    pause: float = 0.0
    """How long it waited last because something was wrong; 0 where nothing is."""

    def take_turn(self, opened: OpenCourse, pace: Timing) -> None:
        """Do its work if it is time, and wait longer from failure to failure."""
        if time.monotonic() < self.after:
            return
        try:
            self.step(opened)
        except Exception as error:  # nothing that goes wrong ends the worker
            if not self.pause:
                _tell(self.name, error)
            self.pause = min(self.pause * 2 or pace.look, pace.patience)
            self.after = time.monotonic() + self.pause
        else:
            if self.pause:
                log.info("%s: goes on", self.name)
            self.pause, self.after = 0.0, time.monotonic() + self.every


class _Worker:
    """All that takes turns."""

    def __init__(
        self,
        database: Database,
        course: Course,
        slots: int,
        scheduler: str | None,
        pace: Timing,
        clock: Callable[[], datetime],
    ) -> None:
        self._root, self._slots, self._scheduler, self._pace = course.root, slots, scheduler, pace
        name = f"{socket.gethostname()}-{os.getpid()}"
        self._grading = AttemptGrader(database, name, pace, clock)
        self._settling = GradeFinalizer(database, pace, clock)
        self._replaying = ReplayRunner(database, self._grading.task, pace, clock)
        self._takers = {part.name: part for part in (self._grading, self._settling, self._replaying)}
        self._parts = [
            _Part("grading", self._grading.step),
            _Part("what stands", self._settling.step),
            _Part("why these points", self._replaying.step),
            _Part("changes in the gradebook", GradebookWatcher(database).step, pace.sweep),
            _Part("what feedback may tell", FeedbackRefresher(database, clock).step, pace.sweep),
            _Part("tidying", Cleanup(database, clock).step, pace.tidy),
        ]
        self._state = ""
        """Of the course's files when they were last looked at."""
        self._look = _Part("the course", self._reopen_what_changed, pace.course)
        self._hear = _Part("workers", self._take_what_came)
        self._opened: OpenCourse | None = OpenCourse(course, slots, closed=pace.closed, scheduler=scheduler)

    def turn(self, stop: threading.Event) -> None:
        """A turn for each part, and what workers send back meanwhile."""
        if self._opened is None:
            self._open(stop)
            return
        self._look.take_turn(self._opened, self._pace)
        if self._opened is None:
            return
        for part in self._parts:
            part.take_turn(self._opened, self._pace)
        self._hear.take_turn(self._opened, self._pace)
        if self._hear.pause:
            stop.wait(self._pace.look)

    def close(self) -> None:
        """Put down what is done, give back what is not, and end the workers."""
        if self._opened is None:
            return
        end = time.monotonic() + self._pace.parting
        while True:
            try:
                self._grading.give_all_back(self._opened)
                break
            except (SQLAlchemyError, TimeoutError) as error:
                if time.monotonic() > end:
                    _tell("giving back what is under way; others have it when its lease runs out", error)
                    break
                time.sleep(self._pace.look)
        self._grading.forget()
        self._settling.forget()
        self._replaying.forget()
        self._opened.close()
        self._opened = None

    def _take_what_came(self, opened: OpenCourse) -> None:
        try:
            for finished in opened.engine.completed(self._pace.look):
                part = self._takers[finished.key[0]]
                try:
                    part.take(opened, finished)
                except Exception as error:
                    _tell(f"what a worker sent back ({part.name})", error)
        except GraderError:
            if self._grading.holds and not opened.slots:
                # nobody is there to do it: somebody else may, and what comes back later is not to find it queued twice
                self.close()
            raise

    def _reopen_what_changed(self, opened: OpenCourse) -> None:
        """Open the course anew when its files have changed, and are done changing."""
        before, self._state = self._state, state_of(opened.course)
        if self._state == before != opened.state:
            log.info("the course's files changed: it is opened anew")
            self.close()

    def _open(self, stop: threading.Event) -> None:
        try:
            self._opened = OpenCourse(
                Course.open(self._root), self._slots, closed=self._pace.closed, scheduler=self._scheduler
            )
        except Exception as error:
            _tell("opening the course; nothing is graded until it can be opened", error)
            stop.wait(self._pace.closed)


def _tell(what: str, error: Exception) -> None:
    known = isinstance(error, (AutograderError, SQLAlchemyError, OSError))
    log.error("%s: %s", what, format_error(error), exc_info=None if known else error)


@contextmanager
def _alone(course: Course, stop: threading.Event) -> Iterator[bool]:
    """Whether this is the one worker of the course; waits until it is, or is told to stop.

    The lock is let go of when its process ends, by whatever signal.
    """
    if sys.platform == "win32":  # there is nothing that locks and lets go like this
        yield True
        return
    import fcntl

    with (folder_of(course) / "worker.lock").open("w") as file:
        waited = False
        while not stop.is_set():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not waited:
                    log.info("another worker of this course is running; this one waits until it ends")
                waited = True
                stop.wait(1)
            else:
                yield True
                return
        yield False
