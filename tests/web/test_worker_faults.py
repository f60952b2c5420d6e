"""Whatever fails or ends on the way from a hand-in to its score: nothing is lost, and nobody gets 0 for it."""

from __future__ import annotations

import contextlib
import itertools
import logging
import re
import shutil
import signal
import sqlite3
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from autograder.course import Course
from autograder.web.db import job_queue
from autograder.web.db.models import GradingJob, KeptCases, Launch, Person, now
from autograder.web.settings import folder_of
from autograder.web.worker import grade_attempts
from autograder.web.worker.finalize_grades import GradeFinalizer
from autograder.web.worker.grade_attempts import AttemptGrader
from tests.support import ends_its_worker_for_s3
from tests.web.database_rows import somebody_waits
from tests.web.loopback import Lms
from tests.web.worker_course import (
    SLOW,
    WRONG,
    WorkerCourse,
    answers,
    keep_but_fail_once,
    process,
    scores_too_much,
    wait_for,
    worker_course,
)

if TYPE_CHECKING:
    from tests.web.conftest import Cluster

pytestmark = [pytest.mark.seal, pytest.mark.long]
AWAY = r"grading: \w+Error"


def job_of(here: WorkerCourse, attempt: int) -> GradingJob:
    with here.database.read() as session:
        return session.scalars(select(GradingJob).where(GradingJob.attempt_id == attempt)).one()


def slow(here: WorkerCourse, link: int, person: int) -> int:
    """A hand-in whose grading takes longer than anybody here waits."""
    return here.hand_in(link, person, answers(add_more=SLOW + "def {name}(a, b):\n    return a + b"))


def make_quick(here: WorkerCourse, attempt: int) -> None:
    """Let it be graded at once from now on."""
    here.write(here.attempt(attempt).path, answers())


class TestAWorkerEnds:
    """By a word or by a signal."""

    def test_told_to_stop_it_gives_back_what_is_under_way(self, here: WorkerCourse) -> None:
        """It was no try, and another may have it at once."""
        link, person = here.link(), here.person("s1")
        attempt = slow(here, link, person)
        with here.running_worker():
            wait_for(lambda: here.attempt(attempt).state == "grading")
        assert here.attempt(attempt).state == "queued"
        job = job_of(here, attempt)
        assert (job.state, job.tries, job.lease) == ("queued", 0, None)
        assert job.free_at <= now()

    @pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
    def test_kill_9_in_the_middle_of_grading(
        self, released: Path, tmp_path: Path, other: Lms, kind: str, request: pytest.FixtureRequest
    ) -> None:
        """Another finishes; the gradebook has it once, and the LMS hears of it once."""
        url = f"sqlite:///{tmp_path}/web.db"
        if kind == "postgresql":
            url = request.getfixturevalue("cluster").new()
        with worker_course(released, tmp_path, url, other) as here:
            link, person = here.link(), here.person("s1")
            attempt = slow(here, link, person)
            with process(url, here.course.root, "all") as first:
                wait_for(lambda: here.attempt(attempt).state == "grading")
                first.kill()
            assert here.attempt(attempt).state == "grading"
            make_quick(here, attempt)
            began = time.monotonic()
            with here.running_worker():
                wait_for(lambda: job_of(here, attempt).tries == 2)
                taken = time.monotonic() - began
                here.all_done()
            assert taken < 20, "it waited for the one that is dead"
            assert here.attempt(attempt).score == 4.0
            assert job_of(here, attempt).tries == 2
            assert here.gradebook("s1") == (4.0, 0.0)
            assert len(here.sent_scores(link, person)) == 1

    def test_database_that_goes_away_while_it_keeps_a_claim(
        self, here: WorkerCourse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody knows whether the claim was kept: it is not, or the attempt would wait for the next worker."""
        attempt = here.hand_in(here.link(), here.person("s1"), answers())
        failed = keep_but_fail_once(here, monkeypatch, GradingJob.lease)
        with here.running_worker():
            here.all_done()
        assert failed
        assert (here.attempt(attempt).state, job_of(here, attempt).tries) == ("graded", 2)

    def test_second_worker_waits_for_the_first(
        self, here: WorkerCourse, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The gradebook has one writer; told to stop while it waits, the second one does."""
        with caplog.at_level(logging.INFO), here.running_worker():
            here.hand_in(here.link(), here.person("s1"), answers())
            here.all_done()
            with here.running_worker():
                wait_for(lambda: "another worker of this course is running" in caplog.text)


class TestWhatCannotBeGraded:
    """Our fault, or a question's."""

    def test_hand_in_that_ends_its_worker_each_time(
        self, here: WorkerCourse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """After three tries it is ungraded with the reason; it has no score, and the others have theirs."""
        monkeypatch.setattr(grade_attempts, "grade_with", ends_its_worker_for_s3)
        link = here.link()
        people = {name: here.person(name) for name in ("s1", "s3", "s4")}
        attempts = {name: here.hand_in(link, person, answers()) for name, person in people.items()}
        with here.running_worker(slots=2):
            here.all_done()
        row = here.attempt(attempts["s3"])
        assert (row.state, row.score) == ("ungraded", None)
        assert "its worker process ended" in str(row.reason)
        assert job_of(here, attempts["s3"]).tries == 3
        assert here.standing(link, people["s3"]).score is None
        assert here.sent_scores(link, people["s3"]) == []
        assert [here.last_sent_score(link, people[name]) for name in ("s1", "s4")] == [4.0, 4.0]

    def test_score_that_none_can_have_is_not_written(
        self, here: WorkerCourse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever a worker sends back: 7 of 2 is a fault of ours."""
        monkeypatch.setattr(grade_attempts, "grade_with", scores_too_much)
        attempt = here.hand_in(here.link(), here.person("s1"), answers())
        with here.running_worker():
            here.all_done()
        assert here.attempt(attempt).state == "ungraded"
        assert (
            str(here.attempt(attempt).reason)
            == "add_more-check was scored 7.0; expected a number from 0 to 2"
        )
        assert here.deliveries() == []

    def test_one_that_cannot_be_written_down_keeps_no_other_waiting(
        self, here: WorkerCourse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is given back, as any that cannot be graded."""
        link = here.link()
        attempts = [here.hand_in(link, here.person(name), answers()) for name in ("s1", "s2")]
        finish = job_queue.finish

        def fails(session: Any, claim: job_queue.Claim, *given: Any, **named: Any) -> None:
            if claim.attempt == attempts[0]:
                raise ValueError("no JSON")
            finish(session, claim, *given, **named)

        monkeypatch.setattr(job_queue, "finish", fails)
        with here.running_worker():
            here.all_done()
        assert [here.attempt(one).state for one in attempts] == ["ungraded", "graded"]
        assert str(here.attempt(attempts[0]).reason) == "ValueError"

    def test_file_that_is_gone_is_nobodys_zero(self, here: WorkerCourse) -> None:
        """It could be read when it was taken: that it cannot now is no fault of the student's, and staff are told."""
        link, person = here.link(), here.person("s1")
        attempt = here.hand_in(link, person, answers())
        shutil.rmtree(folder(here, attempt))
        with here.running_worker():
            here.all_done()
        assert here.attempt(attempt).state == "ungraded"
        assert "cannot read the submitted file any more" in str(here.attempt(attempt).reason)
        assert here.deliveries() == []

    def test_who_is_forgotten_meanwhile_is_not_written_down_anew(
        self, here: WorkerCourse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A feedback page with a teacher's points that comes back from its worker after that is thrown away."""
        link, person = here.link(), here.person("s1")
        attempt = here.hand_in(link, person, answers(add_two=WRONG))
        with here.running_worker():
            here.all_done()
        own, pages = folder(here, attempt), here.course.root / "feedback" / "s1"
        take, taken = GradeFinalizer.take, threading.Event()

        def forgotten_before(settling: GradeFinalizer, *given: Any) -> None:
            with here.database.write() as session:
                session.delete(session.get_one(Person, person))
            for one in (own, pages):
                shutil.rmtree(one)
            take(settling, *given)
            taken.set()

        monkeypatch.setattr(GradeFinalizer, "take", forgotten_before)
        here.override(link, person, "add_two-check", 1.0, "Half of it.")
        with here.running_worker():
            assert taken.wait(120)
            here.all_done()
        assert not own.exists()
        assert not pages.exists()

    def test_who_is_forgotten_while_it_is_written_down_is_waited_for(
        self, released: Path, tmp_path: Path, other: Lms, cluster: Cluster, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Neither waits for what the other has: the worker has nothing of somebody before it has the person."""
        with worker_course(released, tmp_path, cluster.new(), other) as here:
            link, person = here.link(), here.person("s1")
            here.hand_in(link, person, answers(add_two=WRONG))
            with here.running_worker():
                here.all_done()
            here.override(link, person, "add_two-check", 1.0, "Half of it.")
            with here.database.write() as session:
                session.get_one(Person, person, with_for_update=True)
                with here.running_worker():
                    somebody_waits(here.database)
                    session.delete(session.get_one(Person, person))
                    session.commit()
                    here.all_done()
            assert "deadlock" not in caplog.text

    @pytest.mark.parametrize(
        ("slip", "message"),
        [
            pytest.param("question = 1 +\n", "add_two.py:1", id="that cannot be read"),
            pytest.param(
                None, "add_two.py has changed since it was proved: run `autograder build", id="not proved"
            ),
        ],
    )
    def test_faulty_question_file_keeps_hand_ins_waiting(
        self, here: WorkerCourse, caplog: pytest.LogCaptureFixture, slip: str | None, message: str
    ) -> None:
        """No try is spent on it, the log says why, and once it is mended they are graded without more ado."""
        file = here.course.root / "solutions" / "arithmetic" / "add_two.py"
        right = file.read_text()
        file.write_text(slip or right.replace("expect.count(got, want)", "expect.count(got, want + 1)"))
        link, person = here.link(), here.person("s1")
        attempt = here.hand_in(link, person, answers())
        with caplog.at_level(logging.ERROR), here.running_worker():
            wait_for(lambda: "it cannot be graded" in caplog.text and here.attempt(attempt).state == "queued")
            assert message in caplog.text
            assert job_of(here, attempt).tries == 0
            file.write_text(right)
            here.all_done()
        assert here.last_sent_score(link, person) == 4.0

    def test_regrade_that_fails_takes_nothing_away(
        self, here: WorkerCourse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What it earned before stands in the gradebook and at the LMS, and staff are told why it failed."""
        link, person = here.link(), here.person("s3")
        best = here.hand_in(link, person, answers())
        here.hand_in(link, person, answers(add_two=WRONG))
        with here.running_worker():
            here.all_done()
            assert here.standing(link, person).attempt_id == best
        monkeypatch.setattr(grade_attempts, "grade_with", ends_its_worker_for_s3)
        here.regrade(best)
        with here.running_worker():
            wait_for(lambda: here.attempt(best).reason)
            here.all_done()
        assert "its worker process ended" in str(here.attempt(best).reason)
        assert (here.attempt(best).state, here.standing(link, person).attempt_id) == ("graded", best)
        assert here.gradebook("s3") == (4.0, 0.0)

    def test_regrade_given_up_without_a_word_takes_nothing_away(self, here: WorkerCourse) -> None:
        """Workers were killed three times at grading it anew: what it earned before stands."""
        link, person = here.link(), here.person("s1")
        best = here.hand_in(link, person, answers())
        with here.running_worker():
            here.all_done()
        here.regrade(best)
        with here.database.write() as session:
            session.execute(
                update(GradingJob).where(GradingJob.attempt_id == best).values(tries=job_queue.TRIES)
            )
        with here.running_worker():
            wait_for(lambda: here.attempt(best).reason)
            here.all_done()
        assert str(here.attempt(best).reason) == "grading was started 3 times and never finished"
        assert here.last_sent_score(link, person) == 4.0


@pytest.mark.full
class TestWhatIsAway:
    """Databases that do not answer for a while."""

    def test_postgresql_restarted_in_the_middle(
        self, released: Path, tmp_path: Path, other: Lms, cluster: Cluster, caplog: pytest.LogCaptureFixture
    ) -> None:
        """No score is lost, the worker does not end, and says once that it waits."""
        with worker_course(released, tmp_path, cluster.new(), other) as here:
            link = here.link()
            people = [here.person(f"s{number}") for number in range(4)]
            attempts = [here.hand_in(link, person, answers()) for person in people]
            with caplog.at_level(logging.INFO), here.running_worker():
                wait_for(lambda: here.attempt(attempts[0]).state == "graded")
                cluster.stop(signal.SIGINT)
                try:
                    wait_for(lambda: re.search(AWAY, caplog.text))
                finally:
                    cluster.restart()
                here.all_done()
            assert len(re.findall(AWAY, caplog.text)) == 1
            assert [here.last_sent_score(link, person) for person in people] == [4.0] * 4
            assert {score for score, _ in here.deliveries()} == {4.0}
            assert len(here.deliveries()) == 4

    def test_database_that_goes_away_between_claim_and_grading(
        self, here: WorkerCourse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was claimed is given back, and is graded once the database answers: it holds up no place for ever."""
        task, calls = AttemptGrader.task, itertools.count()

        def away_at_first(grading: AttemptGrader, *given: Any) -> Any:
            if next(calls) == 0:
                raise OperationalError("SELECT", {}, Exception("away"))
            return task(grading, *given)

        monkeypatch.setattr(AttemptGrader, "task", away_at_first)
        link, person = here.link(), here.person("s1")
        attempt = here.hand_in(link, person, answers())
        with here.running_worker():
            here.all_done()
        assert here.last_sent_score(link, person) == 4.0
        assert job_of(here, attempt).tries == 1

    def test_gradebook_that_formgrader_holds_is_waited_for(self, here: WorkerCourse) -> None:
        """As long as it takes; then the score is in it."""
        link, person = here.link(), here.person("s1")
        with here.running_worker():
            with contextlib.closing(
                sqlite3.connect(here.course.root / "gradebook.db", isolation_level=None)
            ) as held:
                held.execute("BEGIN IMMEDIATE")
                attempt = here.hand_in(link, person, answers())
                wait_for(lambda: here.attempt(attempt).state == "graded")
                assert here.deliveries() == []
                held.execute("ROLLBACK")
            here.all_done()
        assert here.gradebook("s1") == (4.0, 0.0)
        assert here.last_sent_score(link, person) == 4.0


class TestTidying:
    """What has had its time."""

    def test_old_attempts_that_do_not_count_lose_their_files(self, here: WorkerCourse) -> None:
        """And the failing cases; their rows stay, and so do the files of the one that counts."""
        config = here.course.root / "nbgrader_config.py"
        config.write_text(config.read_text() + "\nc.WebSettings.keep_days = 30\n")
        here.course = Course.open(here.course.root)
        link, person = here.link(), here.person("s1")
        long_ago = now() - timedelta(days=31)
        counts = here.hand_in(link, person, answers(), at=long_ago)
        old = here.hand_in(link, person, answers(add_two=WRONG), at=long_ago)
        new = here.hand_in(link, person, answers(add_two=WRONG))
        with here.database.write() as session:
            session.add(Launch(state="old", nonce="old", expires_at=long_ago))
        with here.running_worker():
            here.all_done()
        assert [kept_questions(here, one) for one in (counts, old, new)] == [[], ["add_two"], ["add_two"]]
        with here.running_worker():
            wait_for(lambda: not folder(here, old).exists())
            here.all_done()
        assert folder(here, counts).exists()
        assert folder(here, new).exists()
        assert here.attempt(old).score == 2.0
        assert [kept_questions(here, one) for one in (old, new)] == [[], ["add_two"]]
        assert here.standing(link, person).attempt_id == counts
        with here.database.read() as session:
            assert session.scalars(select(Launch)).all() == []


def kept_questions(here: WorkerCourse, attempt: int) -> list[str]:
    """The questions of which failing cases are kept."""
    with here.database.read() as session:
        return [*session.scalars(select(KeptCases.question).where(KeptCases.attempt_id == attempt))]


def folder(here: WorkerCourse, attempt: int) -> Path:
    return (folder_of(here.course) / "files" / here.attempt(attempt).path).parent
