"""Both kinds of tests in one course, one assignment and one notebook: nbgrader's own, and question files."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.course import Course
from autograder.errors import CourseError
from autograder.notebooks.cells import grade_id
from tests.existing.mixed import MEANS, SECONDS_MORE, WORDS
from tests.existing.synthetic import write_notebook
from tests.support import cli

pytestmark = [pytest.mark.seal, pytest.mark.long]

SEALED = """\
from autograder import seal_grading

c = get_config()
c.CourseDirectory.course_id = "mixed"
seal_grading(c)
"""
FORMS = {"solved": "solved", "untouched": "released", "half": "half"}
SCORES = {
    "solved": {"means/mean": 2.0, "means/mean-type": 1.0, "words/shout-test": 1.0},
    "untouched": {"means/mean": 0.0, "means/mean-type": 0.0, "words/shout-test": 0.0},
    "half": {"means/mean": 0.0, "means/mean-type": 1.0, "words/shout-test": 0.0},
}


def write_sources(course: Path) -> None:
    """Write the two notebooks of the assignment `ps1`."""
    for notebook in (MEANS, WORDS):
        write_notebook(notebook.source(), course / "source" / "ps1" / f"{notebook.name}.ipynb")


def hand_in(course: Path) -> None:
    """Write a submission to `ps1` for each form."""
    for student, form in FORMS.items():
        for notebook in (MEANS, WORDS):
            path = course / "submitted" / student / "ps1" / f"{notebook.name}.ipynb"
            write_notebook(getattr(notebook, form)(), path)


def scores_in(course: Path) -> dict[str, dict[str, float]]:
    """The scores in `question_scores.csv`, by student and question."""
    rows = csv.DictReader(io.StringIO((course / "question_scores.csv").read_text(encoding="utf-8-sig")))
    scores: dict[str, dict[str, float]] = {}
    for row in rows:
        scores.setdefault(row["student_id"], {})[row["question"]] = float(row["score"])
    return scores


def succeed(*words: str, cwd: Path) -> str:
    """Run a command of ours, which must succeed, and return what it printed."""
    done = cli(*words, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def nbgrader(*words: str, cwd: Path) -> None:
    """Run a command of nbgrader's, which must succeed; it starts alembic by its name."""
    programs = Path(sys.executable).parent
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    done = subprocess.run(
        [programs / "nbgrader", *words], cwd=cwd, env={**os.environ, "PATH": path}, capture_output=True,
        text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def replaced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that nbgrader releases, in which a question has taken the place of a test."""
    course = tmp_path_factory.mktemp("mixed") / "course"
    course.mkdir()
    (course / "nbgrader_config.py").write_text(SEALED, encoding="utf-8")
    write_sources(course)
    succeed("new", "ps1", "mean", "--replace", "mean-test", cwd=course)
    nbgrader("generate_assignment", "ps1", cwd=course)
    return course


class TestReplacedTest:
    """A question in the place of a test, in a notebook that nbgrader releases."""

    def test_every_law_holds_for_what_is_written(self, replaced: Path) -> None:
        """The question builds at once: its reference, cases and check come from the notebook."""
        output = succeed("build", "ps1", cwd=replaced)
        assert "2 tests proved, 1 question proved" in output
        text = (replaced / "solutions" / "ps1" / "mean.py").read_text(encoding="utf-8")
        assert "import math\n" in text
        assert "    return math.fsum(values) / len(values)\n" in text
        assert "        Case([2, 4]),\n        Case([1, 2]),\n    ]" in text
        assert "# assert mean([1, 2]) == 1.5\n" in text

    def test_release_shows_neither_tests_nor_guard(self, replaced: Path) -> None:
        """Students read that hidden checks grade the question."""
        release = nbformat.read(replaced / "release" / "ps1" / "means.ipynb", as_version=4)
        [cell] = [cell for cell in release.cells if grade_id(cell) == "mean-check"]
        assert cell.source == "# mean is graded by hidden checks"
        assert cell.metadata.nbgrader.points == 2

    def test_both_kinds_are_graded_with_their_points(self, replaced: Path, tmp_path: Path) -> None:
        """In one run, kept in the next; `explain` shows the cases of the one and the code of the other."""
        course = tmp_path / "course"
        shutil.copytree(replaced, course)
        hand_in(course)
        succeed("grade", "--language", "en", cwd=course)
        assert scores_in(course) == SCORES
        assert "3 kept from before" in succeed("grade", "--language", "en", cwd=course)
        page = (course / "feedback" / "untouched" / "ps1" / "means.html").read_text(encoding="utf-8")
        assert "Not answered" in page
        explained = succeed("explain", "half", "ps1", "means/mean", "--language", "en", cwd=course)
        assert "│ values=[1, 2] │ 1.5    │ 1.0 │" in explained
        explained = succeed("explain", "untouched", "ps1", "means/mean-type", "--language", "en", cwd=course)
        assert "the test:\nassert isinstance(mean([1, 2]), float)" in explained
        report = json.loads((course / "reports" / "ps1.json").read_text(encoding="utf-8"))
        assert {question["id"] for question in report["questions"]} == {*SCORES["solved"]}

    @pytest.mark.full
    def test_stock_command_gives_the_same_scores(self, replaced: Path, tmp_path: Path) -> None:
        """`nbgrader autograde` uses the same functions."""
        course = tmp_path / "course"
        shutil.copytree(replaced, course)
        hand_in(course)
        nbgrader("autograde", "ps1", cwd=course)
        nbgrader("export", cwd=course)
        rows = csv.DictReader(io.StringIO((course / "grades.csv").read_text(encoding="utf-8-sig")))
        totals = {row["student_id"]: float(row["score"]) for row in rows}
        assert totals == {student: sum(scores.values()) for student, scores in SCORES.items()}

    def test_lost_question_file_grades_nobody(self, replaced: Path, tmp_path: Path) -> None:
        """Its cell is not taken for a test, which would give everybody full points."""
        course = tmp_path / "course"
        shutil.copytree(replaced, course)
        hand_in(course)
        (course / "solutions" / "ps1" / "mean.py").unlink()
        done = cli("grade", "ps1", "--student", "solved", "--language", "en", cwd=course)
        assert done.returncode == 1
        words = " ".join(done.stdout.split())
        assert "mean is in the release, and there is no" in words
        assert "put the file back" in words

    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            (("median", "--replace", "meantype"), "did you mean mean-type"),
            (("median", "--replace", "mean-type"), "no answer cell above mean-type"),
            (("mean", "--replace", "mean-type"), "mean.py already exists"),
            (("mode",), "a question takes the place of a test"),
        ],
    )
    def test_wrong_names_change_nothing(self, replaced: Path, words: tuple[str, ...], reason: str) -> None:
        """Each is refused with a sentence."""
        files = {path: path.read_bytes() for path in replaced.rglob("*") if path.is_file()}
        done = cli("new", "ps1", *words, cwd=replaced)
        assert done.returncode == 2
        assert reason in " ".join(done.stderr.split())
        assert {path: path.read_bytes() for path in replaced.rglob("*") if path.is_file()} == files


class TestManualOnly:
    """A notebook without tests, which a person grades."""

    def test_what_its_cells_show_is_kept(self, tmp_path: Path) -> None:
        """The code is run, so that the person sees it."""
        (tmp_path / "nbgrader_config.py").write_text(SEALED, encoding="utf-8")
        marks = {
            "schema_version": 3, "grade_id": "draw", "grade": True, "solution": True, "locked": False, "task": False,
            "points": 3,
        }  # fmt: skip
        cell = nbformat.v4.new_code_cell("print('the model answer')", metadata={"nbgrader": marks})
        write_notebook(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "source" / "ps1" / "ps1.ipynb")
        nbgrader("generate_assignment", "ps1", cwd=tmp_path)
        handed_in = nbformat.read(tmp_path / "release" / "ps1" / "ps1.ipynb", as_version=4)
        handed_in.cells[0].source = "print(6 * 7)"
        write_notebook(handed_in, tmp_path / "submitted" / "kim" / "ps1" / "ps1.ipynb")
        cli("grade", "--language", "en", cwd=tmp_path)
        graded = nbformat.read(tmp_path / "autograded" / "kim" / "ps1" / "ps1.ipynb", as_version=4)
        assert graded.cells[0].outputs[0].text == "42\n"


@pytest.mark.full
class TestOneCourse:
    """A course that `configure` sets up, with assignments of both kinds, and a built notebook with both."""

    @pytest.fixture(scope="class")
    def course(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """The example course, with an assignment of nbgrader's and a test in its own notebook."""
        course = tmp_path_factory.mktemp("own") / "course"
        succeed("init", str(course), cwd=course.parent)
        write_sources(course)
        succeed("build", "week1", cwd=course)
        path = course / "source" / "week1" / "week1.ipynb"
        notebook = nbformat.read(path, as_version=4)
        place = [cell.id for cell in notebook.cells].index("seconds-grade")
        notebook.cells.insert(place + 1, SECONDS_MORE.with_source(SECONDS_MORE.source))
        nbformat.write(notebook, path)
        nbgrader("generate_assignment", "ps1", cwd=course)
        assert "1 test of nbgrader's own (2 points)" in succeed("build", cwd=course)
        return course

    def handed_in(self, course: Path, answers: dict[str, str]) -> None:
        """Write submissions to `week1` with an answer to `seconds` each."""
        for student, source in answers.items():
            notebook = nbformat.read(course / "release" / "en" / "week1" / "week1.ipynb", as_version=4)
            [cell] = [cell for cell in notebook.cells if cell.id == "seconds-answer"]
            cell.source = source or cell.source
            path = course / "submitted" / student / "week1" / "week1.ipynb"
            path.parent.mkdir(parents=True)
            nbformat.write(notebook, path)

    def test_each_is_graded_by_what_it_has(self, course: Path) -> None:
        """Assignments of nbgrader's notebook by notebook, and a built notebook by its questions and its test."""
        hand_in(course)
        answers = {
            "right": "def seconds(hours, minutes):\n    return 3600 * hours + 60 * minutes",
            "wrong": "def seconds(hours, minutes):\n    return 3600 * hours + minutes",
            "empty": "",
        }
        self.handed_in(course, answers)
        output = cli("grade", "--language", "en", cwd=course).stdout
        assert "6 graded, 0 kept from before, 0 not graded" in output
        scores = scores_in(course)
        of_test = {"means/mean-test": "means/mean"}
        assert {
            student: {of_test.get(name, name): score for name, score in scores[student].items()}
            for student in SCORES
        } == SCORES
        found = {
            student: (scores[student]["seconds"], scores[student]["seconds-more"]) for student in answers
        }
        assert found == {"right": (2.0, 2.0), "wrong": (0.5, 0.0), "empty": (0.0, 0.0)}

    def test_changed_hidden_test_is_graded_again(self, course: Path) -> None:
        """What a test demands stands in the source notebook alone."""
        path = course / "source" / "week1" / "week1.ipynb"
        before = path.read_text(encoding="utf-8")
        assert "0 graded, 6 kept" in cli("grade", "--language", "en", cwd=course).stdout
        path.write_text(before.replace("== 3660", "== 3660.0"), encoding="utf-8")
        output = cli("grade", "--language", "en", cwd=course).stdout
        assert "3 graded, 3 kept from before" in output
        assert "question files changed" in output

    def test_cluster_refuses_tests(self, course: Path) -> None:
        """It has no sources; nothing is graded there as if the tests were not."""
        from autograder.engine.factory import open_executor

        with pytest.raises(CourseError) as error:
            open_executor(Course.open(course), ["ps1"], workers=1, scheduler="tcp://127.0.0.1:1")
        assert "a cluster does not grade by nbgrader's own tests" in str(error.value)
