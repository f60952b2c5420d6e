"""Settings of a course that are none, or say nothing, are told before anything is done with them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbgrader.preprocessors import ClearHiddenTests
from traitlets import TraitError

from autograder.authoring.scaffold import new_question
from autograder.cli.doctor import wrong_settings
from autograder.cli.help_format import locale_language
from autograder.course import Course
from autograder.errors import CourseError
from autograder.nbgrader.config_check import check_config, unread_sections
from autograder.nbgrader.converters import require_hooks
from autograder.nbgrader.tested_assignment import hidden_test_marks
from tests.support import ROOT, cli, small_course

WRONG = [
    # a line of nbgrader_config.py, and what is told
    ('c.CourseSettings.langages = ["en"]', "c.CourseSettings: no setting 'langages'; did you mean languages"),
    (
        'c.CourseSettings.languages = ["EN"]',
        "languages are ['EN']; expected different language tags, such as",
    ),
    ("c.CourseSettings.limits = 5", "The 'limits' trait"),
    ('c.CourseSettings.other_ids = {"kim": "kim-2"}', "Values of the 'other_ids' trait"),
    ('c.CourseSettings.timezone = "Europe/Pariss"', "timezone is 'Europe/Pariss'; expected one such as"),
    ('c.CourseSettings.limits = {"calls": 2}', "limits are {'calls': 2}; expected seconds above 0"),
    ('c.CourseSettings.feedback = {"konv": "score"}', "feedback: no assignment 'konv'; did you mean conv?"),
    ('c.CourseSettings.feedback = {"conv": "all"}', "expected 'score', 'diagnosis' or 'solution'"),
    (
        'c.CourseSettings.closes = {"conv": "tomorrow"}',
        "closes of conv: 'tomorrow' is not an ISO 8601 date and time",
    ),
    ('c.CourseSettings.closes = {"essay": "2027-03-31T23:59+09:00"}', "closes: no assignment 'essay'"),
    ('c.CourseSettings.scores_hidden_until = {"conv": "June"}', "'June' is not an ISO 8601 date and time"),
    ('c.CourseSettings.due = {"conv": "2027-03-31"}', "'2027-03-31' has no UTC offset"),
    (
        'c.CourseSettings.due = {"Conv": "2027-03-31T23:59+09:00"}',
        "due: no assignment 'Conv'; did you mean conv?",
    ),
    ('c.CourseSettings.attempts = {"conv": 0}', "attempts of conv is 0; expected a whole number from 1"),
    ('c.CourseSettings.attempts = {"lab": 3}', "attempts: no assignment 'lab'"),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course with an assignment that has no question yet."""
    root = small_course(tmp_path / "course")
    (root / "source" / "conv").mkdir(parents=True)
    (root / "source" / "conv" / "conv.ipynb").write_text("{}", encoding="utf-8")
    return root


def write(root: Path, line: str) -> None:
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"\n{line}\n")


def test_those_of_this_course_are_right() -> None:
    """All of them."""
    Course.open(ROOT).check_settings()


def test_those_that_say_something_are_right(root: Path) -> None:
    """Also of an assignment that has no question yet."""
    write(root, 'c.CourseSettings.closes = c.CourseSettings.due = {"conv": "2027-03-31T23:59+09:00"}')
    write(root, 'c.CourseSettings.feedback, c.CourseSettings.attempts = {"conv": "solution"}, {"conv": 3}')
    Course.open(root).check_settings()


@pytest.mark.parametrize(("line", "message"), WRONG)
def test_one_that_is_wrong_is_told(root: Path, line: str, message: str) -> None:
    """With its file, its name and what was expected."""
    write(root, line)
    with pytest.raises(CourseError) as error:
        Course.open(root).check_settings()
    assert str(error.value).startswith(f"{root / 'nbgrader_config.py'}: ")
    assert message in str(error.value)


@pytest.mark.parametrize("command", ["build", "grade", "doctor", "serve", "worker"])
def test_every_command_that_goes_by_them_tells_it(root: Path, command: str) -> None:
    """And does nothing else."""
    write(root, 'c.CourseSettings.langages = ["en"]')
    (root / "build").mkdir(exist_ok=True)
    (root / "build" / "command.lock").touch()  # it stays behind every command that writes
    before = sorted(root.rglob("*"))
    done = cli(command, cwd=root)
    assert done.returncode == (1 if command == "doctor" else 2)
    assert "c.CourseSettings: no setting 'langages'; did you mean languages" in done.stdout + done.stderr
    assert sorted(root.rglob("*")) == before


UNREAD = [
    # a line of nbgrader_config.py that nbgrader would ignore or refuse, and what is reported
    ("c.CourseSetting.due = {}", "nothing reads c.CourseSetting; did you mean c.CourseSettings?"),
    ("c.WebSetting.url = 'x'", "nothing reads c.WebSetting; did you mean c.WebSettings?"),
    (
        'c.LateSubmisionPlugin.penalty_method = "zero"',
        "nothing reads c.LateSubmisionPlugin; did you mean c.LateSubmissionPlugin?",
    ),
    (
        'c.LateSubmissionPlugin.penalty = "zero"',
        "c.LateSubmissionPlugin has no setting 'penalty'; did you mean penalty_method?",
    ),
    ("c.CourseDirectory.db_urll = 'x'", "c.CourseDirectory has no setting 'db_urll'; did you mean db_url?"),
    ("c.LimitOutput.rate = 2", "c.LimitOutput has no setting 'rate'; it has"),
    (
        'c.LateSubmissionPlugin.penalty_method = "zer0"',
        "c.LateSubmissionPlugin.penalty_method is 'zer0'; expected 'none', 'zero'; did you mean 'zero'?",
    ),
    ('c.LimitOutput.max_lines = "many"', "c.LimitOutput.max_lines is 'many'; expected an int"),
]
READ = [
    # lines that are right
    'c.LateSubmissionPlugin.penalty_method = "zero"',
    'c.Exchange.root, c.Exchange.timezone = "/srv", "Asia/Seoul"',
    "c.Exchange.path_includes_course = True",
    "c.ExchangeCollect.check_owner = False",
    'c.Authenticator.plugin_class = "nbgrader.auth.JupyterHubAuthPlugin"',
    "c.ExecutePreprocessor.timeout = 60",
    "c.AutogradeApp.create_student = True",
    "c.NbGrader.db_url = 'sqlite:///x'",
    'c.ServerApp.ip, c.NotebookApp.ip, c.JupyterHub.ip, c.FormgradeApp.x = "x", "x", "x", "x"',
    'c.HTMLExporter.template_name = "lab"',
    'c.AssignLatePenalties.plugin_class = "late.MyLateSubmissionPlugin"; c.MyLateSubmissionPlugin.rate = 2',
    'c.CourseDirectory.ignore.append("*.bak")',
    """from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Int

class LateSubmissionPlugins(LateSubmissionPlugin):
    rate = Int(2).tag(config=True)

c.AssignLatePenalties.plugin_class = LateSubmissionPlugins
c.LateSubmissionPlugins.rate = 3
c.LateSubmissionPlugin.rate = 3""",
]


@pytest.mark.parametrize(("line", "message"), UNREAD)
def test_setting_that_nothing_reads_is_refused(root: Path, line: str, message: str) -> None:
    """A misspelled section or setting, and a value that nbgrader refuses, are reported with similar names."""
    write(root, line)
    with pytest.raises(CourseError) as error:
        check_config(Course.open(root).config, "nbgrader_config.py")
    assert str(error.value).startswith(f"nbgrader_config.py: {message}")


@pytest.mark.parametrize("line", READ)
def test_setting_of_another_class_is_not_refused(root: Path, line: str) -> None:
    """Sections of Jupyter, earlier names, plugins of the course, and settings of subclasses are right."""
    write(root, line)
    check_config(Course.open(root).config, "nbgrader_config.py")


def test_config_without_further_settings_needs_no_import(root: Path) -> None:
    """Without sections beyond those of `configure` and of this package, nbgrader is not imported to check them."""
    script = (
        "import sys; from autograder.course import Course; "
        "from autograder.nbgrader.config_check import check_config, unread_sections; "
        "config = Course.open().config; check_config(config, ''); assert not unread_sections(config); "
        "assert 'nbgrader' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], cwd=root, check=True)


@pytest.mark.parametrize("command", ["build", "grade", "doctor", "roster", "deadlines x.csv"])
def test_every_command_reports_a_value_of_the_late_policy(root: Path, command: str) -> None:
    """In one line, without a traceback, before anything is done."""
    write(root, 'c.LateSubmissionPlugin.penalty_method = "zer0"')
    done = cli(*command.split(), cwd=root)
    assert done.returncode == (1 if command == "doctor" else 2)
    [line] = [line for line in (done.stdout + done.stderr).splitlines() if "zer0" in line]
    assert (
        "nbgrader_config.py: c.LateSubmissionPlugin.penalty_method is 'zer0'; expected 'none', 'zero'" in line
    )
    assert "Traceback" not in done.stdout + done.stderr


def test_class_that_cannot_be_imported_is_reported_in_one_line(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of traitlets that no check foresees has no traceback either."""

    def run(*_given: object) -> int:
        raise TraitError("late.Policy could not be imported")

    monkeypatch.setattr("autograder.cli.roster.run", run)
    done = cli("roster", cwd=root)
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["autograder: nbgrader_config.py: late.Policy could not be imported"]


def test_nbgrader_commands_report_a_setting_that_nothing_reads(root: Path) -> None:
    """In nbgrader's own log, in one line, before anything is graded."""
    write(root, "c.LateSubmissionPlugin.penalty = 1")
    logged: list[str] = []
    converter = SimpleNamespace(config=Course.open(root).config, log=SimpleNamespace(error=logged.append))
    with pytest.raises(Exception, match="has no setting 'penalty'; did you mean penalty_method"):
        require_hooks(converter)
    assert len(logged) == 1
    assert "\n" not in logged[0]


def test_doctor_names_sections_that_nothing_known_reads(root: Path) -> None:
    """A section far from every known one may belong to another program: it is named, and not an error."""
    write(root, "c.MyOwnProgram.rate = 2")
    course = Course.open(root)
    assert wrong_settings(root) == ()
    assert unread_sections(course.config) == ["MyOwnProgram"]


def test_other_values_make_another_course(root: Path) -> None:
    """The course that they were taken from keeps its own, also where these were read before."""
    write(root, 'c.CourseSettings.limits = {"cell": 7}')
    course = Course.open(root)
    assert course.settings.seal == "required"
    other = course.with_settings(seal="none", fit="stock")
    assert (other.settings.seal, other.settings.fit, other.settings.limits) == ("none", "stock", {"cell": 7})
    assert (course.settings.seal, course.settings.fit) == ("required", "fast")


def test_assignment_loads_its_questions_once_and_sees_a_file_that_has_changed(root: Path) -> None:
    """The web tool and formgrader hold a course open for weeks."""
    write(root, "")
    course = Course.open(root)
    [path] = new_question(course, "sums", "total")
    assignment = course.assignment("sums")
    [first] = assignment.questions
    assert course.assignment("sums").readable_questions[0] is first
    path.write_text(
        path.read_text(encoding="utf-8").replace("    sample=", "    bonus=True,\n    sample="),
        encoding="utf-8",
    )
    assert assignment.bonus_points == first.points
    path.write_text("question = 1", encoding="utf-8")
    assert (assignment.readable_questions, [*assignment.unreadable_questions]) == ([], ["total"])


LOCALES = (
    ({}, "en"), ({"LANG": "ko_KR.UTF-8"}, "ko"), ({"LANG": "de_DE.UTF-8"}, "en"), ({"LANG": "C.UTF-8"}, "en"),
    ({"LANG": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
    ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "en_US.UTF-8", "LC_ALL": "ko"}, "ko"),
    ({"LANG": "ko_KR", "LC_ALL": ""}, "ko"), ({"LANG": "ko.eucKR@euro"}, "ko"),
)  # fmt: skip


@pytest.mark.parametrize(("environment", "language"), LOCALES)
def test_the_terminal_s_locale_chooses_the_language(environment: dict[str, str], language: str) -> None:
    """LC_ALL before LC_MESSAGES before LANG, as POSIX says; English where the kit lacks the language."""
    assert locale_language(environment) == language


def test_marks_of_hidden_tests_are_those_of_nbgrader(root: Path) -> None:
    """They are known without importing it."""
    write(root, "")
    marks = ClearHiddenTests()
    assert hidden_test_marks(Course.open(root)) == (marks.begin_test_delimeter, marks.end_test_delimeter)


@pytest.mark.parametrize("name", ["ClearHiddenTests", "NbGraderPreprocessor", "Configurable"])
def test_marks_of_hidden_tests_that_a_course_sets_are_known(root: Path, name: str) -> None:
    """Also by a section of a class that nbgrader's inherits from."""
    write(root, f'c.{name}.begin_test_delimeter = "FROM HERE"')
    assert hidden_test_marks(Course.open(root)) == ("FROM HERE", ClearHiddenTests().end_test_delimeter)
