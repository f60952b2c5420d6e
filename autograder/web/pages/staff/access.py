"""What all pages of the staff have in common: who may see them, how they are shown, what was done.

Who assists sees everything and may do whatever concerns single students: points, extensions, looks, grading again.
The settings of the activity, which hold for the whole class, are the teacher's alone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, make_response, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.grading.feedback import CREDIT, OUTCOMES, SYMBOLS, WORDS
from autograder.notebooks.stamp import GRADE_SUFFIX
from autograder.text import Text
from autograder.web.db.models import Attempt, Membership, Person
from autograder.web.errors import NOT_HERE, TEACHERS_ONLY, RequestRejected
from autograder.web.offers import title_of
from autograder.web.pages import render
from autograder.web.pages.lti import Tool
from autograder.web.visits import Visit, visiting

log = logging.getLogger(__name__)
LARGEST = 2**31 - 1
"""Of the numbers that a database gives its rows."""
PERSON = f"<int(max={LARGEST}):person>"
NUMBER = f"<int(max={LARGEST}):number>"

DONE: Mapping[str, Text] = MappingProxyType(
    {
        "points": Text(
            ko="점수를 주었습니다. 곧 반영되고 LMS로도 전해집니다.",
            en="The points are given. They will count in a moment, and the LMS will be told.",
        ),
        "back": Text(
            ko="준 점수를 거두었습니다. 곧 채점 결과대로 돌아갑니다.",
            en="The points given by hand are taken back. What the grader found will count again in a moment.",
        ),
        "allowed": Text(ko="허용했습니다. 학생 수: {n}", en="Granted. Students: {n}"),
        "disallowed": Text(ko="허용한 것을 거두었습니다.", en="What was granted is taken back."),
        "regrade": Text(ko="다시 채점합니다. 제출물 수: {n}", en="To be graded again. Attempts: {n}"),
        "settings": Text(ko="설정을 저장했습니다.", en="The settings are saved."),
        "settings-shortened": Text(
            ko="설정을 저장했습니다. 새 기한보다 이르게 된 연장은 없앴습니다. 학생 수: {n}",
            en="The settings are saved. Extensions that would now end before the due date are dropped. Students: {n}",
        ),
        "sent": Text(ko="다시 보냅니다. 점수 수: {n}", en="To be sent again. Scores: {n}"),
        "answered": Text(
            ko="답했습니다. 학생이 자기 화면에서 읽을 수 있습니다.",
            en="Answered. The student can read it on their page.",
        ),
        "roster": Text(
            ko="LMS에서 명단을 가져왔습니다. 사람 수: {n}", en="The roster is fetched. People: {n}"
        ),
    }
)


def staff(tool: Tool, visit: str, *, teacher: bool = False) -> Visit:
    """Whose request this is. teacher: whether assisting is not enough. Raises Refused for everybody else."""
    who = visiting(tool.database, visit, clock=tool.clock, staff=True)
    if teacher and who.role != "teacher":
        raise RequestRejected(TEACHERS_ONLY)
    return who


def show(
    tool: Tool, who: Visit, template: str, *, problem: Text | None = None, status: int = 0, **values: Any
) -> Response:
    """A page of the staff. problem: why nothing was done of what its form asked for."""

    page = render.show(
        who,
        tool.course,
        template,
        at=partial(_at, zone=tool.course.zone),
        title=title_of(tool.course, who.link.assignment or "").in_language(who.language),
        labels=WORDS,
        outcomes=OUTCOMES,
        symbols=SYMBOLS,
        credit_symbol=CREDIT,
        notice=_notice(who.language),
        problem=problem,
        typed=request.form if problem else {},
        **values,
    )
    page.status_code = status or (422 if problem else 200)
    return page


def done(
    who: Visit, endpoint: str, what: str, *, n: int = 1, anchor: str | None = None, **values: Any
) -> Response:
    """On to the page that shows what was done."""
    url = url_for(f"pages.{endpoint}", visit=who.name, done=what, n=n, _anchor=anchor, **values)
    return make_response(redirect(url, 303))


def note(who: Visit, what: str, whom: str = "") -> None:
    """Write into the log who changed what, by pseudonyms."""
    log.info(
        "%s (%s) in link %d: %s%s", who.person.pseudonym, who.role, who.link.id, what, whom and f" for {whom}"
    )


def signature(who: Visit) -> str:
    """The name under what somebody gives or answers."""
    return who.person.name or who.person.student_id or who.person.pseudonym


def student(session: Session, who: Visit, person: int) -> Person:
    """Somebody of this course or who handed in here. Raises Refused for anybody else."""
    found = session.get(Person, person)
    member = session.get(Membership, (person, who.context.id))
    attempted = select(Attempt.id).where(Attempt.course_link_id == who.link.id, Attempt.person_id == person)
    if found is None or (member is None and session.scalars(attempted.limit(1)).first() is None):
        raise RequestRejected(NOT_HERE)
    return found


def attempt(session: Session, who: Visit, number: int) -> Attempt:
    """An attempt at this activity. Raises Refused for one at another."""
    found = session.get(Attempt, number)
    if found is None or found.course_link_id != who.link.id:
        raise RequestRejected(NOT_HERE)
    return found


def cell_of(question: str) -> str:
    """The grade cell of a question."""
    return question + GRADE_SUFFIX


def _at(moment: datetime | None, zone: ZoneInfo, form: str = "%Y-%m-%d %H:%M") -> str:
    """A time in few letters, as tables of a whole class and fields of forms need it."""
    return "" if moment is None else moment.astimezone(zone).strftime(form)


def _notice(language: str) -> str:
    text = DONE.get(request.args.get("done", ""))
    count = request.args.get("n", "")
    if text is None or request.method == "POST":
        return ""
    return text.in_language(language).format(n=count if count.isdecimal() and len(count) < 7 else "")


def numbers_of(typed: Iterable[str]) -> list[int]:
    """The numbers of rows that a form names; what is none names nothing."""
    short = {int(one) for one in typed if one.isdecimal() and len(one) < 11}
    return sorted(one for one in short if one <= LARGEST)
