"""What is blocked as too easy, in formgrader: how it is granted, and that the grant survives grading again."""

from __future__ import annotations

import json

import pytest
from nbgrader.api import Gradebook

from autograder.course import Course, SubmissionId
from tests.engine.test_replay import LSTM, hand_in
from tests.support import cli, command, copy_course

pytestmark = [pytest.mark.seal, pytest.mark.long]
CONSTANT = {"lstm_params": "def lstm_params(input_dim, units):\n    return 100", "p1": "p1 = 100"}
STEP = "To grant it, enter 1 as the score of this cell."


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """One who answers a number by a constant function that is asked for later on, graded."""
    course = Course.open(copy_course(tmp_path_factory.mktemp("granting") / "course", LSTM))
    hand_in(course, "kim", CONSTANT)
    grade(course)
    return course


def grade(course: Course, *arguments: str) -> None:
    done = cli("grade", *arguments, cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr


def shown(course: Course) -> str:
    """What formgrader shows below the grade cell of the number."""
    notebook = json.loads(course.graded_path(SubmissionId("kim", LSTM)).read_text(encoding="utf-8"))
    [cell] = [
        one for one in notebook["cells"] if one["metadata"].get("nbgrader", {}).get("grade_id") == "p1-check"
    ]
    return "".join(cell["outputs"][0]["data"]["text/html"])


def score(course: Course) -> tuple[float | None, float, bool]:
    """The manual score of the number, the score that counts, and whether it waits for a person."""
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        found = gradebook.find_grade("p1-check", LSTM, LSTM, "kim")
        return found.manual_score, found.score, found.needs_manual_grade


def listed(course: Course) -> list[str]:
    """The questions in the report that a person could grant."""
    assert cli("report", cwd=course.root).returncode == 0
    data = json.loads((course.root / "reports" / f"{LSTM}.json").read_text(encoding="utf-8"))
    return [
        answer["question"]
        for reason in data["too_easy"]
        for one in reason["students"]
        for answer in one["answers"]
    ]


def page(course: Course) -> str:
    return course.feedback_path(SubmissionId("kim", LSTM)).read_text(encoding="utf-8")


def test_grant_in_formgrader_survives_grading_again(course: Course) -> None:
    """The cell says which score to enter; once entered it counts, reads as carried over, and asks nobody again."""
    assert STEP in shown(course)
    assert "not carried over" in shown(course)
    assert STEP not in page(course)
    assert listed(course) == ["p1"]
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        gradebook.find_grade("p1-check", LSTM, LSTM, "kim").manual_score = 1.0
        gradebook.db.commit()
    for arguments in ((), ("--force",)):
        grade(course, *arguments)
        assert score(course) == (1.0, 1.0, False)
        assert listed(course) == []
        assert '<li class="carried"><a href="#q-p1">' in page(course)
    done = command("nbgrader", "autograde", LSTM, "--force", cwd=course.root)
    assert done.returncode == 0, done.stderr
    assert score(course)[:2] == (1.0, 1.0)


@pytest.mark.parametrize(
    ("language", "outcome", "step"),
    [
        ("en", "⊘ not carried over (0 / 1)", "enter 1 as the score of p1-check in formgrader"),
        ("ko", "⊘ 인정하지 않음 (0 / 1)", "인정하려면 formgrader에서 p1-check의 점수에 1점을 넣거나"),
    ],
)  # fmt: skip
def test_explain_says_how_to_grant_it(course: Course, language: str, outcome: str, step: str) -> None:
    """With the values that were compared, so that a person can judge it."""
    done = cli("explain", "kim", LSTM, "p1", "--language", language, cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    for text in (outcome, step, "100"):
        assert text in done.stdout
