"""Small notebooks with nbgrader's own tests, as an author writes them, and what a student makes of them."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.limits import Limits, ResourceLimits
from autograder.sandbox.profiles import KernelProfile
from autograder.sandbox.session import KernelSession, open_session
from autograder.test_cells.grading import judge, run_public
from autograder.test_cells.plan import Plan, plan_of
from autograder.test_cells.proof import Proof
from autograder.test_cells.prove import prove

PROFILE = KernelProfile("tests", ("pandas",), (), "", ResourceLimits(), converses=True)
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"


def given(source: str) -> NotebookNode:
    """A cell that students have as it is."""
    return new_code_cell(source)


def answer(name: str, source: str) -> NotebookNode:
    """A cell that students fill in, with the author's solution."""
    return new_code_cell(source, metadata=_metadata(name, solution=True))


def check(name: str, source: str, points: float = 1) -> NotebookNode:
    """A test, with hidden tests between nbgrader's delimiters."""
    return new_code_cell(source, metadata=_metadata(name, solution=False, points=points))


def _metadata(name: str, *, solution: bool, points: float | None = None) -> dict[str, object]:
    metadata = {
        "grade_id": name,
        "schema_version": 3,
        "solution": solution,
        "grade": not solution,
        "locked": not solution,
    }
    return {"nbgrader": metadata if points is None else metadata | {"points": points}}


@dataclass(frozen=True)
class Authored:
    """A notebook of an author's."""

    cells: list[NotebookNode]

    @property
    def release(self) -> NotebookNode:
        """What students get."""
        notebook = new_notebook(cells=copy.deepcopy(self.cells))
        for number, cell in enumerate(notebook.cells):
            cell["id"] = f"cell-{number}"
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = STUB
            cell.source = cell.source.partition("### BEGIN HIDDEN TESTS")[0].rstrip()
        return notebook

    @property
    def plan(self) -> Plan:
        """The plan of it."""
        return plan_of(new_notebook(cells=copy.deepcopy(self.cells)), self.release)

    def answered(self, answers: Mapping[str, str]) -> NotebookNode:
        """What a student hands in. answers: by the name of the cell; the others are as the author solved them."""
        notebook, solved = (
            self.release,
            {step.id: step.source for step in self.plan.steps if step.kind == "answer"},
        )
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if name in solved:
                cell.source = answers.get(name, solved[name])
        return notebook


@dataclass(frozen=True)
class Kernels:
    """The kernels in which notebooks are graded."""

    pool: ForkServerPool
    limits: Limits = Limits()  # noqa: RUF009
    data: Path | None = None
    """The folder of the author's files; they are in this folder alone."""

    @contextmanager
    def sessions(self, without: Collection[str] = ()) -> Iterator[tuple[KernelSession, KernelSession]]:
        """Open the session of a student and that of the tests. without: names of the author's files that these lack."""
        with TemporaryDirectory() as folder:
            for path in self.data.iterdir() if self.data else ():
                if path.name not in without:
                    shutil.copyfile(path, f"{folder}/{path.name}")
            with (
                open_session(PROFILE, self.data, limits=self.limits, pool=self.pool) as student,
                open_session(PROFILE, Path(folder), limits=self.limits, pool=self.pool) as tests,
            ):
                yield student, tests

    def prove(self, *cells: NotebookNode) -> Proof:
        """Prove the tests of a notebook."""
        authored = Authored([*cells])
        return prove(authored.plan, authored.release, self.sessions, self.limits)

    def grade(self, cells: list[NotebookNode], proof: Proof, /, **answers: str) -> Graded:
        """Grade what a student made of a notebook."""
        notebook = Authored(cells).answered(answers)
        public = run_public(notebook, proof, self.sessions, self.limits)
        reports = judge(notebook, proof, public, self.sessions, self.limits).reports
        return Graded(
            notebook,
            {name: report.recorded_score for name, report in reports.items()},
            {name: str(report.ungraded or report.checks[0].message) for name, report in reports.items()},
            [report.title.en for report in reports.values()],
        )


@dataclass(frozen=True)
class Graded:
    """A graded notebook."""

    notebook: NotebookNode
    scores: Mapping[str, float | None]
    messages: Mapping[str, str]
    titles: Sequence[str]

    @property
    def text(self) -> str:
        """All that is written in the notebook's file."""
        return nbformat.writes(self.notebook)
