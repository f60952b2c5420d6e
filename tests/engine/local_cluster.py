"""A Dask cluster of real processes on this machine, for tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import autograder

SECONDS = 120.0
PACKAGE = Path(autograder.__file__).parent


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until it is so, two minutes at most: a machine may be slow."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, f"it did not become so: {what}"
        time.sleep(0.05)


class OwnCluster:
    """A scheduler and its workers, each in a process of its own; all of them end with it."""

    def __init__(self, folder: Path, protocol: str, environment: Mapping[str, str]) -> None:
        self._protocol, self._environment = protocol, environment
        self.folder = folder
        """Where workers put what they keep for a while, and what all of them say."""
        self._started: list[subprocess.Popen[bytes]] = []
        self.port = "0"
        self.start_scheduler()
        self.address = self.said("Scheduler at:")[0].split()[-1]
        self.port = self.address.rsplit(":", 1)[1]

    def start_scheduler(self) -> None:
        """A scheduler: the first, or one in the place of one that was ended."""
        said = len(self.said("Scheduler at:"))
        self.scheduler = self._start(
            "scheduler", "--protocol", self._protocol, "--host", "127.0.0.1", "--port", self.port
        )
        wait_for(lambda: len(self.said("Scheduler at:")) > said, "a scheduler listens")

    def start_worker(self, *words: str, package: Path | None = None) -> subprocess.Popen[bytes]:
        """A worker, once it has said that it is registered. package: whose `autograder` it has, if another."""
        said = len(self.said("Registered to"))
        worker = self._start("worker", self.address, "--nthreads", "1", *words, package=package)
        wait_for(lambda: len(self.said("Registered to")) > said, "a worker is registered")
        return worker

    def said(self, words: str) -> list[str]:
        """The lines with these words in all that its processes wrote."""
        text = "".join(path.read_text() for path in self.folder.glob("*.log"))
        return [line for line in text.splitlines() if words in line]

    def close(self) -> None:
        """End all of it."""
        for process in self._started:
            process.kill()
            process.wait()

    def _start(self, name: str, *words: str, package: Path | None = None) -> subprocess.Popen[bytes]:
        paths = [str(package)] if package else []
        environment = (
            os.environ
            | self._environment
            | {
                "TMPDIR": str(self.folder),
                "PYTHONPATH": os.pathsep.join([*paths, *filter(None, [os.environ.get("PYTHONPATH")])]),
            }
        )
        log = self.folder / f"{len(self._started)}.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{name}", "--no-dashboard", *words],
                cwd=self.folder,
                env=environment,
                stdout=file,
                stderr=file,
            )
        self._started.append(process)
        return process


@contextlib.contextmanager
def own_cluster(protocol: str = "tcp", **environment: str) -> Iterator[OwnCluster]:
    """A scheduler without workers. Its folder has a short name: sockets lie in it.

    protocol: tcp or tls. environment: more of it for its processes.
    """
    with tempfile.TemporaryDirectory(prefix="dask-", ignore_cleanup_errors=True) as folder:
        cluster = OwnCluster(Path(folder), protocol, environment)
        try:
            yield cluster
        finally:
            cluster.close()


def other_package(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the package that differs in one place, as another version of it would."""
    shutil.copytree(PACKAGE, folder / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "autograder" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder
