"""How busy a large cluster is kept, where grading is replaced by a wait of the same length.

The command, its gradebook, Dask's scheduler and the messages are real, and so is the graded notebook that comes back:
that of one submission, which was graded before. Simulated workers wait, all of them in one process, so that a machine
with few cores can have many.

    python benchmarks/cluster_load.py                                      3,000 submissions, 32 workers, 4 seconds each
    python benchmarks/cluster_load.py --submissions 64 --workers 8 --seconds 1
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import hand_ins
from distributed import Worker
from measuring import adopt_orphans, cpu_of, measure
from ways import Place, said

from autograder.engine.cluster.serialization import dumps, loads, to_page, to_task
from autograder.submissions import selection

ASSIGNMENT = "gru_parameters"
PAGE_SECONDS = 0.02
"""How long rendering a page takes."""


def main() -> None:
    """Measure and print."""
    arguments = _parser().parse_args()
    if arguments.host:
        asyncio.run(_host(arguments.host, arguments.workers, arguments.seconds, Path.cwd()))
        return
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="load-", ignore_cleanup_errors=True) as name:
        _measure(Place(Path(name), None), arguments)


def _measure(place: Place, arguments: argparse.Namespace) -> None:
    number, workers, seconds = arguments.submissions, arguments.workers, arguments.seconds
    students = hand_ins.right_class(ASSIGNMENT, number + 1)
    course = hand_ins.our_course(place.fresh("course"), ASSIGNMENT, students, place.env)
    grade = ["autograder", "grade", ASSIGNMENT]
    measure([[*grade, "--student", students[-1].id, "--jobs", "1"]], course, place.env)
    graded = course / "autograded" / students[-1].id / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    (place.folder / "graded.ipynb").write_bytes(graded.read_bytes())
    with contextlib.ExitStack() as stack:
        scheduler = _start(stack, place, "scheduler", "-m", "distributed.cli.dask_scheduler", "--no-dashboard",
                           "--host", "127.0.0.1", "--port", "0")  # fmt: skip
        address = said(place.folder / "scheduler.log", r"Scheduler at:\s+(\S+)", 1)[0]
        words = ("--host", address, "--workers", str(workers), "--seconds", str(seconds))
        host = _start(stack, place, "host", __file__, *words)
        said(place.folder / "host.log", "all workers are there", 1)
        before = cpu_of(scheduler.pid), cpu_of(host.pid)
        taken = measure([[*grade, "--scheduler", address]], course, place.env)
        of_scheduler, of_host = cpu_of(scheduler.pid) - before[0], cpu_of(host.pid) - before[1]
        host.send_signal(signal.SIGTERM)
        host.wait()
    hand_ins.expect_scores(course, ASSIGNMENT, students)
    waits = json.loads((place.folder / "waits.json").read_text())
    span = max(end for _, end in waits) - min(start for start, _ in waits)
    busy = sum(end - start for start, end in waits) / (workers * span)
    print(f"{number} submissions of {seconds:g} s on {workers} simulated workers: {span:.0f} s")
    print(f"workers busy: {busy:.1%}")
    print(f"CPU ms a submission: scheduler {of_scheduler / number * 1000:.1f}, "
          f"command {(taken.cpu - of_scheduler - of_host) / number * 1000:.1f}")  # fmt: skip


def _start(stack: contextlib.ExitStack, place: Place, name: str, *words: str) -> subprocess.Popen[bytes]:
    with (place.folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, *words], cwd=place.folder, stdout=log, stderr=log,
            env={**place.env, "TMPDIR": str(place.folder)},
        )  # fmt: skip
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


class _Waiting:
    """A worker's grading process, which waits where that would grade or render."""

    def __init__(self, seconds: float, graded: str, waits: list[tuple[float, float]]) -> None:
        self._seconds, self._graded, self._waits = seconds, graded, waits
        self._course = ""

    def request(self, raw: bytes) -> bytes:
        """Return the answer that the grading process would give."""
        start, request = time.monotonic(), loads(raw)
        if "archive" in request:
            self._course = request["course"]
        if request["course"] != self._course:
            return dumps({"state": "need"})
        if "work" not in request:
            return dumps({"state": "open", "seal": "none"})
        answer: dict[str, Any] = {"state": "done"}
        if request["work"] == "render":
            seconds = PAGE_SECONDS
            answer |= {
                "submission": asdict(to_page(request["data"]).submission),
                "page": "<!doctype html><title>page</title>",
            }
        else:
            seconds, task, notebook = self._seconds, to_task(request["data"]), json.loads(self._graded)
            digest = selection.digest((*task.submitted, *task.attached))
            notebook["metadata"]["autograder"]["submitted"] = digest
            answer |= {
                "submission": asdict(task.submission), "notebook": json.dumps(notebook), "reason": None,
                "starved": False, "failing": {},
            }  # fmt: skip
        time.sleep(max(0.0, start + seconds - time.monotonic()))
        self._waits.append((start, time.monotonic()))
        return dumps(answer)


async def _host(address: str, number: int, seconds: float, folder: Path) -> None:
    """Run simulated workers until this process is asked to end, then write when each of them waited."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    waits: list[tuple[float, float]] = []
    graded = (folder / "graded.ipynb").read_text(encoding="utf-8")
    for place in range(number):
        worker: Any = await Worker(
            address, nthreads=1, name=f"simulated-{place}", memory_limit=0, dashboard=False,
            local_directory=str(folder),
        )  # fmt: skip
        worker.extensions["autograder"] = _Waiting(seconds, graded, waits)
    print("all workers are there", flush=True)
    await ended.wait()
    (folder / "waits.json").write_text(json.dumps(waits))
    os._exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=3000, metavar="N", help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=32, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--seconds", type=float, default=4.0, metavar="S", help="of each submission (default: %(default)s)"
    )
    parser.add_argument("--host", help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    main()
