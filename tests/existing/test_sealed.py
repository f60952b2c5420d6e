"""The synthetic course, graded by nbgrader and `autograder grade` once `seal_grading` is in its config."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.errors import CourseError
from autograder.nbgrader import tested_assignment
from autograder.nbgrader_hooks import SEALED
from tests.existing.attacks import ATTACKS
from tests.existing.synthetic import (
    ASSIGNMENTS,
    HONEST,
    PYTHON_ASSIGNMENTS,
    Settings,
    expected,
    write,
    write_submission,
)
from tests.existing.test_synthetic import result, stock
from tests.support import cli

pytestmark = [pytest.mark.seal, pytest.mark.long]
LINES = "\nfrom autograder import seal_grading\n\nseal_grading(c)\n"
OF_AUTHOR = {("basics", "warm up", "rounded-noise"), ("basics", "in-and-output", "old-name-shown")}
"""Tests that the author's own solution does not pass: nobody gets a score for them, where stock gives everybody 0."""
HISTORY = {("magics", "notebook tricks", "total-history")}
"""Cells that read IPython's history, which tests do not enter here."""
NUMPY = ("basics", "rounded-numpy")
"""A test that shows a number of NumPy 2: nbgrader does not read it and gives full credit."""


def sealed(course: Path) -> Path:
    """Add our line to a course's config."""
    config = course / "nbgrader_config.py"
    before = config.read_text(encoding="utf-8") if config.exists() else "c = get_config()\n"
    config.write_text(before + LINES, encoding="utf-8")
    return course


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course, released by stock nbgrader, with our line."""
    course = write(tmp_path_factory.mktemp("existing") / "course")
    result(stock(course, "release", ",".join(ASSIGNMENTS)))
    return sealed(course)


def question_scores(course: Path, student: str) -> dict[tuple[str, str], float | None]:
    """The scores in `question_scores.csv` of a student, by assignment and cell."""
    text = (course / "question_scores.csv").read_text(encoding="utf-8-sig")
    return {
        (row["assignment"], row["question"].rpartition("/")[2]): float(row["score"]) if row["score"] else None
        for row in csv.DictReader(io.StringIO(text))
        if row["student_id"] == student
    }


def worked_out(student: Any, assignment: str) -> dict[tuple[str, str], float | None]:
    """The scores that were worked out by hand."""
    return {
        (assignment, name): score
        for notebook, cells in expected(student, assignment).items()
        for name, score in cells.items()
        if (assignment, notebook, name) not in HISTORY | OF_AUTHOR
    }


@pytest.mark.full
class TestAClass:
    """Three honest students and the dishonest ones, graded by our command."""

    @pytest.fixture(scope="class")
    def graded(self, released: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
        """The graded course, and what the command printed."""
        course = tmp_path_factory.mktemp("graded") / "course"
        shutil.copytree(released, course)
        for student in HONEST:
            write_submission(course, student)
        for student in ATTACKS:
            write_submission(course, student, assignments=("basics",))
        done = cli("grade", "--language", "en", cwd=course)
        assert done.returncode == 1, done.stdout + done.stderr
        return course, done.stdout

    @pytest.mark.parametrize("assignment", PYTHON_ASSIGNMENTS)
    @pytest.mark.parametrize("student", HONEST)
    def test_scores_are_those_that_stock_nbgrader_gives(
        self, graded: tuple[Path, str], student: str, assignment: str
    ) -> None:
        """Each cell's, by hand and by stock."""
        scores = question_scores(graded[0], student)
        wanted = {key: score for key, score in worked_out(student, assignment).items() if score is not None}
        wanted.pop(NUMPY, None)
        assert {key: scores[key] for key in wanted} == wanted

    def test_numbers_of_numpy_are_partial_credit(self, graded: tuple[Path, str]) -> None:
        """Half of the points for one of two right results."""
        scores = {student: question_scores(graded[0], student)[NUMPY] for student in HONEST}
        assert scores == {"solved": 2, "untouched": 0, "half": 1}

    @pytest.mark.parametrize("student", ATTACKS)
    def test_dishonest_notebooks_earn_what_an_empty_one_earns(
        self, graded: tuple[Path, str], student: str
    ) -> None:
        """Or what tests give that accept anything."""
        course, _ = graded
        free = {key for key, score in question_scores(course, "untouched").items() if score}
        earned = {key for key, score in question_scores(course, student).items() if score}
        careless = ("basics", "squares-word")
        assert earned <= free | {careless}

    def test_tests_that_the_author_fails_are_not_graded(self, graded: tuple[Path, str]) -> None:
        """Nobody gets a zero for them."""
        course, output = graded
        reason = "the author's own solution does not pass this test: `autograder build` says why"
        assert f"basics warm up/rounded-noise: not graded in 9 submissions: {reason}" in " ".join(
            output.split()
        )
        assert question_scores(course, "solved")["basics", "rounded-noise"] is None

    def test_the_command_says_how_code_was_sealed_and_where_grades_are(
        self, graded: tuple[Path, str]
    ) -> None:
        """And what to do next."""
        assert "seal: " in graded[1]
        assert f"feedback: {graded[0] / 'feedback'}" in graded[1]

    def test_each_notebook_has_a_page_with_the_code_that_a_test_is_about(
        self, graded: tuple[Path, str]
    ) -> None:
        """And with what an assertion says; of hidden tests it says no more than that one failed."""
        folder = graded[0] / "feedback" / "half" / "basics"
        assert sorted(path.stem for path in folder.glob("*.html")) == [
            notebook.name for notebook in sorted(ASSIGNMENTS["basics"], key=lambda notebook: notebook.name)
        ]
        page = unescape(re.sub(r"<[^>]*>", "", (folder / "functions.html").read_text(encoding="utf-8")))
        assert "call the function on what its first call returned" in page
        assert "def apply_twice(function, value):" in page
        assert "A hidden test failed." in page

    def test_report_counts_every_test_of_all_notebooks(self, graded: tuple[Path, str]) -> None:
        """Each once, by what its answers do."""
        data = json.loads((graded[0] / "reports" / "basics.json").read_text(encoding="utf-8"))
        names = {
            f"{notebook.name}/{name}"
            for notebook in ASSIGNMENTS["basics"]
            for name in notebook.earned("solved")
        }
        assert {question["id"] for question in data["questions"]} == names

    def test_report_lists_the_tests_that_may_be_forged(self, graded: tuple[Path, str]) -> None:
        """With the reason why they ran among the student's code."""
        data = json.loads((graded[0] / "reports" / "basics.json").read_text(encoding="utf-8"))
        reasons = {one["question"]: one["reason"]["en"] for one in data["forgeable"]}
        assert reasons["looking inside/double-source"] == (
            "it fails apart from that code: OSError: source code not available"
        )
        page = (graded[0] / "reports" / "basics.en.html").read_text(encoding="utf-8")
        assert "Tests that ran among the student's code, which may forge their result: 4" in unescape(page)

    def test_report_of_tests_speaks_of_no_question_file(self, graded: tuple[Path, str]) -> None:
        """What several got wrong is listed, without misconceptions and lines to paste."""
        page = unescape((graded[0] / "reports" / "basics.en.html").read_text(encoding="utf-8"))
        assert "What went wrong for several" in page
        assert "Answers that fail the same test for the same reason." in page
        assert "question file and explain the mistake" not in page

    def test_report_names_who_is_below_half_of_what_was_graded(self, graded: tuple[Path, str]) -> None:
        """A test that nobody got a score for, and points that wait for a person, hide nobody."""
        data = json.loads((graded[0] / "reports" / "basics.json").read_text(encoding="utf-8"))
        names = {one["student"] for one in data["help"]}
        assert "untouched" in names
        assert "solved" not in names

    def test_explain_tells_staff_of_hidden_tests(self, graded: tuple[Path, str]) -> None:
        """What the assertion compared, the test, and the answer that it is about."""
        words = ("half", "basics", "functions/distance-test", "--language", "en")
        output = cli("explain", *words, cwd=graded[0]).stdout
        assert "`isclose(distance((0, 0), (3, 4)), 5)` is false; `distance((0, 0), (3, 4)) = 7`" in output
        assert "### BEGIN HIDDEN TESTS" in output
        assert "return abs(p[0] - q[0]) + abs(p[1] - q[1])" in output
        assert "the score is the one on record" in output
        refused = cli("explain", "half", "basics", "distance-test", "--language", "en", cwd=graded[0])
        assert refused.returncode == 2
        assert "did you mean functions/distance-test" in " ".join(refused.stderr.split())

    def test_moodle_gets_scores_and_a_page_for_each_notebook(
        self, graded: tuple[Path, str], tmp_path: Path
    ) -> None:
        """In the folder that Moodle expects."""
        course, _ = graded
        head = (
            "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
            "Last modified (grade),Feedback comments\n"
        )
        lines = [
            f"Participant {number},{student},,Submitted for grading,,17.00,Yes,-,\n"
            for number, student in enumerate(HONEST, 100)
        ]
        worksheet = tmp_path / "worksheet.csv"
        worksheet.write_text(head + "".join(lines), encoding="utf-8")
        roster = course / "roster.csv"
        roster.write_text(
            "student_id,name\n" + "".join(f"{name},{name}\n" for name in HONEST), encoding="utf-8"
        )
        done = cli("export", "moodle", "data", str(worksheet), cwd=course)
        roster.unlink()
        assert "3 rows filled" in done.stdout, done.stdout + done.stderr
        folder = course / "build" / "moodle" / "data"
        rows = [*csv.DictReader(io.StringIO((folder / "worksheet.csv").read_text(encoding="utf-8-sig")))]
        assert {row["Full name"]: float(row["Grade"]) for row in rows} == {
            "solved": 17.0, "untouched": 0.0, "half": 9.0,
        }  # fmt: skip
        assert "plots/curve-line" not in rows[0]["Feedback comments"]
        assert "curve-line: " in rows[0]["Feedback comments"]
        with zipfile.ZipFile(folder / "feedback.zip") as archive:
            assert {name for name in archive.namelist() if name.startswith("half_")} == {
                "half_102_assignsubmission_file/data-feedback.html",
                "half_102_assignsubmission_file/data-plots-feedback.html",
            }

    def test_unchanged_submissions_are_kept(self, graded: tuple[Path, str]) -> None:
        """A second run grades nothing."""
        done = cli("grade", "basics", "--student", "solved", "--language", "en", cwd=graded[0])
        assert "0 graded, 1 kept from before" in done.stdout


class TestCollecting:
    """Notebooks from an LMS, under whatever names."""

    def test_each_notebook_is_known_by_what_is_in_it(self, released: Path, tmp_path: Path) -> None:
        """Of assignments with several notebooks, by grade ids; files of students are named as they like."""
        course = tmp_path / "course"
        shutil.copytree(released, course)
        write_submission(course, "half", assignments=("basics", "data"))
        download = tmp_path / "all.zip"
        with zipfile.ZipFile(download, "w") as archive:
            for number, path in enumerate(sorted((course / "submitted").rglob("*.ipynb"))):
                archive.write(path, f"kim/final version {number}.ipynb")
        expected = {
            str(path.relative_to(course / "submitted" / "half")): path.read_bytes()
            for path in (course / "submitted").rglob("*.ipynb")
        }
        shutil.rmtree(course / "submitted")
        done = cli("collect", str(download), cwd=course)
        assert "2 submissions collected, 0 files not placed" in done.stdout, done.stdout + done.stderr
        folder = course / "submitted" / "kim"
        found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.ipynb")}
        assert found == expected

    def test_notebooks_of_older_formats_are_known(self, released: Path, tmp_path: Path) -> None:
        """Their cells have no ids, in the release and in what is handed in."""
        course = tmp_path / "course"
        shutil.copytree(released, course)
        write_submission(course, "half", assignments=("magics",))
        handed_in = course / "submitted" / "half" / "magics" / "notebook tricks.ipynb"
        for path in (handed_in, course / "release" / "magics" / "notebook tricks.ipynb"):
            notebook = json.loads(path.read_bytes())
            notebook["nbformat_minor"] = 4
            for cell in notebook["cells"]:
                cell.pop("id", None)
            path.write_text(json.dumps(notebook), encoding="utf-8")
        shutil.copy(handed_in, tmp_path / "kim.ipynb")
        done = cli("collect", str(tmp_path / "kim.ipynb"), cwd=course)
        assert done.returncode == 0, done.stdout + done.stderr
        assert (course / "submitted" / "kim" / "magics" / "notebook tricks.ipynb").is_file()

    def test_programs_in_a_folder_named_solutions_are_not_run(self, released: Path, tmp_path: Path) -> None:
        """They are the owner's, and no question files."""
        course = tmp_path / "course"
        shutil.copytree(released, course)
        (course / "solutions" / "magics").mkdir(parents=True)
        program = "from pathlib import Path\nPath(__file__).with_name('ran').touch()\n"
        (course / "solutions" / "magics" / "demo.py").write_text(program, encoding="utf-8")
        assert Course.open(course).assignment("magics").readable_questions == []
        assert Course.open(course).assignment("magics").questions == []
        write_submission(course, "half", assignments=("magics",))
        cli("report", "magics", cwd=course)
        assert not (course / "solutions" / "magics" / "ran").exists()

    def test_collected_notebook_replaces_only_itself(self, released: Path, tmp_path: Path) -> None:
        """The others of the assignment stay."""
        course = tmp_path / "course"
        shutil.copytree(released, course)
        write_submission(course, "half", assignments=("basics",))
        folder = course / "submitted" / "half" / "basics"
        before = {path.name: path.read_bytes() for path in folder.glob("*.ipynb")}
        write_submission(course, "solved", assignments=("basics",), notebooks=("functions",))
        new = course / "submitted" / "solved" / "basics" / "functions.ipynb"
        text = new.read_bytes()
        shutil.copy(new, tmp_path / "half_functions.ipynb")
        shutil.rmtree(course / "submitted" / "solved")
        done = cli("collect", str(tmp_path / "half_functions.ipynb"), cwd=course)
        assert done.returncode == 0, done.stdout + done.stderr
        after = {path.name: path.read_bytes() for path in folder.glob("*.ipynb")}
        assert after == before | {"functions.ipynb": text}


@pytest.mark.full
class TestParts:
    """Submissions of which a part is missing, or has another name."""

    def test_missing_notebook_has_no_points_and_a_renamed_one_has(
        self, released: Path, tmp_path: Path
    ) -> None:
        """As stock nbgrader gives none for the first; its page says why."""
        course = tmp_path / "course"
        shutil.copytree(released, course)
        write_submission(course, "solved", assignments=("data",), notebooks=("plots",))
        folder = course / "submitted" / "solved" / "data"
        (folder / "plots.ipynb").rename(folder / "my plots (1).ipynb")
        done = cli("grade", "data", "--language", "en", cwd=course)
        assert done.returncode == 0, done.stdout + done.stderr
        scores = question_scores(course, "solved")
        plots = next(notebook for notebook in ASSIGNMENTS["data"] if notebook.name == "plots")
        assert all(
            scores["data", name] == points for name, points in plots.earned("solved").items() if points
        )
        assert all(score == 0 for (_, name), score in scores.items() if name not in plots.earned("solved"))
        page = (course / "feedback" / "solved" / "data" / "data.html").read_text(encoding="utf-8")
        assert "This notebook was not handed in" in page


@pytest.mark.full
class TestTogetherOnRequest:
    """A value of a student that cannot cross, where the author's can."""

    def test_reason_names_the_setting_by_which_the_test_is_graded(
        self, released: Path, tmp_path: Path
    ) -> None:
        """Not graded at first, and then graded among the student's code."""
        course = tmp_path / "course"
        shutil.copytree(released, course)
        write_submission(course, "solved", assignments=("basics",), notebooks=("functions",))
        path = course / "submitted" / "solved" / "basics" / "functions.ipynb"
        notebook = json.loads(path.read_bytes())
        cell = next(cell for cell in notebook["cells"] if "def distance" in "".join(cell["source"]))
        cell["source"] = (
            "class Distance:\n    def __call__(self, p, q):\n        return self.of(p, q)\n"
            "    def of(self, p, q):\n        return open('/dev/null')\ndistance = Distance().of"
        )
        path.write_text(json.dumps(notebook), encoding="utf-8")
        done = cli("grade", "basics", "--language", "en", cwd=course)
        output = " ".join(done.stdout.split())
        wanted = "basics/functions/distance-test"
        assert f"add '{wanted}' to c.CourseSettings.together" in output
        config = course / "nbgrader_config.py"
        config.write_text(
            config.read_text(encoding="utf-8") + f"c.CourseSettings.together = [{wanted!r}]\n",
            encoding="utf-8",
        )
        done = cli("grade", "basics", "--language", "en", cwd=course)
        output = " ".join(done.stdout.split())
        assert f"add '{wanted}'" not in output
        assert question_scores(course, "solved")["basics", "distance-test"] == 0
        built = " ".join(cli("build", "basics", cwd=course).stdout.split())
        assert f"{wanted.replace('functions/', 'functions ')}: c.CourseSettings.together names it" in built


class TestTheConfig:
    """What our line changes in a course of nbgrader's."""

    def test_it_sets_nothing_but_how_submissions_are_graded(self, tmp_path: Path) -> None:
        """Source, release, stub, delimiters, header and feedback stay nbgrader's."""
        course = Course.open(sealed(write(tmp_path)))
        before = Course.open(sealed(write(tmp_path / "other"))).config
        for section, name in SEALED:
            assert course.config[section][name] == SEALED[section, name]
        assert set(before["Autograde"]) == {name for _, name in SEALED}
        assert "release_directory" not in course.config.CourseDirectory
        assert "GenerateAssignment" not in course.config

    @pytest.mark.full
    def test_nbgrader_releases_the_same_bytes_with_it(self, tmp_path: Path) -> None:
        """And without it, which students may read and the same people may change; the gradebook is closed."""
        plain, ours = write(tmp_path / "plain"), sealed(write(tmp_path / "ours"))
        programs = Path(sys.executable).parent
        environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}  # it calls alembic
        before = os.umask(0o022)
        try:
            for course in (plain, ours):
                words = [programs / "nbgrader", "generate_assignment", "basics"]
                subprocess.run(
                    words, cwd=course, env=environment, capture_output=True, timeout=300, check=True
                )
        finally:
            os.umask(before)
        found = [
            {
                path.relative_to(course): (path.stat().st_mode, path.is_file() and path.read_bytes())
                for path in (course / "release", *course.glob("release/**/*"))
            }
            for course in (plain, ours)
        ]
        assert len(found[0]) > 3
        assert found[0] == found[1]
        assert (ours / "gradebook.db").stat().st_mode & 0o077 == 0

    def test_settings_beside_it_in_json_count(self, tmp_path: Path) -> None:
        """As nbgrader reads both files: of one setting, that in the JSON file counts."""
        course = sealed(write(tmp_path, Settings(delimiters=True, as_json=True)))
        found = tested_assignment.TestedAssignment(Course.open(course), "basics").plan("functions")
        assert any(step.has_hidden_tests for step in found.tests)
        (course / "nbgrader_config.json").write_text(
            '{"CourseDirectory": {"course_id": "other"}}', encoding="utf-8"
        )
        assert Course.open(course).id == "other"
        (course / "nbgrader_config.json").write_text("{", encoding="utf-8")
        with pytest.raises(CourseError, match=r"nbgrader_config\.json cannot be read"):
            Course.open(course)

    def test_replaced_stage_is_refused(self, tmp_path: Path) -> None:
        """Before a kernel starts."""
        course = sealed(write(tmp_path))
        with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
            config.write('c.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.Execute"]\n')
        done = cli("build", cwd=course)
        assert done.returncode == 2
        assert "remove the line `c.Autograde.autograde_preprocessors" in done.stderr


class TestCommands:
    """What they say of such a course."""

    def test_build_says_which_tests_run_among_student_code(self, released: Path, tmp_path: Path) -> None:
        """And which fail, which an empty notebook passes, and which notebook is not for Python."""
        course = tmp_path / "course"
        shutil.copytree(released, course)
        done = cli("build", "magics", "objects", "julia", "--force", cwd=course)
        assert done.returncode == 1
        output = " ".join((done.stdout + done.stderr).split())
        assert (
            "runs among the student's code, which may forge it: objects/classes and generators square-class-test"
            in output
        )
        assert (
            "the author's solution does not get full points: magics/notebook tricks total-history" in output
        )
        assert "passed by an empty notebook: magics/notebook tricks lines-test" in output
        assert "julia.ipynb is a notebook for the kernel julia-1.10 (julia)" in output
        known = json.loads(
            (course / "build" / "test_cells" / "objects" / "classes and generators.json").read_text("utf-8")
        )
        assert list(known["together"]) == ["square-class-test"]

    def test_assignment_that_nbgrader_has_not_released_is_not_graded(self, tmp_path: Path) -> None:
        """The reason says what to run."""
        course = sealed(write(tmp_path))
        write_submission(course, "solved", assignments=("essays",))
        done = cli("grade", "--language", "en", cwd=course)
        assert done.returncode == 1
        assert "run `nbgrader generate_assignment essays` first" in " ".join(done.stdout.split())

    @pytest.mark.parametrize("words", [["pool", "a", "b"], ["quiz", "moodle", "a"]])
    def test_commands_that_need_a_built_release_do_nothing(self, released: Path, words: list[str]) -> None:
        """They say where to read on."""
        done = cli(*words, cwd=released)
        assert done.returncode == 2
        assert "needs a release of `autograder build`" in " ".join(done.stderr.split())
        assert not (released / "solutions").exists()

    @pytest.mark.full
    def test_doctor_says_what_is_known_of_the_tests(self, released: Path, tmp_path: Path) -> None:
        """What is not proved, what runs among student code, and what the author's solution fails."""
        course = tmp_path / "course"
        shutil.copytree(released, course)
        cli("build", "magics", "objects", cwd=course)
        output = " ".join(cli("doctor", cwd=course).stdout.split())
        assert "basics/warm up: its tests are not proved as they are; run `autograder build basics`" in output
        assert "run among the student's code, which may forge them: square-class-test" in output
        assert "failed by the author's solution: total-history" in output
