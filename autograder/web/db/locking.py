"""Lock order on PostgreSQL, to prevent deadlocks.

Lock the platform first, then the resource link, then jobs and attempts, then people in the order of their ids, then
final grades in the order of links and people, then deliveries. SQLite has one writer at a time.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from autograder.web.db.models import Person, ToolKey


def lock_people(session: Session, people: Collection[int] | Select[Any], *, shared: bool = False) -> None:
    """Lock people until the transaction ends, before any row that belongs to them.

    Other transactions may still insert rows that refer to them. shared: only prevent that they are deleted.
    """
    session.execute(
        select(Person.id)
        .where(Person.id.in_(people))
        .order_by(Person.id)
        .with_for_update(read=shared, key_share=True)
    )


def lock_keys(session: Session) -> None:
    """Have other processes wait that would create a key of the tool, too: there may be no row yet to lock."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"LOCK TABLE {ToolKey.__tablename__} IN EXCLUSIVE MODE"))
