"""The students' own compute: CPU seconds of a right notebook's cells and of what the checks ask for.

They are taken in one process that has imported everything, without a kernel, a seal or a grader; what the checks do
with the answers is not counted.

    python benchmarks/own_compute.py ASSIGNMENT fast|stock
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
import time
from typing import Any

from hand_ins import ROOT, answered
from measuring import run

from autograder.course import Course
from autograder.grading import notebook_grader
from autograder.grading.disclosure import PUBLIC_SEED
from autograder.sandbox import wire
from autograder.sandbox.fork_server import ForkServerPool, environment
from autograder.sandbox.inside import fast_fit
from autograder.sandbox.inside.agent import Agent
from autograder.sandbox.kernel import CellResult
from autograder.sandbox.limits import Limits
from autograder.sandbox.profiles import KERNEL_PROFILES
from autograder.sandbox.session import KernelSession


class InThisProcess(KernelSession):
    """A session whose student code runs right here, by the clock: no kernel, no seal, no wire but its encoding."""

    def __init__(self) -> None:
        super().__init__(
            ForkServerPool(), KERNEL_PROFILES["tensorflow"], None, Limits(), "none"
        )  # a pool that starts nothing
        self._agent = Agent({})
        self.spent = 0.0

    def run(self, source: str) -> CellResult:
        """Run one cell."""
        start = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            exec(source, self._agent.namespace)
        self.spent += time.process_time() - start
        return CellResult()

    def _send(self, limit: float, verb: str, *arguments: Any) -> str:
        request = wire.request(verb, *arguments)
        start = time.process_time()
        reply = str(self._agent.reply(request))
        self.spent += time.process_time() - start
        return reply


def own_compute(assignment: str, fit: str) -> float:
    """CPU seconds of one notebook, in a process that has computed nothing before: so it is in every kernel.

    fit: `fast` or `stock`, how models are trained.
    """
    said = run([sys.executable, __file__, assignment, fit], ROOT, os.environ | environment())
    return float(said.splitlines()[-1])


def _measure(assignment: str, fit: str) -> None:
    course = Course.open(ROOT)
    questions = course.assignment(assignment).questions
    importlib.import_module("tensorflow")  # for counting too: a cell of the notebook looks for it
    if fit == "fast":
        fast_fit.install()
    session = InThisProcess()
    judged = notebook_grader.grade_cells(
        answered(assignment), questions, session, notebook_grader.GradingOptions(PUBLIC_SEED)
    )
    if any(report.score < report.points for report in judged.reports.values()):
        raise SystemExit(f"{assignment}: the right answers did not earn everything")
    print(session.spent)


if __name__ == "__main__":
    _measure(*sys.argv[1:])
