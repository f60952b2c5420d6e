"""What Dask runs: two functions of bytes, in a thread of one of its worker processes.

Grading changes folders and keeps things for a whole process, and Dask's own process has threads and may have no
children by `multiprocessing`. So a process of ours stands beside it, and is asked through a pipe.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
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

from traitlets.config import SingletonConfigurable

import autograder

DECIDING = ("nbgrader", "numpy", "tensorflow", "keras")
FIRST = threading.Lock()


def versions() -> dict[str, str]:
    """The versions here of all that decides scores, by package; empty where one is missing."""
    found = {"autograder": autograder.__version__}
    for package in DECIDING:
        found[package] = ""
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found


def about(request: bytes) -> bytes:
    """What this worker is; where it is asked to, also which seals it was seen to have."""
    told: dict[str, Any] = {"host": platform.node(), "versions": versions()}
    if json.loads(request).get("seals"):
        from autograder.sandbox.fork_server import try_seals
        from autograder.sandbox.session import KERNEL_PROFILES

        told["seals"] = [[seal.name, reason] for seal, reason in try_seals(KERNEL_PROFILES["counting"])]
    return json.dumps(told).encode()


def ask(request: bytes) -> bytes:
    """What the process beside this one answers; empty where it ended before it did."""
    with FIRST:
        host: Host = Host.instance()
    return host.ask(request)


class Host(SingletonConfigurable):  # type: ignore[misc]
    """The process that grades, seen from Dask's; started when first asked, and again where it has ended."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, request: bytes) -> bytes:
        """Its answer, or nothing."""
        answer: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        with self._lock:
            if self._process is None:
                self._start()
            number = next(self._numbers)
            self._waiting[number] = answer
            with contextlib.suppress(OSError):  # it has ended: the one who listens says so
                self._pipe.send_bytes(number.to_bytes(8, "big") + request)
        return answer.get()

    def _start(self) -> None:
        from distributed import get_worker

        self._pipe, theirs = Pipe()
        self._waiting: dict[int, queue.SimpleQueue[bytes]] = {}
        descriptor = theirs.fileno()
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "autograder.engine.cluster.grading_process",
                str(descriptor),
                str(get_worker().state.nthreads),
            ],
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        given = (self._process, self._pipe, self._waiting)
        threading.Thread(target=self._listen, args=given, daemon=True).start()

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
            for one in waiting.values():
                one.put(b"")
