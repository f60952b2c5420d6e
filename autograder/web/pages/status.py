"""Whether submissions are graded, for everybody and for programs that watch the tool. Nobody is named."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from autograder.i18n import LANGUAGES, _, moment_text, ngettext
from autograder.text import Text, joined
from autograder.web.context import tool
from autograder.web.db.queue_status import has_waiting_attempt, read_waiting
from autograder.web.heartbeat import is_silent, last_beat
from autograder.web.visits import Visit

blueprint = Blueprint("status", __name__)
TITLE = _("Exercises of a course")
HOW_TO_OPEN = _("Open the assignments in your LMS: they are shown there, or in a window that it opens.")
WORKS = _("Submissions are being graded.")
DELAYED = _("Grading is delayed. Everything that was handed in is stored, and will be graded.")
OWN_DELAYED = _("Grading is delayed. Your file is stored safely, and will be graded.")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Say what this address is, and whether submissions are graded."""
    state = DELAYED if is_silent(last_beat(tool.course), tool.clock()) else WORKS
    return render_template("status.html", languages=LANGUAGES, title=TITLE, what=HOW_TO_OPEN, state=state)


@blueprint.get("/healthz")
def health() -> ResponseReturnValue:
    """Return as JSON whether a worker is grading, how many submissions wait, and since when; 503 if none is grading."""
    moment, last = tool.clock(), last_beat(tool.course)
    silent = is_silent(last, moment)
    with tool.database.read() as session:
        waiting, since = read_waiting(session, moment)
    state = {
        "worker": "silent" if silent else "grading",
        "last_seen": last.isoformat() if last else None,
        "waiting": waiting,
        "waiting_since": since.isoformat() if since else None,
    }
    return jsonify(state), 503 if silent else 200


def delay_of(visit: Visit) -> Text | None:
    """Return what the pages of a visit say while no worker is grading; None if there is nothing to say.

    Staff read how many submissions wait and since when, students that one of theirs is safe.
    """
    moment, last = tool.clock(), last_beat(tool.course)
    if not is_silent(last, moment):
        return None
    with tool.database.read() as session:
        if not visit.is_staff:
            return OWN_DELAYED if has_waiting_attempt(session, visit.person.id) else None
        number, since = read_waiting(session, moment)
    silence, oldest = _("No worker has been started yet, so nothing is graded."), Text.same(".")
    if last is not None:
        silence = _("No worker is grading (last seen {moment}).", moment=moment_text(last, tool.course.zone))
    if not number:
        return silence
    if since is not None:
        oldest = _(", the oldest since {moment}.", moment=moment_text(since, tool.course.zone))
    waiting = ngettext("{n} submission is waiting", "{n} submissions are waiting", number)
    return joined("", [silence, Text.same(" "), waiting, oldest])
