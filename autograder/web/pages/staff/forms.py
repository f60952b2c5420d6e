"""Parses the fields of staff forms; invalid input raises an error with a message for the page."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from autograder.errors import AutograderError
from autograder.grading.wording import plain
from autograder.i18n import _
from autograder.text import Text, one_line

MAX_LENGTH = 2000
"""Maximum characters of a reason or an answer."""
YEARS = (2000, 2100)


class FormError(AutograderError):
    """Invalid input in a form, of which nothing was applied. field: the name of the field, if it is one."""

    def __init__(self, message: Text, field: str = "") -> None:
        super().__init__(message)
        self.field = field


Problem = Text | AutograderError
"""Why a submitted form changed nothing."""


def parse_points(typed: str, maximum: float) -> float:
    """Parse points from 0 to `maximum`. Raises FormError for the field `points`."""
    number = _number(typed)
    if number is None or not 0 <= number <= maximum:
        quoted = _quoted(typed)
        raise FormError(
            _(
                "Points are a number from 0 to {maximum}; found {shown}.",
                maximum=plain(maximum),
                shown=quoted,
            ),
            "points",
        )
    return number


def parse_percent(typed: str) -> float:
    """Parse a percentage above 0, at most 100. Raises FormError for the field `late_percent`."""
    number = _number(typed)
    if number is None or not 0 < number <= 100:
        quoted = _quoted(typed)
        raise FormError(
            _("The deduction per day is a number above 0 and at most 100; found {shown}.", shown=quoted),
            "late_percent",
        )
    return number


def parse_count(typed: str, *, maximum: int = 1000, field: str = "") -> int | None:
    """Parse a whole number from 1 to `maximum`; None for an empty field. Raises FormError for the field."""
    if not typed.strip():
        return None
    number = _number(typed)
    if number is None or number != int(number) or not 1 <= number <= maximum:
        quoted = _quoted(typed)
        raise FormError(
            _(
                "A number of attempts is a whole number from 1 to {maximum}; found {shown}.",
                maximum=maximum,
                shown=quoted,
            ),
            field,
        )
    return int(number)


def parse_text(typed: str, *, missing: Text, field: str = "") -> str:
    """Return the text without surrounding space. missing: the message if it is empty. Raises FormError.

    field: its name, for the error.
    """
    text = typed.strip()
    if not text:
        raise FormError(missing, field)
    if len(text) > MAX_LENGTH:
        raise FormError(
            _("A text may have {most} characters; this one has {length}.", most=MAX_LENGTH, length=len(text)),
            field,
        )
    return text


def parse_moment(typed: str, zone: ZoneInfo, *, field: str = "") -> datetime | None:
    """Parse a local date and time of `zone` and return it in UTC; None for an empty field.

    Raises FormError for the field.
    """
    text = typed.strip()
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        local = None
    # a date alone would mean its first minute, which no one means by a due date
    if local is None or len(text) < 15 or local.tzinfo or not YEARS[0] <= local.year < YEARS[1]:
        quoted = _quoted(typed)
        raise FormError(
            _("A date and time is written like 2027-03-31 23:59; found {shown}.", shown=quoted), field
        )
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        raise FormError(
            _(
                "There is no {typed}: the clocks of {zone} are put forward that day.",
                typed=_quoted(typed),
                zone=zone.key,
            ),
            field,
        )
    return moment


def local_time(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return a time in `zone` as a form field takes it; empty if there is none."""
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def _number(typed: str) -> float | None:
    try:
        number = float(typed.strip())
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _quoted(typed: str) -> str:
    return f"“{one_line(typed)[:60]}”"
