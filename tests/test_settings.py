"""Settings of a course that are none, or say nothing, are told before anything is done with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.scaffold import new_question
from autograder.cli.help_format import locale_language
from autograder.course import Course
from autograder.errors import CourseError
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
    assert done.returncode == 1
    assert "c.CourseSettings: no setting 'langages'; did you mean languages" in done.stdout + done.stderr
    assert sorted(root.rglob("*")) == before


def test_other_values_make_another_course(root: Path) -> None:
    """The course that they were taken from keeps its own, also where these were read before."""
    write(root, 'c.CourseSettings.limits = {"cell": 7}')
    course = Course.open(root)
    assert course.settings.seal == "required"
    other = course.with_settings(seal="none", fit="stock")
    assert (other.settings.seal, other.settings.fit, other.settings.limits) == ("none", "stock", {"cell": 7})
    assert (course.settings.seal, course.settings.fit) == ("required", "fast")


def test_an_assignment_loads_its_questions_once_and_sees_a_file_that_has_changed(root: Path) -> None:
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
