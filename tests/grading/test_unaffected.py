"""Changed question files: the questions that they concern are run again, the reports on the others stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from autograder.course import Course
from autograder.grading.course_secret import DRAW, HandIn, draw_record, ensure_secret, key_of
from autograder.grading.fingerprint import Fingerprints
from autograder.grading.report import Report
from autograder.grading.unaffected import unaffected_reports
from autograder.text import Text
from tests.support import copy_course

HAND_IN = HandIn("", 7)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = Course.open(copy_course(tmp_path_factory.mktemp("course"), "cells"))
    ensure_secret(course)
    return course


def standing(
    course: Course,
    changed: Mapping[str, Any],
    *,
    hand_in: HandIn = HAND_IN,
    claim: str = "own",
    without: str = "",
) -> set[str]:
    """The questions of `cells` that are not run, where a grade has another record, and one no score."""
    assignment, now = course.assignment("cells"), Fingerprints(course).of("cells")
    reports = {
        question.id: Report(question.id, question.title, question.points, ())
        for question in assignment.questions
    }
    if without:
        reports[without] = replace(reports[without], ungraded=Text.same("load"))
    metadata = {
        "record": {**now, **changed},
        "claim": (claim, ""),
        DRAW: draw_record(key_of(course, "cells"), 7, ""),
        "submitted": "x",
    }
    return set(unaffected_reports(assignment, metadata, reports, now, hand_in))


def with_other(course: Course, *names: str) -> dict[str, Any]:
    """A record of other contents of some question files."""
    files = Fingerprints(course).of("cells")["files"]
    assert set(names) <= files.keys()
    return {"files": {**files, **dict.fromkeys(names, "another")}}


def test_followers_are_run_with_what_they_follow(course: Course) -> None:
    """`lstm_forward` follows `lstm_step`, and so on: all of them, and no other."""
    others = {"gru_step", "split_gates"}
    follows = {question.id: question.followed_names for question in course.assignment("cells").questions}
    assert follows["lstm_forward"] == ("lstm_step",)
    found = standing(course, with_other(course, "lstm_step.py"))
    assert "gru_step" in found
    assert not found & {"lstm_step", "lstm_forward", "two_layer_forward"}
    assert standing(course, with_other(course, "two_layer_forward.py")) == found
    assert standing(course, with_other(course, "gru_step.py")) == set(follows) - {"gru_step"}
    assert others <= set(follows)


def test_files_that_any_question_may_use_concern_all(course: Course) -> None:
    """Shared code that changed, and a file that is new or gone."""
    assert standing(course, with_other(course, "_shared.py")) == set()
    files = dict(Fingerprints(course).of("cells")["files"])
    assert standing(course, {"files": {**files, "data.json": "gone since"}}) == set()
    del files["_shared.py"]
    assert standing(course, {"files": files}) == set()


@pytest.mark.parametrize(
    "changed",
    [{"versions": {}}, {"settings": {}}, {"release": ""}, {"secret": ""}, {"files": None}],
    ids=lambda changed: next(iter(changed)),
)
def test_other_changes_concern_all(course: Course, changed: dict[str, Any]) -> None:
    """Each of them may give any question another score; a record of an earlier version does not tell."""
    assert standing(course, with_other(course, "gru_step.py") | changed) == set()


def test_other_inputs_or_another_s_id_concern_all(course: Course) -> None:
    """A hand-in for which other inputs are drawn, and an id that the roster may settle otherwise now."""
    changed = with_other(course, "gru_step.py")
    assert standing(course, changed) != set()
    assert standing(course, changed, hand_in=HandIn("", 8)) == set()
    assert standing(course, changed, claim="nobody's") == set()
    assert standing(course, changed, claim="another's") == set()


def test_question_without_a_score_is_run(course: Course) -> None:
    """With those that may have been without one because of it."""
    changed = with_other(course, "gru_step.py")
    assert "lstm_step" in standing(course, changed)
    assert not standing(course, changed, without="lstm_step") & {"lstm_step", "lstm_forward"}
