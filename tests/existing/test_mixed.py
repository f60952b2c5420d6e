"""Both kinds of tests in one course, one assignment and one notebook: nbgrader's own, and question files."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course import Course, SubmissionId
from autograder.engine.cluster import course_archive
from autograder.engine.cluster.grading_process import GradingProcess
from autograder.engine.cluster.requests import Requests
from autograder.engine.cluster.serialization import dumps, from_task, loads, to_task
from autograder.engine.cluster.validation import graded_from
from autograder.engine.kept_grades import submitted_files
from autograder.engine.messages import GradeTask
from autograder.engine.tested_class import prove_assignments
from autograder.grading.course_secret import ensure_secret
from autograder.lms.gradescope.package import package
from autograder.nbgrader.gradebook import GradebookWriter
from autograder.notebooks.cells import grade_id
from autograder.submissions.selection import File
from tests.container import container
from tests.engine.local_cluster import OwnCluster, own_cluster
from tests.existing.mixed import MEANS, WORDS, add_test_to_week1
from tests.existing.synthetic import write_notebook
from tests.lms.test_gradescope_run import Service, by_question
from tests.support import cli, without_draw

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
WEEK1 = {
    "right": "def seconds(hours, minutes):\n    return 3600 * hours + 60 * minutes",
    "wrong": "def seconds(hours, minutes):\n    return 3600 * hours + minutes",
    "empty": "",
}
"""Answers to `seconds` in `week1`, by student."""


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


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example course, with an assignment of nbgrader's and a test in its own notebook."""
    course = tmp_path_factory.mktemp("own") / "course"
    succeed("init", str(course), cwd=course.parent)
    write_sources(course)
    succeed("build", "week1", cwd=course)
    add_test_to_week1(course)
    nbgrader("generate_assignment", "ps1", cwd=course)
    assert "1 test of nbgrader's own (2 points)" in succeed("build", cwd=course)
    return course


def week1_with(course: Path, source: str) -> nbformat.NotebookNode:
    """The released notebook of `week1` with an answer to `seconds`."""
    notebook = nbformat.read(course / "release" / "en" / "week1" / "week1.ipynb", as_version=4)
    [cell] = [cell for cell in notebook.cells if cell.id == "seconds-answer"]
    cell.source = source or cell.source
    return notebook


def hand_in_week1(course: Path, answers: dict[str, str]) -> None:
    """Write submissions to `week1` with an answer to `seconds` each."""
    for student, source in answers.items():
        path = course / "submitted" / student / "week1" / "week1.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(week1_with(course, source), path)


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

    def test_output_of_its_cells_is_kept(self, tmp_path: Path) -> None:
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


class TestLms:
    """Files of an LMS for a course that nbgrader releases."""

    def test_comment_is_known_as_ours_when_it_comes_back(self, replaced: Path, tmp_path: Path) -> None:
        """Also one that begins with a test: an export writes it anew, and leaves a teacher's."""
        course = tmp_path / "course"
        shutil.copytree(replaced, course)
        hand_in(course)
        roster = "".join(f"{student},{student}@example.org\n" for student in FORMS)
        (course / "roster.csv").write_text(f"student_id,email\n{roster}", encoding="utf-8")
        (course / "source" / "ps2").mkdir()
        shutil.copy(course / "source" / "ps1" / "words.ipynb", course / "source" / "ps2")
        nbgrader("generate_assignment", "ps2", cwd=course)
        for student, form in FORMS.items():
            path = course / "submitted" / student / "ps2" / "words.ipynb"
            write_notebook(getattr(WORDS, form)(), path)
        succeed("grade", "ps2", cwd=course)
        header = "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
        header += "Last modified (submission),Last modified (grade),Feedback comments\n"
        status = "Submitted for grading - Not graded,"
        rows = [
            f"Participant {number},{student},{student}@example.org,{status},1.00,Yes,-,-,\n"
            for number, student in enumerate(FORMS, 1)
        ]
        (course / "worksheet.csv").write_text(header + "".join(rows), encoding="utf-8-sig")
        succeed("export", "moodle", "ps2", "worksheet.csv", "--to", "first", cwd=course)
        filled = (course / "first" / "worksheet.csv").read_text(encoding="utf-8-sig")
        assert filled.count("shout-test: ") == 3
        edited = filled.replace("shout-test: 0", "shout-test: 1", 1).replace(
            "shout-test: 0", "Well done! shout-test: 0"
        )
        (course / "second.csv").write_text(edited, encoding="utf-8-sig")
        done = cli("export", "moodle", "ps2", "second.csv", "--to", "again", cwd=course)
        assert "1 existing comment was kept" in " ".join(done.stdout.split())
        again = (course / "again" / "worksheet.csv").read_text(encoding="utf-8-sig")
        assert again == filled.replace("shout-test: 0", "kept", 1).replace(
            "shout-test: 0", "Well done! shout-test: 0"
        ).replace("kept", "shout-test: 0")

    def test_extension_is_recorded_and_registers_nothing(self, replaced: Path, tmp_path: Path) -> None:
        """The cells in the gradebook stay those that nbgrader released."""
        course = tmp_path / "course"
        shutil.copytree(replaced, course)
        hand_in(course)
        config = course / "nbgrader_config.py"
        due = '\nc.CourseSettings.due = {"ps1": "2027-03-02T09:00+00:00"}\n'
        config.write_text(config.read_text(encoding="utf-8") + due, encoding="utf-8")
        (course / "times.csv").write_text(
            "student_id,assignment,extended_until\nhalf,ps1,2027-03-03T09:00+00:00\n", encoding="utf-8"
        )
        part = SubmissionId("half", "ps1", "means")
        with GradebookWriter(Course.open(course)) as gradebook:
            before = gradebook.recorded(part)
        output = succeed("deadlines", "times.csv", cwd=course)
        assert "1 extension" in output
        with GradebookWriter(Course.open(course)) as gradebook:
            assert gradebook.recorded(part) == before
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as stock:
            assert stock.find_submission("ps1", "half").extension == timedelta(days=1)


@pytest.mark.full
class TestOneCourse:
    """A course that `configure` sets up, with assignments of both kinds, and a built notebook with both."""

    @pytest.fixture(scope="class")
    def course(self, configured: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A copy that is graded and changed."""
        course = tmp_path_factory.mktemp("one") / "course"
        shutil.copytree(configured, course)
        return course

    def test_each_is_graded_by_what_it_has(self, course: Path) -> None:
        """Assignments of nbgrader's notebook by notebook, and a built notebook by its questions and its test."""
        hand_in(course)
        hand_in_week1(course, WEEK1)
        output = cli("grade", "--language", "en", cwd=course).stdout
        assert "6 graded, 0 kept from before, 0 not graded" in output
        scores = scores_in(course)
        of_test = {"means/mean-test": "means/mean"}
        assert {
            student: {of_test.get(name, name): score for name, score in scores[student].items()}
            for student in SCORES
        } == SCORES
        found = {student: (scores[student]["seconds"], scores[student]["seconds-more"]) for student in WEEK1}
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


@pytest.mark.full
@pytest.mark.skipif(sys.platform != "linux", reason="what is graded on a cluster is sealed, on Linux")
class TestOnACluster:
    """Tests of both kinds on a Dask cluster of real processes."""

    @pytest.fixture(scope="class")
    def cluster(self) -> Iterator[OwnCluster]:
        """A scheduler and a worker."""
        with own_cluster() as cluster:
            cluster.start_worker("--no-nanny")
            yield cluster

    @pytest.mark.parametrize("made", ["replaced", "configured"])
    def test_cluster_writes_what_this_machine_writes(
        self, made: str, cluster: OwnCluster, request: pytest.FixtureRequest, tmp_path: Path
    ) -> None:
        """Equal notebooks and pages; and the grades are kept here, as nothing that they depend on differs."""
        here, there = tmp_path / "here", tmp_path / "there"
        shutil.copytree(request.getfixturevalue(made), here)
        hand_in(here)
        (here / "submitted" / "half" / "ps1" / "more.csv").write_text("1,2\n", encoding="utf-8")
        if made == "configured":
            hand_in_week1(here, WEEK1)
        ensure_secret(Course.open(here))
        shutil.copytree(here, there)
        succeed("grade", "--language", "en", cwd=here)
        output = succeed("grade", "--scheduler", cluster.address, "--language", "en", cwd=there)
        assert f"{len(WEEK1) * (made == 'configured') + len(FORMS)} graded" in output
        assert "\n0 graded" in succeed("grade", "--language", "en", cwd=there)
        for folder in ("autograded", "feedback"):
            files = sorted((here / folder).rglob("*.[ih]*"))
            assert files
            for path in files:
                copy = there / path.relative_to(here)
                assert without_draw(copy.read_text()) == without_draw(path.read_text())


@pytest.mark.skipif(sys.platform != "linux", reason="what is graded on a cluster is sealed, on Linux")
class TestMessagesOfACluster:
    """What a worker of a cluster gets of a course with tests, and what it may answer."""

    def test_worker_that_lacks_a_package_is_refused(self, replaced: Path) -> None:
        """The tests would fail there, and every student with them."""
        course = Course.open(replaced)
        ensure_secret(course)
        opening = Requests(course, ["ps1"]).opening
        ours, theirs = Pipe()
        with contextlib.closing(GradingProcess(theirs, 1)) as process:
            ours.send_bytes(bytes(8) + dumps(opening | {"modules": ["no_such_package"]}))
            process.step()
            answer = loads(ours.recv_bytes()[8:])
        assert answer["state"] == "refused"
        assert "the tests import no_such_package, missing here" in answer["reason"]["en"]

    @pytest.fixture(scope="class")
    def sent_back(
        self, replaced: Path, tmp_path_factory: pytest.TempPathFactory
    ) -> tuple[GradeTask, dict[str, Any], dict[str, float]]:
        """A notebook with both, what a worker would send back of it, and the points of its question."""
        folder = tmp_path_factory.mktemp("sent") / "course"
        shutil.copytree(replaced, folder)
        hand_in(folder)
        succeed("grade", "--student", "solved", cwd=folder)
        course, part = Course.open(folder), SubmissionId("solved", "ps1", "means")
        with GradebookWriter(course) as gradebook:
            recorded = gradebook.recorded(part)
            proofs = prove_assignments(course, ["ps1"], recorded=gradebook.recorded)["ps1"]
        assert isinstance(proofs, dict)
        task = GradeTask(part, submitted_files(course, part), recorded, tests=proofs["means"])
        data = {"submission": asdict(part), "notebook": course.graded_path(part).read_text(), "reason": ""}
        data["failing"] = {}
        return task, data, {"mean": 2.0}

    def test_proof_travels_as_it_is(self, sent_back: tuple[GradeTask, Any, Any]) -> None:
        """As plain data, with the data files of a student."""
        task = replace(sent_back[0], attached=(File("more.csv", b"1,2"),))
        assert to_task(loads(dumps(from_task(task)))) == task

    def test_right_answer_is_taken(
        self, sent_back: tuple[GradeTask, dict[str, Any], dict[str, float]]
    ) -> None:
        """Its scores are read off its notebook."""
        task, data, points = sent_back
        assert graded_from(data, task, points).auto_scores == {"mean-check": 2.0, "mean-type": 1.0}

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"part": math.nan}, "mean-type: expected 1 points, found a report of others"),
            ({"part": 7.0}, "mean-type: expected 1 points, found a report of others"),
            ({"part": 0.5}, "mean-type: expected the score 0.5 of its report, found 1.0"),
        ],
    )
    def test_meddled_report_of_a_test_is_refused(
        self,
        sent_back: tuple[GradeTask, dict[str, Any], dict[str, float]],
        change: dict[str, float],
        message: str,
    ) -> None:
        """As that of a question."""
        task, data, points = sent_back
        notebook = json.loads(data["notebook"])
        [cell] = [cell for cell in notebook["cells"] if grade_id(cell) == "mean-type"]
        cell["metadata"]["autograder"]["report"]["checks"][0] |= change
        with pytest.raises(ValueError, match=message):
            graded_from(data | {"notebook": json.dumps(notebook)}, task, points)

    def test_tests_without_reports_are_refused(
        self, sent_back: tuple[GradeTask, dict[str, Any], dict[str, float]]
    ) -> None:
        """A worker cannot leave a test out."""
        task, data, points = sent_back
        notebook = json.loads(data["notebook"])
        [cell] = [cell for cell in notebook["cells"] if grade_id(cell) == "mean-type"]
        del cell["metadata"]["autograder"]["report"]
        with pytest.raises(ValueError, match="expected reports of"):
            graded_from(data | {"notebook": json.dumps(notebook)}, task, points)

    def test_archive_holds_the_sources_of_one_assignment(self, configured: Path) -> None:
        """And a key only where inputs are drawn."""
        course = Course.open(configured)
        ensure_secret(course)
        names = zipfile.ZipFile(io.BytesIO(course_archive.pack(course, ["ps1"]))).namelist()
        assert {"nbgrader_config.py", "source/ps1/means.ipynb", "source/ps1/words.ipynb"} < {*names}
        assert not [name for name in names if "week1" in name or name == "hidden_inputs.key"]
        names = zipfile.ZipFile(io.BytesIO(course_archive.pack(course, ["week1"]))).namelist()
        assert {"source/week1/week1.ipynb", "hidden_inputs.key"} < {*names}
        assert not [name for name in names if "ps1" in name]


@pytest.mark.skipif(sys.platform != "linux", reason="what is graded at Gradescope is sealed, on Linux")
class TestAtGradescope:
    """Tests of both kinds in a package for Gradescope."""

    def test_package_holds_one_assignment_with_its_proofs(self, configured: Path, tmp_path: Path) -> None:
        """No file of another assignment, no key where no inputs are drawn, and the modules that the tests import."""
        course = Course.open(configured)
        packed = package(course, "ps1", target=tmp_path / "ps1.zip")
        with zipfile.ZipFile(packed.path) as archive:
            names = {name for name in archive.namelist() if not name.endswith(".whl")}
            proofs = json.loads(archive.read("proofs.json"))
        notebooks = ("means.ipynb", "words.ipynb")
        assert names == {
            "setup.sh", "run_autograder", "requirements.txt", "nbgrader_config.py", "proofs.json",
            *(f"source/ps1/{name}" for name in notebooks), *(f"release/en/ps1/{name}" for name in notebooks),
        }  # fmt: skip
        assert packed.points == 4
        assert [*proofs] == ["means", "words"]
        packed = package(course, "week1", target=tmp_path / "week1.zip")
        points = [question.points for question in course.assignment("week1").questions]
        assert packed.points == sum(points) + 2
        assert not [name for name in zipfile.ZipFile(packed.path).namelist() if "ps1" in name]

    def test_test_that_the_author_fails_is_not_packed(self, replaced: Path, tmp_path: Path) -> None:
        """No submission would have a score there."""
        course = tmp_path / "course"
        shutil.copytree(replaced, course)
        for path in (course / "source" / "ps1" / "words.ipynb", course / "release" / "ps1" / "words.ipynb"):
            path.write_text(path.read_text().replace("NO!", "YES!"), encoding="utf-8")
        nbgrader("generate_assignment", "ps1", "--force", cwd=course)
        done = cli("package", "gradescope", "ps1", cwd=course)
        assert done.returncode == 2
        assert "the author's own solution does not pass words/shout-test" in " ".join(done.stderr.split())

    @pytest.mark.full
    def test_each_notebook_is_graded_as_here(self, replaced: Path, tmp_path: Path) -> None:
        """Of a hidden test, a student reads that one failed; a notebook that is not handed in has no points."""
        service = Service(Course.open(replaced), container(tmp_path / "root"))
        service.machine.set_up(package(service.course, "ps1", target=tmp_path / "ps1.zip").path)
        for form, scores in (("solved", "solved"), ("half", "half"), ("released", "untouched")):
            files = {
                f"{notebook.name} (1).ipynb": nbformat.writes(getattr(notebook, form)()).encode()
                for notebook in (MEANS, WORDS)
            }
            result = service.submit(files)
            assert service.code == 0, service.stdout
            found = {name: test["score"] for name, test in by_question(result).items()}
            assert found == SCORES[scores]
            assert result["extra_data"]["seal"] == "another user"
        files = {"words.ipynb": nbformat.writes(WORDS.solved()).encode()}
        assert service.submit(files)["score"] == 1, service.stdout
        assert service.submit({"essay.txt": b"none"})["score"] == 0, service.stdout

    @pytest.mark.full
    def test_built_notebook_is_graded_by_both(self, configured: Path, tmp_path: Path) -> None:
        """By its questions and its test, of which the hidden part stays hidden."""
        service = Service(Course.open(configured), container(tmp_path / "root"))
        service.machine.set_up(package(service.course, "week1", target=tmp_path / "week1.zip").path)
        notebook = week1_with(configured, WEEK1["wrong"])
        result = service.submit({"a.ipynb": nbformat.writes(notebook).encode()})
        assert service.code == 0, service.stdout
        tests = by_question(result)
        assert (tests["seconds"]["score"], tests["seconds-more"]["score"]) == (0.5, 0)
        assert "A hidden test failed" in tests["seconds-more"]["output"]
        assert "3660" not in json.dumps(tests["seconds-more"])
