"""The fields of forms, on WTForms: each parses its input, or refuses it with a message for the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import wtforms
from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from autograder.errors import AutograderError
from autograder.grading.wording import plain
from autograder.i18n import _
from autograder.text import Text, one_line
from autograder.web.context import tool

MAX_LENGTH = 2000
"""Maximum characters of a reason or an answer."""
YEARS = (2000, 2100)


class FormError(AutograderError):
    """Invalid input in a form, of which nothing was applied. errors: the messages of the refused fields, by name."""

    def __init__(self, message: Text, field: str = "", *, errors: Mapping[str, Text] | None = None) -> None:
        super().__init__(message)
        self.errors = errors or ({field: message} if field else {})


Problem = Text | AutograderError
"""Why a submitted form changed nothing."""


class Form(wtforms.Form):
    """A form whose messages are texts in both languages."""

    def check(self) -> None:
        """Raise FormError, with a message for each refused field, unless all fields are valid."""
        if not self.validate():
            errors: dict[str, Any] = {field.name: field.errors[0] for field in self if field.errors}
            raise FormError(next(iter(errors.values())), errors=errors)


class TextField(wtforms.Field):
    """A text without surrounding space. missing: the message if it is empty; None if it may be."""

    def __init__(self, missing: Text | None = None, *, limit: int = MAX_LENGTH, **options: Any) -> None:
        super().__init__(**options)
        self.missing, self._limit = missing, limit

    def process_formdata(self, values: Sequence[str]) -> None:
        """See WTForms. Browsers count a line break as one character, and send two."""
        self.data = "".join(values[:1]).replace("\r\n", "\n").strip()

    def pre_validate(self, form: BaseForm) -> None:
        """See WTForms."""
        if not self.data and self.missing:
            raise _refusal(self.missing)
        if (length := len(self.data)) > self._limit:
            raise _refusal(
                _(
                    "There is room for {limit} characters, and you wrote {length}.",
                    limit=self._limit,
                    length=length,
                )
            )


class MomentField(wtforms.Field):
    """A date and time in the course's zone, parsed to UTC; None for an empty field."""

    def process_formdata(self, values: Sequence[str]) -> None:
        """See WTForms."""
        self.data = parse_moment("".join(values[:1]), tool.course.zone)


class NumberField(wtforms.Field):
    """A number. message: for input that is none, or that does not fit, with the placeholders `maximum` and `shown`.

    fits: called with the number and the maximum, which a view may set before it checks the form.
    """

    def __init__(
        self,
        message: Text,
        fits: Callable[[float, float], bool],
        *,
        maximum: float = math.inf,
        may_be_empty: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.maximum, self._message, self._fits, self._may_be_empty = maximum, message, fits, may_be_empty

    def process_formdata(self, values: Sequence[str]) -> None:
        """See WTForms."""
        self._typed = "".join(values[:1]).strip()
        try:
            number = float(self._typed)
        except ValueError:
            number = math.nan
        self.data = number if math.isfinite(number) else None

    def pre_validate(self, form: BaseForm) -> None:
        """See WTForms."""
        if self._may_be_empty and not self._typed:
            return
        if self.data is None or not self._fits(self.data, self.maximum):
            raise _refusal(self._message.format(maximum=plain(self.maximum), shown=_quoted(self._typed)))


def points_field(*, may_be_empty: bool = False) -> NumberField:
    """Return a field of points from 0 to its maximum."""
    return NumberField(
        _("Points are a number from 0 to {maximum}; found {shown}."),
        lambda number, maximum: 0 <= number <= maximum,
        may_be_empty=may_be_empty,
    )


def count_field(*, maximum: int = 1000) -> NumberField:
    """Return a field of a whole number of attempts from 1 to `maximum`, which may be empty."""
    return NumberField(
        _("A number of attempts is a whole number from 1 to {maximum}; found {shown}."),
        lambda number, maximum: number == int(number) and 1 <= number <= maximum,
        maximum=maximum,
        may_be_empty=True,
    )


def one_of(choices: Collection[str], message: Text) -> Callable[[BaseForm, wtforms.Field], None]:
    """Return a validator of radio buttons. message: for any other value."""

    def check(form: BaseForm, field: wtforms.Field) -> None:
        if field.data not in choices:
            raise _refusal(message)

    return check


def parse_moment(typed: str, zone: ZoneInfo) -> datetime | None:
    """Parse a local date and time of `zone` and return it in UTC; None for an empty text. Raises ValidationError."""
    text = typed.strip()
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        local = None
    # a date alone would mean its first minute, which no one means by a due date
    if local is None or len(text) < 15 or local.tzinfo or not YEARS[0] <= local.year < YEARS[1]:
        raise _refusal(
            _("A date and time is written like 2027-03-31 23:59; found {shown}.", shown=_quoted(typed))
        )
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        raise _refusal(
            _(
                "There is no {typed}: the clocks of {zone} are put forward that day.",
                typed=_quoted(typed),
                zone=zone.key,
            )
        )
    return moment


def local_time(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return a time in `zone` as a form field takes it; empty if there is none."""
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def _refusal(message: Text) -> ValidationError:
    """Return the error that has WTForms keep the message."""
    return ValidationError(message)  # type: ignore[arg-type]


def _quoted(typed: str) -> str:
    return f"“{one_line(typed)[:60]}”"
