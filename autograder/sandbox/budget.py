"""Limits on what one submission may cost the grading process; the kernel has limits of its own.

Parsing what a kernel sent, judging it and rendering the page is our code, running on untrusted data. A submission that
exceeds a limit is reported once, and the batch continues.
"""

from __future__ import annotations

import contextlib
import json
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

from autograder.errors import GraderError, message_of
from autograder.i18n import _
from autograder.sandbox.limits import Limits
from autograder.text import Text


@dataclass(frozen=True)
class Budget:
    """Limits for one submission; an honest one takes a second or two and some ten megabytes."""

    cpu_seconds: int = 300
    """CPU time for judging it, and again for its page: CPU time, because a busy machine must not count against it."""
    memory_mb: int = 1_500
    """Memory above what the process held before."""
    page_seconds: float = 300.0
    """Wall-clock time for rendering its page."""
    slack_seconds: float = 600.0
    """Wall-clock time for judging it beyond twice the limit of its own code, because it also waits for kernels."""

    @property
    def over_time(self) -> Text:
        """Message to staff about a submission that takes too long."""
        return _(
            "parsing, grading or rendering the submission takes the grader too long (more than {seconds} s of CPU "
            "time); inspect it by hand",
            seconds=self.cpu_seconds,
        )

    @property
    def over_memory(self) -> Text:
        """Message to staff about a submission that takes too much memory."""
        return _(
            "parsing, grading or rendering the submission takes the grader too much memory (more than {megabytes} "
            "MB); inspect it by hand",
            megabytes=f"{self.memory_mb:,}",
        )

    def judging_seconds(self, limits: Limits, *, has_tests: bool = False) -> float:
        """Return the wall-clock limit for judging a submission. limits: those of the student's code.

        A notebook is run twice, and twice more for nbgrader's own tests if it may have questions, too.
        """
        return (4 if has_tests else 2) * limits.session + self.slack_seconds

    @contextlib.contextmanager
    def bounds(self) -> Iterator[None]:
        """Limit this process while it handles one submission.

        Exceeding the memory raises MemoryError; exceeding the CPU time ends the process by SIGXCPU, even if no Python
        code is running.
        """
        if sys.platform != "linux":
            yield
            return
        import resource

        from autograder.sandbox.inside.proc import sizes

        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        limits = {
            resource.RLIMIT_CPU: int(used) + 1 + self.cpu_seconds,
            resource.RLIMIT_DATA: sizes("/proc/self/status", ("VmData:",)) + (self.memory_mb << 20),
        }
        before = {limit: resource.getrlimit(limit) for limit in limits}
        for limit, (_soft, hard) in before.items():
            soft = limits[limit] if hard == resource.RLIM_INFINITY else min(limits[limit], hard)
            resource.setrlimit(limit, (soft, hard))
        try:
            yield
        finally:
            for limit, pair in before.items():
                resource.setrlimit(limit, pair)

    def run_in_fork(self, work: Callable[[], str], seconds: float) -> str:
        """Call a function in a limited fork of this process, killed after `seconds`, and return what it returns.

        For commands other than ours, such as nbgrader's, which have no workers. Raises GraderError with the text of
        what the function raised, or if it exceeded a limit.
        """
        if sys.platform != "linux":
            return work()
        read, write = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # since Python 3.12, if there are other threads
            child = os.fork()
        if child == 0:
            self._send_result(work, write)
        os.close(write)
        sent = None
        try:
            sent = _read_until(read, time.monotonic() + seconds)
        finally:
            os.close(read)
            if sent is None:
                os.kill(child, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if sent is None or ended_over_time(code):
            raise GraderError(self.over_time)
        if code or sent[:1] not in (DONE, FAILED):
            raise GraderError(_("the grading process ended unexpectedly (exit status {status})", status=code))
        if sent[:1] == FAILED:
            raise GraderError(Text(**json.loads(sent[1:])))
        return sent[1:].decode("utf-8", "surrogatepass")

    def _send_result(self, work: Callable[[], str], write: int) -> NoReturn:
        """Send what a function returns, or its error, and exit.

        The function runs in a new thread, which has no running event loop as this one may have in a Jupyter server.
        """
        answer = [FAILED, b"{}"]

        def run() -> None:
            try:
                with self.bounds():
                    answer[:] = [DONE, work().encode("utf-8", "surrogatepass")]
            except MemoryError:
                answer[1] = _serialized(self.over_memory)
            except Exception as error:
                answer[1] = _serialized(message_of(error))

        code = 1
        try:
            from autograder.sandbox.inside import libc

            libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with its parent
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
            with os.fdopen(write, "wb") as pipe:
                pipe.write(b"".join(answer))
            code = 0
        finally:
            os._exit(code)


DONE, FAILED = b"+", b"-"
"""First byte of what the fork sends."""


def _serialized(text: Text) -> bytes:
    return json.dumps(text.to_dict()).encode()


def _read_until(read: int, end: float) -> bytes | None:
    """Read a pipe until it is closed; return None if it is still open at `end`."""
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
    """Return whether a process ended because it exceeded its CPU time."""
    return sys.platform == "linux" and exitcode == -signal.SIGXCPU
