"""The worker as a process of its own, and waiting for what it does."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
TEMP = """
import signal, threading, logging
from pathlib import Path
from autograder.course import Course
from autograder.web.settings import database_of
from autograder.web.store.database import Database
from autograder.web.worker.loop import run
logging.basicConfig(level=logging.INFO)
if __name__ == "__main__":
    course = Course.open(Path.cwd())
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *a: stop.set())
    run(Database.open(database_of(course)), course, stop=stop)
"""
PATIENCE = 120
"""Seconds; the machine may be busy with other tests."""


@contextlib.contextmanager
def worker(course: Path, log: Path) -> Iterator[None]:
    """`autograder worker` in a course, for the time of a block; it must live until the end of it."""
    with log.open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", TEMP],
            cwd=course,
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
        assert process.poll() is None, log.read_text(encoding="utf-8")
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(found: Callable[[], T], *, log: Path | None = None) -> T:
    """What `found` returns, once it is something."""
    end = time.monotonic() + PATIENCE
    while not (seen := found()):
        assert time.monotonic() < end, log.read_text(encoding="utf-8") if log else "waited in vain"
        time.sleep(0.2)
    return seen
