"""How much a kernel computes, measured a few times a second."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from autograder.sandbox.inside.processor_use import MAX_THREADS, ProcessorMeter, ProcessorUse

SECONDS = 0.3
BRIEF = f"""
import time
print(flush=True)
input()
end = time.process_time() + {SECONDS}
while time.process_time() < end:
    pass
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_process_that_slept_and_then_ended_has_computed_in_between() -> None:
    """Else a kernel seems to lack a processor that its own processes keep busy, one after another."""
    meter = ProcessorMeter("1")
    with subprocess.Popen(
        [sys.executable, "-S", "-c", BRIEF], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.1)
        before = meter.measure([str(process.pid)]).used
        process.stdin.write("\n")
        process.stdin.flush()
        process.wait()
    assert meter.measure([]).used - before >= SECONDS


@pytest.fixture
def crowded_out(one_processor: None) -> Iterator[subprocess.Popen[bytes]]:
    """A process that computes, with a moment of the processor in some seconds: it has low priority beside others."""
    busy = "print(flush=True)\nwhile True: pass"
    with contextlib.ExitStack() as stack:
        programs = [
            stack.enter_context(subprocess.Popen([sys.executable, "-S", "-c", busy], stdout=subprocess.PIPE))
            for _ in range(20)
        ]
        for program in programs:
            stack.callback(program.kill)
        for program in programs:
            assert program.stdout is not None
            program.stdout.readline()
        os.setpriority(os.PRIO_PROCESS, programs[0].pid, 19)
        yield programs[0]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_thread_waits_before_it_runs_again(crowded_out: subprocess.Popen[bytes]) -> None:
    """Linux tells for how long only then."""
    meter, pids, shares = ProcessorMeter(str(crowded_out.pid)), [str(crowded_out.pid)], []
    began = time.monotonic()
    ((_ran, waited),) = meter.measure(pids).threads.values()
    for _ in range(10):
        time.sleep(0.2)
        ((_ran, now),) = meter.measure(pids).threads.values()
        shares.append((now - waited) / (time.monotonic() - began))
    assert min(shares[4:]) > 0.4, shares


@pytest.mark.parametrize(
    ("used", "processors", "waited"),
    [(1.0, 1, 3.0), (4.0, 1, 0.0), (4.0, 2, 1.5), (1.0, 2, 3.0)],
    ids=[
        "one thread",
        "its others took the processor",
        "its others took both",
        "one thread of two processors",
    ],
)
def test_thread_waits_for_other_programs_alone(used: float, processors: int, waited: float) -> None:
    """What keeps its processors busy may be the kernel itself: that is no fault of the machine."""
    before = ProcessorUse({"1/1": (5.0, 2.0), "1/2": (1.0, 9.0)}, 10.0)
    now = ProcessorUse({"1/1": (6.0, 5.0), "1/2": (1.0, 9.0)}, 10.0 + used)
    assert now.waited_since(before, processors) == waited


def test_thread_that_was_not_measured_before_has_not_waited_since() -> None:
    """Else threads that end bring others into the measurement, whose earlier waiting gives sleeping code more time."""
    threads = {f"1/{number}": (1.0, 9.0) for number in range(2 * MAX_THREADS)}
    before = ProcessorUse(dict([*threads.items()][:MAX_THREADS]), 10.0)
    now = ProcessorUse(dict([*threads.items()][MAX_THREADS:]), 10.0)
    assert now.waited_since(before, 1) == 0.0


def test_new_thread_waits_from_its_start() -> None:
    """Where all threads were measured before, one that was not there has waited since then."""
    before, now = (
        ProcessorUse({"1/1": (1.0, 0.0)}, 1.0),
        ProcessorUse({"1/1": (1.0, 0.0), "1/2": (0.0, 3.0)}, 1.0),
    )
    assert now.waited_since(before, 1) == 3.0
