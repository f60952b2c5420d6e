"""Stock nbgrader releases the synthetic course, and gives its submissions the scores that are written in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.existing.attacks import ATTACKS
from tests.existing.cells import Notebook
from tests.existing.printing import PRINTING
from tests.existing.synthetic import (
    ASSIGNMENTS,
    HONEST,
    PYTHON_ASSIGNMENTS,
    Settings,
    expected,
    write,
    write_submission,
)
from tests.existing.warm_up import WARM_UP
from tests.support import LEAN, ROOT

pytestmark = pytest.mark.long


def stock(course: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start stock nbgrader in a course."""
    paths = os.pathsep.join([LEAN, str(ROOT)])
    programs = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ["PATH"]]
    )  # nbgrader starts alembic
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.existing.stock", *arguments],
        cwd=course,
        env={**os.environ, "PATH": programs, "PYTHONPATH": paths, "MPLBACKEND": "agg"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result(process: subprocess.Popen[str]) -> Any:
    """Return what the process printed."""
    out, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors[-2000:]
    return json.loads(out.splitlines()[-1])


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the course, released by stock nbgrader."""
    course = write(tmp_path_factory.mktemp("existing") / "course", Settings(header="there"))
    result(stock(course, "release", ",".join(ASSIGNMENTS)))
    return course


@pytest.fixture(scope="module")
def honest(released: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return stock's scores of each honest submission."""
    started = []
    for student in HONEST:  # side by side, each with a gradebook of its own
        course = shutil.copytree(released, tmp_path_factory.mktemp(student) / "course")
        write_submission(course, student)
        started.append(stock(course, "grade", ",".join(PYTHON_ASSIGNMENTS), student))
    found: dict[str, Any] = {}
    for process in started:
        found |= result(process)
    return found


@pytest.fixture(scope="module")
def attacked(released: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return a course with dishonest submissions of one notebook each, graded by stock, and its scores."""
    course = shutil.copytree(released, tmp_path_factory.mktemp("attacked") / "course")
    for attack in ATTACKS:
        target = (PRINTING if attack == "patch-numpy-testing" else WARM_UP).name
        write_submission(course, attack, assignments=("basics",), notebooks=(target,))
    found = result(stock(course, "grade", "basics", *ATTACKS))
    return course, {attack: scores["basics"] for attack, scores in found.items()}


def sources(path: Path) -> list[str]:
    """Return the sources of a notebook's cells."""
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


@pytest.mark.full
class TestStockNbgrader:
    """The literals of the course against nbgrader itself."""

    @pytest.mark.parametrize("assignment", ASSIGNMENTS)
    def test_untouched_notebook_is_the_release(self, released: Path, assignment: str) -> None:
        """What the course calls released has the cells that nbgrader releases below the header."""
        for notebook in ASSIGNMENTS[assignment]:
            header, *cells = sources(released / "release" / assignment / f"{notebook.name}.ipynb")
            assert header.startswith("Restart the kernel")
            assert cells == [cell.source for cell in notebook.released().cells]

    @pytest.mark.parametrize("assignment", PYTHON_ASSIGNMENTS)
    @pytest.mark.parametrize("submission", HONEST)
    def test_scores_are_those_written_in_the_course(
        self, honest: dict[str, Any], submission: str, assignment: str
    ) -> None:
        """Each grade cell of each honest submission has the score that was worked out by hand."""
        assert honest[submission][assignment] == expected(submission, assignment)

    @pytest.mark.parametrize(
        ("attack", "total"),
        [("empty-every-cell", 16), ("replace-execution", 16), ("equal-to-everything", 15)],
    )
    def test_dishonest_notebook_earns_the_points_of_a_right_one(
        self, attacked: tuple[Path, dict[str, Any]], attack: str, total: float
    ) -> None:
        """The attacks are real: stock nbgrader gives them at least what the right answers get."""
        assert sum(attacked[1][attack][WARM_UP.name].values()) == total

    def test_patched_library_functions_earn_the_points_of_their_tests(
        self, attacked: tuple[Path, dict[str, Any]]
    ) -> None:
        """A notebook that patches numpy.testing passes what it tests."""
        assert attacked[1]["patch-numpy-testing"][PRINTING.name]["columns-test"] == 2

    def test_frames_show_a_student_the_hidden_tests(self, attacked: tuple[Path, dict[str, Any]]) -> None:
        """What a student's function reads off its callers is printed in the graded notebook."""
        folder = attacked[0] / "autograded" / "read-frames" / "basics"
        notebook = nbformat.read(folder / f"{WARM_UP.name}.ipynb", as_version=4)
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        printed = "".join(output.text for output in outputs if output.output_type == "stream")
        assert "the test: assert mean([2, 4]) == 3\n### BEGIN HIDDEN TESTS\n" in printed

    def test_kernel_that_exits_leaves_the_notebook_without_a_score(
        self, attacked: tuple[Path, dict[str, Any]]
    ) -> None:
        """nbgrader does not grade the submission, and names the kernel's death."""
        assert "DeadKernelError" in attacked[1]["exit"]

    def test_other_settings_release_the_same_course(self, tmp_path: Path) -> None:
        """With other delimiters and stubs, set in JSON, nbgrader removes what it removes with its own."""
        course = write(tmp_path / "course", Settings(delimiters=True, stubs=True, as_json=True))
        result(stock(course, "release", "basics"))
        cells = sources(course / "release" / "basics" / f"{WARM_UP.name}.ipynb")
        default = [cell.source for cell in WARM_UP.released().cells]
        assert cells == [
            one.replace("# YOUR CODE HERE", "# your code").replace("raise NotImplementedError()", "pass")
            for one in default
        ]

    def test_missing_header_stops_stock(self, tmp_path: Path) -> None:
        """nbgrader does not release a course whose header is not there."""
        course = write(tmp_path / "course", Settings(header="missing"))
        _, errors = stock(course, "release", "essays").communicate(timeout=300)
        assert "No such file or directory: 'source/header.ipynb'" in errors


class TestTheCourse:
    """What is written, without nbgrader."""

    def test_the_same_course_is_written_each_time(self, tmp_path: Path) -> None:
        """Two courses have the same files, byte for byte."""
        first, second = write(tmp_path / "first"), write(tmp_path / "second")
        files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
        assert files == sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
        assert all((first / file).read_bytes() == (second / file).read_bytes() for file in files)

    @pytest.mark.parametrize(
        "notebook", [one for some in ASSIGNMENTS.values() for one in some], ids=lambda one: one.name
    )
    def test_grade_ids_are_unique_in_a_notebook(self, notebook: Notebook) -> None:
        """nbgrader refuses a notebook in which one occurs twice."""
        ids = [cell.id for cell in notebook.cells if cell.id]
        assert len(ids) == len(set(ids))

    def test_no_solution_and_no_hidden_test_is_in_a_submission_that_answers_nothing(self) -> None:
        """Nor are the markers of either in any submission."""
        for notebook in (one for some in ASSIGNMENTS.values() for one in some):
            for form in (notebook.released(), notebook.solved(), notebook.half()):
                text = "\n".join(cell.source for cell in form.cells)
                assert "HIDDEN TESTS" not in text
                assert "SOLUTION" not in text

    def test_other_delimiters_are_in_settings_and_cells(self, tmp_path: Path) -> None:
        """With them no cell has nbgrader's own."""
        course = write(tmp_path, Settings(delimiters=True, stubs=True))
        config = (course / "nbgrader_config.py").read_text(encoding="utf-8")
        assert "c.ClearHiddenTests.begin_test_delimeter = '<hidden>'" in config
        cells = "\n".join("\n".join(sources(path)) for path in course.glob("source/*/*.ipynb"))
        assert "# <hidden>" in cells
        assert "### BEGIN" not in cells

    def test_missing_header_is_named_and_not_there(self, tmp_path: Path) -> None:
        """As in courses made by `nbgrader quickstart` whose authors removed its example."""
        course = write(tmp_path, Settings(header="missing", as_json=True))
        settings = json.loads((course / "nbgrader_config.json").read_text(encoding="utf-8"))
        assert settings["IncludeHeaderFooter"] == {"header": "source/header.ipynb"}
        assert not (course / "source" / "header.ipynb").exists()
        assert not (course / "nbgrader_config.py").exists()
