"""A machine without memory is nobody's fault among those whose code runs on it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox.inside.supervisor import killed_for_memory
from tests.hostile.seals import SEALS
from tests.support import ROOT

OLD, NEW = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
"""Trees of control groups of version 1, for memory, and of version 2."""
MEGABYTE = 1 << 20
pytestmark = [
    pytest.mark.seal,
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0, reason="makes a control group"),
]
TAKES_900_MB = "def answer():\n    return len([bytes([1]) * (1 << 20) for _ in range(900)])"
TAKES_ALL_IT_CAN = """
import os
def answer():
    if hasattr(os, "fork"):
        for _ in range(3):
            try:
                os.fork()
            except OSError:
                break
    held = []
    while True:
        held.append(b"1" * (1 << 20))
"""
KILLS_ITSELF = "import os\ndef answer():\n    os.kill(os.getpid(), 9)\n    os._exit(0)"


def group_of_megabytes(size: int) -> Iterator[Path]:
    """A control group of this size, for a process that may create others in it."""
    name = f"machine-{os.urandom(4).hex()}"
    if (OLD / "memory.limit_in_bytes").exists():
        group = own = OLD / name
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(size * MEGABYTE))
    elif "memory" in (NEW / "cgroup.subtree_control").read_text():
        group, own = NEW / name, NEW / name / "own"
        group.mkdir()
        (group / "memory.max").write_text(str(size * MEGABYTE))
        (group / "cgroup.subtree_control").write_text("+memory +pids")
        own.mkdir()
    else:
        pytest.xfail("this system has no control groups that count memory")
    yield own
    for folder in dict.fromkeys((own, group)):
        folder.rmdir()


@pytest.fixture
def small() -> Iterator[Path]:
    """A machine with less memory than one kernel may use."""
    yield from group_of_megabytes(700)


@pytest.fixture
def large() -> Iterator[Path]:
    """A machine with enough of it."""
    yield from group_of_megabytes(6_000)


def outcome(machine: Path, *words: str) -> str:
    """Run an answer there and return how its call ended."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.machine_memory", machine, *words],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("sealed", SEALS)
class TestAnswer:
    """An answer whose kernel Linux ended for want of memory, with and without a control group of its own."""

    @pytest.mark.parametrize("groups", ["shown", "hidden"])
    def test_machine_without_memory_is_not_its_fault(self, small: Path, sealed: str, groups: str) -> None:
        """It used less than it may, and its submission is graded again."""
        said = outcome(small, sealed, groups, TAKES_900_MB)
        assert said.startswith("starved: the machine ran out of memory while the code used less than it may")

    @pytest.mark.parametrize("groups", ["shown", "hidden"])
    def test_its_own_limit_is_its_fault(self, large: Path, sealed: str, groups: str) -> None:
        """Whoever takes all there is, also with several processes."""
        assert outcome(large, sealed, groups, TAKES_ALL_IT_CAN).startswith("died: ")

    def test_death_by_its_own_hand_is_its_fault(self, large: Path, sealed: str) -> None:
        """It looks like that for want of memory."""
        assert outcome(large, sealed, "hidden", KILLS_ITSELF).startswith("died: ")


def test_linux_counts_what_it_ends_for_want_of_memory(small: Path) -> None:
    """So a kernel that was killed while nothing was ended for memory was not ended for that."""
    before = killed_for_memory()
    code = f"open('{small}/cgroup.procs', 'w').write('0')\n{TAKES_900_MB}\nanswer()"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert killed_for_memory() > before
