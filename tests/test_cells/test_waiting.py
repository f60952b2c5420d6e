"""Tests of nbgrader's whose answers wait for a processor, because of a neighbour."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from autograder.errors import Starved
from autograder.sandbox.limits import Limits
from tests.test_cells.notebooks import Kernels, answer, check

pytestmark = [pytest.mark.seal, pytest.mark.long]
CELLS = [
    answer(
        "a",
        "import time\ndef f(x):\n    end = time.process_time() + 0.3\n    while time.process_time() < end:\n"
        "        pass\n    return x",
    ),
    check("t", "for i in range(5):\n    assert f(i) == i"),
]


@pytest.fixture
def busy(one_processor: None) -> Iterator[None]:
    """Busy programs on the one processor that there is."""
    command = [sys.executable, "-c", "while True: pass"]
    programs = [subprocess.Popen(command, start_new_session=True) for _ in range(6)]
    yield
    for program in programs:
        program.kill()
        program.wait()


def test_right_answer_beside_busy_programs_is_no_zero(kernels: Kernels, busy: None) -> None:
    """Its calls are short, and the test as a whole is over time: it is graded again alone."""
    proof = Kernels(kernels.pool, Limits(cell=60)).prove(*CELLS)
    hurried = Kernels(kernels.pool, Limits(cell=2, call=2))
    with pytest.raises(Starved):
        hurried.grade(CELLS, proof)
