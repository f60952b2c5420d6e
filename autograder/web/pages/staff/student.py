"""The page of one student: the answers of an attempt, overrides, extensions, and the submitted files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, g, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import defer
from werkzeug.exceptions import NotFound

from autograder.errors import UnreadableSubmission
from autograder.feedback.cards import Card, all_cells
from autograder.feedback.page import render_handed_in
from autograder.grading.report import Report, from_dict
from autograder.notebooks.cells import GRADE_SUFFIX
from autograder.submissions.parse import unread_note
from autograder.text import Text, one_line
from autograder.web.context import tool
from autograder.web.db.models import Attempt, Extension, FinalGrade, Override, RegradeRequest
from autograder.web.errors import NOT_FOUND, RequestRejected
from autograder.web.pages.class_queries import last_deliveries, net_score
from autograder.web.pages.forms import Problem
from autograder.web.pages.results import QuestionResult
from autograder.web.pages.staff.access import (
    NUMBER,
    PERSON,
    STAFF,
    authenticate_staff,
    find_attempt,
    find_student,
    log_change,
    show,
)
from autograder.web.pages.staff.answers import card_context, load_attempts
from autograder.web.pages.student_queries import load_messages
from autograder.web.policy import policy_for
from autograder.web.settings import files_of
from autograder.web.visits import Visit

blueprint = Blueprint("staff_student", __name__, url_prefix=STAFF)


@blueprint.get(f"/people/{PERSON}")
def page(visit_name: str, person: int) -> ResponseReturnValue:
    """Show the page of a student."""
    return student_page(authenticate_staff(visit_name), person)


@blueprint.get(f"/attempts/{NUMBER}/file")
def submitted_file(visit_name: str, number: int) -> ResponseReturnValue:
    """Send the file of an attempt."""
    visit = authenticate_staff(visit_name)
    with tool.database.read() as session:
        attempt = find_attempt(session, visit, number)
    try:
        response = send_from_directory(
            files_of(tool.course),
            attempt.path,
            mimetype="application/octet-stream",  # a browser must never open a student's file as a page of ours
            as_attachment=True,
            download_name=one_line(attempt.file_name).replace("/", " ") or "hand-in.ipynb",
        )
    except NotFound:
        raise RequestRejected(NOT_FOUND) from None
    log_change(visit, f"downloaded the file of attempt {number}")
    return response


@blueprint.get(f"/attempts/{NUMBER}/notebook")
def notebook(visit_name: str, number: int) -> ResponseReturnValue:
    """Show the notebook of an attempt as it was handed in, on a page that runs and fetches nothing."""
    visit = authenticate_staff(visit_name)
    with tool.database.read() as session:
        attempt = find_attempt(session, visit, number)
        person = attempt.person
    try:
        submitted = tool.submissions.read_submitted(attempt)
    except (UnreadableSubmission, ValueError):  # a path that leads out of the folder is a ValueError
        raise RequestRejected(NOT_FOUND) from None
    notes = [note for note in [unread_note(submitted)] if note]
    title = person.name or person.student_id or attempt.file_name
    html = render_handed_in(
        [*all_cells(submitted)],
        visit.language,
        title=title,
        questions=tool.catalog.info(visit.assignment).questions,
        notes=notes,
        back=url_for(".page", visit_name=visit_name, person=person.id, attempt=number),
    )
    log_change(visit, f"opened the notebook of attempt {number}", person.pseudonym)
    g.sealed = True
    return Response(html)


def student_page(visit: Visit, person_id: int, problem: Problem | None = None) -> Response:
    """Render the page of a member of the course, or of anyone with an attempt. Raises RequestRejected for others.

    It shows the attempt that the URL names, else the one that counts, else the newest.
    """
    link = visit.link
    with tool.database.read() as session:
        person = find_student(session, visit, person_id)
        attempts = session.scalars(
            select(Attempt)
            .where(Attempt.course_link_id == link.id, Attempt.person_id == person_id)
            .order_by(Attempt.id)
            .options(defer(Attempt.versions), defer(Attempt.report))
        ).all()
        final_grade = session.get(FinalGrade, (link.id, person_id))
        grades = {person_id: final_grade} if final_grade else {}
        selected = _selected(attempts, final_grade)
        shown = None
        if selected is not None:
            shown = load_attempts(session, visit, [selected], grades)[selected.id]
        deliveries = last_deliveries(session, link, grades)
        overrides = session.scalars(
            select(Override)
            .where(Override.course_link_id == link.id, Override.person_id == person_id)
            .order_by(Override.id.desc())
        ).all()
        extension = session.get(Extension, (link.id, person_id))
        requests = session.scalars(
            select(RegradeRequest)
            .where(RegradeRequest.attempt_id.in_([attempt.id for attempt in attempts]))
            .order_by(RegradeRequest.id)
        ).all()
        policy = policy_for(session, tool.course, link, person_id)
        messages = load_messages(session, link.id, person_id)
    titles = dict(tool.catalog.info(visit.assignment).questions)
    results = list(shown.results) if shown else []
    titles |= {result.card.name: result.card.report.title for result in results if result.card.report}
    cells = {cell["question"]: cell for cell in _cells(final_grade, titles, overrides)}
    # points hold for the attempt that counts, so they are given beside its answers
    gives_points = shown is None or shown.counting is None or shown.counts
    if gives_points:
        answered = {result.card.name for result in results}
        results += [
            QuestionResult(_card(cell, visit.language))
            for name, cell in cells.items()
            if name not in answered
        ]
    displayed = {row.id for result in results for row in result.requests}
    return show(
        visit,
        "staff/student.html",
        **card_context(visit),
        problem=problem,
        person=person,
        attempts=attempts,
        shown=shown,
        results=results,
        final_grade=final_grade,
        score=net_score(final_grade),
        delivery=deliveries.get(person_id),
        cells=cells if gives_points else {},
        overrides=overrides,
        title_of=lambda cell: titles.get(cell.removesuffix(GRADE_SUFFIX), Text.same(cell)),
        extension=extension,
        requests=[row for row in requests if row.id not in displayed],
        policy=policy,
        messages=messages,
        late_refused=policy.refuses_late and policy.is_late(tool.clock()),
    )


def anchor(attempt: int | None, question: str) -> str:
    """Return the id of a question's card on the page of a student."""
    return f"attempt-{attempt or 0}-{question}"


def _selected(attempts: Sequence[Attempt], final_grade: FinalGrade | None) -> Attempt | None:
    by_id = {attempt.id: attempt for attempt in attempts}
    named = request.args.get("attempt", type=int)
    counting = final_grade.attempt_id if final_grade else None
    newest = attempts[-1] if attempts else None
    return by_id.get(named or 0) or by_id.get(counting or 0) or newest


def reports_of(attempt: Attempt) -> dict[str, Report]:
    """Return the reports of an attempt by question, as the database has them."""
    return {data["question"]: from_dict(data) for data in (attempt.report or {}).get("questions", ())}


def _cells(
    grade: FinalGrade | None, titles: Mapping[str, Text], overrides: Sequence[Override]
) -> list[dict[str, Any]]:
    """Return the grade cells, each with whether an override is in force. overrides: the newest first."""
    latest = {override.cell: override for override in reversed(overrides)}
    return [
        {
            "cell": cell,
            "question": cell.removesuffix(GRADE_SUFFIX),
            "title": titles.get(cell.removesuffix(GRADE_SUFFIX), Text.same(cell)),
            "score": data.get("score"),
            "points": data.get("points"),
            "manual": data.get("manual", False),
            "waits": data.get("waits", False),
            "comment": data.get("comment") or "",
            "overridden": cell in latest and latest[cell].points is not None,
        }
        for cell, data in (grade.cells if grade else {}).items()
    ]


def _card(cell: Mapping[str, Any], language: str) -> Card:
    """Return the card of a grade cell of which the attempt shows no answer."""
    return Card(
        cell["question"],
        cell["title"].in_language(language),
        cell["points"] or 0.0,
        None if cell["waits"] else cell["score"],
        comment=cell["comment"],
        waiting=cell["waits"],
    )
