"""Column types that behave alike on SQLite and PostgreSQL, and the base class of the tables."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

import sqlalchemy
from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

from autograder.text import Text


class Moment(TypeDecorator[datetime]):
    """A timezone-aware time, stored and returned in UTC whether or not the database supports time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert the time to UTC. Raises ValueError if it has no time zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"the time {value!r} has no time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored time in UTC; SQLite returns it without a time zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Prose(TypeDecorator[str]):
    """Text that any database can store: an LMS may send a NUL or a lone surrogate, which PostgreSQL rejects."""

    impl = sqlalchemy.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what cannot be stored with a question mark or U+FFFD."""
        return None if value is None else storable(value)


class Localized(TypeDecorator[Text]):
    """A text for people, stored in every language of the interface: as JSON, by language."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Text | None, dialect: Dialect) -> dict[str, str] | None:
        """Replace what cannot be stored, as `Prose` does."""
        return None if value is None else value.map(storable).to_dict()

    def process_result_value(self, value: dict[str, str] | None, dialect: Dialect) -> Text | None:
        """Return the text."""
        return None if value is None else Text(**value)


def storable(value: str) -> str:
    """Return a text as `Prose` stores it."""
    return value.encode(errors="replace").decode().replace("\0", "\ufffd")


class Table(DeclarativeBase):
    """The base class of the tables; `Table.metadata` is the schema."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment,
        dict[str, Any]: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
        list[dict[str, Any]]: JSON(none_as_null=True),
        str: Prose,
        Text: Localized,
        # not the database's own enum type, and with room for longer values
        Literal: Enum(enum.Enum, native_enum=False, length=20),
    }
