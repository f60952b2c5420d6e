"""Jobs: every attempt ends graded once or ungraded with a reason, whatever becomes of the workers."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select

from autograder.errors import LeaseLost
from autograder.text import Text
from autograder.web.db import job_queue
from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, FinalGrade, GradingJob, Person
from tests.web import database_rows

pytestmark = pytest.mark.long

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
NO_SEAL = Text(ko="봉인이 없음", en="no seal on this machine")
RESULT = job_queue.AttemptResult(7.5, 10, {"김민지": "=SUM(1,2)"}, {"autograder": "1"})


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def handed_in(database: Database, count: int = 1) -> list[int]:
    """So many attempts with a job each, in the order in which they may be claimed."""
    with database.write() as session:
        made = database_rows.attempts(session, count)
        for place, one in enumerate(made):
            job_queue.enqueue(session, one)
            session.scalars(select(GradingJob).where(GradingJob.attempt_id == one)).one().free_at = after(
                place / 1000
            )
    return made


def claimed(database: Database, seconds: float, *, worker: str = "one", lease: str = "") -> job_queue.Claim:
    with database.write() as session:
        claim = job_queue.claim(session, worker, lease=lease, at=after(seconds))
    assert claim is not None
    return claim


def nothing_at(database: Database, seconds: float) -> bool:
    with database.write() as session:
        return job_queue.claim(session, "asks", at=after(seconds)) is None


def worker_starts(database: Database, *, lease: str | None = None) -> None:
    """The one before it has ended."""
    with database.write() as session:
        job_queue.void_leases(session, lease=lease)


def attempt(database: Database, number: int) -> Attempt:
    with database.read() as session:
        return session.get_one(Attempt, number)


class TestAJob:
    """The life of one job."""

    def test_ends_in_the_record(self, database: Database) -> None:
        """What the worker found stands with the attempt, and nobody gets the job again."""
        (one,) = handed_in(database)
        claim = claimed(database, 1)
        assert (claim.attempt, claim.tries) == (one, 1)
        assert attempt(database, one).state == "grading"
        with database.write() as session:
            job_queue.finish(session, claim, RESULT, at=after(2))
        kept = attempt(database, one)
        assert (kept.state, kept.score, kept.points, kept.graded_at) == ("graded", 7.5, 10, after(2))
        assert (kept.report, kept.versions, kept.reason) == (RESULT.report, RESULT.versions, None)
        assert nothing_at(database, 10_000)

    def test_is_one_however_often_it_is_put(self, database: Database) -> None:
        """A page that was sent twice makes no second job, nor does one that is sent when all is done."""
        (one,) = handed_in(database)
        claim = claimed(database, 1)
        with database.write() as session:
            job_queue.enqueue(session, one)
            job_queue.finish(session, claim, RESULT)
            job_queue.enqueue(session, one)
        assert nothing_at(database, 10_000)

    def test_that_waited_longest_comes_first(self, database: Database) -> None:
        """Jobs are taken in the order in which they came."""
        made = handed_in(database, 3)
        assert [claimed(database, 1).attempt for _ in made] == made

    def test_never_graded_comes_before_regrades(self, database: Database) -> None:
        """Then what counts, then the rest; students are told so."""
        rest, counts, new = handed_in(database, 3)
        with database.write() as session:
            for number in (rest, counts):
                session.get_one(Attempt, number).score = 1.0
            row = session.get_one(Attempt, counts)
            final = FinalGrade(course_link_id=row.course_link_id, person_id=row.person_id, attempt_id=counts)
            session.add(final)
        with database.read() as session:
            assert [job_queue.jobs_ahead(session, number) for number in (rest, counts, new)] == [2, 1, 0]
        assert [claimed(database, 1).attempt for _ in range(3)] == [new, counts, rest]

    def test_of_a_person_delay_nobody_else(self, database: Database) -> None:
        """One at a time, the newest first, and the older ones after everybody's newest."""
        first, second, third, of_other = handed_in(database, 4)
        with database.write() as session:
            person = session.get_one(Attempt, first)
            for number in (second, third):
                row = session.get_one(Attempt, number)
                row.person_id, row.course_link_id = person.person_id, person.course_link_id
        with database.read() as session:
            ahead = [job_queue.jobs_ahead(session, number) for number in (first, second, third, of_other)]
        assert ahead == [3, 2, 0, 1]
        newest = claimed(database, 1)
        assert newest.attempt == third
        assert claimed(database, 1).attempt == of_other
        assert nothing_at(database, 1)
        with database.write() as session:
            job_queue.finish(session, newest, RESULT, at=after(2))
        assert claimed(database, 3).attempt == second

    def test_of_a_worker_that_ended_waits_again_at_once(self, database: Database) -> None:
        """In its place, and the try counts, since it may have ended by it."""
        one, _other = handed_in(database, 2)
        claimed(database, 1)
        worker_starts(database)
        assert attempt(database, one).state == "queued"
        claim = claimed(database, 2)
        assert (claim.attempt, claim.tries) == (one, 2)

    def test_is_nobody_elses_until_it_ends(self, database: Database) -> None:
        """However long it is graded."""
        handed_in(database)
        claimed(database, 1)
        assert nothing_at(database, 100_000)

    def test_is_void_alone_where_its_claim_is_doubtful(self, database: Database) -> None:
        """What else the worker grades goes on."""
        first, second = handed_in(database, 2)
        claimed(database, 1, lease="mine")
        other = claimed(database, 1)
        worker_starts(database, lease="mine")
        assert claimed(database, 2).attempt == first
        with database.write() as session:
            job_queue.finish(session, other, RESULT)
        assert attempt(database, second).state == "graded"

    def test_that_was_taken_over_is_written_by_the_last_alone(self, database: Database) -> None:
        """A worker that comes late cannot write or give back, and is told whose fault that is."""
        (one,) = handed_in(database)
        late = claimed(database, 1, worker="late")
        worker_starts(database)
        last = claimed(database, 3, worker="last")
        for write in (
            lambda session: job_queue.finish(session, late, job_queue.AttemptResult(0, 10, {}, {})),
            lambda session: job_queue.give_back(session, late, reason=NO_SEAL),
        ):
            with pytest.raises(LeaseLost, match="no longer claimed by late"), database.write() as session:
                write(session)
        with database.write() as session:
            job_queue.finish(session, last, RESULT)
        with pytest.raises(LeaseLost), database.write() as session:
            job_queue.finish(session, late, job_queue.AttemptResult(0, 10, {}, {}))
        assert attempt(database, one).score == 7.5

    def test_may_be_finished_late_where_nobody_took_it(self, database: Database) -> None:
        """Work that is done is kept."""
        (one,) = handed_in(database)
        claim = claimed(database, 1)
        with database.write() as session:
            job_queue.finish(session, claim, RESULT, at=after(1000))
        assert attempt(database, one).state == "graded"

    def test_that_nobody_brings_to_an_end_leaves_no_score(self, database: Database) -> None:
        """After three workers were lost the attempt is ungraded, says why, and the next job goes on."""
        first, second = handed_in(database, 2)
        for start in (1, 100, 200):
            assert claimed(database, start).attempt == first
            if start == 1:
                other = claimed(database, start, worker="b")
                with database.write() as session:
                    job_queue.give_back(session, other, pause=400, at=after(1))
            worker_starts(database)
        assert claimed(database, 500).attempt == second
        kept = attempt(database, first)
        assert (kept.state, kept.score, kept.report) == ("ungraded", None, None)
        assert str(kept.reason) == "grading was started 3 times and never finished"

    def test_failed_regrade_keeps_the_earlier_score(self, database: Database) -> None:
        """A fault of ours in a regrade takes nothing away; why it failed is told beside the score."""
        (one,) = handed_in(database)
        claim = claimed(database, 1)
        with database.write() as session:
            job_queue.finish(session, claim, RESULT, at=after(2))
            job_queue.requeue(session, one, at=after(3))
        for start in (4, 5, 6):
            claim = claimed(database, start)
            with database.write() as session:
                job_queue.give_back(session, claim, reason=NO_SEAL, at=after(start))
        kept = attempt(database, one)
        assert (kept.state, kept.score, kept.report) == ("graded", RESULT.score, RESULT.report)
        assert kept.reason == NO_SEAL

    def test_given_back_with_a_reason_ends_by_it(self, database: Database) -> None:
        """The third failure of the machine ends the job with what the worker said; each pause is kept."""
        (one,) = handed_in(database)
        for start in (1, 31, 61):
            claim = claimed(database, start)
            with database.write() as session:
                job_queue.give_back(session, claim, reason=NO_SEAL, pause=30, at=after(start))
            assert nothing_at(database, start + 29)
        assert nothing_at(database, 10_000)
        kept = attempt(database, one)
        assert (kept.state, kept.score, kept.reason) == ("ungraded", None, NO_SEAL)

    def test_given_back_without_one_was_no_try(self, database: Database) -> None:
        """A worker that is told to stop takes no try away, and no place."""
        one, _other = handed_in(database, 2)
        for start in range(1, 10):
            claim = claimed(database, start)
            assert (claim.attempt, claim.tries) == (one, 1)
            with database.write() as session:
                job_queue.give_back(session, claim, at=after(start))
            assert attempt(database, one).state == "queued"

    def test_put_again_leaves_alone_what_is_being_graded(self, database: Database) -> None:
        """Its result counts, and it takes no place twice; put again after that, it waits and keeps its score."""
        (one,) = handed_in(database)
        claim = claimed(database, 1)
        with database.write() as session:
            job_queue.requeue(session, one, at=after(2))
        assert nothing_at(database, 3)
        with database.write() as session:
            job_queue.finish(session, claim, RESULT)
        with database.write() as session:
            job_queue.requeue(session, one, at=after(4))
        assert (attempt(database, one).state, attempt(database, one).score) == ("queued", 7.5)

    def test_put_again_while_it_waits_keeps_its_place(self, database: Database) -> None:
        """One that waits for its next try is tried at once, with all its tries."""
        first, second = handed_in(database, 2)
        for number in (first, second):
            with database.write() as session:
                job_queue.requeue(session, number, at=after(50))
        assert claimed(database, 1).attempt == first
        failed = claimed(database, 1)
        with database.write() as session:
            job_queue.give_back(session, failed, reason=NO_SEAL, pause=1000, at=after(2))
            job_queue.requeue(session, second, at=after(3))
        claim = claimed(database, 3)
        assert (claim.attempt, claim.tries) == (second, 1)

    def test_regrades_that_wait_can_be_stopped(self, database: Database) -> None:
        """They keep score or reason; neither what is being graded nor a new attempt is touched, nor another link's."""
        graded, ungraded, under_way, new, elsewhere = handed_in(database, 5)
        with database.write() as session:
            row = session.get_one(Attempt, elsewhere)
            link, row.course_link_id = (
                row.course_link_id,
                database_rows.course_link(session, row.person.platform, "gru"),
            )
            for number in (graded, under_way, elsewhere):
                row = session.get_one(Attempt, number)
                row.score, row.graded_at = 3.0, START
            row = session.get_one(Attempt, ungraded)
            row.graded_at, row.reason = START, NO_SEAL
            for job in session.scalars(select(GradingJob).where(GradingJob.attempt_id == under_way)):
                job.state, job.attempt.state = "leased", "grading"
        with database.read() as session:
            assert job_queue.regrades_waiting(session, link) == 2
        with database.write() as session:
            assert job_queue.cancel_regrades(session, link) == 2
            assert job_queue.cancel_regrades(session, link) == 0
        states = [attempt(database, one).state for one in (graded, ungraded, under_way, new, elsewhere)]
        assert states == ["graded", "ungraded", "grading", "queued", "queued"]
        assert attempt(database, ungraded).reason == NO_SEAL
        assert {claimed(database, 9).attempt, claimed(database, 9).attempt} == {new, elsewhere}

    def test_of_a_forgotten_person_is_over(self, database: Database) -> None:
        """Who forgets a student while the work is graded keeps nothing of it."""
        handed_in(database)
        claim = claimed(database, 1)
        with database.write() as session:
            session.execute(delete(Person))
        with pytest.raises(LeaseLost), database.write() as session:
            job_queue.finish(session, claim, RESULT)

    @pytest.mark.parametrize("score", [float("nan"), float("inf")])
    def test_never_ends_with_what_is_no_number(self, score: float) -> None:
        """NaN is no score."""
        with pytest.raises(ValueError, match="must be finite"):
            job_queue.AttemptResult(score, 10, {}, {})

    def test_is_written_with_its_company_or_not_at_all(self, database: Database) -> None:
        """What stands in one transaction with a late `finish` is not kept either."""
        (one,) = handed_in(database)
        late = claimed(database, 1)
        worker_starts(database)
        claimed(database, 61)
        with pytest.raises(LeaseLost), database.write() as session:
            session.get_one(Attempt, one).edition = "ko"
            job_queue.finish(session, late, RESULT)
        assert attempt(database, one).edition == "en"


class Jobs(RuleBasedStateMachine):
    """Workers that claim, are late, die and come back, against what should be."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database, self.clock, self.claims = database, 0.0, []
        self.holder: dict[int, job_queue.Claim] = {}
        self.finished: Counter[int] = Counter()
        self.tries: Counter[int] = Counter()

    @initialize(count=st.integers(1, 3))
    def hand_in(self, count: int) -> None:
        with self.database.write() as session:
            database_rows.clear(session)
        self.all = handed_in(self.database, count)

    @rule(seconds=st.sampled_from([0.5, 5.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock += seconds

    @rule()
    def claim(self) -> None:
        with self.database.write() as session:
            claim = job_queue.claim(session, "worker", at=after(self.clock))
        if claim is not None:
            assert claim.attempt not in self.holder, "two at once"
            assert not self.finished[claim.attempt]
            self.tries[claim.attempt] += 1
            self.holder[claim.attempt] = claim
            self.claims.append(claim)

    @rule()
    def worker_dies(self) -> None:
        worker_starts(self.database)
        self.holder.clear()

    @rule(data=st.data(), how=st.sampled_from(["finish", "give back", "fail"]))
    def report(self, data: st.DataObject, how: str) -> None:
        if not self.claims:
            return
        claim = self.claims[data.draw(st.integers(0, len(self.claims) - 1))]
        mine = self.holder.get(claim.attempt)
        try:
            with self.database.write() as session:
                if how == "finish":
                    job_queue.finish(session, claim, RESULT, at=after(self.clock))
                else:
                    reason = NO_SEAL if how == "fail" else None
                    job_queue.give_back(session, claim, reason=reason, at=after(self.clock))
        except LeaseLost:
            ended = attempt(self.database, claim.attempt).state in ("graded", "ungraded")
            assert mine is None or mine.lease != claim.lease or ended
            return
        assert mine is not None
        assert mine.lease == claim.lease
        self.finished[claim.attempt] += how == "finish"
        self.tries[claim.attempt] -= how == "give back"
        del self.holder[claim.attempt]

    @invariant()
    def nothing_is_lost_or_twice(self) -> None:
        for one in getattr(self, "all", []):
            kept = attempt(self.database, one)
            assert self.finished[one] <= 1
            assert (kept.state == "graded") == (self.finished[one] == 1) == (kept.score is not None)
            assert self.tries[one] <= job_queue.TRIES
            if kept.state == "ungraded":
                assert kept.reason
                assert self.tries[one] == job_queue.TRIES

    def teardown(self) -> None:
        """Whatever happened, a worker that works brings all to an end."""
        worker_starts(self.database)
        for _ in range(20):
            self.clock += 61
            with self.database.write() as session:
                if (claim := job_queue.claim(session, "good", at=after(self.clock))) is not None:
                    job_queue.finish(session, claim, RESULT, at=after(self.clock))
        for one in getattr(self, "all", []):
            assert attempt(self.database, one).state in ("graded", "ungraded")


def test_any_order_of_events_ends_well(database: Database) -> None:
    """Claims, delays, deaths, failures in any order: one result or a reason, never two at once."""
    run_state_machine_as_test(
        lambda: Jobs(database),
        settings=settings(max_examples=15, stateful_step_count=20, suppress_health_check=list(HealthCheck)),
    )


class Worker:
    """A worker in a process of its own, with what it said in a file, so that a kill loses no line."""

    def __init__(self, url: str, name: str, said: Path, *, hang: int = 0) -> None:
        self.said = said
        program = Path(__file__).with_name("grading_process.py")
        with said.open("w") as out:
            self.process = subprocess.Popen([sys.executable, str(program), url, name, str(hang)], stdout=out)

    def lines(self, word: str) -> list[int]:
        whole, _, _ = self.said.read_text().rpartition("\n")  # the last line may have been written in part
        split = (line.split() for line in whole.splitlines())
        return [int(line[1]) for line in split if line[0] == word]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def wait_until(true: object, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


class TestProcesses:
    """Real workers, killed with `kill -9`."""

    def test_killed_worker_loses_nothing(self, url: str, database: Database, tmp_path: Path) -> None:
        """Killed in the middle of its sixth job of thirty: each is graded once, that one by the next worker."""
        made = handed_in(database, 30)
        first = Worker(url, "first", tmp_path / "first", hang=6)
        wait_until(lambda: len(first.lines("claimed")) == 6)
        first.kill()
        second = Worker(url, "second", tmp_path / "second")
        assert second.process.wait(120) == 0
        held = first.lines("claimed")[-1]
        assert Counter(first.lines("finished") + second.lines("finished")) == Counter(made)
        with database.read() as session:
            graded = {one.id: one for one in session.scalars(select(Attempt))}
        assert {one.state for one in graded.values()} == {"graded"}
        assert [one.id for one in graded.values() if one.versions == {"tries": 2}] == [held]
        assert graded[held].report == {"by": "second"}

    @pytest.mark.full
    def test_kills_at_any_moment_lose_nothing(self, url: str, database: Database, tmp_path: Path) -> None:
        """A worker killed wherever it is, and replaced, eight times: all graded, none finished twice."""
        handed_in(database, 100)
        draw = random.Random(7)
        with database.write() as session:
            for job in session.scalars(select(GradingJob)):
                job.tries = -100  # the limit is another test's
        workers = []
        for number in range(8):
            workers.append(Worker(url, str(number), tmp_path / str(number)))
            wait_until(lambda: workers[-1].lines("claimed"))
            time.sleep(draw.random() / 5)
            workers[-1].kill()
        workers.append(Worker(url, "last", tmp_path / "last"))
        assert workers[-1].process.wait(120) == 0
        assert max(Counter(one for worker in workers for one in worker.lines("finished")).values()) == 1
        with database.read() as session:
            assert set(session.scalars(select(Attempt.state))) == {"graded"}
