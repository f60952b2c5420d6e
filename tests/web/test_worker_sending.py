"""Whatever an LMS answers, and whoever is killed: each score ends right, and none is lost."""

from __future__ import annotations

import dataclasses
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from autograder.web.db import outbox
from autograder.web.db.database import Database
from autograder.web.db.models import Delivery, now
from autograder.web.http import LmsHttpClient
from autograder.web.lti.services import Services
from autograder.web.worker.send_scores import ScoreSender
from tests.web.loopback import Clock, Handler, Lms, lms, quick, send, silence
from tests.web.worker_course import TIMING, WorkerCourse, keep_but_fail_once, process, wait_for

pytestmark = pytest.mark.long


@pytest.fixture
def other() -> Iterator[Lms]:
    """An LMS."""
    with lms() as made:
        yield made


@pytest.fixture
def here(database: Database, other: Lms) -> WorkerCourse:
    """A link, somebody in it, and nothing announced yet; no course is needed to send."""
    return WorkerCourse(None, database, other)  # type: ignore[arg-type]


@contextmanager
def sending(here: WorkerCourse, clock: Any = now, **given: Any) -> Iterator[ScoreSender]:
    """A sender, for the time of a block."""
    stop = threading.Event()
    services = given.pop("services", None) or Services(here.database, quick())
    sender = ScoreSender(here.database, services, stop, dataclasses.replace(TIMING, **given), clock)
    sender.start()
    try:
        yield sender
    finally:
        stop.set()
        sender.join(60)
        assert not sender.is_alive()


def announced(here: WorkerCourse, score: float = 2.0) -> tuple[int, int]:
    """Somebody with a score that waits, in a link of their own."""
    link, person = here.link(), here.person(f"s{score:g}")
    announce(here, link, person, score)
    return link, person


def announce(here: WorkerCourse, link: int, person: int, score: float) -> None:
    with here.database.write() as session:
        outbox.announce(session, link, person, score=score, maximum=4.0, comment=f"it is {score}")


def delivery(here: WorkerCourse) -> Delivery:
    """The newest one."""
    with here.database.read() as session:
        return session.scalars(select(Delivery).order_by(Delivery.id.desc()).limit(1)).one()


def becomes(here: WorkerCourse, state: str) -> Delivery:
    wait_for(lambda: delivery(here).state == state)
    return delivery(here)


class InTurn:
    """Gives one answer after another; the last for ever."""

    def __init__(self, *answers: Any) -> None:
        self.left = list(answers)

    def __call__(self, handler: Handler) -> None:
        answer = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        answer(handler)


def says(status: int, data: bytes = b"", **headers: str) -> Any:
    return partial(send, status=status, data=data, headers=headers)


OK = says(200)


def held(asked: threading.Event, go_on: threading.Event) -> Any:
    """Says yes, but not before it may go on."""

    def answer(handler: Handler) -> None:
        asked.set()
        go_on.wait(60)
        OK(handler)

    return answer


def patient() -> LmsHttpClient:
    """Calls that wait for such an answer."""
    return LmsHttpClient(connect=30, read=60, total=60)


class TestAnswers:
    """What an LMS may say."""

    def test_yes(self, here: WorkerCourse) -> None:
        """Then it is confirmed, and not sent again."""
        link, person = announced(here)
        with sending(here):
            assert becomes(here, "confirmed").confirmed_at is not None
        (sent,) = here.sent_scores(link, person)
        assert (sent["scoreGiven"], sent["scoreMaximum"], sent["comment"]) == (2.0, 4.0, "it is 2.0")

    def test_409_is_sent_again_at_once_with_a_later_timestamp(self, here: WorkerCourse) -> None:
        """No pause is waited for: the clock that counts pauses stands still."""
        link, person = announced(here)
        here.lms.answers[here.links[link]] = InTurn(says(409), says(409), OK)
        moment = now()
        with sending(here, clock=lambda: moment):
            becomes(here, "confirmed")
        times = [datetime.fromisoformat(one["timestamp"]) for one in here.sent_scores(link, person)]
        assert [later - times[0] for later in times] == [timedelta(seconds=number) for number in range(3)]

    def test_429_waits_as_long_as_the_lms_asks(self, here: WorkerCourse) -> None:
        """Its Retry-After; then the score goes through."""
        link, person = announced(here)
        here.lms.answers[here.links[link]] = InTurn(says(429, **{"Retry-After": "1200"}), OK)
        clock = Clock()
        with sending(here, clock):
            wait_for(lambda: delivery(here).lms_error)
            waits = delivery(here).next_try_at - now()
            assert timedelta(seconds=1000) < waits < timedelta(seconds=1201)
            clock.ahead = timedelta(seconds=1201)
            becomes(here, "confirmed")
        assert len(here.sent_scores(link, person)) == 2

    @pytest.mark.parametrize(
        "answer",
        [says(500, b"out of order"), says(302, Location="/elsewhere"), silence],
        ids=["500", "a redirect", "silence"],
    )
    def test_lms_that_is_out_of_order_is_tried_again(self, here: WorkerCourse, answer: Any) -> None:
        """After a pause that grows; nothing is lost."""
        link, person = announced(here)
        here.lms.answers[here.links[link]] = InTurn(answer, answer, OK)
        clock = Clock()
        with sending(here, clock):
            for tries in (1, 2):
                wait_for(lambda tries=tries: delivery(here).tries == tries and delivery(here).lms_error)
                assert delivery(here).state == "waiting"
                wait_for(lambda: delivery(here).lease is None)
                clock.ahead += timedelta(seconds=10 * tries)
            becomes(here, "confirmed")
        assert {one["scoreGiven"] for one in here.sent_scores(link, person)} == {2.0}

    def test_garbage_in_the_place_of_a_token_is_tried_again(self, here: WorkerCourse) -> None:
        """No score goes out without a token."""
        announced(here)
        here.lms.answer("/token", 200, b"\x00<html>")
        clock = Clock()
        with sending(here, clock):
            wait_for(lambda: delivery(here).lms_error)
            assert delivery(here).state == "waiting"
            here.lms.answer("/token", 200, {"access_token": "SECRET-TOKEN-1", "expires_in": 3600})
            clock.ahead = timedelta(seconds=10)
            becomes(here, "confirmed")

    def test_400_is_refused_in_the_lmss_own_words(
        self, here: WorkerCourse, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is not sent again; the next score of the person is."""
        link, person = announced(here)
        here.lms.answers[here.links[link]] = InTurn(says(400, b'{"error": "No such user"}'), OK)
        with sending(here), caplog.at_level(logging.WARNING):
            assert "No such user" in str(becomes(here, "refused").lms_error)
            announce(here, link, person, 3.0)
            becomes(here, "confirmed")
        assert [one["scoreGiven"] for one in here.sent_scores(link, person)] == [2.0, 3.0]
        assert "user-s2" not in caplog.text

    def test_one_lms_that_keeps_silent_holds_up_nobody_else(self, here: WorkerCourse) -> None:
        """Several are told side by side."""
        silent, loud = announced(here, 1.0), announced(here, 2.0)
        asked, go_on = threading.Event(), threading.Event()
        here.lms.answers[here.links[silent[0]]] = held(asked, go_on)
        services = Services(here.database, patient())
        with sending(here, services=services), sending(here, services=services):
            assert asked.wait(60)
            wait_for(lambda: (2.0, "confirmed") in here.deliveries())
            assert (1.0, "waiting") in here.deliveries()
            go_on.set()
            wait_for(lambda: (1.0, "confirmed") in here.deliveries())
        assert here.last_sent_score(*loud) == 2.0


class TestSomethingEnds:
    """The database, the sender, or all of it."""

    def test_database_that_goes_away_before_the_sending(self, here: WorkerCourse) -> None:
        """What was taken is handed back when the database is back, and was no try."""
        link, person = announced(here)

        class Broken(Services):
            broken = True

            def send_score(self, *given: Any, **named: Any) -> Any:
                if self.broken:
                    self.broken = False
                    raise OperationalError("select", {}, Exception("the connection is gone"))
                return super().send_score(*given, **named)

        with sending(here, services=Broken(here.database, quick())):
            found = becomes(here, "confirmed")
        assert found.tries == 1
        assert len(here.sent_scores(link, person)) == 1

    def test_database_that_goes_away_while_it_keeps_a_claim(
        self, here: WorkerCourse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody knows whether the claim was kept: it is not, or the score would wait for the next worker."""
        link, person = announced(here)
        failed = keep_but_fail_once(here, monkeypatch, Delivery.lease)
        with sending(here):
            becomes(here, "confirmed")
        assert failed
        assert len(here.sent_scores(link, person)) == 1

    def test_database_that_goes_away_after_the_sending(
        self, here: WorkerCourse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What the LMS said is kept until the database is back: the score is not sent again."""
        link, person = announced(here)
        confirmed, failures = outbox.confirmed, [1, 2, 3]

        def fails(*given: Any, **named: Any) -> None:
            if failures:
                failures.pop()
                raise OperationalError("update", {}, Exception("the connection is gone"))
            confirmed(*given, **named)

        monkeypatch.setattr(outbox, "confirmed", fails)
        with sending(here):
            becomes(here, "confirmed")
        assert not failures
        assert len(here.sent_scores(link, person)) == 1

    def test_sender_that_is_stop_requested_finishes_what_it_is_at(self, here: WorkerCourse) -> None:
        """What the LMS was told is put down before the thread ends."""
        link, person = announced(here)
        asked, go_on = threading.Event(), threading.Event()
        here.lms.answers[here.links[link]] = held(asked, go_on)
        with sending(here, services=Services(here.database, patient())) as sender:
            assert asked.wait(60)
            sender._stop_requested.set()
            go_on.set()
        assert delivery(here).state == "confirmed"
        assert len(here.sent_scores(link, person)) == 1

    def test_kill_9_between_the_lmss_answer_and_our_record(
        self, here: WorkerCourse, url: str, tmp_path: Path
    ) -> None:
        """The same score once more with a later timestamp, and it is confirmed."""
        link, person = announced(here)
        pids: list[int] = []

        def kills(handler: Handler) -> None:
            if len(pids) == 1:
                os.kill(pids[0], signal.SIGKILL)
                pids.append(0)
            OK(handler)

        here.lms.answers[here.links[link]] = kills
        with process(url, tmp_path, "send") as first:
            pids.append(first.pid)
            assert first.wait(120) == -signal.SIGKILL
        assert delivery(here).state == "waiting"
        with process(url, tmp_path, "send"):
            becomes(here, "confirmed")
        first_told, second_told = here.sent_scores(link, person)
        assert first_told["timestamp"] < second_told["timestamp"]
        assert first_told | {"timestamp": ""} == second_told | {"timestamp": ""}
