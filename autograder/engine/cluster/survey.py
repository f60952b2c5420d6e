"""What the workers of a cluster offer for grading: `autograder doctor --scheduler`."""

from __future__ import annotations

import time
from dataclasses import dataclass

from autograder.engine.cluster import dask_task
from autograder.engine.cluster.connection import Connection, WorkerReply, differences, joined
from autograder.engine.cluster.serialization import dumps, loads
from autograder.engine.cluster.workers import silent
from autograder.errors import CourseError
from autograder.sandbox.seal import SEAL_DESCRIPTIONS
from autograder.text import Text

SURVEY_SECONDS = 120.0


@dataclass(frozen=True)
class Survey:
    """A finding for each worker, how many of them may grade, and what that comes to."""

    findings: tuple[tuple[str, bool, Text], ...]
    verdict: Text

    @property
    def usable(self) -> int:
        """Workers that may grade."""
        return sum(good for _, good, _ in self.findings)


def survey(address: str) -> Survey:
    """Ask every worker what it is, and let it try its seals. Raises CourseError where no scheduler answers."""
    connection = Connection(address)
    try:
        workers = connection.workers() or {}
        request = dumps({"seals": True})
        asked = {connection.send(worker, dask_task.about, request): worker for worker in workers}
        told: dict[str, WorkerReply] = {}
        end = time.monotonic() + SURVEY_SECONDS
        while len(told) < len(asked) and time.monotonic() < end:
            one = connection.told(1.0)
            if one is not None and one.key in asked:
                told[asked[one.key]] = one
    except OSError as error:
        raise CourseError(f"the scheduler at {address} has gone while its workers were asked") from error
    finally:
        connection.close()
    found = tuple((worker, *_judged(told.get(worker), workers[worker])) for worker in sorted(workers))
    return Survey(found, _verdict(address, found))


def _judged(told: WorkerReply | None, threads: int) -> tuple[bool, Text]:
    """Whether a worker may grade, and what is to be said of it."""
    if told is None:
        return False, silent(SURVEY_SECONDS)
    if told.error:
        return False, Text(ko=told.error, en=told.error)
    try:
        data = loads(told.answer)
        versions = {str(name): str(version) for name, version in data["versions"].items()}
        seals = [(SEAL_DESCRIPTIONS[name], str(reason)) for name, reason in data["seals"]]
        machine = str(data["host"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return False, Text(
            ko=f"읽을 수 없는 답입니다 ({error!r})", en=f"no answer that can be read ({error!r})"
        )
    seal = next((text for text, reason in seals if not reason), None)
    wrong = differences(versions, dask_task.versions())
    if seal is None:
        reasons = "; ".join(f"{text.en}: {reason}" for text, reason in seals)
        wrong.append(Text(ko=f"봉인할 수 없습니다 ({reasons})", en=f"no seal holds ({reasons})"))
    listed = ", ".join(f"{name} {version or '–'}" for name, version in versions.items())
    said = joined(wrong) if wrong else seal or Text()
    return not wrong, Text(
        ko=f"{machine}, 동시에 {threads}개: {said.ko} [{listed}]",
        en=f"{machine}, {threads} at once: {said.en} [{listed}]",
    )


def _verdict(address: str, found: tuple[tuple[str, bool, Text], ...]) -> Text:
    usable = sum(good for _, good, _ in found)
    if not found:
        return Text(
            ko=f"{address}에 작업자가 없습니다. `dask worker {address}`로 시작하세요.",
            en=f"there is no worker at {address}; start some with `dask worker {address}`.",
        )
    return Text(
        ko=f"작업자 {len(found)}개 가운데 {usable}개가 채점할 수 있습니다.",
        en=f"{usable} of {len(found)} worker(s) may grade.",
    )
