"""The failing cases of attempts, kept for staff when an attempt is graded.

Every function works in the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from autograder.grading.failing_cases import MAX_CASES, FailingCases
from autograder.plain_data import from_data, to_data
from autograder.web.db.models import KeptCases

MAX_SIZE = 100_000
"""Characters of JSON that are kept of one attempt."""


def store(session: Session, attempt: int, failing: Mapping[str, FailingCases]) -> None:
    """Replace the failing cases of an attempt, by question; see `as_data`."""
    put(session, attempt, as_data(failing))


def put(session: Session, attempt: int, data: Mapping[str, Any]) -> None:
    """Replace the failing cases of an attempt by others that were saved."""
    forget(session, [attempt])
    for question, cases in data.items():
        session.add(KeptCases(attempt_id=attempt, question=question, cases=cases))


def saved(session: Session, attempt: int) -> dict[str, Any]:
    """Return the failing cases of an attempt as plain data, by question."""
    rows = session.scalars(select(KeptCases).where(KeptCases.attempt_id == attempt))
    return {row.question: row.cases for row in rows}


def load(session: Session, attempt: int, question: str) -> FailingCases | None:
    """Return the failing cases of a question; None if none were kept, as of an attempt of an earlier version."""
    row = session.get(KeptCases, (attempt, question))
    return None if row is None else from_data(row.cases, FailingCases)


def forget(session: Session, attempts: Sequence[int] | Select[Any]) -> None:
    """Delete the failing cases of attempts, given by their ids."""
    session.execute(delete(KeptCases).where(KeptCases.attempt_id.in_(attempts)))


def as_data(failing: Mapping[str, FailingCases]) -> dict[str, Any]:
    """Return failing cases as plain data, by question: as many of each check as fit in `MAX_SIZE` together."""
    for number in range(MAX_CASES, -1, -1):
        data = {question: to_data(cases.first(number)) for question, cases in failing.items()}
        if len(json.dumps(data)) <= MAX_SIZE:
            return data
    return {question: to_data(FailingCases()) for question in failing}
