"""The process beside one of Dask's: its own warm parents, its own seal, and a local pool for one course at a time.

It ends when the process that it stands beside does, and all that it started ends with it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from types import MappingProxyType
from typing import Any

from autograder.course import Course, SubmissionId
from autograder.engine import worker
from autograder.engine.cluster import course_archive
from autograder.engine.cluster.serialization import Data, dumps, loads, to_again, to_bytes, to_page, to_task
from autograder.engine.local import ProcessPool
from autograder.engine.messages import WorkItem, WorkResult
from autograder.engine.replay import replay
from autograder.errors import AutograderError, NoSeal
from autograder.grading.notebook_grader import profile_of
from autograder.nbgrader.records import GradedSubmission
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.session import KERNEL_PROFILES
from autograder.text import Text

POLL_SECONDS = 0.05
WORK: Mapping[str, Any] = MappingProxyType(
    {"grade": (worker.grade, to_task), "render": (worker.render, to_page), "replay": (replay, to_again)}
)


def main(descriptor: int, slots: int) -> None:
    """Answer what comes through a pipe until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the terminal of a worker is for Dask
    os.dup2(2, 1)  # what libraries print is no answer
    hosted = GradingProcess(Connection(descriptor), slots)
    try:
        with contextlib.suppress(EOFError, OSError):
            while True:
                hosted.go_on()
    finally:
        hosted.close()


class GradingProcess:
    """A course at work. Another one takes its place when nothing is under way."""

    def __init__(self, pipe: Connection, slots: int) -> None:
        self._pipe, self._slots = pipe, slots
        self._course = self._seals = ""
        self._folder: Path | None = None
        self._pool: ProcessPool | None = None
        self._under_way: dict[int, SubmissionId] = {}
        self._postponed: deque[tuple[int, Data]] = deque()

    def go_on(self) -> None:
        """Take what is asked, and answer what is done. Raises EOFError where nobody asks any more."""
        if not self._under_way and self._postponed:
            self._take(*self._postponed.popleft())
        elif self._pipe.poll(0 if self._under_way else None):
            raw = self._pipe.recv_bytes()
            self._take(int.from_bytes(raw[:8], "big"), loads(raw[8:]))
        if self._pool is not None and self._under_way:
            for finished in self._pool.completed(POLL_SECONDS):
                self._answer(finished.key, _told(finished, self._under_way.pop(finished.key)))

    def close(self) -> None:
        """End all that was started, and leave nothing of the course behind."""
        if self._pool is not None:
            self._pool.close()
        ForkServerPool.instance().close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._course, self._pool, self._folder = "", None, None

    def _take(self, number: int, asked: Data) -> None:
        if asked["course"] != self._course:
            if "archive" not in asked:
                return self._answer(number, {"state": "need"})
            if self._under_way:
                return self._postponed.append((number, asked))
            try:
                self._open(asked)
            except (AutograderError, OSError) as error:
                self.close()
                text = error.message if isinstance(error, NoSeal) else Text(ko=str(error), en=str(error))
                return self._answer(number, {"state": "refused", "reason": text.to_dict()})
        if "work" not in asked:
            return self._answer(number, {"state": "open", "seal": self._seals})
        function, decoded = WORK[asked["work"]]
        given = decoded(asked["data"])
        self._under_way[number] = given.submission
        assert self._pool is not None
        return self._pool.submit(WorkItem(number, function, given))

    def _open(self, asked: Data) -> None:
        self.close()
        ForkServerPool.clear_instance()  # with it, what was hidden for another course
        self._folder = Path(tempfile.mkdtemp(prefix="autograder-course-"))
        course_archive.unpack(to_bytes(asked["archive"]), self._folder)
        course = Course.open(self._folder)
        course.config.CourseSettings.seal, course.config.CourseSettings.fit = asked["seal"], asked["fit"]
        parents: ForkServerPool = ForkServerPool.instance()
        parents.hide(course.root)
        parents.set_fit(course.settings.fit)
        sources = [
            parents.get(KERNEL_PROFILES[profile], course.settings.seal)
            for profile in sorted(
                {profile_of(course.readable_questions(name)) for name in asked["assignments"]}
            )
        ]
        self._seals = ", ".join(sorted({source.seal.name if source else "none" for source in sources}))
        self._pool, self._course = ProcessPool(course, self._slots), asked["course"]

    def _answer(self, number: int, told: Data) -> None:
        self._pipe.send_bytes(number.to_bytes(8, "big") + dumps(told))


def _told(finished: WorkResult, submission: SubmissionId) -> Data:
    """What became of a piece of work, as it travels."""
    if finished.error:
        return {"state": "lost" if finished.lost else "failed", "reason": finished.error}
    told: Data = {"state": "done", "submission": asdict(submission)}
    value = finished.value
    if isinstance(value, GradedSubmission):
        return told | {"notebook": value.notebook, "reason": value.reason}
    return told | ({"page": value} if isinstance(value, str) else {"seen": value})


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
