"""The notebooks of an assignment with nbgrader's own tests: the plan of each, and what was proved of them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode
from nbgrader.api import MissingEntry

from autograder.assignment import Assignment
from autograder.course import Course, SubmissionId
from autograder.errors import CourseError
from autograder.files import atomic_write, visible_files
from autograder.graded_cells import graded_cells
from autograder.grading.report import Report
from autograder.grading.versions import own_version, version_of
from autograder.i18n import LANGUAGES, _
from autograder.nbgrader.gradebook import recorded_notebook
from autograder.nbgrader.open_gradebook import open_gradebook
from autograder.nbgrader.records import RecordedNotebook
from autograder.notebooks.cells import (
    GRADE_SUFFIX,
    NAMESPACE,
    grade_id,
    is_test,
    read_notebook,
    with_ids,
)
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.importable import is_importable, place_outside
from autograder.sandbox.limits import ResourceLimits
from autograder.sandbox.profiles import KernelProfile
from autograder.submissions.selection import File, read_attached
from autograder.suggestions import unknown
from autograder.test_cells.plan import HIDDEN_TESTS, Plan, plan_of
from autograder.test_cells.proof import CANNOT_CROSS, Outcome, Proof
from autograder.text import Text, joined

if TYPE_CHECKING:
    from autograder.grading.notebook_grader import GradedQuestions
    from autograder.sandbox.session import KernelSession

PROOFS = Path("build", "test_cells")
AUTOTEST = "AUTOTEST"
"""Mark of the lines for which nbgrader generates assertions at a release."""
NOTEBOOKS = shutil.ignore_patterns("*.ipynb", ".*")
TRAINING = frozenset(["keras", "tensorflow", "torch", "jax"])
"""Packages with which a cell may train a model."""
PYTHON = ("python", "ipython")
VERSIONS = ("numpy", "pandas", "scipy", "matplotlib", "scikit-learn", "ipykernel", "nbgrader")


@dataclass(frozen=True)
class TestedAssignment:
    """An assignment of a course with nbgrader's own tests."""

    course: Course
    name: str

    @property
    def folder(self) -> Path:
        """The folder of its sources."""
        return self._assignment.sources

    @cached_property
    def notebooks(self) -> list[str]:
        """The names of its notebooks, without suffix."""
        return self._assignment.notebooks

    @property
    def _assignment(self) -> Assignment:
        return self.course.assignment(self.name)

    @property
    def data(self) -> Path:
        """The folder of the files that its notebooks read."""
        return self._assignment.release().parent if self._assignment.is_built else self.folder

    def questions(self, notebook: str) -> list[str]:
        """Return the ids of the questions in a notebook."""
        return sorted(graded_cells(self.folder / f"{notebook}.ipynb").questions)

    def source(self, notebook: str) -> NotebookNode:
        """Return the source of a notebook, whose cells have ids. Raises CourseError if it cannot be graded here."""
        path = self.folder / f"{notebook}.ipynb"
        source = with_ids(read_notebook(path))
        spec = source.metadata.get("kernelspec", {})
        language = spec.get("language") or source.metadata.get("language_info", {}).get("name") or "python"
        if language not in PYTHON and not self._assignment.is_built:
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
        path = self._assignment.release(notebook=notebook)
        if path.is_file():
            return with_ids(read_notebook(path))
        from nbgrader import preprocessors  # here, as in `converters`

        released = self.source(notebook)
        try:
            for name in ("LockCells", "ClearSolutions", "ClearOutput", "ClearHiddenTests", "ClearMarkScheme"):
                preprocessor = getattr(preprocessors, name)
                released, _resources = preprocessor(config=self.course.config).preprocess(released, {})
        except (RuntimeError, ValueError) as error:  # as for delimiters that are not closed
            path = self.folder / f"{notebook}.ipynb"
            raise CourseError(_("nbgrader cannot release {path}: {error}", path=path, error=error)) from error
        return released

    def plan(self, notebook: str, recorded: RecordedNotebook | None = None) -> Plan:
        """Return the plan of a notebook. recorded: its cells as released, which may not be those of the source now."""
        source = self.source(notebook)
        if recorded is None and any(is_test(cell) and AUTOTEST in cell.source for cell in source.cells):
            recorded = self._generated(notebook)
        if recorded is not None:
            texts = {name: cell.source for name, cell in recorded.cells.items() if cell.locked}
            for cell in source.cells:
                cell.source = texts.get(grade_id(cell), cell.source)
        return plan_of(source, self.release(notebook), hidden_test_marks(self.course))

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

    def outdated(self) -> list[Path]:
        """Return its sources with the metadata of an earlier nbgrader, whose commands refuse it."""
        from nbgrader.nbgraderformat import SCHEMA_VERSION  # here, as in `converters`

        found = []
        for path in (self.folder / f"{name}.ipynb" for name in self.notebooks):
            with contextlib.suppress(CourseError):  # `build` reports a notebook that cannot be read
                metadata = [cell.metadata.get("nbgrader") for cell in read_notebook(path).cells]
                versions = [one.get("schema_version", 0) for one in metadata if isinstance(one, dict)]
                if any(isinstance(version, int) and version < SCHEMA_VERSION for version in versions):
                    found.append(path)
        return found

    def missing_imports(self) -> dict[str, str]:
        """Return the packages that its notebooks need and kernels cannot import, each with the place of it.

        That is the file or folder from which this Python imports it; empty for a package that is not installed.
        Raises CourseError if a notebook cannot be graded here.
        """
        plans = [self.plan(name) for name in self.notebooks]
        needed = set[str]().union(*(plan.needed for plan in plans))
        sources = [step.source for plan in plans for step in plan.steps]
        missing = sorted(
            name
            for name in needed
            if not is_importable(name, self.folder)
            and not any(re.search(rf"\b{name}(\.py|/)", source) for source in sources)  # written by a cell
        )
        return {name: place_outside(name) for name in missing}

    @contextlib.contextmanager
    def sessions(
        self, pool: ForkServerPool, submitted: Path | None = None, without: Collection[str] = ()
    ) -> Iterator[tuple[KernelSession, KernelSession]]:
        """Open the session of a student and that of the tests.

        submitted: the folder of the student's files. without: paths of the author's files that the tests lack.
        """
        from autograder.sandbox.session import open_session  # here, as below: what writes grades opens none

        limits, need = self.course.limits, self.course.settings.seal
        with contextlib.ExitStack() as stack:
            data = self.data
            if without:
                data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                shutil.copytree(self.data, data, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.ipynb"))
                for path in without:
                    (data / path).unlink(missing_ok=True)
            student, tests = (
                stack.enter_context(open_session(self.profile, folder, limits=limits, need=need, pool=pool))
                for folder in (submitted or self.data, data)
            )
            yield student, tests

    def prove(self, notebook: str, plan: Plan, pool: ForkServerPool) -> Proof:
        """Prove the tests of a notebook on the author's solutions."""
        from autograder.test_cells.prove import prove

        wanted = self._wanted_together(notebook)
        names = [step.id for step in plan.tests]
        for name in wanted:
            if name not in names:
                raise CourseError(
                    _(
                        "c.CourseSettings.together: {problem}",
                        problem=unknown("test", f"{self.name}/{notebook}/{name}", names),
                    )
                )
        return prove(
            plan, self.release(notebook), lambda without=(): self.sessions(pool, without=without),
            self.course.limits, together=wanted,
        )  # fmt: skip

    def _wanted_together(self, notebook: str) -> list[str]:
        """Return the tests of a notebook that the course wants among the student's code."""
        before = f"{self.name}/{notebook}/"
        return [
            name.removeprefix(before) for name in self.course.settings.together if name.startswith(before)
        ]

    def keep(self, notebook: str, proof: Proof) -> None:
        """Keep a proof, for `known_proof`."""
        path = self._proof_file(notebook)
        path.parent.mkdir(parents=True, exist_ok=True)
        data = {"digest": self._digest(notebook, proof.plan)} | _to_data(proof)
        atomic_write(path, json.dumps(data, ensure_ascii=False, indent=1))

    def known_proof(self, notebook: str, plan: Plan) -> Proof | None:
        """Return the proof of a notebook's tests if they were proved as in this plan."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(self._proof_file(notebook).read_text(encoding="utf-8"))
            if kept["digest"] == self._digest(notebook, plan):
                return _from_data(plan, kept)
        return None

    def _proof_file(self, notebook: str) -> Path:
        return self.course.root / PROOFS / self.name / f"{notebook}.json"

    def _generated(self, notebook: str) -> RecordedNotebook:
        """Return the released cells with the tests that nbgrader generated. Raises CourseError if there are none."""
        file = self.course.gradebook_file
        with contextlib.suppress(MissingEntry):
            if file is None or file.is_file():  # it is not made here
                with open_gradebook(self.course) as gradebook:
                    return recorded_notebook(gradebook, SubmissionId("", self.name, notebook))
        raise CourseError(
            _(
                "{path} has lines with {mark}, of which nbgrader makes tests: run `nbgrader generate_assignment "
                "{name}` first",
                path=self.folder / f"{notebook}.ipynb",
                mark=AUTOTEST,
                name=self.name,
            )
        )

    def _digest(self, notebook: str, plan: Plan) -> str:
        """Return a digest of what a proof depends on."""
        parts = [repr([(step.id, step.kind, step.source, step.released, step.points) for step in plan.steps])]
        parts += self._wanted_together(notebook)
        parts += [own_version(), *(f"{name} {version_of(name)}" for name in VERSIONS)]
        for name in sorted(plan.libraries):
            parts.append(f"{name} {is_importable(name, self.folder)} {version_of(name)}")
        for path in visible_files(self.data):
            if path.suffix != ".ipynb":
                parts.append(f"{path.relative_to(self.data)} {hashlib.sha256(path.read_bytes()).hexdigest()}")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


MARKS = frozenset(["begin_test_delimeter", "end_test_delimeter"])
"""nbgrader's settings for the delimiters of hidden tests, as it spells them."""


def hidden_test_marks(course: Course) -> tuple[str, str]:
    """Return the delimiters of hidden tests in a course's sources."""
    # a section of any class that nbgrader's inherits from sets them as well
    if not any(MARKS & set(section) for section in course.config.values()):
        return HIDDEN_TESTS
    from nbgrader.preprocessors import ClearHiddenTests  # here, as in `converters`

    hidden = ClearHiddenTests(config=course.config)
    return hidden.begin_test_delimeter, hidden.end_test_delimeter


def language_of(course: Course, notebook: NotebookNode) -> str:
    """Return the language of what students read: the course's if it is set, else the notebook's, else English."""
    if course.config.get("CourseSettings", {}).get("languages"):
        return course.languages[0]
    language = notebook.metadata.get(NAMESPACE, {}).get("edition") or notebook.metadata.get("lang")
    return str(language) if language in LANGUAGES else "en"


@dataclass(frozen=True)
class SealedTests:
    """The tests of a notebook, and the files with which they run for one submission."""

    assignment: TestedAssignment
    notebook: str
    proof: Proof
    pool: ForkServerPool
    attached: Sequence[File] = ()
    """The data files that were handed in; those of the source count before them."""

    @cached_property
    def release(self) -> NotebookNode:
        """The notebook as students get it."""
        return self.assignment.release(self.notebook)

    @property
    def language(self) -> str:
        """The language of what students read."""
        return language_of(self.assignment.course, self.release)

    @staticmethod
    def names(proof: Proof) -> list[str]:
        """Return the names of the tests of a notebook; see `graded_by`."""
        return [step.id.removesuffix(GRADE_SUFFIX) for step in proof.plan.tests]

    @cached_property
    def points(self) -> dict[str, float]:
        """The points of the tests, by name. Raises CourseError if two have one name."""
        names, tests = self.names(self.proof), self.proof.plan.tests
        if len({*names}) < len(names):
            raise CourseError(
                _(
                    "{path}: two tests have one name but for {suffix} at its end; rename one of them",
                    path=self.assignment.folder / f"{self.notebook}.ipynb",
                    suffix=GRADE_SUFFIX,
                )
            )
        return dict(zip(names, (step.points for step in tests), strict=True))

    @contextlib.contextmanager
    def files(self) -> Iterator[Path]:
        """Yield a folder with the files that a student's code may read."""
        with tempfile.TemporaryDirectory(prefix="attached-") as name:
            folder = Path(name)
            shutil.copytree(self.assignment.data, folder, dirs_exist_ok=True, ignore=NOTEBOOKS)
            for file in self.attached:
                path = folder / file.name
                with contextlib.suppress(FileExistsError, NotADirectoryError):  # the author's counts
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("xb") as copy:
                        copy.write(file.raw)
            yield folder

    def run_public(self, notebook: NotebookNode) -> dict[str, Outcome]:
        """Run a rebuilt notebook with the tests that students have; see `run_public`."""
        from autograder.test_cells.grading import run_public

        with self.files() as folder:
            return run_public(
                notebook,
                self.proof,
                lambda: self.assignment.sessions(self.pool, folder),
                self.assignment.course.limits,
            )

    def judge(self, notebook: NotebookNode, public: Mapping[str, Outcome]) -> GradedQuestions:
        """Run hidden tests, and return the reports of all; see `judge`."""
        from autograder.test_cells.grading import judge

        with self.files() as folder:
            graded = judge(
                notebook,
                self.proof,
                public,
                lambda: self.assignment.sessions(self.pool, folder),
                self.assignment.course.limits,
            )
        reports = {name: self._with_way_out(report) for name, report in graded.reports.items()}
        return replace(graded, reports=reports)

    def _with_way_out(self, report: Report) -> Report:
        """Return a report that says, where a value could not cross, how to run the test among the student's code."""
        if report.ungraded is None or not report.ungraded.en.startswith(CANNOT_CROSS.en.partition("{")[0]):
            return report
        test = next(
            step.id for step in self.proof.plan.tests if step.id.removesuffix(GRADE_SUFFIX) == report.question
        )
        if test in self.proof.together:
            return report
        name = f"{self.assignment.name}/{self.notebook}/{test}"
        hint = _(
            "to run this test among the student's code, where it can be forged, add {name} to "
            "c.CourseSettings.together",
            name=repr(name),
        )
        return replace(report, ungraded=joined("; ", [report.ungraded, hint]))


def proved_tests(
    course: Course, submission: SubmissionId, recorded: RecordedNotebook, pool: ForkServerPool
) -> SealedTests:
    """Return the tests of a notebook, proved now unless a proof was kept, with the files that were handed in with it.

    recorded: its cells as released.
    """
    assignment = TestedAssignment(course, submission.assignment)
    plan = assignment.plan(submission.notebook, recorded)
    proof = assignment.known_proof(submission.notebook, plan)
    if proof is None:
        proof = assignment.prove(submission.notebook, plan, pool)
        assignment.keep(submission.notebook, proof)
    attached: Sequence[File] = ()
    if submission.part:
        attached = read_attached(course.submitted_folder(submission), below=course.submitted)
    return SealedTests(assignment, submission.notebook, proof, pool, attached)


def _to_data(proof: Proof) -> dict[str, Any]:
    return {
        "changed": {name: sorted(names) for name, names in proof.plan.changed.items()},
        "together": {name: reason.to_dict() for name, reason in proof.together.items()},
        "objects": {name: sorted(found) for name, found in proof.objects.items()},
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
        "partial": list(proof.partial),
        "first_error": proof.first_error,
        "author_seconds": proof.author_seconds,
    }


def _from_data(plan: Plan, data: dict[str, Any]) -> Proof:
    return Proof(
        replace(plan, changed={name: frozenset(names) for name, names in data["changed"].items()}),
        {name: Text(**reason) for name, reason in data["together"].items()},
        {name: frozenset(found) for name, found in data["objects"].items()},
        {
            name: Outcome(earned, error, message, ungraded=Text(**ungraded) if ungraded else None)
            for name, (earned, error, message, ungraded) in data["failing"].items()
        },
        tuple(data["free"]),
        tuple(data["partial"]),
        data["first_error"],
        data["author_seconds"],
    )
