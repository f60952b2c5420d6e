"""The outbox: the last announced score reaches the LMS, and no change is delivered twice."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from autograder.errors import LeaseLost
from autograder.text import Text
from autograder.web.db import outbox
from autograder.web.db.database import Database
from autograder.web.db.models import Delivery
from autograder.web.db.queue_status import read_queue_status
from tests.web import database_rows

pytestmark = pytest.mark.long

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@dataclass
class Post:
    """One link and one person in a database, and what happens to their score; times in seconds from `START`."""

    database: Database
    link: int
    person: int

    @classmethod
    def of(cls, database: Database, people: int = 1) -> list[Post]:
        with database.write() as session:
            database_rows.clear(session)
            where = database_rows.platform(session)
            link = database_rows.course_link(session, where)
            return [cls(database, link, database_rows.person(session, where)) for _ in range(people)]

    def announce(self, score: float, comment: str = "", *, at: float = 0) -> bool:
        with self.database.write() as session:
            return outbox.announce(
                session, self.link, self.person, score=score, maximum=10, comment=comment, at=after(at)
            )

    def due(self, at: float = 0) -> outbox.Sending | None:
        with self.database.write() as session:
            return outbox.claim(session, at=after(at))

    def restart(self, at: float = 0, lease: str | None = None) -> None:
        """What a worker does when it starts."""
        with self.database.write() as session:
            outbox.void_leases(session, lease=lease, at=after(at))

    def sending(self, at: float = 0) -> outbox.Sending:
        sending = self.due(at)
        assert sending is not None
        return sending

    def confirmed(self, sending: outbox.Sending) -> None:
        with self.database.write() as session:
            outbox.confirmed(session, sending, at=after(1))

    def retry(self, sending: outbox.Sending, words: str, *, wait: float = 0, at: float = 0) -> None:
        with self.database.write() as session:
            outbox.schedule_retry(session, sending, Text.same(words), after=wait, at=after(at))

    def refused(self, sending: outbox.Sending, words: str) -> None:
        with self.database.write() as session:
            outbox.refused(session, sending, Text.same(words))

    def elsewhere(self, at: float) -> None:
        with self.database.write() as session:
            outbox.restart(session, self.link, at=after(at))

    def deliveries(self) -> list[Delivery]:
        with self.database.read() as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))

    def states(self) -> list[str]:
        return [row.state for row in self.deliveries()]


@pytest.fixture
def post(database: Database) -> Post:
    (one,) = Post.of(database)
    return one


def test_scores_that_students_may_not_see_yet_wait(database: Database) -> None:
    """Of the assignments that are hidden none is claimed, and none is counted as work."""
    shown, hidden = Post.of(database, 1)[0], "lstm"
    assert shown.announce(7)
    with database.write() as session:
        assert outbox.claim(session, at=after(0), hidden=[hidden]) is None
        left = read_queue_status(session, after(0), [hidden])
        assert (left.hidden, left.unsent, left.due, left.for_now) == (1, 0, 0, 0)
        assert outbox.claim(session, at=after(0), hidden=["gru"]) is not None
        left = read_queue_status(session, after(0), ["gru"])
        assert (left.hidden, left.unsent, left.due) == (0, 1, 1)


class TestAnnouncing:
    """A delivery is made for a change, and for nothing else."""

    @pytest.mark.parametrize("comment", [*database_rows.HARD_NAMES, "Kim\0Min\ud83d"])
    def test_the_same_is_no_change(self, post: Post, comment: str) -> None:
        """Neither while it waits, nor on its way, nor after it arrived."""
        assert post.announce(7.1, comment)
        assert not post.announce(7.1, comment)
        sending = post.sending()
        assert not post.announce(7.1, comment)
        post.confirmed(sending)
        assert not post.announce(7.1, comment)
        assert post.states() == ["confirmed"]

    def test_another_score_comment_or_maximum_is_one(self, post: Post, database: Database) -> None:
        """Each alone makes a delivery."""
        assert post.announce(7, "a")
        assert post.announce(8, "a")
        assert post.announce(8, "b")
        with database.write() as session:
            assert outbox.announce(session, post.link, post.person, score=8, maximum=20, comment="b")

    @pytest.mark.parametrize("how", ["confirmed", "refused"])
    def test_the_same_is_told_once_to_another_place(self, post: Post, how: str) -> None:
        """Where the LMS keeps the scores elsewhere from now on."""
        post.announce(7)
        post.confirmed(post.sending()) if how == "confirmed" else post.refused(post.sending(), "no")
        post.elsewhere(10)
        assert post.states() == ["replaced"]
        assert post.announce(7, at=10)
        assert not post.announce(7, at=11)
        post.confirmed(post.sending(12))
        assert not post.announce(7, at=13)
        assert post.states() == ["replaced", "confirmed"]

    def test_waiting_scores_go_to_the_new_address_at_once(self, post: Post) -> None:
        """However long it had still to wait; what the old place answers is not recorded."""
        post.announce(7)
        old = post.sending()
        post.elsewhere(10)
        assert post.sending(10).score == 7
        with pytest.raises(LeaseLost):
            post.confirmed(old)
        assert post.states() == ["waiting"]

    def test_newer_one_takes_the_place_of_what_waits(self, post: Post) -> None:
        """The LMS is told the newest alone."""
        post.announce(7)
        post.announce(8)
        sending = post.sending()
        assert sending.score == 8
        post.confirmed(sending)
        assert post.states() == ["replaced", "confirmed"]
        assert post.due(1000) is None

    def test_newer_one_waits_for_what_is_on_its_way(self, post: Post) -> None:
        """Of one person's scores the LMS is never told two at once; the older stays in the record as confirmed."""
        post.announce(7)
        old = post.sending(0)
        post.announce(8, at=1)
        assert post.due(2) is None
        post.confirmed(old)
        new = post.sending(3)
        assert (new.score, new.timestamp) == (8, after(3))
        post.confirmed(new)
        assert post.states() == ["confirmed", "confirmed"]

    @pytest.mark.parametrize("score", [float("nan"), float("inf")])
    def test_scores_that_are_not_numbers_are_errors(self, post: Post, score: float) -> None:
        """NaN never reaches an LMS."""
        with pytest.raises(ValueError, match="expected a finite score"):
            post.announce(score)

    def test_from_many_sides_at_once_keeps_one_waiting(self, post: Post) -> None:
        """Twelve announcements from six threads: one waits, the rest are replaced."""
        with ThreadPoolExecutor(6) as pool:
            assert all(pool.map(post.announce, range(12)))
        assert Counter(post.states()) == {"waiting": 1, "replaced": 11}
        assert post.deliveries()[-1].state == "waiting"


class TestSending:
    """One sender at a time, until the LMS has it."""

    def test_is_leased(self, post: Post) -> None:
        """A second sender gets nothing; a new worker gets the same content with a later timestamp."""
        post.announce(7, "bias")
        first = post.sending(0)
        assert post.due(10_000) is None
        post.restart(1)
        second = post.sending(1)
        assert (second.score, second.comment, second.tries) == (7, "bias", 2)
        assert second.timestamp > first.timestamp
        with pytest.raises(LeaseLost, match="claimed by another sender"):
            post.confirmed(first)
        post.confirmed(second)

    def test_one_lease_alone_is_void(self, post: Post) -> None:
        """Where it is not known whether a claim was committed; the senders beside it go on."""
        post.announce(7)
        with post.database.write() as session:
            sending = outbox.claim(session, lease="mine", at=after(0))
        assert sending is not None
        post.restart(1, lease="another's")
        assert post.due(1) is None
        post.restart(2, lease="mine")
        assert post.sending(2).tries == 2

    def test_timestamps_grow_by_whole_seconds(self, post: Post) -> None:
        """Two changes in one second, and a clock that was set back: each later for Moodle than the last."""
        timestamps = []
        for place, at in enumerate((0.1, 0.2, 0.9, -100)):
            post.announce(place, at=at - 0.01)
            sending = post.sending(at)
            timestamps.append(sending.timestamp)
            post.confirmed(sending)
        assert timestamps == [after(0), after(1), after(2), after(3)]

    def test_pauses_double_to_an_hour_and_differ(self, post: Post) -> None:
        """Each pause is between half of the wanted one and all of it; the LMS's own words are kept."""
        post.announce(7)
        at, pauses = 0.0, []
        for _ in range(14):
            post.retry(post.sending(at), "503 Müller; Jörg", at=at)
            pauses.append((post.deliveries()[0].next_try_at - after(at)).total_seconds())
            at += pauses[-1]
        wanted = [min(4.0 * 2**n, 3600) for n in range(14)]
        assert all(want / 2 <= pause <= want for pause, want in zip(pauses, wanted, strict=True))
        assert len({pause / want for pause, want in zip(pauses, wanted, strict=True)}) == 14
        assert str(post.deliveries()[0].lms_error) == "503 Müller; Jörg"

    def test_waits_as_long_as_the_lms_asks(self, post: Post) -> None:
        """A 429 says how long; what no LMS means is cut to an hour."""
        post.announce(7)
        post.retry(post.sending(0), "429", wait=300, at=0)
        assert post.due(299) is None
        post.retry(post.sending(300), "429", wait=1e9, at=300)
        assert post.due(3900) is not None

    def test_keeps_an_error_in_both_languages(self, post: Post, database: Database) -> None:
        """A Korean page shows the Korean sentence; once the LMS confirms, no error is left."""
        post.announce(7)
        with database.write() as session:
            sending = outbox.claim(session, at=after(0))
            assert sending is not None
            outbox.schedule_retry(session, sending, Text(ko="연결할 수 없음", en="unreachable"), at=after(0))
        assert post.deliveries()[0].lms_error == Text(ko="연결할 수 없음", en="unreachable")
        post.confirmed(post.sending(5))
        assert post.deliveries()[0].lms_error is None

    def test_keeps_an_answer_that_is_garbage(self, post: Post) -> None:
        """A NUL, half a character and a page without end."""
        post.announce(7)
        post.retry(post.sending(), "\0\ud83d" + "x" * 10_000)
        said = str(post.deliveries()[0].lms_error)
        assert said.startswith("\ufffd?xxx")
        assert len(said) == outbox.MAX_ERROR

    def test_refused_waits_for_somebody(self, post: Post, database: Database) -> None:
        """A 400 is shown, not tried again, nor announced again by the same score; a teacher may send it again."""
        post.announce(7)
        sending = post.sending()
        post.refused(sending, "400 unknown user")
        assert (post.states(), post.deliveries()[0].lms_error) == (["refused"], Text.same("400 unknown user"))
        assert post.due(10_000) is None
        assert not post.announce(7)
        with database.write() as session:
            assert outbox.resend(session, sending.delivery, at=after(5))
            assert not outbox.resend(session, sending.delivery)
        post.confirmed(post.sending(5))
        assert post.states() == ["confirmed"]

    def test_older_refused_one_is_not_sent_again(self, post: Post, database: Database) -> None:
        """What a newer score has taken the place of is history."""
        post.announce(7)
        sending = post.sending()
        post.refused(sending, "400")
        assert post.announce(8)
        with database.write() as session:
            assert not outbox.resend(session, sending.delivery)
        assert post.sending(1).score == 8

    def test_replaced_scores_are_not_sent_again(self, post: Post) -> None:
        """An error for the older score leaves the newer one to be sent."""
        for fail in (post.retry, post.refused):
            post.announce(7)
            old = post.sending(10_000)
            post.announce(8)
            fail(old, "500")
            new = post.sending(20_000)
            assert new.score == 8
            post.confirmed(new)
        assert post.states() == ["replaced", "confirmed"] * 2


@dataclass
class Lms:
    """Keeps a score as Moodle does: only with a timestamp later by whole seconds than the last."""

    kept: dict[int, tuple[float, str]] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    sent: dict[int, list[datetime]] = field(default_factory=dict)

    def take(self, sending: outbox.Sending, *, behind: int = 0) -> int:
        """200, or 409; `behind`: so many seconds later is the timestamp that it holds from elsewhere."""
        stamps = self.sent.setdefault(sending.person, [])
        assert not stamps or sending.timestamp > stamps[-1], "timestamps grow"
        stamps.append(sending.timestamp)
        stamp = int(sending.timestamp.timestamp())
        if stamp <= self.last.get(sending.person, 0) + behind:
            return 409
        self.last[sending.person] = stamp
        self.kept[sending.person] = (sending.score, sending.comment)
        return 200


EVENTS = st.one_of(
    st.tuples(
        st.just("announce"), st.integers(0, 1), st.sampled_from([0.0, 5.0]), st.sampled_from(["", "김"])
    ),
    st.tuples(
        st.just("take"), st.sampled_from(["ok", "409", "500", "400", "lost on the way", "died after", "late"])
    ),
    st.tuples(st.just("time"), st.sampled_from([0.1, 3.0, 61.0])),
    st.tuples(st.just("restart")),
)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(events=st.lists(EVENTS, min_size=5, max_size=25))
def test_the_last_score_arrives_whatever_happens(database: Database, events: list[tuple]) -> None:
    """Any order of changes, failures, 409s, deaths and late senders: the last score is confirmed, once a change."""
    people = Post.of(database, 2)
    lms, clock = Lms(), 0.0
    last: dict[int, tuple[float, str]] = {}
    changes: Counter[int] = Counter()
    confirmations: Counter[int] = Counter()
    late: list[outbox.Sending] = []

    def confirm(sending: outbox.Sending) -> None:
        try:
            people[0].confirmed(sending)
        except LeaseLost:
            return
        confirmations[sending.delivery] += 1

    for event in events:
        if event[0] == "time":
            clock += event[1]
            while late:
                confirm(late.pop())
        elif event[0] == "restart":
            people[0].restart(clock)
        elif event[0] == "announce":
            post = people[event[1]]
            changed = post.announce(event[2], event[3], at=clock)
            assert changed == (last.get(post.person) != (event[2], event[3]))
            last[post.person] = (event[2], event[3])
            changes[post.person] += changed
        elif (sending := people[0].due(clock)) is not None:
            how = event[1]
            status = (
                0
                if how in ("lost on the way", "500", "400")
                else lms.take(sending, behind=9 * (how == "409"))
            )
            if how == "400":
                people[0].refused(sending, "400")
            elif how == "late" and status == 200:
                late.append(sending)
            elif how in ("409", "500") or (status == 409 and how == "ok"):
                people[0].retry(sending, how, at=clock)
            elif how == "ok":
                confirm(sending)
    with database.write() as session:
        for row in session.scalars(select(Delivery).where(Delivery.state == "refused")):
            outbox.resend(session, row.id, at=after(clock))
    people[0].restart(clock)
    for _ in range(20):
        clock += 4000
        while (sending := people[0].due(clock)) is not None:
            assert lms.take(sending) == 200
            confirm(sending)
    assert lms.kept == last
    assert all(count == 1 for count in confirmations.values())
    made = people[0].deliveries()
    assert Counter(row.person_id for row in made) == changes
    newest = {row.person_id: row for row in made}
    assert all(newest[person].state == "confirmed" for person in last)
    assert {row.id for row in made if row.state == "confirmed"} == set(confirmations)
    assert {row.state for row in made} <= {"confirmed", "replaced", "refused"}


def test_many_senders_never_tell_two_at_once(database: Database) -> None:
    """Four senders, while scores change: each person's scores go out one after the other, and the last arrives."""
    people = Post.of(database, 10)
    lms, lock = Lms(), threading.Lock()
    under_way: set[int] = set()
    wrong: list[str] = []
    stop = threading.Event()

    def announce(post: Post) -> None:
        for score in range(1, 5):
            with database.write() as session:
                outbox.announce(session, post.link, post.person, score=score, maximum=10, comment="O'Neil")
            time.sleep(0.02)

    def send() -> None:
        while True:
            idle = stop.is_set()
            with database.write() as session:
                # ahead of the clock, so that no pause is waited for
                sending = outbox.claim(session)
            if sending is None:
                if idle:
                    return
                time.sleep(0.01)
                continue
            with lock:
                if sending.person in under_way:
                    wrong.append(f"{sending.person} is told two at once")
                under_way.add(sending.person)
            time.sleep(0.005)
            with lock:
                if lms.take(sending) != 200:
                    wrong.append("409")
                under_way.discard(sending.person)
            with database.write() as session:
                outbox.confirmed(session, sending)

    with ThreadPoolExecutor(8) as pool:
        senders = [pool.submit(send) for _ in range(4)]
        list(pool.map(announce, people))
        stop.set()
        for sender in senders:
            sender.result(60)
    assert wrong == []
    assert lms.kept == {post.person: (4, "O'Neil") for post in people}
    assert {row.state for row in people[0].deliveries()} <= {"confirmed", "replaced"}


SENDER = """
import dataclasses, json, sys, time
from autograder.web.db import outbox
from autograder.web.db.database import Database
database = Database.open(sys.argv[1])
with database.write() as session:
    outbox.void_leases(session)
while True:
    with database.write() as session:
        sending = outbox.claim(session)
    if sending is not None:
        break
    time.sleep(0.05)
fields = dataclasses.asdict(sending) | {"timestamp": sending.timestamp.isoformat()}
print(json.dumps(fields), flush=True)
time.sleep(float(sys.argv[2]))
with database.write() as session:
    outbox.confirmed(session, sending)
"""


def test_killed_sender_has_the_same_sent_again(url: str, database: Database, tmp_path: Path) -> None:
    """`kill -9` between the LMS's answer and the record: the same score and comment, with a later timestamp."""
    (post,) = Post.of(database)
    post.announce(7.5, '김민지: "=SUM(1,2)"')
    claimed = []
    for pause in (3600, 0):
        with subprocess.Popen(
            [sys.executable, "-c", SENDER, url, str(pause)], stdout=subprocess.PIPE, text=True
        ) as sender:
            assert sender.stdout is not None
            claimed.append(json.loads(sender.stdout.readline()))
            if pause:
                sender.kill()
    first, second = claimed
    assert {key for key in first if first[key] != second[key]} == {"timestamp", "tries", "lease"}
    assert second["timestamp"] > first["timestamp"]
    assert post.states() == ["confirmed"]
