"""Limits on what one submission may cost the grading process; the kernel has limits of its own.

Reading what a kernel sent, judging it and making the page are our code, on data that somebody handed in. What exceeds
them is reported for that submission once, and the class goes on.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn

from autograder.errors import AutograderError, GraderError
from autograder.sandbox.limits import Limits


@dataclass(frozen=True)
class Budget:
    """The most for one submission; an honest one takes a second or two, and some ten megabytes."""

    cpu_seconds: int = 300
    """For judging it, and for its page; CPU time, so that no busy machine is at fault."""
    memory_mb: int = 1_500
    """Above what the process held before."""
    page_seconds: float = 300.0
    """For its page, by the clock."""
    slack_seconds: float = 600.0
    """For judging it, by the clock, above twice what its own code may take: kernels are waited for too."""

    @property
    def over_time(self) -> str:
        """The message to staff about a submission that takes too long, in both languages."""
        return (
            "reading, judging or showing what was handed in takes the grader too long (more than "
            f"{self.cpu_seconds} s of computing); look at it yourself / 제출물을 읽고 판정하고 보여 주는 데 채점기의 "
            f"시간이 너무 많이 듭니다(계산 {self.cpu_seconds}초 초과). 직접 살펴보세요"
        )

    @property
    def over_memory(self) -> str:
        """The message to staff about one that takes too much memory, in both languages."""
        return (
            "reading, judging or showing what was handed in takes the grader too much memory (more than "
            f"{self.memory_mb:,} MB); look at it yourself / 제출물을 읽고 판정하고 보여 주는 데 채점기의 메모리가 너무 "
            f"많이 듭니다({self.memory_mb:,} MB 초과). 직접 살펴보세요"
        )

    def judging_seconds(self, limits: Limits) -> float:
        """How long judging it may take by the clock. limits: those of the student's code in it."""
        return 2 * limits.session + self.slack_seconds

    @contextlib.contextmanager
    def bounds(self) -> Iterator[None]:
        """Bound this process while it does what is a submission's.

        More memory is a MemoryError; more CPU time ends the process by SIGXCPU, also where no Python runs.
        """
        if sys.platform != "linux":
            yield
            return
        import resource

        from autograder.sandbox.inside.rlimits import sizes

        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        most = {
            resource.RLIMIT_CPU: int(used) + 1 + self.cpu_seconds,
            resource.RLIMIT_DATA: sizes("/proc/self/status", ("VmData:",)) + (self.memory_mb << 20),
        }
        before = {limit: resource.getrlimit(limit) for limit in most}
        for limit, (_, hard) in before.items():
            soft = most[limit] if hard == resource.RLIM_INFINITY else min(most[limit], hard)
            resource.setrlimit(limit, (soft, hard))
        try:
            yield
        finally:
            for limit, pair in before.items():
                resource.setrlimit(limit, pair)

    def run_in_fork(self, work: Callable[[], str], seconds: float) -> str:
        """What a function returns, from a fork of this process that is bounded, and ended after so many seconds.

        For a command that is not ours, such as nbgrader's, which has no workers. Raises GraderError with what the
        function raised, or where it took too much.
        """
        if sys.platform != "linux":
            return work()
        read, write = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # Python 3.12 on, where there are other threads
            child = os.fork()
        if child == 0:
            self._in_the_fork(work, write)
        os.close(write)
        told = None
        try:
            told = _all_of(read, time.monotonic() + seconds)
        finally:
            os.close(read)
            if told is None:
                os.kill(child, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if told is None or ended_over_time(code):
            raise GraderError(self.over_time)
        if code or told[:1] not in (DONE, FAILED):
            raise GraderError(f"the process that judged it ended ({code})")
        text = told[1:].decode("utf-8", "surrogatepass")
        if told[:1] == FAILED:
            raise GraderError(text)
        return text

    def _in_the_fork(self, work: Callable[[], str], write: int) -> NoReturn:
        """Send what a function returns, or why it does not, and end.

        In a thread: nothing there knows of an event loop that may run in this one, as in a Jupyter server.
        """
        told = [FAILED]

        def run() -> None:
            try:
                with self.bounds():
                    told[:] = [DONE, work().encode("utf-8", "surrogatepass")]
            except MemoryError:
                told.append(self.over_memory.encode())
            except AutograderError as error:
                told.append(str(error).encode("utf-8", "replace"))
            except Exception as error:
                told.append(f"{type(error).__name__}: {error}".encode("utf-8", "replace"))

        code = 1
        try:
            from autograder.sandbox.inside import libc

            libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with the process that it is a fork of
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
            with os.fdopen(write, "wb") as pipe:
                pipe.write(b"".join(told))
            code = 0
        finally:
            os._exit(code)


DONE, FAILED = b"+", b"-"
"""How what is sent begins."""


def _all_of(read: int, end: float) -> bytes | None:
    """What is sent through a pipe until it is closed; None where that is not before `end`."""
    parts: list[bytes] = []
    poller = select.poll()
    poller.register(read, select.POLLIN)
    while poller.poll(max(0.0, end - time.monotonic()) * 1000):
        part = os.read(read, 1 << 20)
        if not part:
            return b"".join(parts)
        parts.append(part)
    return None


def ended_over_time(exitcode: int | None) -> bool:
    """Whether a process has ended because it computed too long."""
    return sys.platform == "linux" and exitcode == -signal.SIGXCPU
