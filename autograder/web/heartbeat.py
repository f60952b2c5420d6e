"""Whether a worker is grading: it writes the time into a file every few seconds, for web process and `doctor`."""

from __future__ import annotations

from datetime import datetime, timedelta

from autograder.course import Course
from autograder.files import atomic_write
from autograder.web.settings import folder_of

FILE = "worker.alive"
BEAT_SECONDS = 5.0
SILENT_AFTER = timedelta(minutes=1)


def beat(course: Course, moment: datetime) -> None:
    """Record that a worker of the course can grade at a moment."""
    atomic_write(folder_of(course) / FILE, moment.isoformat())


def last_beat(course: Course) -> datetime | None:
    """Return when a worker could last grade; None if that is not known."""
    try:
        return datetime.fromisoformat((folder_of(course) / FILE).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def is_silent(last: datetime | None, moment: datetime) -> bool:
    """Return whether no worker seems to be grading. last: when one could."""
    return last is None or moment - last > SILENT_AFTER
