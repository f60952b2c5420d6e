"""`autograder init --existing`: what it says and changes, and how that is taken back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.existing.synthetic import write, write_submission
from tests.existing.test_synthetic import result, stock
from tests.support import cli

pytestmark = [pytest.mark.seal, pytest.mark.long]
SMALL = ("magics", "objects", "julia")
CHANGED = ("init", "--existing", "--language", "en")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small course, of which stock nbgrader graded one assignment."""
    course = write(tmp_path_factory.mktemp("taking") / "course")
    for folder in (course / "source").iterdir():
        if folder.is_dir() and folder.name not in SMALL:
            shutil.rmtree(folder)
    result(stock(course, "release", "magics,objects"))
    for student in ("solved", "half"):
        write_submission(course, student, assignments=("magics", "objects"))
    result(stock(course, "grade", "magics", "solved", "half"))
    return course


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def files(course: Path) -> dict[str, bytes]:
    """Every file of a course, by its path."""
    return {str(path.relative_to(course)): path.read_bytes() for path in course.rglob("*") if path.is_file()}


def take(course: Path, *options: str) -> tuple[int, str]:
    """Run the command and return its exit code and all that it printed."""
    done = cli("init", "--existing", *options, cwd=course)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


class TestLooking:
    """Without an answer, it only looks."""

    def test_it_says_all_that_it_would_do_and_changes_nothing(self, course: Path) -> None:
        """The seal, where each test runs, what is graded already, what is not for Python, and the lines."""
        before = files(course)
        code, output = take(course)
        assert code == 2
        for part in (
            "student code is sealed by:",
            "objects/classes and generators: proving its tests",
            "runs among the student's code, which may forge it: objects/classes and generators",
            "has scores, and is left alone (--take ASSIGNMENT grades it, too): magics",
            "julia.ipynb is a notebook for the kernel julia-1.10 (julia)",
            "seal_grading(c) c.CourseSettings.finished = ['magics']",
            "run the command again with --yes to do this nothing was changed",
        ):
            assert part in output
        assert files(course) == before

    def test_packages_that_are_missing_here_are_named(self, course: Path) -> None:
        """Before a class is graded."""
        path = course / "source" / "objects" / "classes and generators.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
        cell["source"] = ["if False:\n", "    import no_such_package\n", *cell["source"]]
        path.write_text(json.dumps(notebook), encoding="utf-8")
        assert "not installed here: objects imports no_such_package" in take(course)[1]

    @pytest.mark.parametrize(
        ("spoil", "message"),
        [
            (lambda course: shutil.rmtree(course / "source"), "has no notebooks; expected"),
            (
                lambda course: (course / "nbgrader_config.py").write_text(
                    "c = get_config()\nc.X.y = 1 / 0\n"
                ),
                "nbgrader_config.py cannot be read: division by zero",
            ),
            (
                lambda course: (course / "nbgrader_config.py").write_text(
                    "c = get_config()\nc.Autograde.exporter_class = 'nbconvert.exporters.NotebookExporter'\n"
                ),
                "sets c.Autograde.exporter_class already",
            ),
            (
                lambda course: (course / "nbgrader_config.py").write_text(
                    "c = get_config()\nc.CourseDirectory.root = '/srv/course'\n"
                ),
                "sets c.CourseDirectory.root to /srv/course, where nbgrader works",
            ),
        ],
    )
    def test_other_folders_are_left_alone(self, course: Path, spoil: object, message: str) -> None:
        """With one sentence."""
        assert callable(spoil)
        spoil(course)
        before = files(course)
        code, output = take(course, "--yes")
        assert (code, message in output) == (2, True), output
        assert files(course) == before

    def test_folder_above_courses_names_them(self, course: Path) -> None:
        """As there is no course in it."""
        code, output = take(course.parent)
        assert code == 2
        assert "but below it: course; change to one of them" in output

    def test_notebook_of_an_earlier_nbgrader_is_named(self, course: Path) -> None:
        """Stock nbgrader refuses to release its metadata; the command that brings it up to date is given."""
        path = next((course / "source" / "objects").glob("*.ipynb"))
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["metadata"].get("nbgrader", {}).pop("schema_version", None)
        path.write_text(json.dumps(notebook), encoding="utf-8")
        _code, output = take(course)
        said = f"what an earlier nbgrader made (run `nbgrader update source`): source/objects/{path.name}"
        assert (output.count("an earlier nbgrader"), said in output) == (1, True)


class TestTaking:
    """With --yes, it does what it said."""

    def test_undo_leaves_every_file_as_it_was(self, course: Path) -> None:
        """The config to the byte, and nothing else beside it."""
        config = course / "nbgrader_config.py"
        config.write_bytes(config.read_bytes().rstrip(b"\n"))
        before = files(course)
        assert take(course, "--yes")[0] == 1
        assert set(before) < set(files(course))
        assert cli("init", "--existing", "--undo", cwd=course).returncode == 0
        assert files(course) == before
        assert "nothing to undo" in take(course, "--undo")[1]

    def test_config_stays_readable_for_whom_it_was(self, course: Path) -> None:
        """Other instructors, and a formgrader of another account."""
        config = course / "nbgrader_config.py"
        for mode in (0o644, 0o664):
            config.chmod(mode)
            take(course, "--yes")
            assert config.stat().st_mode & 0o777 == mode
            take(course, "--undo")
            assert config.stat().st_mode & 0o777 == mode

    def test_settings_that_were_written_since_survive_undo(self, course: Path) -> None:
        """Above our lines."""
        take(course, "--yes")
        config = course / "nbgrader_config.py"
        config.write_text("# mine\n" + config.read_text(encoding="utf-8"), encoding="utf-8")
        take(course, "--undo")
        text = config.read_text(encoding="utf-8")
        assert text.startswith("# mine\n")
        assert "autograder" not in text

    def test_course_that_is_taken_is_not_taken_again(self, course: Path) -> None:
        """It says how to take it back."""
        take(course, "--yes")
        code, output = take(course, "--yes")
        assert code == 2
        assert "is graded here already; `autograder init --existing --undo` takes that back" in output

    def test_gradebook_is_backed_up_and_kept_if_it_has_changed(self, course: Path) -> None:
        """As scores may have been given since."""
        before = (course / "gradebook.db").read_bytes()
        output = take(course, "--yes")[1]
        [backup] = (course / "build" / "before_autograder").glob("*.db")
        assert "the gradebook as it was: " in output
        assert backup.read_bytes() == before
        with (course / "gradebook.db").open("ab") as changed:
            changed.write(b"\0")
        assert "has changed since, and stays" in take(course, "--undo")[1]
        assert backup.read_bytes() == before
        take(course, "--yes")
        take(course, "--undo")
        assert backup.read_bytes() == before  # the only copy of what was there before us

    @pytest.mark.full
    def test_scores_of_graded_assignments_change_only_by_a_regrade(self, course: Path) -> None:
        """`grade` leaves them, also where the assignment is named: students may have read them."""
        take(course, "--yes")
        done = cli("grade", "--language", "en", cwd=course)
        assert "2 graded" in done.stdout
        assert not [*course.glob("feedback/*/magics")]
        named = cli("grade", "magics", "--language", "en", cwd=course)
        assert "0 graded, 2 kept from before" in named.stdout
        assert "2 scores that were given out are out of date" in named.stdout
        preview = cli("regrade", "magics", "--language", "en", cwd=course)
        assert preview.stdout.splitlines()[-1].startswith("no score would change")
        words = ("--apply", "--because", "sealed from now on", "--language", "en")
        regraded = cli("regrade", "magics", *words, cwd=course)
        assert "graded again: 2 scores of magics" in " ".join(regraded.stdout.split())

    @pytest.mark.full
    def test_scores_of_stock_nbgrader_are_those_before(self, course: Path) -> None:
        """Where an assignment is taken with its scores: another one is listed with the one that it replaces."""
        take(course, "--yes", "--take", "magics")
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
            [notebook] = gradebook.find_submission("magics", "half").notebooks
            grade = next(grade for grade in notebook.grades if grade.auto_score == 0 and grade.max_score)
            grade.auto_score, name, points = grade.max_score, grade.name, grade.max_score
            gradebook.db.commit()
        said = " ".join(cli("grade", "magics", "--language", "en", cwd=course).stdout.split())
        assert f"magics {name}: 0 up, 1 down, 0 with a score again, 0 without one" in said
        assert f"{points:g} → 0" in said
        assert said.count(" up, ") == 1

    @pytest.mark.full
    def test_cell_without_an_id_costs_no_page(self, course: Path) -> None:
        """Old versions of nbgrader left such metadata on cells that are not graded."""
        take(course, "--yes")
        for path in course.glob("autograded/*/magics/*.ipynb"):
            notebook = json.loads(path.read_text(encoding="utf-8"))
            notebook["cells"][0]["metadata"]["nbgrader"] = {
                "grade": False, "locked": False, "schema_version": 3, "solution": False,
            }  # fmt: skip
            path.chmod(0o644)
            path.write_text(json.dumps(notebook), encoding="utf-8")
        done = cli("grade", "magics", "--language", "en", cwd=course)
        assert "0 not graded" in done.stdout
        assert len([*course.glob("feedback/*/magics/*.html")]) == 2

    def test_config_is_made_where_there_is_only_json(self, course: Path) -> None:
        """And removed again."""
        (course / "nbgrader_config.py").unlink()
        (course / "nbgrader_config.json").write_text(
            '{"CourseDirectory": {"course_id": "x"}}', encoding="utf-8"
        )
        before = files(course)
        take(course, "--yes")
        assert (course / "nbgrader_config.py").read_text(encoding="utf-8").startswith("c = get_config()\n")
        take(course, "--undo")
        assert files(course) == before


@pytest.mark.full
class TestComparing:
    """`autograder grade --compare`, for what was graded before."""

    def test_equal_scores_are_counted_and_nothing_is_written(self, course: Path) -> None:
        """No score, page or report."""
        take(course, "--yes")
        before = files(course)
        done = cli("grade", "magics", "--compare", "--language", "en", cwd=course)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "10 scores compared with those on record, 0 differ; nothing was written" in done.stdout
        after = files(course)
        assert {name: after[name] for name in before} == before
        assert all(name.startswith("build/") for name in set(after) - set(before))

    def test_each_difference_is_listed_with_its_reason(self, course: Path) -> None:
        """What the assertion compared, or the error that was on record."""
        path = course / "submitted" / "solved" / "magics" / "notebook tricks.ipynb"
        half = course / "submitted" / "half" / "magics" / "notebook tricks.ipynb"
        solved = path.read_bytes()
        path.write_bytes(half.read_bytes())
        half.write_bytes(solved)
        take(course, "--yes")
        done = cli("grade", "magics", "--compare", "--language", "en", cwd=course)
        output = " ".join(done.stdout.split())
        assert done.returncode == 1
        assert "10 scores compared with those on record, 2 differ; nothing was written" in output
        assert "another score for: magics/notebook tricks/shown-test: 2 students" in output
        assert "gave" in output
        assert "it passes here; on" in output
        assert "record: AssertionError │" in output
