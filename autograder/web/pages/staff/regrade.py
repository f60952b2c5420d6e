"""Regrading of one attempt or of one student at once, and of the class with a preview and a way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, load_only

from autograder.engine.regrade_data import students_moved
from autograder.grading.fingerprint import questions_digest
from autograder.i18n import _
from autograder.text import Text
from autograder.web.context import tool
from autograder.web.db import regrades
from autograder.web.db.job_queue import cancel_regrades, regrades_waiting, requeue
from autograder.web.db.models import Attempt, ClassRegrade
from autograder.web.errors import NOT_FOUND, RequestRejected
from autograder.web.pages.forms import Form, FormError, Problem, TextField
from autograder.web.pages.staff.access import (
    NUMBER,
    PERSON,
    STAFF,
    attachment,
    authenticate_staff,
    display_name,
    find_attempt,
    find_student,
    log_change,
    redirect_with_notice,
    show,
)
from autograder.web.pages.staff.class_list import class_page, redirect_to_class
from autograder.web.pages.staff.selection import load_students, named, selected_ids
from autograder.web.visits import Visit

NOTHING_TO_GRADE = _("Students: {names} – no file of theirs is there that could be graded again.")
BATCH = 100
"""Attempts per transaction, so that submissions that arrive meanwhile do not wait for the whole class."""
SHOWN = 200
"""Scores in a table of the page; the JSON has all."""
UNFOLDED = 12
"""Scores that are in view at once: the form to apply them comes soon after."""

blueprint = Blueprint("regrade", __name__, url_prefix=STAFF)


class ApplyForm(Form):
    """Why a regrade is applied."""

    because = TextField(_("Write why the scores change: it is kept with the regrade."))


@blueprint.post(f"/attempts/{NUMBER}/regrade")
def one_attempt(visit_name: str, number: int) -> ResponseReturnValue:
    """Regrade one attempt."""
    visit = authenticate_staff(visit_name)
    with tool.database.read() as session:
        person = find_attempt(session, visit, number).person
    attempts = _gradable(visit, Attempt.id == number)
    _enqueue(attempts)
    log_change(visit, f"requested a regrade of attempt {number}", person.pseudonym)
    return redirect_with_notice(
        visit, "staff_student.page", "regrade", person=person.id, attempt=number, n=len(attempts)
    )


@blueprint.post(f"/people/{PERSON}/regrade")
def one_student(visit_name: str, person: int) -> ResponseReturnValue:
    """Regrade all attempts of one student."""
    visit = authenticate_staff(visit_name)
    with tool.database.read() as session:
        student = find_student(session, visit, person)
    attempts = _gradable(visit, Attempt.person_id == person)
    _enqueue(attempts)
    log_change(visit, "requested a regrade of all attempts", student.pseudonym)
    return redirect_with_notice(visit, "staff_student.page", "regrade", person=person, n=len(attempts))


@blueprint.post("/selection/regrade")
def selected_students(visit_name: str) -> ResponseReturnValue:
    """Regrade all attempts of the students selected in the table of the class."""
    visit = authenticate_staff(visit_name)
    try:
        people = selected_ids()
        with tool.database.read() as session:
            students = load_students(session, visit, people)
    except FormError as error:
        return class_page(visit, error)
    attempts = _gradable(visit, Attempt.person_id.in_(people))
    if not attempts:
        return class_page(visit, NOTHING_TO_GRADE.format(names=named(students)))
    _enqueue(attempts)
    log_change(visit, f"requested a regrade of the attempts of {len(people)} students")
    return redirect_to_class(visit, "regrade", len(attempts))


@blueprint.get("/regrade")
def page(visit_name: str) -> ResponseReturnValue:
    """Show all regrades of the class, and a form to begin one."""
    return _overview(authenticate_staff(visit_name))


@blueprint.post("/regrade")
def begin(visit_name: str) -> ResponseReturnValue:
    """Have all attempts graded beside their scores, none of which changes before the regrade is applied."""
    visit = authenticate_staff(visit_name)
    question = request.form.get("question", "")
    if question not in ("", *tool.catalog.info(visit.assignment).questions):
        question = ""
    scored = _gradable(visit, Attempt.score.is_not(None), Attempt.state == "graded")
    regrade = ClassRegrade(
        course_link_id=visit.link.id,
        assignment=visit.assignment,
        question=question,
        keep_better=bool(request.form.get("keep_better")),
        everything=bool(request.form.get("everything")),
        questions=questions_digest(tool.course, visit.assignment),
        made_by=display_name(visit),
        made_at=tool.clock(),
    )
    try:
        with tool.database.write() as session:
            number = regrades.begin(session, regrade, scored)
    except regrades.RegradeRefused as error:
        return _overview(visit, error.message)
    _enqueue(_gradable(visit, Attempt.state == "ungraded"))  # they have no score that could change
    log_change(visit, f"began regrade {number}")
    return redirect_with_notice(visit, ".one", "regrade-begun", number=number)


@blueprint.post("/regrade/stop")
def stop(visit_name: str) -> ResponseReturnValue:
    """Have attempts that wait to be regraded one by one keep what they have."""
    visit = authenticate_staff(visit_name)
    with tool.database.write() as session:
        cancelled = cancel_regrades(session, visit.link.id)
    log_change(visit, "stopped a regrade")
    return redirect_with_notice(visit, "regrade.page", "regrade-stopped", n=cancelled)


@blueprint.get(f"/regrade/{NUMBER}")
def one(visit_name: str, number: int) -> ResponseReturnValue:
    """Show how far a regrade is, and whose scores it changes."""
    return _one(authenticate_staff(visit_name), number)


@blueprint.get(f"/regrade/{NUMBER}.json")
def data(visit_name: str, number: int) -> ResponseReturnValue:
    """Send what a regrade changes."""
    from autograder.reports.write_report import json_of

    visit = authenticate_staff(visit_name)
    with tool.database.read() as session:
        changed, _people = _data(session, _find(session, visit, number), counting=True)
    log_change(visit, f"exported regrade {number}")
    return attachment(
        json_of(changed).encode(), "application/json", f"{visit.assignment}-regrade-{number}.json"
    )


@blueprint.post(f"/regrade/{NUMBER}/apply")
def apply(visit_name: str, number: int) -> ResponseReturnValue:
    """Write the scores of a regrade."""
    visit = authenticate_staff(visit_name, teacher=True)
    form = ApplyForm(request.form)
    try:
        form.check()
        with tool.database.write() as session:
            regrade = _find(session, visit, number, lock=True)
            if regrade.questions != questions_digest(tool.course, regrade.assignment):
                raise FormError(
                    _(
                        "The question files have changed since this regrade was begun, so its scores are out of date. "
                        "Discard it, and begin a new one."
                    )
                )
            answered = request.form.getlist("answered")
            regrades.apply(
                session,
                regrade,
                because=form.because.data,
                answered=answered,
                by=display_name(visit),
                at=tool.clock(),
            )
    except (FormError, regrades.RegradeRefused) as error:
        return _one(visit, number, error)
    log_change(visit, f"applied regrade {number}")
    return redirect_with_notice(visit, ".one", "regrade-applied", number=number)


@blueprint.post(f"/regrade/{NUMBER}/undo")
def undo(visit_name: str, number: int) -> ResponseReturnValue:
    """Put the scores of before a regrade back."""
    visit = authenticate_staff(visit_name, teacher=True)
    try:
        with tool.database.write() as session:
            regrades.undo(
                session,
                _find(session, visit, number, lock=True),
                by=display_name(visit),
                at=tool.clock(),
            )
    except regrades.RegradeRefused as error:
        return _one(visit, number, error)
    log_change(visit, f"undid regrade {number}")
    return redirect_with_notice(visit, ".one", "regrade-undone", number=number)


@blueprint.post(f"/regrade/{NUMBER}/discard")
def discard(visit_name: str, number: int) -> ResponseReturnValue:
    """Stop a regrade that is not applied, and forget its results."""
    visit = authenticate_staff(visit_name)
    try:
        with tool.database.write() as session:
            regrades.discard(_find(session, visit, number, lock=True))
    except regrades.RegradeRefused as error:
        return _one(visit, number, error)
    log_change(visit, f"discarded regrade {number}")
    return redirect_with_notice(visit, ".page", "regrade-discarded")


def _overview(visit: Visit, problem: Problem | None = None) -> ResponseReturnValue:
    attempts = _gradable(visit, Attempt.score.is_not(None), Attempt.state == "graded")
    with tool.database.read() as session:
        listed = regrades.all_of(session, visit.link.id)
        is_free = regrades.unfinished(session, visit.link.id) is None
        waiting = regrades_waiting(session, visit.link.id)
    return show(
        visit,
        "staff/regrades.html",
        waiting=waiting,
        problem=problem,
        attempts=len(attempts),
        is_free=is_free,
        listed=[regrade for regrade in listed if regrade.state != "stopping"],
        questions=tool.catalog.info(visit.assignment).questions,
        chosen=request.values.get("question", ""),
    )


def _one(visit: Visit, number: int, problem: Problem | None = None) -> ResponseReturnValue:
    with tool.database.read() as session:
        regrade = _find(session, visit, number)
        counts = regrades.count(session, number)
        is_ready = regrade.state == "grading" and not counts["waiting"]
        has_data = is_ready or regrade.state in ("applied", "undone")
        changed, people = _data(session, regrade, counting=True) if has_data else (None, {})
        others, _people = _data(session, regrade, counting=False) if has_data else (None, {})
        asked = regrades.open_requests(session, visit.link.id) if is_ready else {}
        last = next(
            (each for each in regrades.all_of(session, visit.link.id) if each.state == "applied"), None
        )
        is_free = regrades.unfinished(session, visit.link.id) is None
    questions = tool.catalog.info(visit.assignment).questions
    moved = {one["question"] for one in (changed or {}).get("changes", ())}
    return show(
        visit,
        "staff/regrade.html",
        problem=problem,
        regrade=regrade,
        counts=counts,
        total=sum(counts.values()) + regrade.up_to_date,
        is_ready=is_ready,
        changed=changed,
        students=students_moved(changed) if changed else 0,
        others=others,
        people=people,
        shown=SHOWN,
        unfolded=UNFOLDED,
        asked={name: asked[name] for name in asked if name in moved},
        may_undo=visit.role == "teacher" and is_free and last is not None and last.id == number,
        is_teacher=visit.role == "teacher",
        title_of=lambda name: questions.get(name, Text.same(name)),
        text=lambda data: Text(**data),
    )


def _find(session: Session, visit: Visit, number: int, *, lock: bool = False) -> ClassRegrade:
    """Return a regrade of this activity. Raises RequestRejected for any other."""
    regrade = session.get(ClassRegrade, number, with_for_update=lock or None)
    if regrade is None or regrade.course_link_id != visit.link.id or regrade.state == "stopping":
        raise RequestRejected(NOT_FOUND)
    return regrade


def _data(
    session: Session, regrade: ClassRegrade, *, counting: bool
) -> tuple[dict[str, Any], dict[str, tuple[int, int]]]:
    """Return what a regrade changes, and the person and the attempt by the id of each student in that.

    counting: of the attempts that count, or only of the others.
    """
    # these bring the grader, which most pages do not need
    from autograder.web.worker.regrade_results import regrade_data_of, regrade_rows, student_of

    rows = regrade_rows(session, regrade, counting=counting)
    people = {student_of(row): (row.attempt.person_id, row.attempt_id) for row in rows}
    return regrade_data_of(session, tool.course, regrade, rows), people


def _gradable(visit: Visit, *conditions: Any) -> list[int]:
    """Return the attempts whose files still exist; without its file, an attempt keeps the score that it has."""
    query = select(Attempt).where(Attempt.course_link_id == visit.link.id, *conditions).order_by(Attempt.id)
    with tool.database.read() as session:
        attempts = session.scalars(query.options(load_only(Attempt.path))).all()
    return [attempt.id for attempt in attempts if tool.submissions.submitted_file(attempt).is_file()]


def _enqueue(attempts: Sequence[int]) -> None:
    for start in range(0, len(attempts), BATCH):
        with tool.database.write() as session:
            for number in attempts[start : start + BATCH]:
                requeue(session, number, at=tool.clock())
