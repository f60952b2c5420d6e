"""An assignment with nbgrader's own tests: its notebooks, the plan of each, and what was proved of them."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearOutput, ClearSolutions, LockCells

from autograder.course import Course, SubmissionId
from autograder.errors import CourseError, UnreadableSubmission
from autograder.files import atomic_write, visible_files
from autograder.grading.versions import own_version, version_of
from autograder.i18n import _
from autograder.nbgrader_hooks import CONFIG_FILE
from autograder.notebooks.cells import grade_id, is_solution, read_notebook
from autograder.sandbox.fork_server import ForkServerPool, KernelProfile
from autograder.sandbox.importable import is_importable
from autograder.sandbox.limits import ResourceLimits
from autograder.sandbox.session import KernelSession, open_session
from autograder.submissions.safe_read import open_regular
from autograder.test_cells.plan import Plan, plan_of
from autograder.test_cells.prove import Proof, prove
from autograder.test_cells.run import Outcome
from autograder.text import Text

PROOFS = Path("build", "test_cells")
GRADED_FROM = "graded_from"
"""What a graded notebook's metadata call the state that it was graded from; see `state_of`."""
TRAINING = frozenset(["keras", "tensorflow", "torch", "jax"])
"""Packages with which a cell may train a model."""
PYTHON = ("python", "ipython")
VERSIONS = ("numpy", "pandas", "scipy", "matplotlib", "scikit-learn", "ipykernel", "nbgrader")


@dataclass(frozen=True)
class TestedAssignment:
    """An assignment of a course whose tests are nbgrader's own."""

    course: Course
    name: str

    @property
    def folder(self) -> Path:
        """The folder of its sources."""
        return self.course.folder_of("source") / self.name

    @cached_property
    def notebooks(self) -> list[str]:
        """The names of its notebooks, without suffix."""
        return sorted(path.stem for path in self.folder.glob("*.ipynb"))

    def source(self, notebook: str) -> NotebookNode:
        """Return the source of a notebook, whose cells have ids. Raises CourseError if it cannot be graded here."""
        path = self.folder / f"{notebook}.ipynb"
        source = with_ids(read_notebook(path))
        spec = source.metadata.get("kernelspec", {})
        language = spec.get("language") or source.metadata.get("language_info", {}).get("name") or "python"
        if language not in PYTHON:
            raise CourseError(
                _(
                    "{path} is a notebook for the kernel {kernel} ({language}); the autograder grades Python notebooks "
                    "only",
                    path=path,
                    kernel=spec.get("name", "?"),
                    language=language,
                )
            )
        return source

    def release(self, notebook: str) -> NotebookNode:
        """Return a notebook as students get it: the released one, or what nbgrader would release."""
        path = self.course.folder_of("release") / self.name / f"{notebook}.ipynb"
        if path.is_file():
            return with_ids(read_notebook(path))
        released = self.source(notebook)
        try:
            for preprocessor in (LockCells, ClearSolutions, ClearOutput, ClearHiddenTests, ClearMarkScheme):
                released, _resources = preprocessor(config=self.course.config).preprocess(released, {})
        except (RuntimeError, ValueError) as error:  # as for delimiters that are not closed
            path = self.folder / f"{notebook}.ipynb"
            raise CourseError(_("nbgrader cannot release {path}: {error}", path=path, error=error)) from error
        return released

    def plan(self, notebook: str, overwritten: NotebookNode | None = None) -> Plan:
        """Return the plan of a notebook.

        overwritten: a submission in which nbgrader has put back the author's cells as they were when it was released.
        """
        source = self.source(notebook)
        if overwritten is not None:
            texts = {grade_id(cell): cell.source for cell in overwritten.cells if not is_solution(cell)}
            for cell in source.cells:
                cell.source = texts.get(grade_id(cell), cell.source) if grade_id(cell) else cell.source
        hidden = ClearHiddenTests(config=self.course.config)
        return plan_of(
            source, self.release(notebook), (hidden.begin_test_delimeter, hidden.end_test_delimeter)
        )

    @cached_property
    def profile(self) -> KernelProfile:
        """The kernels of its notebooks, which have what their sources import."""
        libraries = set().union(*(self.plan(name).libraries for name in self.notebooks))
        modules = tuple(sorted(name for name in libraries if is_importable(name) and name != "autograder"))
        trains = bool(libraries & TRAINING)
        return KernelProfile(
            f"tests {' '.join(modules)}", modules, (), "", ResourceLimits(memory_mb=3000 if trains else 1000),
            trains=trains, converses=True,
        )  # fmt: skip

    @contextlib.contextmanager
    def sessions(
        self, pool: ForkServerPool, submitted: Path | None = None
    ) -> Iterator[tuple[KernelSession, KernelSession]]:
        """Open the session of a student and that of the tests. submitted: the folder of the student's files."""
        limits, need = self.course.limits, self.course.settings.seal
        with (
            open_session(
                self.profile, submitted or self.folder, limits=limits, need=need, pool=pool
            ) as student,
            open_session(self.profile, self.folder, limits=limits, need=need, pool=pool) as tests,
        ):
            yield student, tests

    def proof(
        self, notebook: str, pool: ForkServerPool, plan: Plan | None = None, *, force: bool = False
    ) -> Proof:
        """Return what is known of a notebook's tests, and prove them if that is not known yet.

        plan: that of the tests as released, if they may differ from the source's.
        """
        plan = plan or self.plan(notebook)
        if not force and (known := self.known_proof(notebook, plan)) is not None:
            return known
        found = prove(plan, self.release(notebook), lambda: self.sessions(pool), self.course.limits)
        path = self._proof_file(notebook)
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(
            path, json.dumps({"digest": self._digest(plan)} | _to_data(found), ensure_ascii=False, indent=1)
        )
        return found

    def known_proof(self, notebook: str, plan: Plan | None = None) -> Proof | None:
        """Return the proof of a notebook's tests if they were proved as they are now. plan: as for `proof`."""
        plan = plan or self.plan(notebook)
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(self._proof_file(notebook).read_text(encoding="utf-8"))
            if kept["digest"] == self._digest(plan):
                return _from_data(plan, kept)
        return None

    def _proof_file(self, notebook: str) -> Path:
        return self.course.root / PROOFS / self.name / f"{notebook}.json"

    def _digest(self, plan: Plan) -> str:
        """Return a digest of what a proof depends on."""
        parts = [repr([(step.id, step.kind, step.source, step.released, step.points) for step in plan.steps])]
        parts += [own_version(), *(f"{name} {version_of(name)}" for name in VERSIONS)]
        for path in visible_files(self.folder):
            if path.suffix != ".ipynb":
                parts.append(
                    f"{path.relative_to(self.folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}"
                )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def tested_assignments(course: Course) -> list[str]:
    """Return the names of the folders of sources that have notebooks."""
    folder = course.folder_of("source")
    return (
        sorted(path.name for path in folder.iterdir() if any(path.glob("*.ipynb"))) if folder.is_dir() else []
    )


def state_of(course: Course, submission: SubmissionId) -> str:
    """Return a digest of all that a grade depends on: what was handed in, the sources, the config and versions.

    It is empty if what was handed in cannot be read as plain files.
    """
    folders = [course.submitted_folder(submission), course.folder_of("source") / submission.assignment]
    parts = [own_version(), *(f"{name} {version_of(name)}" for name in VERSIONS)]
    try:
        parts.append(hashlib.sha256((course.root / CONFIG_FILE).read_bytes()).hexdigest())
        for number, folder in enumerate(folders):
            for path in sorted(folder.rglob("*")):
                if path.is_dir() and not path.is_symlink():
                    continue
                file: Any
                with open_regular(path) as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                parts.append(f"{number} {path.relative_to(folder)} {digest}")
    except (OSError, UnreadableSubmission):
        return ""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


def with_ids(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook each of whose cells has an id; those of older formats have none."""
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"cell-{number}")
    notebook.nbformat, notebook.nbformat_minor = 4, max(5, notebook.nbformat_minor)
    return notebook


def _to_data(proof: Proof) -> dict[str, Any]:
    return {
        "changed": {name: sorted(names) for name, names in proof.plan.changed.items()},
        "together": dict(proof.together),
        "failing": {
            name: [
                outcome.earned,
                outcome.error,
                outcome.message,
                outcome.ungraded and outcome.ungraded.to_dict(),
            ]
            for name, outcome in proof.failing.items()
        },
        "free": list(proof.free),
    }


def _from_data(plan: Plan, data: dict[str, Any]) -> Proof:
    return Proof(
        replace(plan, changed={name: frozenset(names) for name, names in data["changed"].items()}),
        data["together"],
        {
            name: Outcome(earned, error, message, ungraded=Text(**ungraded) if ungraded else None)
            for name, (earned, error, message, ungraded) in data["failing"].items()
        },
        tuple(data["free"]),
    )
