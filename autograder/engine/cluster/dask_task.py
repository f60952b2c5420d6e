"""The tasks that Dask runs: two functions from bytes to bytes, in a thread of one of its worker processes.

Grading changes the current folder and holds state for a whole process, while Dask's process has threads and may have
no `multiprocessing` children. So a separate process grades, and requests go to it through a pipe.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import platform
import queue
import subprocess
import sys
import threading
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import autograder
from autograder.grading.versions import LIBRARIES, version_of

DECIDING = ("nbgrader", "numpy", "tensorflow", "keras")


def versions(*, of_tests: bool = True) -> dict[str, str]:
    """Return the installed versions of the packages that decide scores; empty for a missing one.

    of_tests: including those that nbgrader's own tests use.
    """
    packages = (*DECIDING, *(LIBRARIES if of_tests else ()))
    return {"autograder": autograder.__version__} | {package: version_of(package) for package in packages}


def describe(request: bytes) -> bytes:
    """Describe this worker; on request, also try which seals work here."""
    description: dict[str, Any] = {"host": platform.node(), "versions": versions()}
    if json.loads(request).get("seals"):
        from autograder.sandbox.fork_server import try_seals
        from autograder.sandbox.profiles import KERNEL_PROFILES

        seals = try_seals(KERNEL_PROFILES["counting"])
        description["seals"] = [[seal.name, reason] for seal, reason in seals]
    return json.dumps(description).encode()


def forward(request: bytes) -> bytes:
    """Forward a request to the grading process. Return its answer; empty if the process ended before it answered."""
    from distributed import get_worker

    extensions: dict[str, Any] = get_worker().extensions
    client: GradingProcessClient = extensions.setdefault("autograder", GradingProcessClient())
    return client.request(request)


class GradingProcessClient:
    """The grading process as seen from Dask's. It is started at the first request, and again after it has ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._process: subprocess.Popen[bytes] | None = None

    def request(self, request: bytes) -> bytes:
        """Return the answer to a request; empty if the process ended."""
        answer: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        with self._lock:
            if self._process is None:
                self._start()
            number = next(self._numbers)
            self._waiting[number] = answer
            with contextlib.suppress(OSError):  # it has ended, which the listening thread reports
                self._pipe.send_bytes(number.to_bytes(8, "big") + request)
        return answer.get()

    def _start(self) -> None:
        from distributed import get_worker

        self._pipe, process_pipe = Pipe()
        self._waiting: dict[int, queue.SimpleQueue[bytes]] = {}
        descriptor = process_pipe.fileno()
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-P",  # the folder in which the worker was started is not imported from
                "-m",
                "autograder.engine.cluster.grading_process",
                str(descriptor),
                str(get_worker().state.nthreads),
            ],
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
        )
        process_pipe.close()
        arguments = (self._process, self._pipe, self._waiting)
        threading.Thread(target=self._listen, args=arguments, daemon=True).start()

    def _listen(
        self,
        process: subprocess.Popen[bytes],
        pipe: Connection,
        waiting: dict[int, queue.SimpleQueue[bytes]],
    ) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                answer = pipe.recv_bytes()
                waiting.pop(int.from_bytes(answer[:8], "big")).put(answer[8:])
        process.kill()
        process.wait()
        with self._lock:
            self._process = None
            pipe.close()
            for answers in waiting.values():
                answers.put(b"")
