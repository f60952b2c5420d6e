"""Cases kept for staff: with the result of an attempt, of limited size, and in nothing that students get."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from autograder.course import Course
from autograder.errors import LeaseLost
from autograder.grading.disclosure import PUBLIC_SEED
from autograder.grading.draws import SharedDraws
from autograder.grading.failing_cases import MAX_CASES, FailingCase, FailingCases, FailingCheck
from autograder.grading.value_format import MAX_VALUE
from autograder.nbgrader_hooks import CONFIG_FILE
from autograder.sandbox.fork_server import ForkServerPool
from autograder.text import Text
from autograder.web.db import job_queue, kept_cases
from autograder.web.db.database import Database
from autograder.web.db.job_queue import AttemptResult
from autograder.web.db.kept_cases import MAX_SIZE
from autograder.web.db.models import Attempt, Context, KeptCases, now
from autograder.web.lti.claims import LTI
from autograder.web.settings import folder_of
from tests.web import database_rows
from tests.web.classes import enter
from tests.web.loopback import lms, tool, words
from tests.web.worker_course import WRONG, WorkerCourse, answers, release, worker_course

pytestmark = pytest.mark.long

ENDLESS = "def {name}(a, b):\n    import time\n    while True:\n        time.sleep(1)"
"""Sleeps, so that a busy machine ends it no later."""
EXITS = "def add_two(a, b):\n    import os; os._exit(1)"


def cases(text: str, checks: int = 1) -> FailingCases:
    """As many failing cases as are kept of one question. text: of which each value is made."""
    case = FailingCase("n=3", text, text, Text(ko=text, en=text))
    return FailingCases(
        tuple(FailingCheck(f"check_{n}", Text(en="no"), (case,) * MAX_CASES, 1) for n in range(checks))
    )


@pytest.fixture
def attempt(database: Database) -> int:
    with database.write() as session:
        return database_rows.attempts(session, 1)[0]


def kept(database: Database, attempt: int) -> dict[str, FailingCases | None]:
    """What is kept of an attempt, by question."""
    with database.read() as session:
        names = session.scalars(select(KeptCases.question).where(KeptCases.attempt_id == attempt)).all()
        return {name: kept_cases.load(session, attempt, name) for name in names}


class TestStored:
    """In the database, on both kinds."""

    def test_they_are_those_of_the_last_grading(self, database: Database, attempt: int) -> None:
        """What a question is right in now, or is not asked any more, has none."""
        for failing in ({"a": cases("1"), "b": cases("2")}, {"b": cases("3")}):
            with database.write() as session:
                kept_cases.store(session, attempt, failing)
        assert kept(database, attempt) == {"b": cases("3")}

    def test_each_kind_of_text_comes_back(self, database: Database, attempt: int) -> None:
        """Markup, quotes, Korean, and what a worker of a cluster might send without an escape."""
        for text in (*database_rows.HARD_NAMES, "<b>", "\x1b[2J", "\0", "\ud800"):
            with database.write() as session:
                kept_cases.store(session, attempt, {"a": cases(text)})
            assert kept(database, attempt) == {"a": cases(text)}

    def test_size_of_an_attempt_is_limited(self, database: Database, attempt: int) -> None:
        """Of long values each check keeps fewer cases, and counts the others; every question has its row."""
        failing = {f"q{n}": cases("가" * MAX_VALUE, checks=4) for n in range(5)}
        with database.write() as session:
            kept_cases.store(session, attempt, failing)
        found = kept(database, attempt)
        assert found.keys() == failing.keys()
        for one in found.values():
            assert one is not None
            for check in one.checks:
                assert len(check.cases) < MAX_CASES
                assert check.more == 1 + MAX_CASES - len(check.cases)
        assert stored_size(database) <= MAX_SIZE

    def test_nothing_is_kept_of_texts_that_fit_nowhere(self, database: Database, attempt: int) -> None:
        """As from a worker of a cluster that was meddled with."""
        endless = FailingCases((FailingCheck("c", Text(en="x" * MAX_SIZE)),))
        with database.write() as session:
            kept_cases.store(session, attempt, {"a": endless, "b": cases("1")})
        assert kept(database, attempt) == {"a": FailingCases(), "b": FailingCases()}

    def test_whoever_lost_the_lease_keeps_nothing(self, database: Database, attempt: int) -> None:
        """They are written with the result, or not at all."""
        with database.write() as session:
            job_queue.enqueue(session, attempt)
            claim = job_queue.claim(session, "first")
            assert claim is not None
            job_queue.void_leases(session)
        with pytest.raises(LeaseLost), database.write() as session:
            job_queue.finish(session, claim, AttemptResult(1, 2, {}, {}, {"a": cases("1")}), at=now())
        assert kept(database, attempt) == {}

    def test_no_result_shows_them(self) -> None:
        """Neither a log line nor an error message that quotes one."""
        assert "HIDDEN" not in repr(AttemptResult(1, 2, {}, {}, {"a": cases("HIDDEN")}))


def stored_size(database: Database) -> int:
    """Characters of JSON."""
    with database.read() as session:
        return sum(len(json.dumps(row)) for row in session.scalars(select(KeptCases.cases)))


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released course of two questions."""
    return release(tmp_path_factory.mktemp("kept") / "course")


@pytest.fixture
def here(released: Path, tmp_path: Path) -> Iterator[WorkerCourse]:
    """A course that nobody handed in to yet."""
    with lms() as other, worker_course(released, tmp_path, tmp_path / "web.db", other) as made:
        yield made


@pytest.mark.seal
class TestGraded:
    """By the worker as it is, with real kernels."""

    def test_wrong_answer_keeps_its_cases(self, here: WorkerCourse) -> None:
        """Five of those that failed, of the wrong question alone."""
        attempt = here.hand_in(here.link(), here.person("s1"), answers(add_two=WRONG))
        with here.running_worker():
            here.all_done()
        found = kept(here.database, attempt)
        assert [*found] == ["add_two"]
        [check] = found["add_two"].checks if found["add_two"] else ()
        assert len(check.cases) == MAX_CASES
        for case in check.cases:
            first, second = (int(part.split("=")[1]) for part in case.given.split(", "))
            assert (case.wanted, case.got) == (str(first + second), str(first * second))

    def test_answer_that_ends_its_kernel_keeps_one_case(self, here: WorkerCourse) -> None:
        """And tells how many were not tried, as of an endless loop."""
        attempt = here.hand_in(here.link(), here.person("s1"), answers(add_two=EXITS))
        with here.running_worker():
            here.all_done()
        found = kept(here.database, attempt)["add_two"]
        assert found is not None
        [check] = found.checks
        [case] = check.cases
        assert (case.got, check.untried) == ("", 9)
        assert "ended the kernel" in case.message.en

    def test_staff_read_at_once_why_an_endless_loop_has_no_points(
        self, here: WorkerCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The page shows the input with which the answer did not end; no kernel runs it again."""
        with (here.course.root / CONFIG_FILE).open("a", encoding="utf-8") as config:
            config.write('c.CourseSettings.limits = {"call": 2}\n')
        here.course = Course.open(here.course.root)
        link = here.link()
        attempt = here.hand_in(link, here.person("s1"), answers(add_two=ENDLESS))
        with here.running_worker():
            here.all_done()
        assert here.attempt(attempt).score == 2.0
        monkeypatch.setattr(ForkServerPool, "get", lambda *_: pytest.fail("a kernel was asked for"))
        with here.database.write() as session:
            session.get_one(Context, here.context).confirmed_at = now()
        activity = {LTI + "context": {"id": "course"}, LTI + "custom": {"assignment": "arithmetic"}}
        activity[LTI + "resource_link"] = {"id": here.links[link].split("/")[2]}
        with tool(tmp_path, here.course.root) as web:
            page = enter(web, here.lms, **activity).get(f"staff/attempts/{attempt}/why/add_two")
        found = kept(here.database, attempt)["add_two"]
        assert found is not None
        [check] = found.checks
        [case] = check.cases
        text = words(page)
        assert f"{case.given} {case.wanted}" in " ".join(text.split())
        assert "2 s" in text
        assert "Inputs not tried after that: 9" in text

    def test_nothing_else_has_a_hidden_input(
        self, here: WorkerCourse, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Not the report, not the graded notebook, not the page, not what the LMS gets, not the log."""
        link = here.link()
        wrong = "def add_two(a, b):\n    return 'MARK' + str(1000 * a + b)"
        attempt = here.hand_in(link, here.person("s1"), answers(add_two=wrong))
        with caplog.at_level(logging.DEBUG), here.running_worker():
            here.all_done()
        found = kept(here.database, attempt)["add_two"]
        assert found is not None
        [question] = [one for one in here.course.assignment("arithmetic").questions if one.id == "add_two"]
        public = [case.args for case in SharedDraws(PUBLIC_SEED).of(question).cases]
        hidden = {case.got.strip("'") for case in found.checks[0].cases}
        hidden -= {f"MARK{1000 * first + second}" for first, second in public}
        assert len(hidden) > 1
        with here.database.read() as session:
            row = session.get_one(Attempt, attempt)
            texts = [json.dumps([row.report, row.versions])]
        texts += [caplog.text, *(str(one) for one in here.lms.asked)]
        roots = (folder_of(here.course) / "files", here.course.root)
        for path in {path for root in roots for path in root.rglob("*") if path.is_file()}:
            if ".db" not in path.name:
                texts.append(path.read_bytes().decode(errors="replace"))
        assert [value for value in hidden if any(value in text for text in texts)] == []
