"""How many files each person has sent within an hour, whatever became of them, and how many at once."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from autograder.web import errors
from autograder.web.errors import RequestRejected

AT_ONCE = 2
"""How many files of a person are taken at once: a button that is pressed twice is no error, but each file in progress
takes memory and one of the few threads."""
HOUR = timedelta(hours=1)


class UploadRate:
    """Counts the files that people send, since reading one takes seconds at most, also one that is refused.

    It is kept in memory: another process counts for itself, and a restart begins anew.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: dict[int, deque[datetime]] = {}
        """By person, when each file of the last hour arrived, oldest first."""

    def count(self, person: int, moment: datetime, most: int) -> datetime | None:
        """Count a file, and return None; or, if there were as many as `most`, the moment from which one more may come.

        person: the id. moment: when the file arrived.
        """
        with self._lock:
            sent = self._sent.setdefault(person, deque())
            while sent and sent[0] <= moment - HOUR:
                sent.popleft()
            if len(sent) >= most:
                return sent[0] + HOUR
            sent.append(moment)
            return None


class UploadPlaces:
    """Lets each person send only a few files at once, so that one person does not take all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[int] = Counter()
        """By person, the number of files in progress."""

    @contextmanager
    def taken(self, person: int) -> Iterator[None]:
        """Hold a place while a file is read and stored. Raises RequestRejected if the person has none left."""
        with self._lock:
            if self._taken[person] >= AT_ONCE:
                raise RequestRejected(errors.TOO_MANY_AT_ONCE)
            self._taken[person] += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken[person] -= 1
                if not self._taken[person]:
                    del self._taken[person]
