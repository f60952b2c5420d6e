"""In which order rows are locked on PostgreSQL, so that nobody waits for somebody who waits for them.

First the LMS, then the activity, then jobs and attempts, then people in the order of their ids, then what stands of
them in the order of activities and people, then what the LMS is told. SQLite has one writer at a time.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from autograder.web.db.models import Person


def hold(session: Session, people: Collection[int] | Select[Any], *, lightly: bool = False) -> None:
    """Lock some people until the transaction ends, before anything that hangs on them.

    Other rows may still begin to refer to them. lightly: all that it keeps others from is to forget them.
    """
    session.execute(
        select(Person.id)
        .where(Person.id.in_(people))
        .order_by(Person.id)
        .with_for_update(read=lightly, key_share=True)
    )
