"""What people type into the staff's forms, read; what cannot be meant is refused in words."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from autograder.errors import AutograderError
from autograder.grading.feedback import plain
from autograder.text import Text, one_line

LONGEST = 2000
"""Characters of a reason or an answer."""
YEARS = (2000, 2100)


class FormError(AutograderError):
    """Something in a form that cannot be done as it stands: nothing of the form was done."""

    def __init__(self, *, ko: str, en: str) -> None:
        self.told = Text(ko=ko, en=en)
        super().__init__(en)


def points_of(typed: str, most: float) -> float:
    """Points from 0 to `most`. Raises Mistyped."""
    number = _number(typed)
    if number is None or not 0 <= number <= most:
        shown = _shown(typed)
        raise FormError(
            ko=f"점수는 0부터 {plain(most)}까지의 수로 써 주세요. 쓰신 값: {shown}",
            en=f"Points are a number from 0 to {plain(most)}; found {shown}.",
        )
    return number


def percent_of(typed: str) -> float:
    """A share above 0, up to 100. Raises Mistyped."""
    number = _number(typed)
    if number is None or not 0 < number <= 100:
        shown = _shown(typed)
        raise FormError(
            ko=f"하루에 빼는 비율은 0보다 크고 100 이하인 수로 써 주세요. 쓰신 값: {shown}",
            en=f"The deduction per day is a number above 0 and at most 100; found {shown}.",
        )
    return number


def whole_of(typed: str, *, most: int = 1000) -> int | None:
    """A whole number from 1; None where nothing was typed. Raises Mistyped."""
    if not typed.strip():
        return None
    number = _number(typed)
    if number is None or number != int(number) or not 1 <= number <= most:
        shown = _shown(typed)
        raise FormError(
            ko=f"횟수는 1부터 {most}까지의 정수로 써 주세요. 쓰신 값: {shown}",
            en=f"A number of attempts is a whole number from 1 to {most}; found {shown}.",
        )
    return int(number)


def words_of(typed: str, *, ko: str, en: str) -> str:
    """A text of a sensible length. ko, en: what to say where there is none. Raises Mistyped."""
    text = typed.strip()
    if not text:
        raise FormError(ko=ko, en=en)
    if len(text) > LONGEST:
        raise FormError(
            ko=f"{LONGEST}자까지만 쓸 수 있습니다. 지금은 {len(text)}자입니다.",
            en=f"A text may have {LONGEST} characters; this one has {len(text)}.",
        )
    return text


def moment_of(typed: str, zone: ZoneInfo) -> datetime | None:
    """A date and time as the clocks of `zone` show it, in UTC; None where nothing was typed. Raises Mistyped."""
    text = typed.strip()
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        local = None
    # a date alone would mean its first minute, which nobody means by a due date
    if local is None or len(text) < 15 or local.tzinfo or not YEARS[0] <= local.year < YEARS[1]:
        shown = _shown(typed)
        raise FormError(
            ko=f"날짜와 시각은 2027-03-31 23:59처럼 써 주세요. 쓰신 값: {shown}",
            en=f"A date and time is written like 2027-03-31 23:59; found {shown}.",
        )
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        raise FormError(
            ko=f"없는 시각입니다: {_shown(typed)}. 그날 {zone.key}에서는 시계를 앞으로 돌립니다.",
            en=f"There is no {_shown(typed)}: the clocks of {zone.key} are put forward that day.",
        )
    return moment


def _number(typed: str) -> float | None:
    try:
        number = float(typed.strip())
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _shown(typed: str) -> str:
    return f"“{one_line(typed)[:60]}”"
