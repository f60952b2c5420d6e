"""The workers of a cluster, as the one who hands out work knows them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

from autograder.engine.cluster.encoding import Data
from autograder.engine.data import Piece
from autograder.text import Text


@dataclass
class Member:
    """A worker: asked what it is, then opening the course, then ready for work; or refused, and why."""

    address: str
    threads: int
    state: Literal["asked", "opening", "ready", "refused"] = "asked"
    at: int = 0
    """How many pieces of work it is at."""
    why: Text = Text()  # noqa: RUF009 - it is frozen
    since: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Asked:
    """Something that a worker was asked: a piece of work, or about itself."""

    member: Member
    request: Data
    piece: Piece | None = None


def reason_in(data: Data, otherwise: str) -> Text:
    """The first line of a worker's reason."""
    reason = data.get("reason") or otherwise
    if isinstance(reason, dict):
        ko, en = (str(reason.get(name, "")).split("\n")[0] for name in ("ko", "en"))
        return Text(ko=ko, en=en)
    return Text(ko=str(reason), en=str(reason))


def silent(seconds: float) -> Text:
    """What is said of a worker that does not answer."""
    return Text(
        ko=f"{seconds:g}초 안에 답하지 않습니다. 다른 일을 하는 중일 수 있습니다",
        en=f"no answer within {seconds:g} s; it may be at other work",
    )
