"""Surveys the workers of a cluster for `autograder doctor --scheduler`."""

from __future__ import annotations

import time
from dataclasses import dataclass

from autograder.engine.cluster import dask_task
from autograder.engine.cluster.connection import Connection, WorkerReply, differences, joined
from autograder.engine.cluster.serialization import dumps, loads
from autograder.engine.cluster.workers import no_answer
from autograder.errors import CourseError
from autograder.sandbox.seal import SEAL_DESCRIPTIONS
from autograder.text import Text

SURVEY_SECONDS = 120.0


@dataclass(frozen=True)
class Survey:
    """A finding for each worker (address, usable, description), and the verdict on the cluster."""

    findings: tuple[tuple[str, bool, Text], ...]
    verdict: Text

    @property
    def usable(self) -> int:
        """The number of usable workers."""
        return sum(good for _, good, _ in self.findings)


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
        raise CourseError(f"lost the scheduler at {address} during the survey of its workers") from error
    finally:
        connection.close()
    findings = tuple((worker, *_assess(replies.get(worker), workers[worker])) for worker in sorted(workers))
    return Survey(findings, _verdict(address, findings))


def _assess(reply: WorkerReply | None, threads: int) -> tuple[bool, Text]:
    """Return whether a worker is usable, and its description or what is wrong with it."""
    if reply is None:
        return False, no_answer(SURVEY_SECONDS)
    if reply.error:
        return False, Text(ko=reply.error, en=reply.error)
    try:
        data = loads(reply.answer)
        versions = {str(name): str(version) for name, version in data["versions"].items()}
        seals = [(SEAL_DESCRIPTIONS[name], str(reason)) for name, reason in data["seals"]]
        machine = str(data["host"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return False, Text(
            ko=f"읽을 수 없는 답입니다 ({error!r})", en=f"its answer cannot be read ({error!r})"
        )
    seal = next((text for text, reason in seals if not reason), None)
    wrong = differences(versions, dask_task.versions())
    if seal is None:
        reasons = "; ".join(f"{text.en}: {reason}" for text, reason in seals)
        wrong.append(Text(ko=f"봉인할 수 없습니다 ({reasons})", en=f"no seal works ({reasons})"))
    listed = ", ".join(f"{name} {version or '–'}" for name, version in versions.items())
    summary = joined(wrong) if wrong else seal or Text()
    return not wrong, Text(
        ko=f"{machine}, 동시에 {threads}개: {summary.ko} [{listed}]",
        en=f"{machine}, {threads} at once: {summary.en} [{listed}]",
    )


def _verdict(address: str, findings: tuple[tuple[str, bool, Text], ...]) -> Text:
    usable = sum(good for _, good, _ in findings)
    if not findings:
        return Text(
            ko=f"{address}에 작업자가 없습니다. `dask worker {address}`로 시작하세요.",
            en=f"no workers at {address}; start some with `dask worker {address}`.",
        )
    return Text(
        ko=f"작업자 {len(findings)}개 가운데 {usable}개가 채점할 수 있습니다.",
        en=f"{usable} of {len(findings)} worker(s) can grade.",
    )
