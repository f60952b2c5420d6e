"""Surveys the workers of a cluster for `autograder doctor --scheduler`."""

from __future__ import annotations

import time
from dataclasses import dataclass

from autograder.engine.cluster import dask_task
from autograder.engine.cluster.connection import Connection, WorkerReply, differences
from autograder.engine.cluster.serialization import dumps, loads
from autograder.engine.cluster.workers import no_answer
from autograder.errors import CourseError
from autograder.i18n import _, ngettext
from autograder.sandbox.seal import SEAL_DESCRIPTIONS
from autograder.text import Text, joined

SURVEY_SECONDS = 120.0


@dataclass(frozen=True)
class Survey:
    """A finding for each worker of the cluster at an address: worker's address, usable, description."""

    address: str
    findings: tuple[tuple[str, bool, Text], ...]

    @property
    def usable(self) -> int:
        """The number of usable workers."""
        return sum(good for _, good, _ in self.findings)

    @property
    def verdict(self) -> Text:
        """The verdict on the cluster."""
        if not self.findings:
            return _(
                "no workers at {address}; start some with `dask worker {address}`.", address=self.address
            )
        return ngettext(
            "{usable} of {n} worker can grade.",
            "{usable} of {n} workers can grade.",
            len(self.findings),
            usable=self.usable,
        )


def survey(address: str) -> Survey:
    """Ask every worker to describe itself and try its seals. Raises CourseError if no scheduler answers."""
    connection = Connection(address)
    try:
        workers = connection.workers() or {}
        request = dumps({"seals": True})
        pending = {connection.send(worker, dask_task.describe, request): worker for worker in workers}
        replies: dict[str, WorkerReply] = {}
        end = time.monotonic() + SURVEY_SECONDS
        while len(replies) < len(pending) and time.monotonic() < end:
            reply = connection.next_reply(1.0)
            if reply is not None and reply.key in pending:
                replies[pending[reply.key]] = reply
    except OSError as error:
        raise CourseError(
            _("lost the scheduler at {address} during the survey of its workers", address=address)
        ) from error
    finally:
        connection.close()
    findings = tuple((worker, *_assess(replies.get(worker), workers[worker])) for worker in sorted(workers))
    return Survey(address, findings)


def _assess(reply: WorkerReply | None, threads: int) -> tuple[bool, Text]:
    """Return whether a worker is usable, and its description or what is wrong with it."""
    if reply is None:
        return False, no_answer(SURVEY_SECONDS)
    if reply.error:
        return False, Text.same(reply.error)
    try:
        data = loads(reply.answer)
        versions = {str(name): str(version) for name, version in data["versions"].items()}
        seals = [(SEAL_DESCRIPTIONS[name], str(reason)) for name, reason in data["seals"]]
        machine = str(data["host"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return False, _("its answer cannot be read ({error})", error=repr(error))
    seal = next((text for text, reason in seals if not reason), None)
    wrong = differences(versions, dask_task.versions(of_tests=False))
    if seal is None:
        reasons = "; ".join(f"{text.en}: {reason}" for text, reason in seals)
        wrong.append(_("no seal works ({reasons})", reasons=reasons))
    listed = ", ".join(f"{name} {version or '–'}" for name, version in versions.items())
    summary = joined("; ", wrong) if wrong else seal or Text()
    return not wrong, _(
        "{machine}, {threads} at once: {summary} [{listed}]",
        machine=machine,
        threads=threads,
        summary=summary,
        listed=listed,
    )
