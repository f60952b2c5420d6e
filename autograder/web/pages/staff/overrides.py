"""Points that staff give by hand for a question, and take back. The worker carries them into the gradebook."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.web.db.final_grades import mark_stale
from autograder.web.db.models import FinalGrade, Override
from autograder.web.pages.lti import Tool
from autograder.web.pages.staff.access import PERSON, done, note, signature, staff, student
from autograder.web.pages.staff.forms import FormError, points_of, words_of
from autograder.web.pages.staff.student import page_of_person
from autograder.web.visits import Visit


def add_points(blueprint: Blueprint, tool: Tool) -> None:
    """Add giving points and taking them back."""

    @blueprint.post(f"/staff/people/{PERSON}/points")
    def give(visit: str, person: int) -> ResponseReturnValue:
        who = staff(tool, visit)
        form = request.form
        try:
            with tool.database.write() as session:
                whom = student(session, who, person)
                if form.get("back"):
                    take_back(tool, session, who, person, form.get("cell", ""))
                    what = "back"
                else:
                    reason = words_of(
                        form.get("reason", ""),
                        ko="이유를 써 주세요. 학생이 자기 화면에서 읽습니다.",
                        en="Write the reason; the student reads it on their page.",
                    )
                    cell, typed = form.get("cell", ""), form.get("points", "")
                    give_points(tool, session, who, person, cell, typed, reason)
                    what = "points"
        except FormError as mistyped:
            return page_of_person(tool, who, person, mistyped.told)
        note(who, "gave points" if what == "points" else "took points back", whom.pseudonym)
        return done(who, "person_page", what, person=person, anchor="points")


def give_points(
    tool: Tool, session: Session, who: Visit, person: int, cell: str, typed: str, reason: str
) -> None:
    """Give points for a grade cell, whatever the grader found. Raises Mistyped."""
    most = _cells(session, who, person).get(cell, {}).get("points")
    if most is None:
        raise _nothing_there()
    _add(tool, session, who, person, cell, points_of(typed, most), reason)


def take_back(tool: Tool, session: Session, who: Visit, person: int, cell: str) -> None:
    """Let what the grader found count again. Raises Mistyped where nothing was given here."""
    last = session.scalars(
        select(Override)
        .where(Override.course_link_id == who.link.id, Override.person_id == person, Override.cell == cell)
        .order_by(Override.id.desc())
        .limit(1)
    ).first()
    if last is None or last.points is None:
        raise FormError(
            ko="거둘 점수가 없습니다. 이 문제에 준 점수가 없거나, 이미 거두었습니다.",
            en="There is nothing to take back: no points were given for this question, or they are taken back already.",
        )
    _add(tool, session, who, person, cell, None, "")


def _add(
    tool: Tool, session: Session, who: Visit, person: int, cell: str, points: float | None, reason: str
) -> None:
    session.add(
        Override(
            course_link_id=who.link.id,
            person_id=person,
            cell=cell,
            points=points,
            reason=reason,
            made_by=signature(who),
            made_at=tool.clock(),
        )
    )
    mark_stale(session, who.link.id, person)


def _cells(session: Session, who: Visit, person: int) -> dict[str, dict[str, float]]:
    standing = session.get(FinalGrade, (who.link.id, person))
    return standing.cells if standing else {}


def _nothing_there() -> FormError:
    return FormError(
        ko="이 문제에는 아직 점수를 줄 수 없습니다. 제출물이 한 번 채점된 뒤에 줄 수 있습니다.",
        en="No points can be given for this question yet: an attempt has to be graded once before.",
    )
