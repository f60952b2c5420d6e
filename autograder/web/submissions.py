"""A hand-in: looked into, kept on disk, and only then in the record.

Whoever is told "received" has the file on disk and the attempt with its job in the database. A crash in between
leaves at most a file that nobody asks for.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from nbformat import NotebookNode
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.course import Course
from autograder.errors import UnreadableSubmission
from autograder.notebooks.cells import is_solution
from autograder.submissions.collect import recognize_assignment
from autograder.submissions.parse import edition_of, parse_submitted
from autograder.submissions.safe_read import MAX_FILE
from autograder.submissions.selection import answers_in
from autograder.text import Text, one_line
from autograder.web import errors
from autograder.web.catalog import AssignmentCatalog
from autograder.web.db import job_queue
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, Person, ResourceLink
from autograder.web.errors import RequestRejected
from autograder.web.formatting import moment_of
from autograder.web.policy import policy_for
from autograder.web.settings import WebSettings, folder_of
from autograder.web.visits import Visit

NAME = "hand-in.ipynb"
TWICE = timedelta(minutes=1)
"""Within which the same file is the same hand-in: a button pressed twice, a page sent again."""
HOUR = timedelta(hours=1)
LOOKED_INTO = 300_000
"""Characters in the cells; of more, Python would take too long to tell what they define."""
NAME_LENGTH = 150


@dataclass(frozen=True)
class SubmissionService:
    """Where hand-ins of a course are taken."""

    database: Database
    course: Course
    settings: WebSettings
    shelf: AssignmentCatalog

    @property
    def largest(self) -> int:
        """Bytes that a hand-in may have."""
        return min(int(self.settings.max_megabytes) * 1_000_000, MAX_FILE)

    def accept(self, visit: Visit, name: str, raw: bytes, *, moment: datetime) -> int:
        """The attempt that a file became, which is on disk, in the record and waits to be graded.

        name: as the browser gave it. moment: when it came. A file sent twice within a minute is one attempt. Who
        teaches may hand in whatever the rules say.
        Raises Refused where it is not taken; whatever else is raised, it was not taken either.
        """
        edition = self.look_into(visit.link.assignment or "", raw)
        path = self._keep(visit.link.id, raw)
        attempt = Attempt(
            course_link_id=visit.link.id,
            person_id=visit.person.id,
            received_at=moment,
            sha256=hashlib.sha256(raw).hexdigest(),
            path=path,
            file_name=readable(name),
            edition=edition,
        )
        try:
            with self.database.write() as session:
                taken = self._record(session, visit, attempt)
        except RequestRejected:
            self._drop(path)
            raise
        # after any other error the file stays: whether the database has the attempt is not sure then
        if taken.path != path:
            self._drop(path)
        return taken.id

    def look_into(self, assignment: str, raw: bytes) -> str:
        """The edition of a notebook that is a hand-in to this assignment. Raises Refused for anything else."""
        if len(raw) > self.largest:
            raise RequestRejected(errors.too_large(len(raw), self.largest))
        try:
            notebook = parse_submitted(raw)
        except UnreadableSubmission as refusal:
            raise RequestRejected(errors.not_taken(refusal.reason)) from None
        releases = dict(self.shelf.released())
        short = sum(len(cell.source) for cell in notebook.cells) <= LOOKED_INTO
        found, _ = recognize_assignment(notebook if short else _without_text(notebook), releases)
        if found != assignment:
            raise RequestRejected(errors.not_taken(self._other(assignment, found)))
        if short and _is_untouched(notebook, releases[assignment]):
            raise RequestRejected(errors.not_taken(UNTOUCHED))
        return edition_of(notebook, self.course.languages[0])

    def file_of(self, attempt: Attempt) -> Path:
        """What was handed in."""
        return self._files / attempt.path

    def page_of(self, attempt: Attempt) -> Path:
        """The whole notebook with its feedback, which whoever graded it put beside it."""
        return self.file_of(attempt).with_name("feedback.html")

    @property
    def _files(self) -> Path:
        return folder_of(self.course) / "files"

    def _other(self, assignment: str, found: str) -> Text:
        """That a notebook belongs to another assignment, or to none."""
        wanted = self.shelf.material(assignment).title
        if not found:
            return Text(
                ko=f"‘{wanted.ko}’ 노트북이 와야 하는데, 이 노트북에는 나누어 준 과제의 셀이 하나도 없습니다. 내려받은 "
                "노트북에 답을 써서 제출해 주세요.",
                en=f"expected was the notebook of “{wanted.en}”, and nothing in this one belongs to an assignment that "
                "was handed out; write your answers into the notebook that you downloaded",
            )
        title = self.shelf.material(found).title
        return Text(
            ko=f"‘{wanted.ko}’ 노트북이 와야 하는데, 이것은 ‘{title.ko}’ 노트북입니다. 파일을 다시 골라 주세요.",
            en=f"expected was the notebook of “{wanted.en}”, and this is the one of “{title.en}”; choose the "
            "other file",
        )

    def _record(self, session: Session, visit: Visit, attempt: Attempt) -> Attempt:
        """Put an attempt and its job into the record, where it is taken; the one that is there, where it came twice."""
        moment, link, person = attempt.received_at, attempt.course_link_id, attempt.person_id
        # one hand-in of a person after another: two at once would both be the last that is allowed
        alone = {"key_share": True}
        if session.get(Person, person, with_for_update=alone, populate_existing=True) is None:
            raise RequestRejected(errors.VISIT_OVER)
        before = session.scalars(
            select(Attempt)
            .where(Attempt.course_link_id == link, Attempt.person_id == person)
            .where(Attempt.sha256 == attempt.sha256, Attempt.received_at > moment - TWICE)
            .order_by(Attempt.id.desc())
            .limit(1)
        ).first()
        if before is not None:
            return before
        if not visit.is_staff:
            self._check_terms(session, link, person, moment)
        of_late = select(func.count(), func.min(Attempt.received_at)).where(
            Attempt.person_id == person, Attempt.received_at > moment - HOUR
        )
        number, first = session.execute(of_late).one()
        if number >= self.settings.hand_ins_an_hour:
            minutes = math.ceil((first + HOUR - moment).total_seconds() / 60)
            raise RequestRejected(errors.too_often(self.settings.hand_ins_an_hour, max(1, minutes)))
        session.add(attempt)
        session.flush()
        job_queue.put(session, attempt.id)
        return attempt

    def _check_terms(self, session: Session, link: int, person: int, moment: datetime) -> None:
        held = policy_for(session, self.course, session.get_one(ResourceLink, link), person)
        if held.may_hand_in(moment):
            return
        if held.attempts_left == 0:
            raise RequestRejected(errors.no_attempts_left(held.attempts))
        assert held.due_at is not None
        zone = self.course.zone
        due = Text(ko=moment_of(held.due_at, zone, "ko"), en=moment_of(held.due_at, zone, "en"))
        raise RequestRejected(errors.closed(due))

    def _keep(self, link: int, raw: bytes) -> str:
        """Write the file where nothing was, to last through a power cut; its path below our folder of files."""
        path = PurePosixPath(str(link), secrets.token_hex(16), NAME)
        folder = (self._files / path).parent
        folder.mkdir(parents=True)
        try:
            with (folder / NAME).open("xb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            for one in (folder, folder.parent, folder.parent.parent, folder.parent.parent.parent):
                _make_last(one)
        except OSError:
            self._drop(str(path))
            raise
        return str(path)

    def _drop(self, path: str) -> None:
        with contextlib.suppress(OSError):
            shutil.rmtree((self._files / path).parent)


UNTOUCHED = Text(
    ko="나누어 준 노트북 그대로이고, 쓴 답이 하나도 없습니다. 노트북을 저장했는지, 답을 쓴 파일을 골랐는지 "
    "확인해 주세요.",
    en="this is the notebook as it was handed out, with no answer in it; see whether you have saved your notebook, and "
    "chosen the file that you wrote your answers into",
)


def readable(name: str) -> str:
    """A file's name as a browser gave it, without folders and without what turns or hides text."""
    return one_line(name.replace("\\", "/").rpartition("/")[2])[:NAME_LENGTH]


def _is_untouched(notebook: NotebookNode, release: NotebookNode) -> bool:
    asks = any(is_solution(cell) for cell in release.cells)
    return asks and not answers_in(notebook, release, doubtful=True)


def _without_text(notebook: NotebookNode) -> NotebookNode:
    """The notebook as it is recognised by its metadata and ids alone."""
    bare = NotebookNode(notebook)
    bare.cells = [NotebookNode(cell, source="") for cell in notebook.cells]
    return bare


def _make_last(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
