"""A correction in a question file: from scores that students have to what they read afterwards."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograder.authoring.build import build
from autograder.authoring.scaffold import new_question
from autograder.course import Course
from autograder.errors import CourseError
from autograder.lms.comments import comment_lines
from autograder.lms.scores import class_scores
from tests.cli.test_given_out import OFF_BY_ONE, english
from tests.cli.test_grade import QUESTIONS, RIGHT, both, feedback_of, hand_in, scores
from tests.support import cli, small_course

pytestmark = pytest.mark.long
APPLY = ("regrade", "--apply", "--because", "the statement was ambiguous")
TOLD = {
    "en": "The marking was corrected on December 1, 2026: one more is right, too.",
    "ko": "2026년 12월 1일에 채점 기준을 정정했습니다: 1이 더 많아도 정답입니다.",
}


@pytest.fixture(scope="module")
def given_out_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of two questions, whose scores students have: in `add_two`, kim is off by one, and lee wrote nothing."""
    root = small_course(tmp_path_factory.mktemp("corrections") / "course", languages=("ko", "en"))
    course = Course.open(root)
    for name in QUESTIONS:
        new_question(course, "arithmetic", name)
    build(course, solutions=False)
    hand_in(course, "amy", both(RIGHT))
    hand_in(course, "kim", both(RIGHT) | {"add_two": OFF_BY_ONE}, language="ko")
    hand_in(course, "lee", {"add_more": RIGHT})
    assert cli("grade", cwd=root).returncode == 0
    assert cli("grade", "--given-out", cwd=root).returncode == 0
    assert scores(course) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}
    return root


@pytest.fixture
def course(given_out_once: Path, tmp_path: Path) -> Course:
    """A copy of that course."""
    return Course.open(shutil.copytree(given_out_once, tmp_path / "course"))


def correct(course: Course, effect: str = "") -> None:
    """Write a correction into the file of `add_two`, and build."""
    path = course.root / "solutions" / "arithmetic" / "add_two.py"
    text = 'Text(ko="1이 더 많아도 정답입니다.", en="one more is right, too.")'
    line = f'\n\nquestion.correction("2026-12-01", text={text}{effect})\n'
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")
    build(course, ["arithmetic"], solutions=False)


def words(course: Course, student: str) -> str:
    """The text of a page."""
    return " ".join(re.sub("<[^>]*>", " ", feedback_of(course, student)).split())


def comments(course: Course, student: str) -> list[str]:
    """The lines of a student's comment in an LMS."""
    standing = class_scores(course, "arithmetic").by_person[student]
    return comment_lines(course, standing, "arithmetic")


def rows(course: Course, name: str = "grades.csv") -> dict[str, dict[str, Any]]:
    """The lines of `grades.csv` by student."""
    with (course.root / name).open(encoding="utf-8-sig", newline="") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def test_full_marks_reach_gradebook_page_and_comment(course: Course) -> None:
    """The preview says who moves and why; students read the date and the sentence in their language."""
    correct(course, ', full_marks="answered"')
    assert "3 scores that were given out are out of date" in english(course, "grade").splitlines()[-1]
    assert scores(course) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}
    said = english(course, "regrade", "arithmetic")
    assert "arithmetic add_two: 1 up, 0 down" in said
    assert "The marking was corrected on" in " ".join(said.split())
    assert scores(course) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}
    english(course, *APPLY)
    assert scores(course) == {"amy": 4.0, "kim": 4.0, "lee": 2.0}
    assert TOLD["ko"] in words(course, "kim")
    assert "만점 처리 2 / 2" in words(course, "kim")
    assert TOLD["en"] in words(course, "amy")
    assert TOLD["en"] in words(course, "lee")
    assert comments(course, "kim")[2] == f"– {TOLD['ko']}"
    assert comments(course, "amy")[2] == f"– {TOLD['en']}"
    english(course, "regrade", "--undo")
    assert scores(course) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}
    assert TOLD["ko"] not in words(course, "kim")


def test_everybody_who_handed_in_has_full_marks(course: Course) -> None:
    """An empty cell, too."""
    correct(course, ', full_marks="everybody"')
    english(course, *APPLY)
    assert scores(course) == {"amy": 4.0, "kim": 4.0, "lee": 4.0}
    assert "Full marks 2 / 2" in words(course, "lee")


def test_question_is_counted_no_more(course: Course) -> None:
    """Neither in a score nor in the maximum; nothing is exported in between."""
    correct(course, ", not_counted=True")
    said = english(course, "grade")
    assert "add_two of arithmetic had other points when scores were given out, so scores and maximum" in said
    with pytest.raises(
        CourseError, match="add_two of arithmetic had other points when scores were given out"
    ):
        english_export(course)
    assert "arithmetic add_two: 0 up, 1 down" in english(course, "regrade", "arithmetic", "--keep-better")
    english(course, *APPLY, "--keep-better")
    assert "had other points" not in english(course, "grade")
    assert scores(course) == {"amy": 2.0, "kim": 2.0, "lee": 2.0}
    assert {row["max_score"] for row in rows(course).values()} == {"2.0"}
    assert "Not counted 0 / 0" in words(course, "amy")
    assert TOLD["ko"] in words(course, "kim")
    english_export(course)


def english_export(course: Course) -> None:
    """What an export does before it writes a score into a file of an LMS."""
    from autograder.engine.kept_grades import check_points

    check_points(course, "arithmetic")


def test_new_points_reach_gradebook_and_release(course: Course) -> None:
    """The maximum, the scores, the heading of the statement, and the pages."""
    correct(course, ", points=5")
    english(course, "grade")
    english(course, *APPLY)
    assert scores(course) == {"amy": 7.0, "kim": 2.0, "lee": 2.0}
    assert {row["max_score"] for row in rows(course).values()} == {"7.0"}
    assert "(5 points)" in course.assignment("arithmetic").release("en").read_text(encoding="utf-8")
    assert "Right 5 / 5" in words(course, "amy")


def test_sentence_alone_is_told(course: Course) -> None:
    """The score stays; the page and the comment say what was corrected."""
    correct(course)
    english(course, *APPLY)
    assert scores(course) == {"amy": 4.0, "kim": 2.0, "lee": 2.0}
    assert TOLD["ko"] in words(course, "kim")
    assert f"– {TOLD['en']}" in comments(course, "lee")


def test_score_given_by_hand_stays(course: Course) -> None:
    """A correction changes what the checks give, and not what a person gave."""
    with Gradebook(course.gradebook_url) as gradebook:
        grade = gradebook.find_grade("add_two-check", "arithmetic", "arithmetic", "kim")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    correct(course, ', full_marks="everybody"')
    assert "1.5" in english(course, "regrade", "arithmetic")
    english(course, *APPLY)
    assert scores(course)["kim"] == 3.5
    assert TOLD["ko"] in words(course, "kim")
