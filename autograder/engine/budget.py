"""What grading one submission may cost the process that does it, beside the kernel, which has limits of its own.

Reading what a kernel sent, judging it and making the page are our code, on data that somebody handed in. What exceeds
this is told of that submission, once, and the class goes on.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.engine.data import Page, Piece
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
        """What is told of a submission that takes too long, to staff, whose language nobody knows here."""
        return (
            "reading, judging or showing what was handed in takes the grader too long (more than "
            f"{self.cpu_seconds} s of computing); look at it yourself / 제출물을 읽고 판정하고 보여 주는 데 채점기의 "
            f"시간이 너무 많이 듭니다(계산 {self.cpu_seconds}초 초과). 직접 살펴보세요"
        )

    @property
    def over_memory(self) -> str:
        """What is told of one that takes too much memory."""
        return (
            "reading, judging or showing what was handed in takes the grader too much memory (more than "
            f"{self.memory_mb:,} MB); look at it yourself / 제출물을 읽고 판정하고 보여 주는 데 채점기의 메모리가 너무 "
            f"많이 듭니다({self.memory_mb:,} MB 초과). 직접 살펴보세요"
        )

    def wall_seconds(self, piece: Piece, limits: Limits) -> float:
        """How long a piece of work may take by the clock. limits: those of the student's code in it."""
        if not is_of_a_submission(piece):
            return float("inf")
        return self.page_seconds if isinstance(piece.data, Page) else 2 * limits.session + self.slack_seconds

    @contextlib.contextmanager
    def bounds(self, piece: Piece) -> Iterator[None]:
        """Bound this process while it does a piece of work about a submission.

        More memory is a MemoryError; more CPU time ends the process by SIGXCPU, also where no Python runs.
        """
        if sys.platform != "linux" or not is_of_a_submission(piece):
            yield
            return
        import resource

        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        most = {
            resource.RLIMIT_CPU: int(used) + 1 + self.cpu_seconds,
            resource.RLIMIT_DATA: _data_bytes() + (self.memory_mb << 20),
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


def is_of_a_submission(piece: Piece) -> bool:
    """Whether a piece of work is about something that was handed in, and not about a question of ours."""
    return hasattr(piece.data, "job")


def ended_over_time(exitcode: int | None) -> bool:
    """Whether a worker has ended because it computed too long."""
    return sys.platform == "linux" and exitcode == -signal.SIGXCPU


def _data_bytes() -> int:
    """What counts as this process's data now."""
    for line in Path("/proc/self/status").read_bytes().split(b"\n"):
        if line.startswith(b"VmData:"):
            return int(line.split()[1]) * 1024
    return 0
