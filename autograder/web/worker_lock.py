"""The lock of a course's worker, which ends with its process, by whatever signal: whoever holds it is the only one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from autograder.course import Course
from autograder.web.settings import folder_of

FILE = "worker.lock"


@contextmanager
def worker_lock(course: Course) -> Iterator[bool]:
    """Hold the lock for the time of a block. Yields false, at once, if a worker holds it."""
    lock = FileLock(folder_of(course) / FILE)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
