"""Accepts submissions: a file is validated, written to disk, and only then recorded in the database.

When a student reads "received", the file is on disk and the attempt with its job is in the database. A crash in
between leaves at most a file that nothing refers to.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import secrets
import shutil
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from nbformat import NotebookNode
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.course import Course
from autograder.errors import UnreadableSubmission
from autograder.i18n import _, moment_text
from autograder.notebooks.cells import is_solution
from autograder.submissions import parse, safe_read
from autograder.submissions.collect import assignment_of, recognize_assignment
from autograder.submissions.selection import answers_in
from autograder.text import Text, one_line
from autograder.web import errors
from autograder.web.catalog import AssignmentCatalog
from autograder.web.db import job_queue
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, Person, ResourceLink
from autograder.web.errors import RequestRejected
from autograder.web.policy import policy_for
from autograder.web.settings import WebSettings, files_of
from autograder.web.upload_rate import HOUR, UploadPlaces, UploadRate
from autograder.web.visits import Visit

FILE_NAME = "hand-in.ipynb"
DUPLICATE_WINDOW = timedelta(minutes=1)
"""The same file within this time is the same submission: a button pressed twice, a page sent again."""
FILES_PER_HAND_IN = 4
"""How many files a person may send for each hand-in that the settings allow in an hour: some are refused once read."""
MAX_SCANNED_CHARACTERS = 300_000
"""Characters in the cells; with more, Python would take too long to find what they define."""
MAX_NAME_LENGTH = 150


@dataclass(frozen=True)
class SubmissionService:
    """Accepts and stores the submissions of a course."""

    database: Database
    course: Course
    settings: WebSettings
    catalog: AssignmentCatalog
    reading: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held while a file is parsed: 10 MB of JSON can take 290 MB of memory, and every thread may get such a file."""
    rate: UploadRate = field(default_factory=UploadRate, repr=False)
    places: UploadPlaces = field(default_factory=UploadPlaces, repr=False)

    @property
    def max_size(self) -> int:
        """Maximum size of a submission in bytes."""
        return min(int(self.settings.max_megabytes) * 1_000_000, safe_read.MAX_FILE)

    def accept_upload(self, visit: Visit, name: str, raw: bytes, *, moment: datetime) -> int:
        """Store a file as an attempt, queue it for grading, and return the attempt's id.

        name: as the browser sent it. moment: when the file arrived. A file sent twice within a minute is one attempt.
        The policy does not apply to staff.
        Raises RequestRejected if the file is not accepted; after any other exception, it was not accepted either.
        """
        allowed = int(self.settings.hand_ins_an_hour)
        free = self.rate.count(visit.person.id, moment, FILES_PER_HAND_IN * allowed)
        if free is not None:
            raise RequestRejected(errors.too_often(allowed, _minutes(free - moment)))
        edition = self.check_upload(visit.assignment, raw)
        path = self._write(visit.link.id, raw)
        attempt = Attempt(
            course_link_id=visit.link.id,
            person_id=visit.person.id,
            received_at=moment,
            sha256=hashlib.sha256(raw).hexdigest(),
            path=path,
            file_name=clean_name(name),
            edition=edition,
        )
        try:
            with self.database.write() as session:
                recorded = self._record(session, visit, attempt)
        except RequestRejected:
            self._delete(path)
            raise
        # after any other error the file stays: the database may have the attempt
        if recorded.path != path:
            self._delete(path)
        return recorded.id

    def check_upload(self, assignment: str, raw: bytes) -> str:
        """Return the edition of a submitted notebook.

        Raises RequestRejected if it is not a submission to this assignment, or has no answers.
        """
        if len(raw) > self.max_size:
            raise RequestRejected(errors.too_large(len(raw), self.max_size))
        with self.reading:
            return self._edition_of(assignment, raw)

    def _edition_of(self, assignment: str, raw: bytes) -> str:
        """Parse a notebook, and return its edition. Raises RequestRejected."""
        try:
            notebook = parse.parse_submitted(raw)
        except UnreadableSubmission as error:
            raise RequestRejected(errors.wrong_file(error.reason)) from None
        releases = dict(self.catalog.released())
        scannable = sum(len(cell.source) for cell in notebook.cells) <= MAX_SCANNED_CHARACTERS
        readable = notebook if scannable else _without_text(notebook)
        recognised, _ = recognize_assignment(readable, releases)
        if not recognised:  # other assignments may have the same grade ids
            own = {name: release for name, release in releases.items() if assignment_of(name) == assignment}
            recognised, _ = recognize_assignment(readable, own)
        if (other := assignment_of(recognised)) != assignment:
            raise RequestRejected(errors.wrong_file(self._wrong_assignment(assignment, other)))
        if scannable and _is_untouched(notebook, releases[recognised]):
            raise RequestRejected(errors.wrong_file(UNTOUCHED))
        return parse.edition_of(notebook, self.course.languages, self.course.languages[0])

    def submitted_file(self, attempt: Attempt) -> Path:
        """Return the path of the submitted notebook."""
        return files_of(self.course) / attempt.path

    def read_submitted(self, attempt: Attempt) -> NotebookNode:
        """Read the submitted notebook, with its outputs. Raises UnreadableSubmission, also if it is deleted."""
        raw = safe_read.read_bytes(self.submitted_file(attempt), below=files_of(self.course))
        with self.reading:
            return parse.parse_submitted(raw, outputs=True)

    def graded_file(self, attempt: Attempt) -> Path:
        """Return the path of the graded notebook, which the worker writes beside the submission."""
        return self.submitted_file(attempt).with_name("graded.ipynb")

    def feedback_file(self, attempt: Attempt) -> Path:
        """Return the path of the feedback page, which the worker writes beside the submission."""
        return self.submitted_file(attempt).with_name("feedback.html")

    def _wrong_assignment(self, assignment: str, recognised: str) -> Text:
        """Explain that a notebook belongs to another assignment, or to none."""
        wanted = self.catalog.info(assignment).title
        if not recognised:
            return _(
                "expected was the notebook of “{wanted}”, and nothing in this one belongs to an assignment "
                "that was handed out; write your answers into the notebook that you downloaded",
                wanted=wanted,
            )
        title = self.catalog.info(recognised).title
        return _(
            "expected was the notebook of “{wanted}”, and this is the one of “{title}”; choose the other "
            "file",
            wanted=wanted,
            title=title,
        )

    def _record(self, session: Session, visit: Visit, attempt: Attempt) -> Attempt:
        """Record an attempt with its job and return it; for a duplicate, return the attempt that exists.

        Raises RequestRejected if the policy or the rate limit refuses it.
        """
        moment, link, person = attempt.received_at, attempt.course_link_id, attempt.person_id
        # submissions of a person one after another: of two at once, each would be the last one allowed
        lock = {"key_share": True}
        if session.get(Person, person, with_for_update=lock, populate_existing=True) is None:
            raise RequestRejected(errors.VISIT_OVER)
        duplicate = session.scalars(
            select(Attempt)
            .where(Attempt.course_link_id == link, Attempt.person_id == person)
            .where(Attempt.sha256 == attempt.sha256, Attempt.received_at > moment - DUPLICATE_WINDOW)
            .order_by(Attempt.id.desc())
            .limit(1)
        ).first()
        if duplicate is not None:
            return duplicate
        if not visit.is_staff:
            self._check_policy(session, link, person, moment)
        last_hour = select(func.count(), func.min(Attempt.received_at)).where(
            Attempt.person_id == person, Attempt.received_at > moment - HOUR
        )
        number, first = session.execute(last_hour).one()
        if number >= self.settings.hand_ins_an_hour:
            minutes = _minutes(first + HOUR - moment)
            raise RequestRejected(errors.too_often(self.settings.hand_ins_an_hour, minutes))
        session.add(attempt)
        session.flush()
        job_queue.enqueue(session, attempt.id)
        return attempt

    def _check_policy(self, session: Session, link: int, person: int, moment: datetime) -> None:
        policy = policy_for(session, self.course, session.get_one(ResourceLink, link), person)
        if policy.may_hand_in(moment):
            return
        if policy.attempts_left == 0:
            raise RequestRejected(errors.no_attempts_left(policy.attempts))
        assert policy.due_at is not None
        raise RequestRejected(errors.closed(moment_text(policy.due_at, self.course.zone)))

    def _write(self, link: int, raw: bytes) -> str:
        """Write a new file that survives a power cut. Returns its path below the folder of files."""
        path = PurePosixPath(str(link), secrets.token_hex(16), FILE_NAME)
        folder = (files_of(self.course) / path).parent
        folder.mkdir(parents=True)
        try:
            with (folder / FILE_NAME).open("xb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            for level in (folder, *folder.parents[:3]):
                _sync(level)
        except OSError:
            self._delete(str(path))
            raise
        return str(path)

    def _delete(self, path: str) -> None:
        with contextlib.suppress(OSError):
            shutil.rmtree((files_of(self.course) / path).parent)


UNTOUCHED = _(
    "this is the notebook as it was handed out, with no answer in it; see whether you have saved "
    "your notebook, and chosen the file that you wrote your answers into"
)


def _minutes(left: timedelta) -> int:
    return max(1, math.ceil(left.total_seconds() / 60))


def clean_name(name: str) -> str:
    """Return a browser's file name without folders and without characters that reverse or hide text."""
    return one_line(name.replace("\\", "/").rpartition("/")[2])[:MAX_NAME_LENGTH]


def _is_untouched(notebook: NotebookNode, release: NotebookNode) -> bool:
    has_questions = any(is_solution(cell) for cell in release.cells)
    return has_questions and not answers_in(notebook, release, doubtful=True)


def _without_text(notebook: NotebookNode) -> NotebookNode:
    """Return a copy without sources, which is recognised by its metadata and ids alone."""
    bare = NotebookNode(notebook)
    bare.cells = [NotebookNode(cell, source="") for cell in notebook.cells]
    return bare


def _sync(folder: Path) -> None:
    """Write a folder's entries to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
