"""What commands take: seconds, and the CPU seconds and memory of them and of all that they start.

Whatever a command starts stays a descendant of this process, also when its own parent has ended: this process asks
the kernel to be given such orphans. So nothing that other programs do on the machine meanwhile is counted, and
nothing that a command left behind is missed.

    python benchmarks/measuring.py COMMAND [ARGUMENT ...]      what one command takes
"""

from __future__ import annotations

import ctypes
import math
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(sys.executable).parent
"""Where the commands of this Python are."""
PR_SET_CHILD_SUBREAPER = 36
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
TICKS = os.sysconf("SC_CLK_TCK")
LOOK_SECONDS, SETTLE_SECONDS = 2.0, 20.0  # each look takes time of its own


@dataclass(frozen=True)
class Taken:
    """Seconds, CPU seconds, and the largest sum of memory in MB, pages that several processes share counted once.

    The memory is no number where the system does not show that of a process, as it may do to an ordinary user.
    """

    seconds: float
    cpu: float
    memory: float

    def each(self, number: int) -> Taken:
        """Return the same for one of several submissions."""
        return Taken(self.seconds / number, self.cpu / number, self.memory)


@dataclass(frozen=True)
class _Process:
    parent: int
    has_ended: bool
    cpu: float
    """CPU seconds, with those of the children that it has waited for."""


def adopt_orphans() -> None:
    """Let descendants whose parent ends become children of this process. Called before anything is measured."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "this system does not give orphans to their ancestor")


def measure(commands: Sequence[Sequence[str | Path]], folder: Path, env: Mapping[str, str]) -> Taken:
    """Run commands in a folder one after the other. Raises SystemExit where one does not succeed.

    What was started before and serves them, a cluster, is counted with them: its CPU seconds of that time, its memory.
    """
    before, spent = descendants(), _spent()
    with _watched() as seen:
        start = time.monotonic()
        for command in commands:
            run(command, folder, env)
        seconds = time.monotonic() - start
    _settle(before)
    return Taken(seconds, _spent() - spent, math.nan if any(map(math.isnan, seen)) else max(seen, default=0))


def yardstick(times: int) -> float:
    """CPU seconds of something that is always the same, as they are now: a shared machine is not always as fast.

    times: how often it is run; the mean is returned.
    """
    words = [sys.executable, "-c", "import tensorflow"]
    return measure([words] * times, Path(), os.environ | QUIET).cpu / times


def run(command: Sequence[str | Path], folder: Path, env: Mapping[str, str]) -> str:
    """Run a command; returns what it printed. Raises SystemExit, with what it said, where it does not succeed."""
    with tempfile.TemporaryFile("w+", errors="replace") as said:  # a pipe would wait for what is left behind
        done = subprocess.run(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False
        )
        said.seek(0)
        text = said.read()
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} in {folder} failed:\n{text[-3000:]}")
    return text


def _spent() -> float:
    """CPU seconds of all descendants so far, of those that have ended and of those that have not."""
    return cpu_of_the_ended() + sum(process.cpu for process in descendants().values())


def cpu_of_the_ended() -> float:
    """CPU seconds of every child so far that has ended, with all that it waited for."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def cpu_of(pid: int) -> float:
    """CPU seconds of a process and of what it has waited for; 0 where it has ended."""
    process = _read(Path(f"/proc/{pid}/stat"))
    return 0.0 if process is None else process.cpu


def _settle(before: Collection[int]) -> None:
    """Wait until what commands have left behind has ended, too; what served them may go on."""
    end = time.monotonic() + SETTLE_SECONDS
    while left := descendants(without=before):
        for pid, process in left.items():
            if process.has_ended and process.parent == os.getpid():
                os.waitpid(pid, 0)
        if time.monotonic() > end:
            sys.exit(
                f"processes still ran {SETTLE_SECONDS:g} s after their command had ended: {sorted(left)}"
            )
        time.sleep(0.05)


@contextmanager
def _watched() -> Iterator[list[float]]:
    """Sample the memory of all descendants together, in MB."""
    seen: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            seen.append(sum(map(memory_of, descendants())))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def memory_of(pid: int) -> float:
    """Return the proportional memory of a process, in MB; 0 if it has ended, NaN if the system hides it."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return 0.0
    except PermissionError:
        return math.nan
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def descendants(pid: int | None = None, *, without: Collection[int] = ()) -> dict[int, _Process]:
    """All processes below one, by id; below this one where none is given.

    without: those, and what is below them, are left out.
    """
    processes = dict(_processes())
    children: dict[int, list[int]] = {}
    for one, process in processes.items():
        children.setdefault(process.parent, []).append(one)
    found: dict[int, _Process] = {}
    last = [pid or os.getpid()]
    while last:
        last = [one for parent in last for one in children.get(parent, ()) if one not in without]
        found |= {one: processes[one] for one in last}
    return found


def _processes() -> Iterator[tuple[int, _Process]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        process = _read(path)
        if process is not None:
            yield int(path.parent.name), process


def _read(path: Path) -> _Process | None:
    try:
        state, parent, *rest = path.read_text().rsplit(") ", 1)[1].split()
    except (OSError, IndexError):
        return None
    return _Process(int(parent), state in "ZX", sum(map(int, rest[9:13])) / TICKS)


if __name__ == "__main__":
    adopt_orphans()
    taken = measure([sys.argv[1:]], Path.cwd(), os.environ)
    print(f"{taken.seconds:.2f} s, {taken.cpu:.2f} CPU s, {taken.memory:.0f} MB")
