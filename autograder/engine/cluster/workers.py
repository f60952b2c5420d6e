"""The workers of a cluster as the executor knows them, and the messages about them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from autograder.engine.cluster.serialization import Data
from autograder.engine.messages import WorkItem
from autograder.i18n import _
from autograder.plain_data import from_data
from autograder.text import Text, joined


@dataclass
class ClusterWorker:
    """A worker: asked to describe itself, then opening the course, then ready for work; or refused."""

    address: str
    threads: int
    state: Literal["asked", "opening", "ready", "refused"] = "asked"
    active: int = 0
    """The number of items it is working on."""
    reason: Text = Text()  # noqa: RUF009 - it is frozen
    """The reason for a refusal."""
    since: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class PendingRequest:
    """A request that a worker has not answered yet."""

    worker: ClusterWorker
    data: Data
    item: WorkItem | None = None
    """None if the request is not a work item."""


def reason_in(data: Data, otherwise: Text) -> Text:
    """Return the first line of the reason in a worker's answer. Raises ValueError if it is not a text."""
    reason = from_data(data["reason"], Text) if data.get("reason") else otherwise
    return reason.map(lambda text: text.split("\n")[0])


def with_address(address: str, reason: Text) -> Text:
    """Return a reason with the worker that gave it."""
    return reason.map(lambda text: f"{address}: {text}")


def no_answer(seconds: float) -> Text:
    """Return the message for a worker that does not answer."""
    return _("no answer within {seconds:g} s; it may be busy with other work", seconds=seconds)


def worker_refused(worker: ClusterWorker) -> Text:
    """Return the message for a refused worker."""
    return _("not used: {address}: {reason}", address=worker.address, reason=worker.reason)


def no_workers(problem: Text, scheduler: str, workers: Iterable[ClusterWorker]) -> Text:
    """Return the error for a cluster without a usable worker, with the reason for each."""
    reasons = [with_address(worker.address, worker.reason) for worker in workers] or [
        _("there are none: start some with `dask worker {scheduler}`", scheduler=scheduler)
    ]
    return _(
        "{problem} at {scheduler}:\n  {reasons}\nfinished grades are saved; `autograder doctor --scheduler "
        "{scheduler}` shows details. Run the same command to continue once a worker is available",
        problem=problem,
        scheduler=scheduler,
        reasons=joined("\n  ", reasons),
    )


def scheduler_gone(scheduler: str, patience: float, reason: Text | None) -> Text:
    """Return the message for a scheduler that cannot be reached any more."""
    lost = _(
        "lost the scheduler at {scheduler}; waiting up to {patience:g} s for it",
        scheduler=scheduler,
        patience=patience,
    )
    return lost if reason is None else joined(": ", [lost, reason])


def scheduler_timeout(scheduler: str, patience: float) -> Text:
    """Return the error for a scheduler that has not come back."""
    return _(
        "the scheduler at {scheduler} has not come back within {patience:g} s; finished grades are saved. Start it "
        "and its workers: `autograder worker` then continues by itself, `autograder grade` when you run it again",
        scheduler=scheduler,
        patience=patience,
    )
