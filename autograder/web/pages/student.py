"""The student's pages: `/v/<visit>/mine/...`. Who teaches may open them to try the assignment."""

from __future__ import annotations

import io
import logging

from flask import Blueprint, g, jsonify, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from autograder.grading.feedback import CREDIT, OUTCOMES, SYMBOLS, WORDS
from autograder.submissions.selection import edition_name
from autograder.web import errors
from autograder.web.catalog import AssignmentCatalog, AssignmentInfo, for_student
from autograder.web.context import Tool
from autograder.web.db.models import Attempt
from autograder.web.errors import NOT_HERE, RequestRejected
from autograder.web.formatting import STATES, late_rule, queue_words
from autograder.web.pages.render import show
from autograder.web.pages.student_queries import (
    ahead_of,
    ask_for_look,
    judged,
    overview,
    own_attempt,
    place_of,
)
from autograder.web.settings import settings_of
from autograder.web.submissions import SubmissionService
from autograder.web.visits import Visit, visiting

log = logging.getLogger(__name__)
FORM = 64 * 1024
"""Bytes of a request beside the file in it."""
WORDS_LENGTH = 1000
"""Characters with which a student may ask for a look."""
NOTEBOOK = "application/x-ipynb+json"
NUMBER = "<int(max=2147483647):number>"
"""Of an attempt; no database has a larger one."""


def add_student(blueprint: Blueprint, tool: Tool) -> None:
    """Add the student's pages to those of a visit. Raises CourseError where the course's settings are malformed."""
    course, database = tool.course, tool.database
    shelf = AssignmentCatalog(course)
    desk = SubmissionService(database, course, settings_of(course), shelf)
    _ = course.zone

    def whose(visit: str) -> Visit:
        return visiting(database, visit, clock=tool.clock)

    def material_of(who: Visit) -> AssignmentInfo:
        return shelf.material(who.link.assignment or "")

    @blueprint.get("/mine")
    def mine(visit: str) -> ResponseReturnValue:
        who = whose(visit)
        material, moment = material_of(who), tool.clock()
        with database.read() as session:
            seen = overview(session, course, who, material)
        files = {language: _files(who.link.assignment or "", language) for language in course.languages}
        return show(
            who,
            course,
            "student/assignment.html",
            material=material,
            seen=seen,
            late_rule=late_rule(course, seen.terms),
            is_late=seen.terms.is_late(moment),
            may_hand_in=who.is_staff or seen.terms.may_hand_in(moment),
            files=files,
            largest=desk.largest // 1_000_000,
            states=STATES,
        )

    def _files(assignment: str, language: str) -> dict[str, str]:
        """Under which names files are saved, by those of their addresses."""
        notebook = course.release(assignment, language).name
        saved = edition_name(assignment, language, course.languages)
        return {name: saved if name == notebook else name for name in shelf.files(assignment, language)}

    @blueprint.get("/mine/files/<language>/<path:name>")
    def handed_out(visit: str, language: str, name: str) -> ResponseReturnValue:
        who = whose(visit)
        assignment = who.link.assignment or ""
        path = shelf.files(assignment, language).get(name) if language in course.languages else None
        if path is None:
            raise RequestRejected(errors.NOTHING_RELEASED)
        if name != f"{assignment}.ipynb":
            return send_file(path, as_attachment=True)
        raw = for_student(path.read_bytes(), who.person.student_id)
        return _notebook(raw, edition_name(assignment, language, course.languages))

    @blueprint.post("/mine/hand-in")
    def hand_in(visit: str) -> ResponseReturnValue:
        moment = tool.clock()
        request.max_content_length = desk.largest + FORM
        try:
            who = whose(visit)
            file = request.files.get("notebook")
            if file is None or not file.filename:
                raise RequestRejected(errors.NO_FILE)
            number = desk.accept(who, file.filename, file.read(), moment=moment)
        except RequestEntityTooLarge:
            raise RequestRejected(errors.too_large(request.content_length or 0, desk.largest)) from None
        except RequestRejected:
            raise
        except Exception as error:  # whatever went wrong, nobody may think that it was received
            log.exception("a hand-in could not be kept")
            raise RequestRejected(errors.NOT_RECEIVED) from error
        log.info("%s handed in attempt %d", who.person.pseudonym, number)
        return redirect(url_for(".attempt", visit=visit, number=number), 303)

    @blueprint.get(f"/mine/{NUMBER}")
    def attempt(visit: str, number: int) -> ResponseReturnValue:
        who = whose(visit)
        material = material_of(who)
        tells = course.feedback_tells(who.link.assignment or "", tool.clock())
        with database.read() as session:
            one = own_attempt(session, who, number)
            ahead = ahead_of(session, one)
            questions = judged(session, who, one, material, tells)
            place = place_of(session, one)
        return show(
            who,
            course,
            "student/attempt.html",
            material=material,
            attempt=one,
            place=place,
            words=queue_words(one.state, ahead),
            again=_again(ahead),
            waiting=_waits(one),
            questions=questions,
            tells=tells,
            whole=tells != "score" and desk.page_of(one).is_file(),
            labels=WORDS,
            outcomes=OUTCOMES,
            symbols=SYMBOLS,
            credit_symbol=CREDIT,
            longest=WORDS_LENGTH,
        )

    @blueprint.get(f"/mine/{NUMBER}/state")
    def state(visit: str, number: int) -> ResponseReturnValue:
        who = whose(visit)
        with database.read() as session:
            one = own_attempt(session, who, number)
            ahead = ahead_of(session, one)
        words = queue_words(one.state, ahead).in_language(who.language)
        return jsonify(waiting=_waits(one), words=words, again=_again(ahead))

    @blueprint.get(f"/mine/{NUMBER}/file")
    def handed_in(visit: str, number: int) -> ResponseReturnValue:
        one = _own(visit, number)
        path = desk.file_of(one)
        if not path.is_file():
            raise RequestRejected(NOT_HERE)
        return _notebook(path.read_bytes(), one.file_name or path.name)

    @blueprint.get(f"/mine/{NUMBER}/notebook")
    def whole_notebook(visit: str, number: int) -> ResponseReturnValue:
        one = _own(visit, number)
        assignment, path = one.course_link.assignment or "", desk.page_of(one)
        if course.feedback_tells(assignment, tool.clock()) == "score" or not path.is_file():
            raise RequestRejected(NOT_HERE)
        g.sealed = True
        return send_file(path, mimetype="text/html")

    @blueprint.post(f"/mine/{NUMBER}/look")
    def look(visit: str, number: int) -> ResponseReturnValue:
        who = whose(visit)
        words = request.form.get("words", "").replace("\r\n", "\n").strip()
        question = request.form.get("question", "")
        if not words:
            raise RequestRejected(errors.NO_WORDS)
        if len(words) > WORDS_LENGTH:
            raise RequestRejected(errors.too_long(len(words), WORDS_LENGTH))
        with database.write() as session:
            asked = ask_for_look(
                session,
                who,
                number,
                question=question,
                check=request.form.get("check", ""),
                words=words,
                moment=tool.clock(),
            )
        if not asked:
            raise RequestRejected(errors.ASKED_ALREADY)
        return redirect(url_for(".attempt", visit=visit, number=number, _anchor=f"q-{question}"), 303)

    def _own(visit: str, number: int) -> Attempt:
        who = whose(visit)
        with database.read() as session:
            one = own_attempt(session, who, number)
            _ = one.course_link
            return one


def _waits(attempt: Attempt) -> bool:
    return attempt.state in ("queued", "grading")


def _again(ahead: int) -> int:
    """Seconds until a page asks again how far it is: a whole class that waits must not keep the tool from grading."""
    return min(30, 2 + ahead // 4)


def _notebook(raw: bytes, name: str) -> ResponseReturnValue:
    return send_file(io.BytesIO(raw), mimetype=NOTEBOOK, as_attachment=True, download_name=name)
