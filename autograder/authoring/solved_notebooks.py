"""Solved notebooks: run during a build, so that no cell raises unexpectedly, and kept for assistants."""

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
from autograder.i18n import _, language_name
from autograder.nbgrader import converters
from autograder.notebooks.cells import cell_metadata
from autograder.notebooks.stamp import RAISES, SELF_CHECK
from autograder.text import Text
from autograder.verification.proof_cache import PROOFS, ProofCache


@dataclass(frozen=True)
class SolvedNotebook:
    """The solved notebook of an edition: run below `root`, kept in the course under `build/solution`."""

    course: Course
    root: Path
    assignment: str
    language: str

    def is_known(self, *, written: bool) -> bool:
        """Return whether it ran without an error before. written: and is kept under `build/solution`."""
        if written:
            exists = (self.course.root / self._folder).exists()
            return exists and self._written.lookup(self._name, self._texts) is not None
        return self._proofs.lookup(f"{self._name} solved", self._texts) is not None

    def run(self, url: str) -> list[NotebookNode]:
        """Run it and return the cells that raise unexpectedly. url: of a scratch gradebook."""
        converters.generate_solution(
            self.course, self.assignment, self.language, root=self.root, gradebook_url=url
        )
        notebook = nbformat.read(self.root / self._folder / f"{self.assignment}.ipynb", as_version=4)
        return [cell for cell in notebook.cells if _error_of(cell) and not _may_raise(cell)]

    def prove(self) -> None:
        """Record that it ran without an error."""
        self._proofs.save(f"{self._name} solved", self._texts, {})

    def write(self) -> None:
        """Copy it into the course, if it was run."""
        if (self.root / self._folder).exists():
            shutil.rmtree(self.course.root / self._folder, ignore_errors=True)
            shutil.copytree(self.root / self._folder, self.course.root / self._folder)
            self._written.save(self._name, self._texts, {})

    def error_message(self, cell: NotebookNode, languages: Sequence[str]) -> Text:
        """Return which cell raises what in the editions in some languages, and how to fix it."""
        lines = [line.strip() for line in cell.source.splitlines() if line.strip()]
        first = next((line for line in lines if not line.startswith("#")), lines[0])
        path, question = self.course.assignment(self.assignment).source, cell_metadata(cell).get("question")
        fix = _("fix the cell, or give it the tag {tag} if it is meant to raise", tag=RAISES)
        if question:
            path = self.course.assignment(self.assignment).folder / f"{question}.py"
            fix = _("fix the question file")
        error = _error_of(cell)
        if error.startswith("ModuleNotFoundError"):
            fix = _("install the module on this machine, or {fix}", fix=fix)
        return _(
            "{path}: the cell that begins with `{line}` raises {error}, in the solved notebook ({languages}); {fix}",
            path=path.relative_to(self.course.root),
            line=first,
            error=error,
            languages=", ".join(languages),
            fix=fix,
        )

    @cached_property
    def code(self) -> str:
        """Return the code of the edition without its last cells, which a proof of the notebook runs."""
        source = nbformat.read(
            self.root / "source" / self.assignment / f"{self.assignment}.ipynb", as_version=4
        )
        cells = [
            cell.source
            for cell in source.cells
            if cell.cell_type == "code"
            and cell_metadata(cell).get("part") != SELF_CHECK
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
        """Cache of what is kept under `build/solution`."""
        return ProofCache(self.course.root / "build" / "solutions.json")

    @property
    def _proofs(self) -> ProofCache:
        """Cache of what ran without an error, written or not."""
        return ProofCache(self.course.root / PROOFS)

    @cached_property
    def _texts(self) -> list[str]:
        """Everything the result depends on: the notebooks and the files beside them."""
        texts = []
        for folder in ("source", f"release/{self.language}"):
            for name, content in sorted(files_below(self.root / folder / self.assignment).items()):
                texts += [name, hashlib.sha256(content).hexdigest()]
        return texts


def run_solved(
    notebooks: Sequence[SolvedNotebook], url: str, on_progress: Callable[[Text], None], *, written: bool
) -> list[Text]:
    """Run the solved notebooks that have not run without an error before; return a line for each cell that raises.

    written: whether they are to be written, so that a missing one is run again.
    """
    raising: dict[Text, tuple[SolvedNotebook, NotebookNode, list[str]]] = {}
    ran: set[str] = set()
    for notebook in notebooks:
        if notebook.is_known(written=written):
            continue
        if not written and notebook.code in ran:  # same code as another edition
            notebook.prove()
            continue
        on_progress(
            _(
                "{assignment}: running the solved notebook in {language}",
                assignment=notebook.assignment,
                language=language_name(notebook.language),
            )
        )
        raised = notebook.run(url)
        for cell in raised:
            *_first, languages = raising.setdefault(notebook.error_message(cell, ()), (notebook, cell, []))
            languages.append(notebook.language)
        if not raised:
            ran.add(notebook.code)
            notebook.prove()
    return [notebook.error_message(cell, languages) for notebook, cell, languages in raising.values()]


def _error_of(cell: NotebookNode) -> str:
    """Return the name and first line of the error that a cell raised, or an empty string."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            return ": ".join([output.ename, *output.evalue.strip().splitlines()[:1]])
    return ""


def _may_raise(cell: NotebookNode) -> bool:
    """Return whether the author expects a cell to raise; the tag of an example cell is ours and does not count."""
    return RAISES in cell.metadata.get("tags", []) and not cell_metadata(cell).get("question")
