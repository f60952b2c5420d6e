"""Kinds of columns that SQLite and PostgreSQL hold alike, and the tables' common ground."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase


class Moment(TypeDecorator[datetime]):
    """A time with its zone: UTC in the database and in what comes back, whatever the database knows of zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The time in UTC; ValueError for one that says no zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time needs its zone: {value!r}")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored time, aware; SQLite gives it back bare."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Prose(TypeDecorator[str]):
    """Text as any database can hold it; an LMS may send a NUL or half a character, which PostgreSQL refuses."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text with a question mark or U+FFFD for what cannot be stored."""
        return None if value is None else storable(value)


def storable(value: str) -> str:
    """What `Prose` keeps of a text."""
    return value.encode(errors="replace").decode().replace("\0", "\ufffd")


class Table(DeclarativeBase):
    """What all tables have in common: `Table.metadata` is the schema."""

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
        str: Prose,
        # no type of the database's own, and room for a longer word
        Literal: Enum(enum.Enum, native_enum=False, length=20),
    }
