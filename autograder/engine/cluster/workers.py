"""The workers of a cluster, as the one who hands out work knows them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from autograder.engine.cluster.serialization import Data
from autograder.engine.messages import WorkItem
from autograder.text import Text


@dataclass
class ClusterWorker:
    """A worker: asked what it is, then opening the course, then ready for work; or refused, and why."""

    address: str
    threads: int
    state: Literal["asked", "opening", "ready", "refused"] = "asked"
    at: int = 0
    """How many pieces of work it is at."""
    why: Text = Text()  # noqa: RUF009 - it is frozen
    since: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class PendingRequest:
    """Something that a worker was asked: a piece of work, or about itself."""

    member: ClusterWorker
    request: Data
    item: WorkItem | None = None


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


def refused(member: ClusterWorker) -> Text:
    """What is said when a worker gets no work."""
    return Text(
        ko=f"쓰지 않는 작업자 {member.address}: {member.why.ko}",
        en=f"not used: {member.address}: {member.why.en}",
    )


def nobody(what: str, scheduler: str, members: Iterable[ClusterWorker]) -> str:
    """Why nothing can be graded at a scheduler, with what is said of each worker."""
    reasons = [f"\n  {member.address}: {member.why.en}" for member in members]
    listed = "".join(reasons) or f"\n  there is none: start some with `dask worker {scheduler}`"
    return (
        f"{what} at {scheduler}:{listed}\nwhat is graded is kept; `autograder doctor --scheduler {scheduler}` tells "
        "more, and the same command goes on when a worker is there"
    )


def gone(scheduler: str, patience: float, reason: str) -> Text:
    """What is said when a scheduler cannot be reached any more."""
    why = f" ({reason})" if reason else ""
    return Text(
        ko=f"{scheduler}의 스케줄러와 연결되지 않습니다. {patience:g}초까지 기다립니다{why}",
        en=f"the scheduler at {scheduler} is gone; waiting for it, at most {patience:g} s{why}",
    )


def not_back(scheduler: str, patience: float) -> str:
    """What is said when it has not come back."""
    return (
        f"the scheduler at {scheduler} has not come back within {patience:g} s; what is graded is kept. Start it and "
        "its workers: `autograder worker` goes on by itself, `autograder grade` when it is given again"
    )
