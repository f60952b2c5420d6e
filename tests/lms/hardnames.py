"""A class with hard names, as a real Moodle 5.1 knew it: its worksheets lie in `moodle/`, its zips had these names."""

from __future__ import annotations

import copy
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.authoring.build import build
from autograder.authoring.scaffold import new_question
from autograder.course import Course
from autograder.engine.batch import find_submissions, grade_class
from tests.support import small_course

MOODLE = Path(__file__).parent / "moodle"
ASSIGNMENT = "arithmetic"
MOST = 4.0
TIMES = {"Asia/Seoul": '\nc.CourseSettings.timezone = "Asia/Seoul"\n'}

STUDENTS = ("s1min", "s2minji", "s3sum", "s4oneil", "s5jorg", "s6same", "s7same", "s8path", "s9none")
"""Moodle's user names, which are the ids of the course; the last handed in nothing."""

FOLDERS = {
    "en": {
        "Minji Kim, Min_6": "s1min",
        "민지 김_4": "s2minji",
        "=SUM(1,2) Lee_2": "s3sum",
        "Pat ONeil_3": "s4oneil",
        "Jörg Müller; Dr_1": "s5jorg",
        "Alex Park_7": "s6same",
        "Alex Park_9": "s7same",
        "ABCD X Y ___5": "s8path",
    },
    "ko": {
        "Kim, Min Minji_6": "s1min",
        "김 민지_4": "s2minji",
        "Lee =SUM(1,2)_2": "s3sum",
        "ONeil Pat_3": "s4oneil",
        "Müller; Dr Jörg_1": "s5jorg",
        "Park Alex_7": "s6same",
        "Park Alex_9": "s7same",
        "X Y __ ABCD_5": "s8path",
    },
}
TEAMS = {
    "Team A 12_1": ("s1min", "s2minji"),
    "팀 둘_2": ("s3sum", "s4oneil", "s5jorg"),
    "OTeam x_3": ("s6same", "s8path"),
    "Default group": ("s7same", "s9none"),
}

RIGHT, WRONG, BONUS_ANSWER = "a + b", "a * b", "a - b"
ANSWERS: Mapping[str, tuple[str, str, str]] = {
    "s1min": (RIGHT, RIGHT, BONUS_ANSWER),
    "s2minji": (RIGHT, WRONG, WRONG),
    "s3sum": (WRONG, WRONG, BONUS_ANSWER),
    "s4oneil": (RIGHT, RIGHT, WRONG),
    "s5jorg": (WRONG, WRONG, WRONG),
    "s6same": (RIGHT, WRONG, BONUS_ANSWER),
    "s7same": (WRONG, RIGHT, WRONG),
    "s8path": (RIGHT, RIGHT, WRONG),
}
"""What each writes for the two questions and the bonus question."""
SCORES = {
    "s1min": 5,
    "s2minji": 2,
    "s3sum": 1,
    "s4oneil": 4,
    "s5jorg": 0,
    "s6same": 3,
    "s7same": 2,
    "s8path": 4,
}
"""What they deserve for that: 2 points a question, 1 of bonus."""
QUESTIONS = ("add_more", "add_two", "take_away")


def released_course(folder: Path) -> Course:
    """A released course with two questions worth 2 points each, and a bonus question worth 1."""
    root = small_course(folder, languages=("ko", "en"))
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(TIMES["Asia/Seoul"])
    course = Course.open(root)
    for name in QUESTIONS:
        [path] = new_question(course, ASSIGNMENT, name)
    bonus = path.read_text(encoding="utf-8")
    for before, after in (
        ("first + second", "first - second"),
        ("(2, 5) == 7", "(2, 5) == -3"),
        ("points=2", "points=1"),
        ('    returns="int",', '    bonus=True,\n    returns="int",'),
    ):
        assert before in bonus
        bonus = bonus.replace(before, after)
    path.write_text(bonus, encoding="utf-8")
    build(course, solutions=False)
    return Course.open(root)


def notebook_of(course: Course, student: str, *, language: str = "en") -> bytes:
    """The notebook that a student hands in."""
    notebook = copy.deepcopy(
        json.loads(course.assignment(ASSIGNMENT).release(language).read_text(encoding="utf-8"))
    )
    answers = dict(zip(QUESTIONS, ANSWERS[student], strict=True))
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name in answers:
            cell["source"] = f"def {name}(a, b):\n    return {answers[name]}  # {student}"
    return json.dumps(notebook).encode()


def moodle_zip(course: Course, path: Path, *, language: str = "en", flat: bool = False) -> Path:
    """The zip of submissions as Moodle names what is in it."""
    with zipfile.ZipFile(path, "w") as archive:
        for folder, student in FOLDERS[language].items():
            joint = "_" if flat else "/"
            archive.writestr(
                f"{folder}_assignsubmission_file{joint}LSTM {student[:2]}.ipynb",
                notebook_of(course, student, language=language),
            )
    return path


def team_zip(course: Course, path: Path) -> Path:
    """The zip of a team's submissions: each group's is that of its first member."""
    with zipfile.ZipFile(path, "w") as archive:
        for folder, members in TEAMS.items():
            archive.writestr(f"{folder}_assignsubmission_file/team.ipynb", notebook_of(course, members[0]))
    return path


def grade(course: Course) -> None:
    """Grade whatever was handed in."""
    results = grade_class(course, find_submissions(course, [ASSIGNMENT]), workers=2)
    assert [result.reason for result in results if result.state == "ungraded"] == []


def gradebook_scores(course: Course) -> dict[str, float]:
    """Scores as nbgrader's own gradebook has them, by student."""
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        return {one.student.id: one.score for one in gradebook.assignment_submissions(ASSIGNMENT)}
