"""Formats errors for the log, without SQL parameters or paths, which may hold student data."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from autograder.errors import AutograderError

AWAY = (OperationalError, InterfaceError, TimeoutError)
"""Errors of an unavailable database."""


def format_error(error: BaseException) -> str:
    """Format an error on one line."""
    name = type(error).__name__
    if isinstance(error, DBAPIError):
        return f"{name}: {str(error.orig).strip().partition(chr(10))[0]}"
    if isinstance(error, OSError):
        return f"{name}: {error.strerror}"
    if isinstance(error, (AutograderError, TimeoutError)):
        return f"{name}: {error}"
    return name
