"""A course that is handed in to over the web, with a worker at it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from autograder.authoring.build import build
from autograder.authoring.scaffold import new_question
from autograder.course import Course
from autograder.engine.messages import GradeTask
from autograder.engine.worker import Worker
from autograder.nbgrader.records import GradeRecord
from autograder.web.db import final_grades, job_queue
from autograder.web.db.database import Database
from autograder.web.db.models import (
    Attempt,
    Context,
    Delivery,
    FinalGrade,
    GradingJob,
    Membership,
    Override,
    Person,
    ResourceLink,
    Role,
    now,
)
from autograder.web.lti.claims import SCORE
from autograder.web.settings import folder_of
from autograder.web.worker.loop import run
from autograder.web.worker.timing import Timing
from tests.support import small_course
from tests.web.loopback import Lms, quick

RIGHT = "def {name}(a, b):\n    return a + b"
WRONG = "def {name}(a, b):\n    return a * b"
SLOW = "import time\ntime.sleep(50)\n"
QUESTIONS = ("add_more", "add_two")
PROCESS = Path(__file__).with_name("worker_process.py")
TIMING = Timing(
    poll=0.05,
    retry_pauses=(0.1, 0.1),
    retry_unavailable=0.3,
    sweep=0.2,
    course=0.2,
    max_pause=0.5,
    shutdown=5.0,
)


def answers(**given: str) -> dict[str, str]:
    """Sources by question; those that are not given are right."""
    return dict.fromkeys(QUESTIONS, RIGHT) | given


def wait_for(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """What the condition gives once it is true; it may raise until then."""
    end = time.monotonic() + seconds
    while True:
        try:
            found = condition()
        except AssertionError:
            if time.monotonic() > end:
                raise
            found = None
        if found:
            return found
        assert time.monotonic() < end, "it did not become so"
        time.sleep(0.05)


@dataclass
class WorkerCourse:
    """A course with an assignment of two questions worth 2 points each, the tool's database, and an LMS."""

    course: Course
    database: Database
    lms: Lms
    platform: int = 0
    context: int = 0
    links: dict[int, str] = field(default_factory=dict)
    """The LMS's path for the scores of each link."""

    def __post_init__(self) -> None:
        self.platform = self.lms.register(self.database).id
        with self.database.write() as session:
            context = Context(platform_id=self.platform, deployment="1", lms_id="course")
            session.add(context)
            session.flush()
            self.context = context.id

    def link(self, **fields: Any) -> int:
        """An activity that opens the assignment."""
        name = secrets.token_hex(4)
        with self.database.write() as session:
            made = ResourceLink(
                context_id=self.context,
                resource_link_id=name,
                **{
                    "assignment": "arithmetic",
                    "lineitem_url": f"{self.lms.address}/ags/{name}",
                    "scopes": [SCORE],
                }
                | fields,
            )
            session.add(made)
            session.flush()
        self.links[made.id] = f"/ags/{name}/scores"
        self.lms.answer(self.links[made.id], 200)
        return made.id

    def person(self, student: str, *, role: Role = "student", locale: str = "en") -> int:
        """Somebody whom the LMS knows."""
        with self.database.write() as session:
            made = Person(
                platform_id=self.platform, subject=f"user-{student}", student_id=student, locale=locale,
                pseudonym=secrets.token_hex(4),
            )  # fmt: skip
            session.add(made)
            session.flush()
            session.add(Membership(person_id=made.id, context_id=self.context, role=role))
        return made.id

    def hand_in(
        self,
        link: int,
        person: int,
        sources: dict[str, str],
        *,
        at: datetime | None = None,
        language: str = "en",
    ) -> int:
        """What the student's page does: the file first, then the rows."""
        path = f"{link}/{secrets.token_hex(8)}/hand-in.ipynb"
        self.write(path, sources, language)
        with self.database.write() as session:
            made = Attempt(
                course_link_id=link, person_id=person, sha256="0" * 64, path=path, received_at=at or now(),
                edition=language,
            )  # fmt: skip
            session.add(made)
            session.flush()
            job_queue.enqueue(session, made.id)
        return made.id

    def write(self, path: str, sources: dict[str, str], language: str = "en") -> Path:
        """A notebook with these answers, as `Attempt.path`."""
        notebook = json.loads(
            self.course.assignment("arithmetic").release(language).read_text(encoding="utf-8")
        )
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
            if name in sources:
                cell["source"] = sources[name].format(name=name)
        file = folder_of(self.course) / "files" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(notebook), encoding="utf-8")
        return file

    @contextlib.contextmanager
    def running_worker(self, **given: Any) -> Iterator[threading.Event]:
        """A worker, for the time of a block."""
        stop, failed = threading.Event(), []

        def work() -> None:
            try:
                run(self.database, self.course, **{"stop": stop, "http": quick(), "timing": TIMING} | given)
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield stop
        finally:
            stop.set()
            thread.join(120)
            assert not thread.is_alive()
        assert not failed, failed

    def quiet(self) -> bool:
        """Whether nothing is left to do."""
        with self.database.read() as session:
            left = (
                select(GradingJob.id).where(GradingJob.state != "done"),
                select(FinalGrade.person_id).where(FinalGrade.stale),
                select(Delivery.id).where(Delivery.state == "waiting"),
            )
            return not any(session.execute(one.limit(1)).first() for one in left)

    def all_done(self) -> None:
        """Wait until nothing is left to do."""
        wait_for(self.quiet)

    def standing(self, link: int, person: int) -> FinalGrade:
        """What stands."""
        with self.database.read() as session:
            return session.get_one(FinalGrade, (link, person))

    def attempt(self, attempt: int) -> Attempt:
        """An attempt."""
        with self.database.read() as session:
            return session.get_one(Attempt, attempt)

    def sent_scores(self, link: int, person: int) -> list[dict[str, Any]]:
        """What the LMS was told of somebody in a link, in order."""
        with self.database.read() as session:
            subject = session.get_one(Person, person).subject
        bodies = [json.loads(body) for path, _, body in [*self.lms.asked] if path == self.links[link]]
        return [one for one in bodies if one["userId"] == subject]

    def last_sent_score(self, link: int, person: int) -> float | None:
        """The score that the LMS was told last."""
        sent = self.sent_scores(link, person)
        return sent[-1]["scoreGiven"] if sent else None

    def deliveries(self) -> list[tuple[float, str]]:
        """Score and state of every change that was announced, in order."""
        with self.database.read() as session:
            rows = session.execute(select(Delivery.score, Delivery.state).order_by(Delivery.id))
            return [(score, state) for score, state in rows]

    def override(self, link: int, person: int, cell: str, points: float | None, reason: str) -> None:
        """What the teacher's page does."""
        with self.database.write() as session:
            session.add(
                Override(
                    course_link_id=link, person_id=person, cell=cell, points=points, reason=reason,
                    made_by="Kim",
                )
            )  # fmt: skip
            final_grades.mark_stale(session, link, person)

    def change(self, link: int, **settings: Any) -> None:
        """Change a rule of a link, as the teacher's page does."""
        with self.database.write() as session:
            row = session.get_one(ResourceLink, link)
            for name, value in settings.items():
                setattr(row, name, value)
            final_grades.mark_stale(session, link)

    def regrade(self, attempt: int) -> None:
        """Have an attempt graded anew."""
        with self.database.write() as session:
            job_queue.requeue(session, attempt)

    def formgrader(self, student: str, cell: str, points: float | None, comment: str) -> None:
        """What formgrader does when a person types points, and words under the answer."""
        answer = cell.removesuffix("-check")
        with self.nbgrader() as gradebook:
            grade = gradebook.find_grade(cell, "arithmetic", "arithmetic", student)
            grade.manual_score, grade.needs_manual_grade = points, False
            gradebook.find_comment(answer, "arithmetic", "arithmetic", student).manual_comment = comment
            gradebook.db.commit()

    def gradebook(self, student: str) -> tuple[float, float]:
        """Score and late penalty, as nbgrader has them."""
        with self.nbgrader() as gradebook:
            found = gradebook.find_submission("arithmetic", student)
            return found.score, found.late_submission_penalty or 0.0

    @contextlib.contextmanager
    def nbgrader(self) -> Iterator[Gradebook]:
        """The gradebook; it waits for other writers as long as a slow machine may take."""
        with Gradebook(self.course.gradebook_url) as gradebook:
            gradebook.db.execute(text("PRAGMA busy_timeout=60000"))
            yield gradebook


def release(folder: Path) -> Path:
    """A released course in `folder`: the assignment `arithmetic`."""
    course = Course.open(small_course(folder))
    for name in QUESTIONS:
        new_question(course, "arithmetic", name)
    build(course, solutions=False)
    return folder


def keep_but_fail_once(here: WorkerCourse, monkeypatch: pytest.MonkeyPatch, column: Any) -> list[bool]:
    """Have the first transaction that writes this column of a row be kept, although it ends with an error.

    Returns a list that is empty until then.
    """
    write, failed = here.database.write, list[bool]()

    @contextlib.contextmanager
    def keeps_but_fails() -> Iterator[Session]:
        with write() as session:
            yield session
            written = session.scalars(select(column).where(column.is_not(None)).limit(1)).first()
        if written and not failed:
            failed.append(True)
            raise OperationalError("commit", {}, Exception("the connection is gone"))

    monkeypatch.setattr(here.database, "write", keeps_but_fails)
    return failed


@contextlib.contextmanager
def worker_course(released: Path, folder: Path, url: str | Path, lms: Lms) -> Iterator[WorkerCourse]:
    """A copy of a released course, with a database of its own."""
    root = folder / "course"
    shutil.copytree(released, root)
    database = Database.open(url)
    try:
        yield WorkerCourse(Course.open(root), database, lms)
    finally:
        database.close()


@contextlib.contextmanager
def process(url: str, course: Path, part: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process of its own, killed at the end; see `working_process`."""
    paths = os.pathsep.join([str(PROCESS.parents[2]), *filter(None, sys.path)])
    with subprocess.Popen(
        [sys.executable, str(PROCESS), url, str(course), part],
        env=os.environ | {"PYTHONPATH": paths},
    ) as started:
        try:
            yield started
        finally:
            started.kill()


def scores_too_much(opened: Worker, task: GradeTask) -> GradeRecord:
    """What a worker does, but that the first question earns 7 points. Here, where a worker can import it from."""
    graded = Worker.grade(opened, task)
    return dataclasses.replace(graded, auto_scores=dict(graded.auto_scores) | {"add_more-check": 7.0})
