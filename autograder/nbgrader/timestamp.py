"""The time of a submission, read from the `timestamp.txt` of nbgrader's exchange."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.errors import UnreadableSubmission
from autograder.submissions.safe_read import read_bytes

MAX_TIMESTAMP = 100
NAMES_A_FILE = re.compile(r" :?/|\.\.")
"""A time zone that would be read from a file, such as one that was submitted too."""


def submitted_at(folder: Path | str) -> datetime | None:
    """Return the time in `timestamp.txt` of a submission's folder, or None if there is no valid time.

    In UTC, without a time zone, as nbgrader stores it. nbgrader's own reading would wait forever on a pipe.
    """
    path = Path(folder, "timestamp.txt")
    try:
        text = read_bytes(path, below=path.parents[2])[:MAX_TIMESTAMP].decode().strip()
        time: datetime | None = None if NAMES_A_FILE.search(text) else parse_utc(text)
    except (UnreadableSubmission, ValueError, OverflowError):
        return None
    return time
