"""A scheduler that is looked for while others go on: to reach it, or to hear from it, may take half a minute."""

from __future__ import annotations

import threading

from autograder.engine.cluster.connection import Connection
from autograder.errors import CourseError


class Reaching(threading.Thread):
    """One look: who is at a scheduler, which is connected to first where there is no connection."""

    def __init__(self, address: str, connection: Connection | None) -> None:
        super().__init__(name="reaching", daemon=True)
        self._address = address
        self.connection = connection
        self.workers: dict[str, int] | None = None
        """Threads by worker's address; None where nobody answers."""
        self.reason = ""
        """Why there is no connection, where none could be made."""
        self.start()

    def run(self) -> None:
        """Look."""
        try:
            self.connection = self.connection or Connection(self._address)
        except CourseError as error:
            self.reason = str(error)
        else:
            self.workers = self.connection.workers()
