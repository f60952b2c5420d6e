"""Regrades of a class on the pages of staff: what they show, whom they refuse, and what they store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from autograder.grading.fingerprint import questions_digest
from autograder.text import Text
from autograder.web.db.models import (
    ClassRegrade,
    FinalGrade,
    GradingJob,
    RegradedAttempt,
    RegradeRequest,
)
from tests.chrome import Browser, needs_chromium, troubles
from tests.support import copy_course
from tests.web.classes import MOMENT, Staff, add, attempt, enter, link_of, person, put_files, standing
from tests.web.loopback import LTI, Lms, Web, words
from tests.web.test_staff_answers import tab_of

WHY = {"en": "keeps the shape: failed → passed", "ko": "모양을 지킨다: 틀림 → 통과"}


def regrade(web: Web, **fields: Any) -> int:
    """A regrade that somebody began."""
    defaults = {
        "course_link_id": link_of(web).id,
        "assignment": "shapes",
        "questions": questions_digest(web.course, "shapes"),
        "made_by": "Prof. Kim",
        "made_at": MOMENT,
    }
    made = ClassRegrade(**(defaults | fields))
    add(web, made)
    return made.id


def moves(web: Web, number: int, who: int, **fields: Any) -> int:
    """An attempt that counts, and whose score moves from 1 to 4."""
    counts = attempt(web, who, score=1.0)
    standing(web, who, counts)
    change = {
        "question": "last_hidden",
        "before": 1.0,
        "after": 4.0,
        "why": WHY,
        "carried": False,
        "stays": False,
    }
    defaults: dict[str, Any] = {"state": "graded", "counts": True, "changes": [change]}
    add(web, RegradedAttempt(regrade_id=number, attempt_id=counts, **(defaults | fields)))
    return counts


def only(web: Web) -> ClassRegrade:
    with web.database.read() as session:
        return session.scalars(select(ClassRegrade)).one()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with one assignment."""
    return copy_course(tmp_path_factory.mktemp("course") / "course", "shapes")


@pytest.fixture
def inside(web: Web, other: Lms) -> Staff:
    """A teacher."""
    return enter(web, other)


def test_preview_is_begun_with_what_the_form_says(web: Web, other: Lms) -> None:
    """Graded attempts wait to be graded beside their scores; those without a score are queued as ever."""
    inside = enter(web, other)
    scored = attempt(web, person(web), score=1.0)
    failed = attempt(web, person(web), state="ungraded", score=None, report=None)
    put_files(web)
    page = inside.get("staff/regrade")
    assert "all questions" in words(page)
    assert "1 attempt" in words(page)
    page = inside.post("staff/regrade", question="last_hidden", keep_better="1")
    assert "The regrade has begun. No score changes before it is applied." in words(page)
    assert "0 of 1" in words(page)
    row = only(web)
    assert (row.question, row.keep_better, row.everything, row.state) == (
        "last_hidden",
        True,
        False,
        "grading",
    )
    assert (row.made_by, row.questions) == ("Prof. Kim", questions_digest(web.course, "shapes"))
    with web.database.read() as session:
        assert [one.attempt_id for one in session.scalars(select(RegradedAttempt))] == [scored]
        assert [one.attempt_id for one in session.scalars(select(GradingJob))] == [failed]
    page = inside.post("staff/regrade")
    assert "There is a regrade already that is neither applied nor discarded" in words(page)
    assert page.status_code == 422
    assert "Stop, and discard it" in words(inside.get(f"staff/regrade/{row.id}"))
    page = inside.post(f"staff/regrade/{row.id}/discard")
    assert "The regrade is discarded. No score has changed." in words(page)
    assert only(web).state == "stopping"


def test_preview_says_who_moves_why_and_which_points_by_hand_stay(web: Web, inside: Staff) -> None:
    """In a table with links to the students, and as JSON."""
    number = regrade(web)
    kim, lee, bae = (person(web, name, student_id=name) for name in ("kim", "lee", "bae"))
    counts = moves(web, number, kim)
    moves(web, number, lee)
    with web.database.write() as session:
        grade = session.get_one(FinalGrade, (link_of(web).id, lee))
        grade.cells = {"last_hidden-check": {"score": 3.5, "points": 4.0, "manual": True}}
    moves(
        web,
        number,
        bae,
        state="ungraded",
        changes=[],
        reason=Text(en="the kernel died", ko="커널이 멈춤"),
    )
    page = inside.get(f"staff/regrade/{number}")
    shown = words(page)
    assert "kim The last hidden state 1 → 4 keeps the shape: failed → passed" in shown
    assert "The score given by hand, 3.5, stays." in shown
    assert "Not graded again Their scores stay. bae : the kernel died" in shown
    assert f"staff/people/{kim}?attempt={counts}" in page.text
    data = inside.get(f"staff/regrade/{number}.json").json()
    assert [(one["student"], one["before"], one["after"], one["by_hand"]) for one in data["changes"]] == [
        ("kim", 1.0, 4.0, None),
        ("lee", 1.0, 4.0, 3.5),
    ]


def test_apply_needs_a_reason_and_the_question_files_of_the_preview(web: Web, inside: Staff) -> None:
    """What was typed stays; the reason, who applied it and which requests it answers are stored."""
    number = regrade(web)
    counts = moves(web, number, person(web, "kim"))
    add(web, RegradeRequest(attempt_id=counts, question="last_hidden", check="", words="why?"))
    page = inside.get(f"staff/regrade/{number}")
    assert "Answer 1 open request about “The last hidden state” with this reason" in words(page)
    page = inside.post(f"staff/regrade/{number}/apply", because="  ", answered="last_hidden")
    assert "Write why the scores change" in words(page)
    assert only(web).state == "grading"
    with web.database.write() as session:
        session.get_one(ClassRegrade, number).questions = "other files"
    page = inside.post(f"staff/regrade/{number}/apply", because="too strict")
    assert "The question files have changed since this regrade was begun" in words(page)
    assert ">too strict</textarea>" in page.text
    with web.database.write() as session:
        session.get_one(ClassRegrade, number).questions = questions_digest(web.course, "shapes")
    page = inside.post(f"staff/regrade/{number}/apply", because="too strict", answered="last_hidden")
    assert "The new scores are being written." in words(page)
    row = only(web)
    assert (row.state, row.because, row.applied_by, row.answered) == (
        "applying", "too strict", "Prof. Kim", ["last_hidden"],
    )  # fmt: skip
    page = inside.post(f"staff/regrade/{number}/apply", because="twice")
    assert "This regrade cannot be applied, or not yet" in words(page)


def test_notice_ends_with_what_it_tells(web: Web, inside: Staff) -> None:
    """The page reloads itself under one address: once the scores are written, it no longer says that they are being."""
    number = regrade(web)
    moves(web, number, person(web, "kim"))
    page = inside.post(f"staff/regrade/{number}/apply", because="too strict")
    assert "The new scores are being written." in words(page)
    with web.database.write() as session:
        session.get_one(ClassRegrade, number).state = "applied"
    later = inside.get(page.url.removeprefix(inside.home))
    assert "The new scores are being written." not in words(later)


def test_form_to_apply_comes_soon_after_a_long_list(web: Web, inside: Staff) -> None:
    """The rows after the first 12 are folded; the page has them all."""
    number = regrade(web)
    for count in range(14):
        moves(web, number, person(web, f"kim{count}", student_id=f"kim{count}"))
    page = inside.get(f"staff/regrade/{number}")
    assert "Show 2 more" in words(page)
    before, folded = page.text.split("Show 2 more")
    assert [part.count(' role="rowheader"') for part in (before, folded)] == [12, 2]


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize("language", ["ko", "en"])
def test_long_preview_keeps_nobody_out(web: Web, other: Lms, browser: Browser, language: str) -> None:
    """Scores that move and better ones that stay can be read by everybody, on at most 6,000 pixels of a phone."""
    inside = enter(web, other, language=language)
    number = regrade(web, keep_better=True)
    stays = {
        "question": "last_hidden",
        "before": 4.0,
        "after": 1.0,
        "why": WHY,
        "carried": True,
        "stays": True,
    }
    for count in range(40):
        changed: dict[str, Any] = {"changes": [stays]} if count % 2 else {}
        moves(web, number, person(web, f"A name that is as long as this {count}"), **changed)
    tab = tab_of(browser, inside)
    tab.page.goto(f"{inside.home}staff/regrade/{number}")
    assert troubles(tab) == []
    tab.page.set_viewport_size({"width": 390, "height": 844})
    assert tab.page.evaluate("document.documentElement.scrollHeight") <= 6000
    tab.page.context.close()


def test_it_is_not_applied_while_attempts_wait(web: Web, inside: Staff) -> None:
    """Neither by a button, which is not there, nor by a form that somebody sends."""
    number = regrade(web)
    moves(web, number, person(web), state="waiting")
    assert "Why the scores change" not in words(inside.get(f"staff/regrade/{number}"))
    page = inside.post(f"staff/regrade/{number}/apply", because="now")
    assert "This regrade cannot be applied, or not yet" in words(page)
    assert only(web).state == "grading"


def test_the_last_applied_one_is_undone(web: Web, inside: Staff) -> None:
    """With a button on its page alone; what is done to an earlier one is refused with what to do."""
    first, second = (
        regrade(web, state="applied", because=f"reason {one}", applied_by="Prof. Kim", applied_at=MOMENT)
        for one in range(2)
    )
    shown = words(inside.get("staff/regrade"))
    assert "applied Prof. Kim reason 0" in shown
    assert "Undo this regrade" not in words(inside.get(f"staff/regrade/{first}"))
    page = inside.post(f"staff/regrade/{first}/undo")
    assert "Another regrade was applied after this one; undo that one first." in words(page)
    assert "Undo this regrade" in words(inside.get(f"staff/regrade/{second}"))
    page = inside.post(f"staff/regrade/{second}/undo")
    assert "The scores of before are being put back." in words(page)
    page = inside.post(f"staff/regrade/{second}/discard")
    assert "This regrade is applied already; undo it instead." in words(page)


def test_assistants_preview_and_teachers_apply(web: Web, other: Lms) -> None:
    """The scores of a whole class are a teacher's to change."""
    inside = enter(web, other, "/Instructor#TeachingAssistant", sub="assistant-1")
    number = regrade(web)
    moves(web, number, person(web))
    page = inside.get(f"staff/regrade/{number}")
    assert "A teacher of the course applies it." in words(page)
    for path, form in ((f"{number}/apply", {"because": "x"}), (f"{number}/undo", {})):
        assert inside.post(f"staff/regrade/{path}", **form).status_code == 403
    assert only(web).state == "grading"


def test_regrade_of_another_activity_is_not_here(web: Web, other: Lms, inside: Staff) -> None:
    """Neither to be seen nor to be changed."""
    elsewhere = {LTI + "context": {"id": "course-2"}, LTI + "resource_link": {"id": "link-2"}}
    stranger = enter(web, other, sub="teacher-2", **elsewhere)
    number = regrade(web)
    for path in (f"{number}", f"{number}.json"):
        assert stranger.get(f"staff/regrade/{path}").status_code == 404
    for path in (f"{number}/apply", f"{number}/undo", f"{number}/discard"):
        assert stranger.post(f"staff/regrade/{path}", because="x").status_code == 404
    student = enter(web, other, "#Learner", sub="student-1")
    assert student.get(f"staff/regrade/{number}").status_code == 403
    assert only(web).state == "grading"


def test_korean_page_is_korean(web: Web, other: Lms) -> None:
    """Every text of the two pages."""
    inside = enter(web, other, language="ko")
    number = regrade(web)
    moves(web, number, person(web, "kim"))
    shown = words(inside.get(f"staff/regrade/{number}"))
    assert "모양을 지킨다: 틀림 → 통과" in shown
    assert "점수를 바꾸는 이유" in shown
    assert "지금까지의 재채점" in words(inside.get("staff/regrade"))
