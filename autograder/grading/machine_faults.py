"""Faults of the grader's machine that a wrong answer may be due to: what it lacks of what the answer needs.

A module that the release promises and that is not installed, a name that the installed version of such a module does
not have, a data file that is not where the answer looks for it. Such a question is not graded: a person installs what
is missing and grades again, or enters a score. A module that nothing but the answer imports excuses nothing: the
student is told which packages there are.

What an answer needs is read from the code. An error of the kernel, which a student can raise, counts only for what the
code uses.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from importlib.metadata import packages_distributions
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NamedTuple

from nbformat import NotebookNode

from autograder.grading.report import Report
from autograder.grading.versions import version_of
from autograder.i18n import _
from autograder.notebooks.cells import cell_metadata
from autograder.sandbox.importable import is_importable
from autograder.submissions.statements import Statement, needed_by
from autograder.text import Text

NO_MODULE = re.compile(r"No module named '([\w.]+)'")
NO_NAME = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
NO_IMPORT = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
REMOVED = re.compile(r"`np\.(\w+)` was removed")
"""How NumPy reports a name of an earlier version."""
MISSING_FILE = re.compile(r"FileNotFoundError|No such file|not found")
MAX_ERROR = 1_000
"""Characters of an error that are searched."""
FILE_NAME = re.compile(r"[^/\\]+\.\w+")
NOT_INSTALLED = _(
    "the answer imports {module}, which is not installed where answers are graded: install it and grade again, or "
    "enter a score by hand"
)
NOT_PROMISED = _(
    "the answer imports {module}, which is not installed where answers are graded; use Python's standard library and "
    "{packages}"
)
OTHER_VERSION = _(
    "the answer uses {name} of {module}, which {module} {version} does not have, the version where answers are graded: "
    "install the version that students use and grade again, or enter a score by hand"
)
FILE_GONE = _(
    "the answer reads {file}, which the released notebook names and {folder} does not contain: put it there and grade "
    "again, or enter a score by hand"
)
OTHER_FOLDER = _(
    "the answer reads {file} from a folder that does not exist where answers are graded; there it is beside the "
    "notebook: enter a score by hand"
)


class MachineFaults(NamedTuple):
    """What this machine lacks of what wrong answers need, by question."""

    ungraded: Mapping[str, Text]
    """Why a question is not graded, where the course promised what is missing."""
    notes: Mapping[str, Text]
    """What students are told of modules that nobody promised."""


def faults_of_machine(
    notebook: NotebookNode,
    reports: Mapping[str, Report],
    *,
    errors: Mapping[str, Collection[str]],
    folder: Path | None,
    stub_modules: Collection[str],
    promised: Collection[str],
) -> MachineFaults:
    """Return what this machine lacks for each question without full points; nothing for one that lacks nothing.

    notebook: as it was graded, with outputs. errors: what the answers raised, by question. folder: that of the data
    files. stub_modules: modules that kernels replace. promised: modules that students may expect, without those inside
    them; see `graded_imports`.
    """
    ungraded: dict[str, Text] = {}
    notes: dict[str, Text] = {}
    raised = [*_cell_errors(notebook)]
    for name, report in reports.items():
        if report.score < report.points and not report.unanswered:
            needed = _Needed(needed_by(name, notebook), notebook, folder, stub_modules, promised)
            fault = needed.fault(_shortened([*errors.get(name, ()), *raised]))
            if fault is not None:
                ungraded[name] = fault
            elif (module := next(needed.not_promised(), None)) is not None:
                notes[name] = NOT_PROMISED.format(module=module, packages=", ".join(sorted(promised)))
    return MachineFaults(ungraded, notes)


class _Needed:
    """What an answer needs, by the code."""

    def __init__(
        self,
        statements: Sequence[Statement],
        notebook: NotebookNode,
        folder: Path | None,
        stub_modules: Collection[str],
        promised: Collection[str],
    ) -> None:
        self.nodes = [node for statement in statements for node in ast.walk(statement.node)]
        self.notebook, self.folder, self.stub_modules = notebook, folder, stub_modules
        self.promised = promised

    def fault(self, errors: Sequence[str]) -> Text | None:
        """Return what this machine lacks. errors: those of the run."""
        modules = [module for module in self._modules if self._is_promised(module)]
        for module in modules:
            if not is_importable(module, self.folder):
                return NOT_INSTALLED.format(module=module)
        for error in errors:
            if (missing := NO_MODULE.search(error)) and any(
                f"{module}.".startswith(f"{missing[1]}.") for module in modules
            ):
                return NOT_INSTALLED.format(module=missing[1])
            for module, name in _missing_names(error):
                if name in self._names and self._is_promised(module) and self._is_installed(module):
                    return OTHER_VERSION.format(name=name, module=module, version=_version(module))
        missing_files = [error for error in errors if MISSING_FILE.search(error)]
        for path in dict.fromkeys(self._paths()):
            if any(_file_name(path) in error for error in missing_files):
                return self._missing_file(path)
        return None

    def not_promised(self) -> Iterator[str]:
        """Yield the modules that this machine lacks and nobody promised."""
        for module in self._modules:
            if not self._is_promised(module) and not is_importable(module, self.folder):
                yield module

    def _is_promised(self, module: str) -> bool:
        return module.split(".", maxsplit=1)[0] in self.promised

    @cached_property
    def _modules(self) -> list[str]:
        """Return the modules that are imported, but for stub modules and those that the notebook writes itself."""
        return [*dict.fromkeys(self._imported())]

    def _imported(self) -> Iterator[str]:
        for node in self.nodes:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = [node.module]
            for name in names:
                top = name.split(".", maxsplit=1)[0]
                if top not in self.stub_modules and not self._is_written(f"{top}.py"):
                    yield name

    def _is_written(self, file: str) -> bool:
        return any(file in cell.source for cell in self.notebook.cells if cell_metadata(cell).get("own"))

    @cached_property
    def _names(self) -> set[str]:
        """Return the names that are read from modules, and others that look the same."""
        names = {node.attr for node in self.nodes if isinstance(node, ast.Attribute)}
        imports = [node for node in self.nodes if isinstance(node, ast.ImportFrom)]
        return names | {alias.name for node in imports for alias in node.names}

    def _is_installed(self, module: str) -> bool:
        """Return whether a module belongs to a package that may have other versions."""
        top = module.split(".", maxsplit=1)[0]
        others = (*sys.stdlib_module_names, *self.stub_modules)
        return top not in others and is_importable(top) and not self._is_written(f"{top}.py")

    def _paths(self) -> Iterator[str]:
        """Yield the paths of files that the release has or names."""
        for node in self.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                name = _file_name(node.value)
                if FILE_NAME.fullmatch(name) and (self._has_file(name) or self._is_named(name)):
                    yield node.value

    def _has_file(self, name: str) -> bool:
        return self.folder is not None and (self.folder / name).is_file()

    def _is_named(self, name: str) -> bool:
        """Return whether a cell of the release contains a name."""
        return any(
            name in cell.source
            for cell in self.notebook.cells
            if not cell_metadata(cell).get("own") and cell_metadata(cell).get("part") != "answer"
        )

    def _missing_file(self, path: str) -> Text:
        name = _file_name(path)
        text = OTHER_FOLDER if self._has_file(name) else FILE_GONE
        return text.format(file=name, folder=self.folder)


def _shortened(errors: Sequence[str]) -> list[str]:
    """Return errors, each once, without what follows a first part: code can raise any text."""
    return [*dict.fromkeys(error[:MAX_ERROR] for error in errors)]


def _cell_errors(notebook: NotebookNode) -> Iterator[str]:
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                yield f"{output.ename}: {output.evalue}"


def _missing_names(error: str) -> Iterator[tuple[str, str]]:
    """Yield module and name of what an error says that a module does not have."""
    for module, name in NO_NAME.findall(error):
        yield module, name
    for name, module in NO_IMPORT.findall(error):
        yield module, name
    for name in REMOVED.findall(error):
        yield "numpy", name


def _file_name(path: str) -> str:
    return PureWindowsPath(PurePosixPath(path).name).name


def _version(module: str) -> str:
    """Return the installed version of a module's package, or an empty string."""
    top = module.split(".", maxsplit=1)[0]
    return next(map(version_of, packages_distributions().get(top, ())), "")
