"""Why these points, on the web: a row that staff leave is filled, once, whoever is killed meanwhile."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from autograder.authoring.build import build
from autograder.authoring.scaffold import new_question
from autograder.course import Course, SubmissionId
from autograder.engine.messages import WorkItem, WorkResult
from autograder.errors import CourseError
from autograder.text import Text
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, Replay, now
from autograder.web.worker.run_replays import ReplayRunner
from autograder.web.worker.timing import Timing
from tests.support import small_course
from tests.web import database_rows
from tests.web.loopback import lms
from tests.web.worker_course import QUESTIONS, WRONG, WorkerCourse, answers, wait_for, worker_course

pytestmark = pytest.mark.long

SLOW = "import time\ntime.sleep(4)\n\ndef {name}(a, b):\n    return a * b"
LEASE = 3
WORKER = f"""
import sys, threading
from pathlib import Path
from autograder.course import Course
from autograder.web.db.database import Database
from autograder.web.worker.loop import run
from autograder.web.worker.timing import Timing

database, course = Database.open(Path(sys.argv[2])), Course.open(Path(sys.argv[1]))
run(database, course, stop=threading.Event(), timing=Timing(lease={LEASE}))
"""


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released course of two questions worth 2 points each, in both languages."""
    root = small_course(tmp_path_factory.mktemp("replaying") / "course", languages=("ko", "en"))
    course = Course.open(root)
    for name in QUESTIONS:
        new_question(course, "arithmetic", name)
    build(course, solutions=False)
    return root


@pytest.fixture
def here(released: Path, tmp_path: Path) -> Iterator[WorkerCourse]:
    """A course that nobody handed in to yet."""
    with lms() as other, worker_course(released, tmp_path, tmp_path / "web.db", other) as made:
        yield made


def ask(database: Database, attempt: int, question: str = "add_two") -> int:
    """What the staff's page does."""
    with database.write() as session:
        row = Replay(attempt_id=attempt, question=question)
        session.add(row)
        session.flush()
        return row.id


def row(database: Database, replay: int) -> Replay:
    with database.read() as session:
        return session.get_one(Replay, replay)


@pytest.mark.seal
class TestARow:
    """With the worker as it is, and real kernels."""

    def test_is_filled(self, here: WorkerCourse) -> None:
        """Cases and verdicts of the very file that was graded, and that it earns the same."""
        attempt = here.hand_in(here.link(), here.person("s1"), answers(add_two=WRONG))
        with here.running_worker():
            here.all_done()
            asked = [ask(here.database, attempt, name) for name in QUESTIONS]
            right, wrong = (wait_for(lambda one=one: filled(here, one)) for one in asked)
        assert (right["score"], wrong["score"]) == (2, 0)
        assert right["same"] is wrong["same"] is True
        [check] = wrong["checks"]
        assert check["outcome"] == "failed"
        assert len(check["cases"]) == 10
        for case in check["cases"]:
            first, second = (int(part.split("=")[1]) for part in case["given"].split(", "))
            assert (case["wanted"], case["got"]) == (str(first + second), str(first * second))
        assert [named["name"] for named in wrong["misconceptions"]] == ["multiplied"]

    def test_of_what_cannot_be_run_says_why(self, here: WorkerCourse) -> None:
        """An assignment that has gone, a question that was never there."""
        link = here.link()
        attempt = here.hand_in(link, here.person("s1"), answers())
        with here.running_worker():
            here.all_done()
            first = ask(here.database, attempt, "add_three")
            unknown = wait_for(lambda: filled(here, first))
            here.change(link, assignment="geometry")
            second = ask(here.database, attempt)
            gone = wait_for(lambda: filled(here, second))
        assert unknown == {
            "failed": {
                "ko": "arithmetic에 'add_three' 문제가 없습니다",
                "en": "arithmetic has no question 'add_three'",
            }
        }
        assert gone["failed"]["en"].startswith("no assignment 'geometry'")

    @pytest.mark.full
    def test_of_a_worker_that_was_killed_is_filled_by_the_next(self, here: WorkerCourse) -> None:
        """`kill -9` in the middle of it: nothing is written by halves, and nothing has to be asked again."""
        link, person = here.link(), here.person("s1")
        here.write("1/slow/hand-in.ipynb", answers(add_two=SLOW))
        with here.database.write() as session:
            made = Attempt(
                course_link_id=link, person_id=person, sha256="0" * 64, path="1/slow/hand-in.ipynb"
            )
            session.add(made)
            session.flush()
            attempt = made.id
        replay = ask(here.database, attempt)
        asked = row(here.database, replay).free_at
        where = [str(here.course.root), str(here.database.engine.url.database)]
        with subprocess.Popen([sys.executable, "-c", WORKER, *where], stderr=subprocess.DEVNULL) as first:
            wait_for(lambda: row(here.database, replay).free_at > asked)
            first.send_signal(signal.SIGKILL)
        assert row(here.database, replay).seen is None
        with here.running_worker(timing=Timing(poll=0.05, lease=LEASE)):
            seen = wait_for(lambda: filled(here, replay))
        assert [check["outcome"] for check in seen["checks"]] == ["failed"]
        assert seen["same"] is None


def filled(here: WorkerCourse, replay: int) -> Any:
    """What was seen, once it is written down."""
    found = row(here.database, replay)
    assert (found.seen is None) == (found.seen_at is None)
    return found.seen


class Bench:
    """A worker's part on its own, with a clock that tests set and an engine that keeps what it is given."""

    def __init__(self, database: Database) -> None:
        self.database, self.moment, self.begun = database, now() + timedelta(seconds=1), []
        self.opened: Any = SimpleNamespace(engine=self, slots=1)
        self.task: Any = lambda opened, job, path: (job, path)

    def submit(self, piece: WorkItem) -> None:
        self.begun.append(piece)

    def part(self) -> ReplayRunner:
        """A worker's part of its own."""
        return ReplayRunner(
            self.database, lambda *given: self.task(*given), Timing(lease=60), lambda: self.moment
        )

    def passes(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


@pytest.fixture
def attempt(database: Database) -> int:
    with database.write() as session:
        return database_rows.attempts(session, 1)[0]


class TestLeases:
    """Who may write, on both databases."""

    def test_one_worker_has_a_row(self, bench: Bench, attempt: int) -> None:
        """Others find nothing until its time has passed; what it sees is written down with the time."""
        replay = ask(bench.database, attempt)
        first, second = bench.part(), bench.part()
        first.step(bench.opened)
        second.step(bench.opened)
        assert [piece.key for piece in bench.begun] == [("replay", replay)]
        first.take(bench.opened, WorkResult(bench.begun[0].key, {"checks": []}))
        found = row(bench.database, replay)
        assert (found.seen, found.seen_at) == ({"checks": []}, bench.moment)

    def test_what_is_under_way_is_kept(self, bench: Bench, attempt: int) -> None:
        """However long it takes, no other worker begins it."""
        ask(bench.database, attempt)
        first, second = bench.part(), bench.part()
        for _ in range(10):
            first.step(bench.opened)
            second.step(bench.opened)
            bench.passes(40)
        assert len(bench.begun) == 1

    def test_whoever_was_too_late_writes_nothing(self, bench: Bench, attempt: int) -> None:
        """Not over what is there, and not into what another has in hand."""
        replay = ask(bench.database, attempt)
        late, second = bench.part(), bench.part()
        late.step(bench.opened)
        bench.passes(61)
        second.step(bench.opened)
        assert len(bench.begun) == 2
        late.take(bench.opened, WorkResult(bench.begun[0].key, {"by": "the one that was late"}))
        assert row(bench.database, replay).seen is None
        second.take(bench.opened, WorkResult(bench.begun[1].key, {"by": "the second"}))
        assert row(bench.database, replay).seen == {"by": "the second"}

    def test_fault_is_told(self, bench: Bench, attempt: int) -> None:
        """Of a worker process that ended, and of what cannot be begun; then the next one is taken."""
        ended, refused, next_one = (ask(bench.database, attempt) for _ in range(3))
        part = bench.part()
        part.step(bench.opened)
        part.take(bench.opened, WorkResult(("replay", ended), error=Text.same("it ended"), lost=True))
        assert row(bench.database, ended).seen == {"failed": {"en": "it ended"}}

        def refuse(*_: object) -> Any:
            raise CourseError("arithmetic has no release")

        kept, bench.task = bench.task, refuse
        part.step(bench.opened)
        assert row(bench.database, refused).seen == {"failed": {"en": "arithmetic has no release"}}
        bench.task = kept
        part.step(bench.opened)
        assert bench.begun[-1].key == ("replay", next_one)

    def test_what_was_seen_waits_for_a_database_that_is_away(
        self, bench: Bench, attempt: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is written at the next turn, and run no second time."""
        replay = ask(bench.database, attempt)
        part = bench.part()
        part.step(bench.opened)
        with monkeypatch.context() as away:
            away.setattr(part, "_update", lambda *_, **__: (_ for _ in ()).throw(OSError("away")))
            with pytest.raises(OSError, match="away"):
                part.take(bench.opened, WorkResult(("replay", replay), {"checks": []}))
        part.step(bench.opened)
        assert row(bench.database, replay).seen == {"checks": []}
        assert len(bench.begun) == 1

    def test_what_it_earned_goes_along(self, bench: Bench, attempt: int) -> None:
        """The recorded score of that question, or none where it is not graded."""
        with bench.database.write() as session:
            found = session.scalars(select(Attempt)).one()
            found.report = {
                "questions": [{"question": "add_more", "score": 1}, {"question": "add_two", "score": 2}]
            }
            found.person.student_id = "s1"
        part = bench.part()
        for question, score in (("add_two", 2.0), ("add_four", None)):
            replay = ask(bench.database, attempt, question)
            part.step(bench.opened)
            again = bench.begun[-1].data
            assert (again.question, again.score, again.task[0]) == (
                question,
                score,
                SubmissionId("s1", "lstm"),
            )
            part.take(bench.opened, WorkResult(("replay", replay), {}))
