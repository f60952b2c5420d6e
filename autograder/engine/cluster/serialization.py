"""Serializes the messages to and from a cluster's workers as JSON.

The bytes that Dask carries are never unpickled by this package: both sides write and read these texts.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, NoReturn

from autograder.course import SubmissionId
from autograder.engine.messages import GradeTask, RenderTask, ReplayTask
from autograder.grading.fingerprint import RegradeReason
from autograder.nbgrader.records import RecordedAssignment, Scores, SourceCell
from autograder.questions.variants import Owner
from autograder.submissions.selection import File
from autograder.text import Text

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


def from_bytes(raw: bytes) -> str:
    """Encode bytes as a JSON string."""
    return base64.b64encode(raw).decode()


def to_bytes(text: str) -> bytes:
    """Decode the bytes that `from_bytes` encoded."""
    return base64.b64decode(text)


def from_task(task: GradeTask) -> Data:
    """Encode a submission to grade."""
    owner = task.owner
    return {
        "submission": asdict(task.submission),
        "submitted": [
            {
                "name": file.name,
                "raw": from_bytes(file.raw),
                "refused": None if file.refused is None else file.refused.to_dict(),
            }
            for file in task.submitted
        ],
        "cells": {name: asdict(cell) for name, cell in task.recorded.cells.items()},
        "known": dict(task.known),
        "owner": None if owner is None else [owner.course, owner.student, list(owner.group)],
        "regrade_reason": [task.regrade_reason.reason, task.regrade_reason.detail],
        "unproved": dict(task.unproved),
        "prefetch": task.prefetch,
    }


def to_task(data: Data) -> GradeTask:
    """Decode the submission that `from_task` encoded."""
    known, owner = data["known"], data["owner"]
    return GradeTask(
        SubmissionId(**data["submission"]),
        tuple(
            File(
                file["name"],
                to_bytes(file["raw"]),
                None if file["refused"] is None else Text(**file["refused"]),
            )
            for file in data["submitted"]
        ),
        RecordedAssignment({name: SourceCell(**cell) for name, cell in data["cells"].items()}),
        known,
        None if owner is None else Owner(owner[0], owner[1], known, tuple(owner[2])),
        RegradeReason(*data["regrade_reason"]),
        data["unproved"],
        prefetch=data["prefetch"],
    )


def from_replay(replay: ReplayTask) -> Data:
    """Encode a question to replay."""
    return {"task": from_task(replay.task), "question": replay.question, "score": replay.score}


def to_replay(data: Data) -> ReplayTask:
    """Decode the question that `from_replay` encoded."""
    return ReplayTask(to_task(data["task"]), data["question"], data["score"])


def from_page(page: RenderTask) -> Data:
    """Encode a feedback page to render."""
    scores = page.scores
    return {
        "submission": asdict(page.submission),
        "notebook": page.notebook,
        "cells": {name: list(pair) for name, pair in scores.cells.items()},
        "comments": dict(scores.comments),
        "score": scores.score,
        "max_score": scores.max_score,
        "late_penalty": scores.late_penalty,
        "waiting": list(scores.waiting),
        "handed_in": scores.handed_in,
        "attempt": scores.attempt,
    }


def to_page(data: Data) -> RenderTask:
    """Decode the page that `from_page` encoded."""
    cells = {name: (score, max_score) for name, (score, max_score) in data["cells"].items()}
    scores = Scores(
        cells, data["comments"], data["score"], data["max_score"], data["late_penalty"], tuple(data["waiting"]),
        data["handed_in"], data["attempt"],
    )  # fmt: skip
    return RenderTask(SubmissionId(**data["submission"]), data["notebook"], scores)
