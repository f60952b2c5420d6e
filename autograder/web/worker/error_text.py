"""Formats errors for the log and for staff, without SQL parameters or paths, which may hold student data."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from autograder.errors import AutograderError, message_of
from autograder.text import Text

AWAY = (OperationalError, InterfaceError, TimeoutError)
"""Errors of an unavailable database."""


def format_error(error: BaseException) -> Text:
    """Format an error on one line."""
    name = type(error).__name__
    if isinstance(error, DBAPIError):
        return Text.same(f"{name}: {str(error.orig).strip().partition(chr(10))[0]}")
    if isinstance(error, OSError):
        return Text.same(f"{name}: {error.strerror}")
    if isinstance(error, (AutograderError, TimeoutError)):
        return message_of(error)
    return Text.same(name)
