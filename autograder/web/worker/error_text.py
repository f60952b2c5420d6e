"""What went wrong, as the log may have it: never what was in a statement or a path, which may be a student's."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from autograder.errors import AutograderError

AWAY = (OperationalError, InterfaceError, TimeoutError)
"""What says that a database does not answer now."""


def format_error(error: BaseException) -> str:
    """An error on one line."""
    name = type(error).__name__
    if isinstance(error, DBAPIError):
        return f"{name}: {str(error.orig).strip().partition(chr(10))[0]}"
    if isinstance(error, OSError):
        return f"{name}: {error.strerror}"
    if isinstance(error, (AutograderError, TimeoutError)):
        return f"{name}: {error}"
    return name
