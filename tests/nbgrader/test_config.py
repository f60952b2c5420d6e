"""A course whose config lacks a stage of ours is refused, by our commands and nbgrader's, before a kernel starts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from autograder.course import Course
from autograder.errors import CourseError
from autograder.nbgrader.registration import ensure_registered
from autograder.nbgrader_hooks import DEFAULTS, HOOKS, NO_KERNEL
from tests.support import ROOT, cli, clone, command

STOCK = {
    "Autograde.pre_convert_hook": "lambda **given: None",
    "Autograde.exporter_class": '"nbconvert.exporters.NotebookExporter"',
    "Autograde.sanitize_preprocessors": '["nbgrader.preprocessors.OverwriteCells"]',
    "Autograde.autograde_preprocessors": '["nbgrader.preprocessors.Execute"]',
    "GenerateFeedback.exporter_class": '"nbconvert.exporters.HTMLExporter"',
}
"""What a config may say in the place of a stage, as nbgrader has it."""
NAMES = [f"{section}.{name}" for section, name in HOOKS]
GRADING = [name for name in NAMES if name.startswith("Autograde")]
BARE = "c = get_config()\nc.CourseDirectory.course_id = 'rnn'\nc.CourseSettings.languages = ['en']\n"
ANSWER = """
def add_two(a, b):
    return a + b

try:
    open({file!r}, "w").close()
except OSError:
    pass
"""
RAISES = "from autograder import configur\n"


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Course:
    """A clone of it with a submission that writes a file where nothing seals it."""
    course = clone(released, tmp_path)
    ensure_registered(course, ["arithmetic"])
    notebook = json.loads(course.assignment("arithmetic").release("en").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "add_two":
            cell["source"] = ANSWER.format(file=str(course.root / "ran"))
    target = course.root / "submitted" / "kim" / "arithmetic" / "arithmetic.ipynb"
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(notebook), encoding="utf-8")
    return course


def append(course: Course, line: str) -> None:
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"{line}\n")


def scores(course: Course) -> list[float | None]:
    with Gradebook(course.gradebook_url) as gradebook:
        return [
            grade.auto_score
            for submission in gradebook.assignment_submissions("arithmetic")
            for notebook in submission.notebooks
            for grade in notebook.grades
        ]


def formgrader(course: Course, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What formgrader's button answers."""
    config = PyFileConfigLoader("nbgrader_config.py", str(course.root)).load_config()
    config.CourseDirectory.root = str(course.root)
    monkeypatch.chdir(course.root)
    result: dict[str, object] = NbGraderAPI(CourseDirectory(config=config), config=config).autograde(
        "arithmetic", "kim"
    )
    return result


def lacking(name: str) -> str:
    section, setting = name.split(".")
    return f"del c.{section}[{setting!r}]"


def test_that_of_this_course_holds_its_own_settings_alone() -> None:
    """No class of nbgrader's or ours is named in it."""
    text = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    assert not [section for section, _ in (*HOOKS, *DEFAULTS) if f"c.{section}." in text]


@pytest.mark.parametrize("name", NAMES)
def test_one_stage_that_is_missing_is_told(course: Course, name: str) -> None:
    """With its name, whichever it is."""
    append(course, lacking(name))
    with pytest.raises(CourseError, match=rf"lacks c\.{name}, which `configure\(c, \.\.\.\)` sets"):
        Course.open(course.root)


@pytest.mark.parametrize("name", NAMES)
def test_one_that_takes_the_place_of_a_stage_is_told(course: Course, name: str) -> None:
    """With the line to remove."""
    append(course, f"c.{name} = {STOCK.get(name, '[]')}")
    with pytest.raises(CourseError, match=rf"remove the line `c\.{name} = \.\.\.`"):
        Course.open(course.root)


@pytest.mark.parametrize(
    ("setting", "value", "renamed"),
    [
        (
            "Autograde.autograde_preprocessors",
            ["autograder.nbgrader.Grade", "nbgrader.preprocessors.SaveAutoGrades"],
            "autograder.nbgrader.Grade is now autograder.nbgrader.preprocessors.Grade",
        ),
        (
            "Autograde.exporter_class",
            "autograder.nbgrader.SubmissionReader",
            "autograder.nbgrader.SubmissionReader is now autograder.nbgrader.submission_reader.SubmissionReader",
        ),
        (
            "GenerateFeedback.preprocessors",
            ["autograder.nbgrader.TellFeedback"],
            "autograder.nbgrader.TellFeedback is now autograder.nbgrader.preprocessors.RefreshFeedback",
        ),
        (
            "ExportApp.plugin_class",
            "autograder.export.GradesExport",
            "autograder.export.GradesExport is now autograder.nbgrader.grades_csv.GradesExport",
        ),
        (
            "ExchangeFactory.collect",
            "autograder.exchange.CollectByRoster",
            "autograder.exchange.CollectByRoster is now autograder.nbgrader.exchange.CollectByRoster",
        ),
    ],
)  # fmt: skip
def test_config_with_earlier_names_is_told_the_current_ones(
    course: Course, setting: str, value: object, renamed: str
) -> None:
    """Each class that was moved or renamed, in every setting that `configure` makes."""
    append(course, f"c.{setting} = {value!r}")
    with pytest.raises(CourseError, match=rf"c\.{setting} uses old names: {renamed}; remove the line"):
        Course.open(course.root)


def test_stage_that_is_added_is_told(course: Course) -> None:
    """A list with one more is another list."""
    append(course, "c.Autograde.autograde_preprocessors.append('nbgrader.preprocessors.Execute')")
    with pytest.raises(CourseError, match=r"remove the line `c\.Autograde\.autograde_preprocessors"):
        Course.open(course.root)


@pytest.mark.parametrize("stage", ["Grade", "Rebuild", "ClearHiddenTests", "NbGraderPreprocessor"])
def test_stage_that_is_switched_off_is_told(course: Course, stage: str) -> None:
    """It would be passed over in silence."""
    append(course, f"c.{stage}.enabled = False")
    with pytest.raises(CourseError, match=rf"remove the line `c\.{stage}\.enabled"):
        Course.open(course.root)


@pytest.mark.parametrize("line", ["languages = ['ko', 'en']", "languages = ['ko']"])
def test_languages_of_which_nbgrader_would_release_another_are_told(course: Course, line: str) -> None:
    """Those of `configure` say where nbgrader releases to."""
    append(course, f"c.CourseSettings.{line}")
    with pytest.raises(CourseError, match=r"give the languages in `configure\(c, \.\.\.\)`"):
        Course.open(course.root).check_settings()


def test_settings_without_scores_are_the_courses_own(course: Course) -> None:
    """Another exchange, another stub."""
    append(course, "c.ExchangeFactory.collect = 'nbgrader.exchange.default.ExchangeCollect'")
    append(course, "c.ClearSolutions.code_stub = {'python': 'pass'}\nc.Execute.timeout = 60")
    Course.open(course.root).check_settings()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["build"], 2),
        (["verify"], 2),
        (["grade"], 2),
        (["collect", "."], 2),
        (["new", "a", "b"], 2),
        pytest.param(["doctor"], 1, marks=pytest.mark.full),
    ],
)
def test_no_command_of_ours_takes_a_course_without_them(course: Course, words: list[str], code: int) -> None:
    """It shows the lines that a config begins with, and does nothing."""
    (course.root / "nbgrader_config.py").write_text(BARE, encoding="utf-8")
    before = sorted(course.root.rglob("*"))
    done = cli(*words, cwd=course.root)
    assert done.returncode == code
    output = done.stderr + done.stdout
    assert "does not configure nbgrader to grade with the autograder" in output
    assert 'configure(c, course_id="my_course", languages=["en"])' in output
    assert sorted(course.root.rglob("*")) == before


@pytest.mark.parametrize("config", [BARE, RAISES], ids=["bare", "raises"])
def test_nbgrader_without_them_starts_no_kernel(course: Course, config: str) -> None:
    """Neither where the config does not name us, nor where it cannot be read, which nbgrader passes over."""
    (course.root / "nbgrader_config.py").write_text(config, encoding="utf-8")
    done = command("nbgrader", "autograde", "arithmetic", cwd=course.root)
    assert done.returncode != 0
    assert f"No such kernel named {NO_KERNEL}" in done.stderr
    assert scores(course) == [None]
    assert not (course.root / "ran").exists()


def test_nbgrader_without_them_releases_nothing(course: Course) -> None:
    """So that the gradebook keeps the kernel that does not exist."""
    (course.root / "nbgrader_config.py").write_text(BARE, encoding="utf-8")
    done = command("nbgrader", "generate_assignment", "arithmetic", "--force", cwd=course.root)
    assert done.returncode != 0
    assert "autograder's configure(c, ...) in nbgrader_config.py" in done.stderr
    assert command("nbgrader", "autograde", "arithmetic", cwd=course.root).returncode != 0
    assert not (course.root / "ran").exists()


@pytest.mark.parametrize("name", GRADING)
@pytest.mark.parametrize("how", ["missing", pytest.param("replaced", marks=pytest.mark.full)])
def test_formgrader_without_one_of_them_starts_no_kernel(
    course: Course, monkeypatch: pytest.MonkeyPatch, name: str, how: str
) -> None:
    """Those that are left refuse, and nothing has a score."""
    append(course, lacking(name) if how == "missing" else f"c.{name} = {STOCK[name]}")
    result = formgrader(course, monkeypatch)
    assert not result["success"]
    assert name in f"{result['log']}{result.get('error')}"
    assert scores(course) in ([], [None])
    assert not (course.root / "ran").exists()


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own, of how it adds a submission
def test_formgrader_with_all_of_them_grades_in_a_seal(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The submission that would write a file earns its points, and has written none."""
    result = formgrader(course, monkeypatch)
    assert result["success"], result
    assert scores(course) == [2.0]
    assert not (course.root / "ran").exists()


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own, of how it adds a submission
def test_formgrader_gives_no_points_to_what_is_not_graded(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nbgrader's own way would: a cell without an error and without a number has full points."""
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write('c.CourseSettings.graded_with = {"not_installed_here": "1"}\n')  # promised to students
    path = course.submitted / "kim" / "arithmetic" / "arithmetic.ipynb"
    answer = "import not_installed_here\\n\\ndef add_two(a, b):\\n    return not_installed_here.add(a, b)\\n"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace(json.dumps(ANSWER.format(file=str(course.root / "ran")))[1:-1], answer), encoding="utf-8"
    )
    result = formgrader(course, monkeypatch)
    assert result["success"], result
    assert scores(course) == [None]


def test_command_line_cannot_take_the_place_of_a_stage(course: Course) -> None:
    """nbgrader's options stand above its config."""
    done = command(
        "nbgrader", "autograde", "arithmetic",
        "--Autograde.autograde_preprocessors=nbgrader.preprocessors.Execute", cwd=course.root,
    )  # fmt: skip
    assert done.returncode != 0
    assert "remove the line `c.Autograde.autograde_preprocessors" in done.stderr
    assert scores(course) in ([], [None])
    assert not (course.root / "ran").exists()


def test_gradebook_that_names_a_kernel_is_registered_again(course: Course) -> None:
    """As one that nbgrader has made without us does."""
    with Gradebook(course.gradebook_url) as gradebook:
        gradebook.find_notebook("arithmetic", "arithmetic").kernelspec = '{"name": "python3"}'
        gradebook.db.commit()
    ensure_registered(course, ["arithmetic"])
    with Gradebook(course.gradebook_url) as gradebook:
        assert NO_KERNEL in gradebook.find_notebook("arithmetic", "arithmetic").kernelspec
