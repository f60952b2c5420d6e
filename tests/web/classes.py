"""A class in the database of a tool that is served, and its staff in a browser."""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from sqlalchemy import select

from autograder.diagnosis.misconceptions import NamedMisconception
from autograder.grading.report import CheckResult, Report, to_dict
from autograder.text import Text
from autograder.web.db.models import Attempt, Context, Delivery, FinalGrade, Membership, Person, ResourceLink
from autograder.web.db.types import Table
from autograder.web.settings import folder_of
from tests.web.loopback import LTI, Browser, Lms, Web, launch

MOMENT = datetime(2027, 3, 1, 3, 0, tzinfo=UTC)
"""Noon in Seoul."""
NO_BIAS = NamedMisconception("no_bias", Text(ko="편향을 빠뜨렸습니다", en="the bias is missing"))


def report(
    question: str = "last_hidden", *, right: bool = False, message_en: str = "shape should be (4, 3)"
) -> Report:
    """What grading one question gave."""
    outcome: Any = "passed" if right else "failed"
    message = Text() if right else Text(ko="모양이 (4, 3)이어야 합니다", en=message_en)
    check = CheckResult("keeps_shape", Text(ko="모양을 지킨다", en="keeps the shape"), outcome, 4.0, message)
    title = Text(ko="마지막 은닉 상태", en="The last hidden state")
    return Report(question, title, 4.0, (check,), () if right else (NO_BIAS,))


NO_POINTS = Text(
    ko="점수 없음: ‘단계’의 답이 틀린 데다 이 문제까지 쉬워져 인정할 수 없습니다",
    en="no points: this needs “A step” to be right, or wrong in a way that keeps this question as hard",
)


def too_easy_report(question: str = "last_hidden") -> Report:
    """One of 4 points earned, one lost, and two not carried over, since a wrong function made them easier."""
    checks = (
        CheckResult("runs", Text(ko="돌아간다", en="runs"), "passed", 1.0),
        _too_easy("keeps_shape", 1.5, Text(ko="모양을 지킨다", en="keeps the shape")),
        _too_easy("keeps_dtype", 0.5, Text(ko="dtype을 지킨다", en="keeps the dtype")),
        CheckResult("keeps_input", Text(ko="입력을 둔다", en="keeps its input"), "failed", 1.0),
    )
    return replace(report(question), checks=checks, misconceptions=())


def _too_easy(name: str, points: float, text: Text) -> CheckResult:
    return CheckResult(name, text, "blocked", points, NO_POINTS, too_easy=True)


def blocked_attempt(web: Web, who: int, *, counts: bool = True, edition: str = "en") -> int:
    """An attempt with that report, which counts."""
    questions = {"edition": edition, "claim": ["", ""], "questions": [to_dict(too_easy_report())]}
    number = attempt(web, who, score=1.0, report=questions, edition=edition)
    if counts:
        cells = {"last_hidden-check": {"score": 1.0, "points": 4.0, "manual": False}}
        standing(web, who, number, score=1.0, cells=cells)
    return number


def letters(number: int) -> str:
    """Return a number of random lowercase letters."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(number))


def person(web: Web, name: str = "김민지", **changed: Any) -> int:
    """A student of the course that the staff opened."""
    with web.database.write() as session:
        context = session.scalars(select(Context).where(Context.lms_id == "course-1")).one()
        defaults: dict[str, Any] = {
            "subject": secrets.token_hex(8),
            "pseudonym": secrets.token_hex(8),
            "name": name,
            # without digits, so that a search for a number in a name does not match them
            "student_id": letters(8),
            "email": f"{letters(6)}@example.org",
        }
        made = Person(platform_id=context.platform_id, **(defaults | changed))
        session.add(made)
        session.flush()
        session.add(Membership(person_id=made.id, context_id=context.id, role="student"))
    return made.id


def link_of(web: Web) -> ResourceLink:
    """The activity that the staff opened."""
    with web.database.read() as session:
        return session.scalars(select(ResourceLink).where(ResourceLink.resource_link_id == "link-1")).one()


def add(web: Web, *rows: Table) -> None:
    """Put rows into the database."""
    with web.database.write() as session:
        session.add_all(rows)


def attempt(web: Web, who: int, **changed: Any) -> int:
    """A file handed in and graded."""
    defaults: dict[str, Any] = {
        "course_link_id": link_of(web).id,
        "person_id": who,
        "received_at": MOMENT,
        "graded_at": MOMENT + timedelta(minutes=1),
        "sha256": "0" * 64,
        "path": f"1/{secrets.token_hex(6)}/hand-in.ipynb",
        "file_name": "shapes.ipynb",
        "edition": "en",
        "state": "graded",
        "score": 0.0,
        "points": 4.0,
        "report": {"edition": "en", "claim": ["", ""], "questions": [to_dict(report())]},
        "versions": {"autograder": "1.0", "packages": {"numpy": "2.4"}},
    }
    made = Attempt(**(defaults | changed))
    add(web, made)
    return made.id


def standing(web: Web, who: int, counts: int | None = None, **changed: Any) -> None:
    """What stands of somebody."""
    defaults: dict[str, Any] = {
        "course_link_id": link_of(web).id,
        "person_id": who,
        "attempt_id": counts,
        "score": 3.0,
        "maximum": 4.0,
        "late": 0.0,
        "stale": False,
        "cells": {"last_hidden-check": {"score": 3.0, "points": 4.0, "manual": False}},
    }
    add(web, FinalGrade(**(defaults | changed)))


def delivery(web: Web, who: int, state: Any, **changed: Any) -> int:
    """A score on its way to the LMS."""
    defaults: dict[str, Any] = {
        "score": 3.0,
        "maximum": 4.0,
        "comment": "",
        "made_at": MOMENT,
        "next_try_at": MOMENT,
    }
    made = Delivery(course_link_id=link_of(web).id, person_id=who, state=state, **(defaults | changed))
    add(web, made)
    return made.id


def put_files(web: Web) -> None:
    """A file for every attempt."""
    with web.database.read() as session:
        paths = [one.path for one in session.scalars(select(Attempt))]
    for path in paths:
        file = folder_of(web.course) / "files" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")


@dataclass
class Staff:
    """Somebody in a browser, with the activity open."""

    web: Web
    lms: Lms
    browser: Browser = field(default_factory=Browser)
    home: str = ""
    """The address of the visit, with a slash at its end."""

    def get(self, path: str) -> requests.Response:
        """A page of the visit."""
        return self.browser.get(f"{self.home}{path}")

    def post(self, path: str, _csrf: str | None = None, **form: Any) -> requests.Response:
        """Send a form of the visit, and see the page that follows."""
        return self.browser.post(
            f"{self.home}{path}", data={"csrf": self.csrf if _csrf is None else _csrf} | form
        )

    @property
    def csrf(self) -> str:
        """What forms of this visit bring along."""
        found = re.search(r'name="csrf" value="(\w+)"', self.get("staff/settings").text)
        return found[1] if found else ""


def enter(web: Web, lms: Lms, *roles: str, language: str = "en", **claims: Any) -> Staff:
    """Open the activity; as a teacher where no role is named."""
    inside = Staff(web, lms)
    claims = {"sub": "teacher-1", "name": "Prof. Kim", "email": None} | claims
    shown = {LTI + "launch_presentation": {"locale": language}}
    page = launch(inside.browser, web, lms, *(roles or ("#Instructor",)), **(shown | claims))
    assert page.status_code == 200, page.text
    first = next(one for one in page.history if "/v/" in one.headers.get("Location", ""))
    inside.home = requests.compat.urljoin(web.base_url, first.headers["Location"])
    return inside
