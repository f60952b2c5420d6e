"""Solved notebooks: run as they are built, so that no cell raises unless it is meant to, and kept for assistants."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course import Course
from autograder.files import files_below
from autograder.nbgrader import converters
from autograder.notebooks.stamp import HAND_IN, RAISES, cell_metadata
from autograder.verification.proof_cache import PROOFS, ProofCache


@dataclass(frozen=True)
class SolvedNotebook:
    """The solved notebook of an edition: run below `root`, kept in the course under build/solution."""

    course: Course
    root: Path
    assignment: str
    language: str

    def is_known(self, *, written: bool) -> bool:
        """Whether it ran through before. written: and stands under build/solution."""
        if written:
            stands = (self.course.root / self._folder).exists()
            return stands and self._written.lookup(self._name, self._texts) is not None
        return self._proofs.lookup(f"{self._name} solved", self._texts) is not None

    def run(self, url: str) -> list[NotebookNode]:
        """Run it; returns the cells that raise and are not meant to. url: of a scratch gradebook."""
        converters.generate_solution(
            self.course, self.assignment, self.language, root=self.root, gradebook_url=url
        )
        notebook = nbformat.read(self.root / self._folder / f"{self.assignment}.ipynb", as_version=4)
        return [cell for cell in notebook.cells if _error_of(cell) and not _may_raise(cell)]

    def prove(self) -> None:
        """Remember that it ran through."""
        self._proofs.save(f"{self._name} solved", self._texts, {})

    def write(self) -> None:
        """Put it into the course, where it was run."""
        if (self.root / self._folder).exists():
            shutil.rmtree(self.course.root / self._folder, ignore_errors=True)
            shutil.copytree(self.root / self._folder, self.course.root / self._folder)
            self._written.save(self._name, self._texts, {})

    def told(self, cell: NotebookNode) -> str:
        """Say which cell raises what, and what to do, with `%s` for the languages of the editions."""
        lines = [line.strip() for line in cell.source.splitlines() if line.strip()]
        first = next((line for line in lines if not line.startswith("#")), lines[0])
        path, question = self.course.source(self.assignment), cell_metadata(cell).get("question")
        mend = f"fix the cell, or give it the tag {RAISES} if it is meant to raise"
        if question:
            path = self.course.root / "solutions" / self.assignment / f"{question}.py"
            mend = "fix the question file"
        error = _error_of(cell)
        if error.startswith("ModuleNotFoundError"):
            mend = f"install the module where you build, or {mend}"
        where = path.relative_to(self.course.root)
        told = f"{where}: the cell that begins with `{first}` raises {error}".replace("%", "%%")
        return f"{told}, in the solved notebook (%s); {mend}"

    @cached_property
    def code(self) -> str:
        """Return the code of the edition, but for its last cells, which a proof of the notebook runs."""
        source = nbformat.read(
            self.root / "source" / self.assignment / f"{self.assignment}.ipynb", as_version=4
        )
        cells = [
            cell.source
            for cell in source.cells
            if cell.cell_type == "code"
            and cell_metadata(cell).get("part") != HAND_IN
            and cell_metadata(cell).get("lang", self.language) == self.language
        ]
        return "\0".join([self.assignment, *cells])

    @property
    def _name(self) -> str:
        return f"{self.assignment} {self.language}"

    @property
    def _folder(self) -> Path:
        return Path("build") / "solution" / self.language / self.assignment

    @property
    def _written(self) -> ProofCache:
        """What stands under build/solution."""
        return ProofCache(self.course.root / "build" / "solutions.json")

    @property
    def _proofs(self) -> ProofCache:
        """What ran through, written or not."""
        return ProofCache(self.course.root / PROOFS)

    @cached_property
    def _texts(self) -> list[str]:
        """What decides what comes out: the notebooks and the files beside them."""
        found = []
        for folder in ("source", f"release/{self.language}"):
            for name, content in sorted(files_below(self.root / folder / self.assignment).items()):
                found += [name, hashlib.sha256(content).hexdigest()]
        return found


def run_solved(
    notebooks: Sequence[SolvedNotebook], url: str, on_progress: Callable[[str], None], *, written: bool
) -> list[str]:
    """Run the solved notebooks that did not run through before; returns a line for each cell that raises.

    written: whether they are to be written, so that one which is not there is run again.
    """
    found: dict[str, list[str]] = {}
    ran: set[str] = set()
    for notebook in notebooks:
        if notebook.is_known(written=written):
            continue
        if not written and notebook.code in ran:  # as another edition
            notebook.prove()
            continue
        on_progress(f"{notebook.assignment}: running the solved {notebook.language} notebook")
        raised = notebook.run(url)
        for cell in raised:
            found.setdefault(notebook.told(cell), []).append(notebook.language)
        if not raised:
            ran.add(notebook.code)
            notebook.prove()
    return [told % ", ".join(languages) for told, languages in found.items()]


def _error_of(cell: NotebookNode) -> str:
    """Return the name of the error that a cell raised and its first line; empty where it raised none."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            return ": ".join([output.ename, *output.evalue.strip().splitlines()[:1]])
    return ""


def _may_raise(cell: NotebookNode) -> bool:
    """Whether the author says that a cell raises; the tag of an example is ours and says nothing."""
    return RAISES in cell.metadata.get("tags", []) and not cell_metadata(cell).get("question")
