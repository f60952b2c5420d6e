"""How many files each person has sent within an hour, whatever became of them."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

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
