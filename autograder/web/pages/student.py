"""The student's pages: `/v/<visit_name>/mine/...`. Staff may open them to try the assignment."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime

from flask import Blueprint, Response, g, jsonify, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from autograder.feedback.page import Room, card_values
from autograder.i18n import _
from autograder.submissions.selection import edition_name
from autograder.text import Text
from autograder.web import errors
from autograder.web.catalog import personalize
from autograder.web.context import tool
from autograder.web.db.attempts import ordinal as ordinal_of
from autograder.web.db.models import Attempt
from autograder.web.errors import NOT_FOUND, RequestRejected
from autograder.web.formatting import STATES, late_rule, queue_state
from autograder.web.pages import student_queries
from autograder.web.pages.forms import Form, FormError, TextField
from autograder.web.pages.render import show
from autograder.web.visits import Visit, authenticate

log = logging.getLogger(__name__)
FORM_SIZE = 64 * 1024
"""Bytes of an upload request besides the file."""
MAX_REQUEST_LENGTH = 1000
"""Characters of a regrade request."""
NOTEBOOK = "application/x-ipynb+json"
NUMBER = "<int(max=2147483647):number>"
"""The number of an attempt; no database has a larger one."""

blueprint = Blueprint("student", __name__, url_prefix="/v/<visit_name>/mine")


class RequestForm(Form):
    """A regrade request."""

    words = TextField(
        _("Write in a sentence or two why you think the grading is wrong."), limit=MAX_REQUEST_LENGTH
    )


@blueprint.before_request
def admit() -> None:
    """Admit the visit of the current request, before any view of these pages runs. Raises RequestRejected."""
    is_upload = request.endpoint == f"{blueprint.name}.submit"
    if is_upload:
        request.max_content_length = tool.submissions.max_size + FORM_SIZE
    with _told_if_not_received() if is_upload else nullcontext():
        name = (request.view_args or {})["visit_name"]
        g.admitted = authenticate(tool.database, name, clock=tool.clock)


@blueprint.get("")
def assignment(visit_name: str) -> ResponseReturnValue:
    """Show the assignment: its rules, the score that counts, the files, the upload form, the attempts."""
    visit = _visit(visit_name)
    info, moment = tool.catalog.info(visit.assignment), tool.clock()
    with tool.database.read() as session:
        overview = student_queries.load_overview(session, tool.course, visit, info)
    return show(
        visit,
        "student/assignment.html",
        info=info,
        overview=overview,
        late_rule=late_rule(tool.course, overview.policy),
        hidden_until=tool.course.assignment(visit.assignment).hidden_until(moment),
        may_see_scores=_may_see_scores(visit, moment),
        is_late=overview.policy.is_late(moment),
        may_hand_in=visit.is_staff or overview.policy.may_hand_in(moment),
        files={
            language: _download_names(visit.assignment, language)
            for language in sorted(tool.course.languages, key=lambda one: one != visit.language)
        },
        max_size=tool.submissions.max_size,
        max_megabytes=tool.submissions.max_size // 1_000_000,
        states=STATES,
    )


@blueprint.get("/files/<language>/<path:name>")
def download(visit_name: str, language: str, name: str) -> ResponseReturnValue:
    """Send a released file; a notebook already contains the student's id."""
    visit = _visit(visit_name)
    files = tool.catalog.files(visit.assignment, language) if language in tool.course.languages else {}
    path = files.get(name)
    if path is None:
        raise RequestRejected(errors.NOTHING_RELEASED)
    if name != tool.course.assignment(visit.assignment).release(language).name:
        return send_file(path, as_attachment=True)
    raw = personalize(path.read_bytes(), visit.person.student_id)
    return _send_notebook(raw, edition_name(path.stem, language, tool.course.languages))


@blueprint.post("/hand-in")
def submit(visit_name: str) -> ResponseReturnValue:
    """Accept an uploaded notebook as an attempt."""
    visit, moment = _visit(visit_name), tool.clock()
    with _told_if_not_received(), tool.submissions.places.taken(visit.person.id):
        file = request.files.get("notebook")
        if file is None or not file.filename:
            raise RequestRejected(errors.NO_FILE)
        number = tool.submissions.accept_upload(visit, file.filename, file.read(), moment=moment)
    log.info("%s submitted attempt %d", visit.person.pseudonym, number)
    return redirect(url_for(".attempt", visit_name=visit_name, number=number), 303)


@blueprint.get(f"/{NUMBER}")
def attempt(visit_name: str, number: int) -> ResponseReturnValue:
    """Show the state of an attempt, and its feedback if the student may see it."""
    return _attempt_page(_visit(visit_name), number)


def _attempt_page(visit: Visit, number: int, problem: Text | None = None) -> Response:
    """Render the page of an attempt. problem: why a request of the student was not sent; its input then stays."""
    moment = tool.clock()
    info = tool.catalog.info(visit.assignment)
    settings = tool.course.assignment(visit.assignment)
    level, may_see_scores = settings.feedback_level(moment), _may_see_scores(visit, moment)
    with tool.database.read() as session:
        own_attempt = student_queries.find_own_attempt(session, visit, number)
        ahead = student_queries.attempts_ahead(session, own_attempt)
        questions = (
            student_queries.load_results(
                session, visit, own_attempt, info, level, tool.submissions.graded_file(own_attempt)
            )
            if may_see_scores
            else []
        )
        ordinal = ordinal_of(session, own_attempt)
    page = show(
        visit,
        "student/attempt.html",
        info=info,
        attempt=own_attempt,
        ordinal=ordinal,
        hidden_until=settings.hidden_until(moment),
        may_see_scores=may_see_scores,
        state=queue_state(own_attempt.state, ahead),
        poll_seconds=_poll_seconds(ahead),
        is_waiting=_is_waiting(own_attempt),
        step=_step(own_attempt),
        questions=questions,
        has_feedback_page=level != "score"
        and may_see_scores
        and tool.submissions.feedback_file(own_attempt).is_file(),
        room=Room(visit.language, len(questions)),
        **card_values(visit.language, level),
        max_request_length=MAX_REQUEST_LENGTH,
        problem=problem,
        typed=request.form if problem else {},
    )
    page.status_code = 422 if problem else 200
    return page


@blueprint.get(f"/{NUMBER}/state")
def attempt_state(visit_name: str, number: int) -> ResponseReturnValue:
    """Return the state of an attempt as JSON, for the script that polls it."""
    visit = _visit(visit_name)
    with tool.database.read() as session:
        own_attempt = student_queries.find_own_attempt(session, visit, number)
        ahead = student_queries.attempts_ahead(session, own_attempt)
    words = queue_state(own_attempt.state, ahead).in_language(visit.language)
    return jsonify(
        waiting=_is_waiting(own_attempt), words=words, step=_step(own_attempt), again=_poll_seconds(ahead)
    )


@blueprint.get(f"/{NUMBER}/file")
def submitted_file(visit_name: str, number: int) -> ResponseReturnValue:
    """Send the file that was submitted."""
    own_attempt = _own_attempt(_visit(visit_name), number)
    path = tool.submissions.submitted_file(own_attempt)
    if not path.is_file():
        raise RequestRejected(NOT_FOUND)
    return _send_notebook(path.read_bytes(), own_attempt.file_name or path.name)


@blueprint.get(f"/{NUMBER}/notebook")
def feedback_page(visit_name: str, number: int) -> ResponseReturnValue:
    """Show the feedback page, which runs and fetches nothing, to print or keep."""
    visit, moment = _visit(visit_name), tool.clock()
    path = tool.submissions.feedback_file(_own_attempt(visit, number))
    level = tool.course.assignment(visit.assignment).feedback_level(moment)
    if level == "score" or not _may_see_scores(visit, moment) or not path.is_file():
        raise RequestRejected(NOT_FOUND)
    g.sealed = True
    return send_file(path, mimetype="text/html")


@blueprint.post(f"/{NUMBER}/look")
def request_regrade(visit_name: str, number: int) -> ResponseReturnValue:
    """Store a regrade request for a question of an attempt."""
    visit = _visit(visit_name)
    form = RequestForm(request.form)
    question, _slash, check = request.form.get("about", "").partition("/")
    if not _may_see_scores(visit, tool.clock()):
        raise RequestRejected(NOT_FOUND)
    try:
        form.check()
    except FormError as error:
        return _attempt_page(visit, number, error.message)
    with tool.database.write() as session:
        is_new = student_queries.request_regrade(
            session, visit, number, question=question, check=check, words=form.words.data, moment=tool.clock()
        )
    if not is_new:
        raise RequestRejected(errors.ALREADY_REQUESTED)
    return redirect(url_for(".attempt", visit_name=visit_name, number=number, _anchor=f"q-{question}"), 303)


def _visit(name: str) -> Visit:
    """Return the visit that `admit` has admitted."""
    visit: Visit = g.admitted
    assert visit.name == name
    return visit


@contextmanager
def _told_if_not_received() -> Iterator[None]:
    """Have the page say, whatever goes wrong while a file is received, that it was not received."""
    try:
        yield
    except RequestEntityTooLarge:
        size = request.content_length or 0
        raise RequestRejected(errors.too_large(size, tool.submissions.max_size)) from None
    except RequestRejected:
        raise
    except Exception as error:
        log.exception("failed to store a submission")
        raise RequestRejected(errors.NOT_RECEIVED) from error


def _may_see_scores(visit: Visit, moment: datetime) -> bool:
    """Return whether the person may see scores of the assignment at a moment."""
    return visit.is_staff or tool.course.assignment(visit.assignment).hidden_until(moment) is None


def _own_attempt(visit: Visit, number: int) -> Attempt:
    with tool.database.read() as session:
        return student_queries.find_own_attempt(session, visit, number)


def _download_names(assignment: str, language: str) -> dict[str, str]:
    """Return the names under which files are saved, by the names in their URLs."""
    notebook = tool.course.assignment(assignment).release(language).name
    saved_name = edition_name(notebook.removesuffix(".ipynb"), language, tool.course.languages)
    return {
        name: saved_name if name == notebook else name for name in tool.catalog.files(assignment, language)
    }


def _is_waiting(attempt: Attempt) -> bool:
    return attempt.state in ("queued", "grading")


def _step(attempt: Attempt) -> int:
    """Return how far the grading of an attempt is: 1 waiting, 2 under way, 3 done."""
    return {"queued": 1, "grading": 2}.get(attempt.state, 3)


def _poll_seconds(ahead: int) -> int:
    """Return the seconds until a page polls again, fewer where less is ahead; below 5 with the time of the answer."""
    return min(4, 2 + ahead // 4)


def _send_notebook(raw: bytes, name: str) -> ResponseReturnValue:
    return send_file(io.BytesIO(raw), mimetype=NOTEBOOK, as_attachment=True, download_name=name)
