"""What the grader's machine lacks is not a student's fault."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.grading.machine_faults import MachineFaults, faults_of_machine
from autograder.grading.report import UNANSWERED, CheckResult, Report
from autograder.sandbox.importable import is_importable
from autograder.text import Text

TITLE = Text.same("Title")
NOT_INSTALLED = (
    "the answer imports {}, which is not installed where answers are graded: install it and grade again, or enter a "
    "score by hand"
)


def report(*, score: float = 0.0, message: Text = TITLE) -> Report:
    check = CheckResult("is_right", TITLE, "passed" if score else "errored", 2.0, message)
    return Report("total", TITLE, 2.0, (check,), fault=None if score else "missing")


def notebook_of(*sources: str, error: str = "", given: str = "") -> NotebookNode:
    """A graded notebook: a cell of the release, then cells of the student's own, of which the last raised an error."""
    cells = [nbformat.v4.new_markdown_cell(given)]
    cells += [nbformat.v4.new_code_cell(source, metadata={"autograder": {"own": True}}) for source in sources]
    if error:
        name, _, value = error.partition(": ")
        cells[-1].outputs = [nbformat.v4.new_output("error", ename=name, evalue=value, traceback=[])]
    return nbformat.v4.new_notebook(cells=cells)


PROMISED = ("given", "google", "no_such_package", "numpy", "tools")
"""Modules that students may expect where answers are graded."""


def faults(
    notebook: NotebookNode,
    graded: Report | None = None,
    *,
    raised: str = "",
    folder: Path | None = None,
    promised: Collection[str] = PROMISED,
) -> MachineFaults:
    return faults_of_machine(
        notebook, {"total": graded or report()}, errors={"total": [raised]}, folder=folder,
        stub_modules=("tensorflow",), promised=promised,
    )  # fmt: skip


def fault(
    notebook: NotebookNode, graded: Report | None = None, *, raised: str = "", folder: Path | None = None
) -> str:
    """Why the question is not graded, or nothing."""
    found = faults(notebook, graded, raised=raised, folder=folder)
    assert not found.notes
    return found.ungraded["total"].en if found.ungraded else ""


class TestModules:
    """A module that is not installed."""

    @pytest.mark.parametrize(
        ("sources", "module"),
        [
            (["import no_such_package\ndef total(a):\n    return no_such_package.f(a)"], "no_such_package"),
            (["import no_such_package.inner as i", "def total(a):\n    return i.f(a)"], "no_such_package.inner"),
            (["def total(a):\n    from no_such_package import f\n    return f(a)"], "no_such_package"),
            (["from no_such_package import *", "def total(a):\n    return f(a)"], "no_such_package"),
            (["import no_such_package as n", "def f(a):\n    return n.f(a)", "def total(a):\n    return f(a)"],
             "no_such_package"),
            (["try:\n    import no_such_package as n\nexcept ImportError:\n    n = None",
              "def total(a):\n    return n.f(a)"], "no_such_package"),
            (["from no_such_package import data\ntotal = data.sum()"], "no_such_package"),
            (["from google.colab import files", "def total(a):\n    return files.f(a)"], "google.colab"),
        ],
    )  # fmt: skip
    def test_answer_that_needs_a_missing_module_is_not_graded(self, sources: list[str], module: str) -> None:
        """Wherever the import stands; the reason names the module and what to do."""
        assert fault(notebook_of(*sources)) == NOT_INSTALLED.format(module)

    def test_answer_that_does_not_need_the_module_is_graded(self) -> None:
        """An import for a picture excuses no wrong answer."""
        notebook = notebook_of("import no_such_package as n\nn.draw()", "def total(n):\n    return n.f + 1")
        assert fault(notebook) == ""

    def test_right_answer_is_graded(self) -> None:
        """It found another way."""
        notebook = notebook_of("def total(a):\n    import no_such_package\n    return 1")
        assert fault(notebook, report(score=2.0)) == ""

    def test_missing_answer_is_graded(self) -> None:
        """Nothing was answered, whatever else is imported."""
        notebook = notebook_of("import no_such_package as total")
        assert fault(notebook, report(message=UNANSWERED)) == ""

    def test_error_alone_is_no_missing_module(self) -> None:
        """A student can raise any error: one that names no import of the answer counts as any other."""
        raised = "running the answer raised ModuleNotFoundError: No module named 'scipy'"
        assert fault(notebook_of("def total(a):\n    raise ModuleNotFoundError(TEXT)"), raised=raised) == ""

    @pytest.mark.parametrize(
        "source",
        ["import tensorflow as n", "import json as n", "import numpy.linalg as n", "import os.path as n",
         "from . import n", "import autograder as n"],
    )  # fmt: skip
    def test_installed_module_excuses_nothing(self, source: str) -> None:
        """Nor does one that kernels replace, or this package, which kernels hide."""
        assert fault(notebook_of(source, "def total(a):\n    return n.f(a)")) == ""

    def test_module_that_the_notebook_writes_excuses_nothing(self) -> None:
        """It is there when it is imported."""
        notebook = notebook_of(
            "%%writefile tools.py\nx = 1", "import tools", "def total(a):\n    return tools.x"
        )
        assert fault(notebook) == ""

    def test_module_of_the_course_excuses_nothing(self, tmp_path: Path) -> None:
        """It is released beside the notebook."""
        (tmp_path / "given.py").write_text("x = 1")
        notebook = notebook_of("import given", "def total(a):\n    return given.x")
        assert fault(notebook, folder=tmp_path) == ""
        assert fault(notebook) == NOT_INSTALLED.format("given")

    def test_missing_part_of_a_package_is_found_by_the_error(self) -> None:
        """A package may create its parts when it is imported, so that no file shows them."""
        notebook = notebook_of("import numpy.no_such_part as n", "def total(a):\n    return n.f(a)")
        assert fault(notebook) == ""
        raised = "ModuleNotFoundError: No module named 'numpy.no_such_part'"
        assert fault(notebook, raised=raised) == NOT_INSTALLED.format("numpy.no_such_part")

    @pytest.mark.parametrize(
        ("source", "raised"),
        [
            ("import no_such_package as n", ""),
            (
                "import sqlite3.no_such_part as n",
                "ModuleNotFoundError: No module named 'sqlite3.no_such_part'",
            ),
            ("import pytest as n", "AttributeError: module 'pytest' has no attribute 'f'"),
        ],
    )
    def test_module_that_nobody_promised_excuses_nothing(self, source: str, raised: str) -> None:
        """Whatever it lacks; else any wrong answer would be left to a person by one line."""
        notebook = notebook_of(source, "def total(a):\n    return n.f(a)")
        assert not faults(notebook, raised=raised, promised=["numpy"]).ungraded

    def test_student_is_told_which_modules_there_are(self) -> None:
        """A missing module is named in a note, in both languages; one that is there is not."""
        answer = "def total(a):\n    return n.f(a)"
        [(name, note)] = faults(
            notebook_of("import no_such_package as n", answer), promised=["numpy", "keras"]
        ).notes.items()
        assert name == "total"
        assert note.en == (
            "the answer imports no_such_package, which is not installed where answers are graded; use Python's "
            "standard library and keras, numpy"
        )
        assert "no_such_package" in note.ko
        assert "keras, numpy" in note.ko
        assert not faults(notebook_of("import pytest as n", answer), promised=["numpy"]).notes

    def test_looking_for_a_module_does_not_import_it(self) -> None:
        """The name of the module is a student's text."""
        assert is_importable("antigravity")
        assert "antigravity" not in sys.modules


class TestVersions:
    """A name that the installed version of a package does not have."""

    @pytest.mark.parametrize(
        "raised",
        ["running the answer raised AttributeError: module 'numpy' has no attribute 'in_nine'",
         "running the answer raised AttributeError: `np.in_nine` was removed in the NumPy 2.0 release."],
    )  # fmt: skip
    def test_name_of_another_version_is_not_graded(self, raised: str) -> None:
        """The reason names the version."""
        notebook = notebook_of("import numpy as np", "def total(a):\n    return np.in_nine(a)")
        reason = fault(notebook, raised=raised)
        assert reason.startswith("the answer uses in_nine of numpy, which numpy ")
        assert "install the version that students use and grade again, or enter a score by hand" in reason
        assert fault(notebook) == ""

    def test_import_of_a_name_of_another_version_is_not_graded(self) -> None:
        """Its cell stopped, so that the answer is not there."""
        error = "ImportError: cannot import name 'in_nine' from 'numpy' (/somewhere/numpy/__init__.py)"
        notebook = notebook_of(
            "def total(a):\n    return in_nine(a)", "from numpy import in_nine", error=error
        )
        assert fault(notebook).startswith("the answer uses in_nine of numpy")

    def test_name_that_the_answer_does_not_use_excuses_nothing(self) -> None:
        """An error that a student raises has to fit the code."""
        notebook = notebook_of("import numpy as np", "def total(a):\n    raise AttributeError(TEXT)")
        assert fault(notebook, raised="AttributeError: module 'numpy' has no attribute 'in_nine'") == ""

    def test_name_that_python_does_not_have_excuses_nothing(self) -> None:
        """Its standard library is not a package that students install."""
        notebook = notebook_of("import math", "def total(a):\n    return math.sqr(a)")
        assert fault(notebook, raised="AttributeError: module 'math' has no attribute 'sqr'") == ""


class TestDataFiles:
    """A data file of the course that is not where the answer looks for it."""

    ANSWER = 'import numpy as np\ndata = np.loadtxt("{}")\ndef total(a):\n    return data.sum() + a'
    ERROR = "FileNotFoundError: {} not found."

    def test_missing_file_of_the_course_is_not_graded(self, tmp_path: Path) -> None:
        """The release names it, and it is not there."""
        notebook = notebook_of(
            self.ANSWER.format("measure.csv"),
            error=self.ERROR.format("measure.csv"),
            given="Read `measure.csv`.",
        )
        assert fault(notebook, folder=tmp_path) == (
            f"the answer reads measure.csv, which the released notebook names and {tmp_path} does not contain: put it "
            "there and grade again, or enter a score by hand"
        )

    @pytest.mark.parametrize("path", ["/content/measure.csv", r"C:\\Users\\me\\measure.csv"])
    def test_file_of_the_course_in_a_folder_of_the_student_is_not_graded(
        self, tmp_path: Path, path: str
    ) -> None:
        """The answer is right where it was written."""
        (tmp_path / "measure.csv").write_text("1 2")
        notebook = notebook_of(self.ANSWER.format(path), error=self.ERROR.format(path))
        assert "the answer reads measure.csv from a folder that does not exist" in fault(
            notebook, folder=tmp_path
        )

    def test_file_that_the_student_did_not_hand_in_excuses_nothing(self, tmp_path: Path) -> None:
        """The course does not know it."""
        notebook = notebook_of(self.ANSWER.format("mine.csv"), error=self.ERROR.format("mine.csv"))
        assert fault(notebook, folder=tmp_path) == ""

    def test_file_that_was_found_excuses_nothing(self, tmp_path: Path) -> None:
        """The answer is wrong for another reason."""
        (tmp_path / "measure.csv").write_text("1 2")
        assert fault(notebook_of(self.ANSWER.format("measure.csv")), folder=tmp_path) == ""


class TestLongErrors:
    """Code can raise any text, as often as it likes."""

    @pytest.mark.parametrize(
        "said", ["module 'numpy' has no attribute 'zeroes_like' ", "not found "], ids=["name", "file"]
    )
    def test_long_error_is_read_quickly(self, said: str) -> None:
        """However much code there is to look through for what the error names."""
        code = f"def total(a):\n    return np.zeroz(a), open('words.csv'), [{'words.csv, ' * 9_000}]".replace(
            "words.csv, ", "'words.csv', "
        )
        began = time.process_time()
        found = fault(notebook_of(code, "1/0", error=f"E: {said * 100_000}", given="It is in words.csv."))
        assert time.process_time() - began < 2
        assert found == ""

    def test_start_of_an_error_counts(self) -> None:
        """A long error of an honest answer says there what is wrong."""
        code = "import numpy as np\ndef total(a):\n    return np.no_such_name(a)"
        raised = f"AttributeError: module 'numpy' has no attribute 'no_such_name'{' and more' * 1_000}"
        assert "no_such_name of numpy" in fault(notebook_of(code), raised=raised)
