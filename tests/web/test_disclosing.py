"""Feedback pages are rendered anew when feedback may tell another thing: the worked solution, after closing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sqlalchemy import select, update

from autograder.course import Course
from autograder.feedback.page_state import PageState, scores_digest, with_mark
from autograder.grading.report import to_dict
from autograder.nbgrader.final_grades import Entry
from autograder.nbgrader.records import Scores
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, FinalGrade, ResourceLink
from autograder.web.worker.attempt_files import AttemptFolder
from autograder.web.worker.refresh_feedback import FeedbackRefresher
from autograder.web.worker.score_comment import comment
from tests.support import copy_course
from tests.web import database_rows
from tests.web.classes import NO_BIAS, report

CLOSES = datetime(2027, 3, 31, 23, 59, tzinfo=UTC)


class Class:
    """One student whose attempt counts, with its page, and a clock that tests set."""

    def __init__(self, database: Database, course: Course) -> None:
        self.database, self.moment = database, CLOSES - timedelta(seconds=1)
        self.opened: Any = SimpleNamespace(course=course)
        with database.write() as session:
            link = database_rows.course_link(session, database_rows.platform(session), "shapes")
            where = session.get_one(ResourceLink, link).context.platform
            person = database_rows.person(session, where)
            attempt = session.get_one(Attempt, database_rows.attempt(session, link, person))
            session.add(FinalGrade(course_link_id=link, person_id=person, attempt_id=attempt.id, stale=False))
        self.folder = AttemptFolder(course, attempt.path)
        self.folder.page.parent.mkdir(parents=True)
        self.folder.page.write_text(with_mark("<p>", PageState("0123456789abcdef", "diagnosis")))

    def worker(self) -> FeedbackRefresher:
        return FeedbackRefresher(self.database, lambda: self.moment)

    def asked(self, worker: FeedbackRefresher) -> bool:
        """Whether the worker now has it worked out anew; it is taken for done."""
        worker.step(self.opened)
        with self.database.write() as session:
            found = session.scalars(select(FinalGrade.stale)).one()
            session.execute(update(FinalGrade).values(stale=False))
        return found


@pytest.fixture
def made(database: Database, tmp_path: Path) -> Class:
    root = copy_course(tmp_path / "course", "shapes")
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write('\nc.CourseSettings.feedback = {"shapes": "solution"}\n')
        config.write(f'c.CourseSettings.closes = {{"shapes": "{CLOSES.isoformat()}"}}\n')
    return Class(database, Course.open(root))


def test_once_when_it_closes(made: Class) -> None:
    """Neither before, nor again afterwards, though rendering it failed."""
    worker = made.worker()
    assert not made.asked(worker)
    made.moment = CLOSES
    assert made.asked(worker)
    assert not made.asked(worker)


def test_where_it_closed_while_no_worker_ran(made: Class) -> None:
    """The next worker sees it at its start; a page that tells the solution already is let be."""
    made.moment = CLOSES
    assert made.asked(made.worker())
    made.folder.page.write_text(with_mark("<p>", PageState("0123456789abcdef", "solution")))
    assert not made.asked(made.worker())


def test_page_that_is_gone_is_let_be(made: Class) -> None:
    """Nobody waits for it."""
    made.moment = CLOSES
    made.folder.page.unlink()
    assert not made.asked(made.worker())


def test_page_is_reused_only_for_equal_scores_and_level(made: Class) -> None:
    """Neither with another score, nor at another level."""
    scores = Scores({"a-check": (1.0, 2.0)}, {}, 1.0, 2.0, None)
    digest = scores_digest(scores.cells, scores.comments, scores.late_penalty, scores.waiting)
    page = with_mark("<p>", PageState(digest, "diagnosis"))
    made.folder.page.write_text(page)
    assert made.folder.page_of(scores, "diagnosis") == page
    assert made.folder.page_of(scores, "solution") is None
    assert made.folder.page_of(replace(scores, late_penalty=0.5), "diagnosis") is None


def course_of(release: Path, level: str) -> Any:
    """A course as far as the comment of a score asks for it."""
    assignment = SimpleNamespace(feedback_level=lambda at: level, release=lambda language: release)
    return SimpleNamespace(assignment=lambda name: assignment)


@pytest.mark.parametrize(("level", "named"), [("score", False), ("diagnosis", True), ("solution", True)])
def test_the_lms_is_told_no_more_than_feedback_may_tell(level: str, named: bool) -> None:
    """Where that is the score alone, the comment beside it names no mistake."""
    course = course_of(Path("missing.ipynb"), level)
    entry = Entry({"last_hidden-check": {"score": 0.0, "points": 4.0}})
    text = comment(course, "shapes", entry, {"questions": [to_dict(report())]}, "en", CLOSES, {})
    assert text.startswith("The last hidden state: 0 / 4\n")
    assert (NO_BIAS.text.en in text) is named


def test_comment_lists_essays_where_they_stand_in_the_notebook(tmp_path: Path) -> None:
    """An essay above a question comes before it, under its heading and with what a person wrote."""
    essay = {"grade_id": "why", "grade": True, "solution": True, "locked": False, "points": 3}
    check = {"grade_id": "last_hidden-check", "grade": True, "solution": False, "locked": True, "points": 4}
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# Shapes"),
            new_markdown_cell("## Why gates?"),
            new_markdown_cell("", metadata={"nbgrader": {**essay, "task": False, "schema_version": 3}}),
            new_code_cell("", metadata={"nbgrader": {**check, "task": False, "schema_version": 3}}),
        ]
    )
    nbformat.write(notebook, tmp_path / "shapes.ipynb")
    cells = {
        "last_hidden-check": {"score": 0.0, "points": 4.0},
        "why": {"score": 2.0, "points": 3.0, "comment": "Short."},
    }
    course = course_of(tmp_path / "shapes.ipynb", "score")
    text = comment(course, "shapes", Entry(cells), {"questions": [to_dict(report())]}, "en", CLOSES, {})
    assert text.splitlines()[:3] == [
        "Why gates?: 2 / 3",
        "– From your teacher: Short.",
        "The last hidden state: 0 / 4",
    ]
