"""The grading process beside a Dask worker: its own fork servers, seal, and local pool for one course at a time.

It ends when Dask's process does, and everything that it started ends with it.
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

import autograder.startup  # noqa: F401 - before anything that imports nbformat
from autograder.course import Course, SubmissionId
from autograder.engine.cluster import course_archive
from autograder.engine.cluster.serialization import Data, dumps, loads, to_page, to_task
from autograder.engine.local import ProcessPool
from autograder.engine.messages import WorkItem, WorkResult
from autograder.engine.tested_class import profiles_of
from autograder.engine.worker import Worker
from autograder.errors import AutograderError, CourseError
from autograder.i18n import _
from autograder.nbgrader.records import GradeRecord
from autograder.plain_data import from_data, to_data
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.importable import is_importable
from autograder.text import Text

POLL_SECONDS = 0.05
WORK: Mapping[str, Any] = MappingProxyType(
    {"grade": (Worker.grade, to_task), "render": (Worker.render, to_page)}
)


def main(descriptor: int, slots: int) -> None:
    """Answer the requests from a pipe until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the terminal of a worker is for Dask
    os.dup2(2, 1)  # keep what libraries print out of stdout
    process = GradingProcess(Connection(descriptor), slots)
    try:
        with contextlib.suppress(EOFError, OSError):
            while True:
                process.step()
    finally:
        process.close()


class GradingProcess:
    """The open course and its pool. Another course replaces it once no item is in progress."""

    def __init__(self, pipe: Connection, slots: int) -> None:
        self._pipe, self._slots = pipe, slots
        self._course = self._seals = ""
        self._folder: Path | None = None
        self._pool: ProcessPool | None = None
        self._in_progress: dict[int, SubmissionId] = {}
        self._postponed: deque[tuple[int, Data]] = deque()

    def step(self) -> None:
        """Handle the next request and answer what is done. Raises EOFError once the pipe is closed."""
        if not self._in_progress and self._postponed:
            self._handle(*self._postponed.popleft())
        elif self._pipe.poll(0 if self._in_progress else None):
            raw = self._pipe.recv_bytes()
            self._handle(int.from_bytes(raw[:8], "big"), loads(raw[8:]))
        if self._pool is not None and self._in_progress:
            for finished in self._pool.completed(POLL_SECONDS):
                self._answer(finished.key, _encode(finished, self._in_progress.pop(finished.key)))

    def close(self) -> None:
        """End everything that was started, and delete the files of the course."""
        if self._pool is not None:
            self._pool.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._course, self._pool, self._folder = "", None, None

    def _handle(self, number: int, request: Data) -> None:
        if request["course"] != self._course:
            if "archive" not in request:
                return self._answer(number, {"state": "need"})
            if self._in_progress:
                return self._postponed.append((number, request))
            try:
                self._open(request)
            except (AutograderError, OSError) as error:
                self.close()
                text = error.message if isinstance(error, AutograderError) else Text.same(error)
                return self._answer(number, {"state": "refused", "reason": text.to_dict()})
        if "work" not in request:
            return self._answer(number, {"state": "open", "seal": self._seals})
        function, decode = WORK[request["work"]]
        task = decode(request["data"])
        self._in_progress[number] = task.submission
        assert self._pool is not None
        return self._pool.submit(WorkItem(number, function, task))

    def _open(self, request: Data) -> None:
        self.close()
        self._folder = Path(tempfile.mkdtemp(prefix="autograder-course-"))
        course_archive.unpack(from_data(request["archive"], bytes), self._folder)
        course = Course.open(self._folder).with_settings(seal=request["seal"], fit=request["fit"])
        pool = ForkServerPool(private=(course.root,), fit=course.settings.fit)
        if missing := [name for name in request["modules"] if not is_importable(name)]:
            raise CourseError(_("the tests import {modules}, missing here", modules=", ".join(missing)))
        sources = [
            pool.get(profile, course.settings.seal) for profile in profiles_of(course, request["assignments"])
        ]
        self._seals = ", ".join(sorted({source.seal.name if source else "none" for source in sources}))
        self._pool, self._course = ProcessPool(course, pool, self._slots), request["course"]

    def _answer(self, number: int, answer: Data) -> None:
        self._pipe.send_bytes(number.to_bytes(8, "big") + dumps(answer))


def _encode(finished: WorkResult, submission: SubmissionId) -> Data:
    """Encode the result of a work item."""
    if finished.error:
        return {"state": "lost" if finished.lost else "failed", "reason": finished.error.to_dict()}
    answer: Data = {"state": "done", "submission": asdict(submission)}
    value = finished.value
    if isinstance(value, GradeRecord):
        reason = value.reason and value.reason.to_dict()
        return answer | {
            "notebook": value.notebook, "reason": reason, "starved": value.is_starved,
            "failing": to_data(value.failing),
        }  # fmt: skip
    return answer | {"page": value}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
