"""Serializes the messages to and from a cluster's workers as JSON.

The bytes that Dask carries are never unpickled by this package: both sides write and read these texts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

from autograder.engine.messages import GradeTask, RenderTask
from autograder.plain_data import from_data, to_data

Data = dict[str, Any]


def dumps(data: Mapping[str, Any]) -> bytes:
    """Serialize a message. Raises ValueError for a number that is not finite."""
    return json.dumps(data, allow_nan=False).encode()


def loads(raw: bytes) -> Data:
    """Parse a message. Raises ValueError for other bytes, or for a number that is not finite."""
    try:
        data = json.loads(raw, parse_constant=_not_finite)
    except (RecursionError, UnicodeDecodeError) as error:
        raise ValueError(f"expected JSON, found {type(error).__name__}") from error
    if not isinstance(data, dict):
        raise ValueError(f"expected a message, found {type(data).__name__}")
    return data


def _not_finite(word: str) -> NoReturn:
    raise ValueError(f"expected finite numbers, found {word}")


def from_task(task: GradeTask) -> Data:
    """Encode a submission to grade.

    The known ids of the class travel once, not with the owner too; the question files travel in the course's archive.
    """
    owner = None if task.owner is None else replace(task.owner, known={})
    data: Data = to_data(replace(task, owner=owner, questions=""))
    return data


def to_task(data: Data) -> GradeTask:
    """Decode the submission that `from_task` encoded."""
    task = from_data(data, GradeTask)
    return task if task.owner is None else replace(task, owner=replace(task.owner, known=task.known))


def to_page(data: Data) -> RenderTask:
    """Decode a feedback page to render."""
    return from_data(data, RenderTask)
