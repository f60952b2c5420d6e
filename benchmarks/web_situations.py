"""The situations in which the web tool promises that nobody waits long, measured as ratios within one run.

They are compared to hand-ins with nothing else to do, to a burst without endless loops, to an ordinary start of the
worker, and to another page. A hand-in is timed from its arrival until its feedback is there.
"""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import func, select
from web_class import ACTIVITY, REPLACED, WRONG, Place, Student, fail_with, p95

from autograder.web.db.database import Database
from autograder.web.db.models import Attempt, FinalGrade, Membership, Person, RegradedAttempt
from autograder.web.db.types import Table
from autograder.web.settings import files_of
from tests.web.classes import Staff, enter

ENDLESS = f"def {REPLACED}(input_dim, units, reset_after=True):\n    while True:\n        pass"
DAWDLES = (
    f"def {REPLACED}(input_dim, units, reset_after=True):\n    import time\n    time.sleep(0.1)\n    return 0"
)
"""Takes a few seconds, so that a worker can be killed over it."""
STUCK = 900
"""Seconds after which something that is waited for never comes: on a busy machine, endless loops take minutes."""
LOOK = 0.02
"""Seconds between two looks at what the worker has in hand."""
IN_FLIGHT = (Attempt.state == "grading",)
WAITING = (Attempt.state.in_(("queued", "grading")),)


@dataclass(frozen=True)
class Sizes:
    """How much there is of everything; `--scale` multiplies it."""

    hand_ins: int = 20
    """Those that are timed while nothing or something else goes on, one after the other."""
    regraded: int = 500
    burst: int = 57
    endless: int = 3
    """Of the burst, besides."""
    notebooks: int = 4
    """The endless ones of one student."""
    starts: int = 5
    members: int = 1000
    pages: int = 40

    def scaled(self, factor: float) -> Sizes:
        """Return these sizes, multiplied, none below 1."""
        return Sizes(**{name: max(1, round(number * factor)) for name, number in asdict(self).items()})


@dataclass(frozen=True)
class Row:
    """What one situation gave."""

    situation: str
    seconds: Sequence[float]
    compared: Sequence[float] = ()
    """The seconds in the situation to which it is compared."""
    target: str = ""

    @property
    def words(self) -> tuple[str, str, str, str, str]:
        """The row as text."""
        ratio = f"{p95(self.seconds) / p95(self.compared):.2f}" if self.compared else ""
        return self.situation, str(len(self.seconds)), f"{p95(self.seconds):.2f}", ratio, self.target


class Situations:
    """The situations, in a place that is served."""

    def __init__(self, place: Place, database: Database, sizes: Sizes) -> None:
        self._place, self._database, self._sizes = place, database, sizes
        self._idle: list[float] = []

    def idle(self) -> Iterator[Row]:
        """Hand in, one after the other, with nothing else to do."""
        Student("first", "", self._place).hand_in(0)  # until the worker has started
        self._idle = self._fresh("idle")
        yield Row("hand-ins, nothing else to do", self._idle)

    def regrade(self) -> Iterator[Row]:
        """Do the same while the class is graded again."""
        self._copy(self._sizes.regraded)
        staff = self._staff()
        address = staff.post("staff/regrade", everything="on").url
        seconds = self._fresh("meanwhile")
        with self._database.read() as session:
            left = session.scalars(select(func.count()).where(RegradedAttempt.state == "waiting")).one()
        if not left:
            raise SystemExit("the regrade had ended before the last hand-in was graded")
        staff.post(f"staff/regrade/{address.partition('?')[0].rpartition('/')[2]}/discard")
        name = f"the same during a regrade of {self._sizes.regraded}, of which {left} were left"
        yield Row(name, seconds, self._idle, "3")

    def endless(self) -> Iterator[Row]:
        """Do the same behind notebooks of one student whose code never ends."""
        number = self._sizes.notebooks
        # of one person, two files at most are taken at once
        self._place.at_once((("endless", f"{ENDLESS}\n# {count}") for count in range(number)), 3 * number)
        self._wait_for(lambda: len(self._seconds("endless", graded=False)) == number)
        seconds = self._fresh("classmate")
        self._until_graded()
        yield Row(f"the same behind {number} endless notebooks of one student", seconds, self._idle, "3")
        yield Row("those endless notebooks", self._seconds("endless"))

    def burst(self) -> Iterator[Row]:
        """Hand in many at once, without and with some whose code never ends."""
        good, endless = self._sizes.burst, self._sizes.endless
        self._hand_in_at_once([(f"alone-{number}", "") for number in range(good)])
        together = [(f"together-{number}", "") for number in range(good)]
        for number in range(endless):  # spread evenly, the first one before all others
            together.insert(number * (good // endless + 1), (f"loops-{number}", ENDLESS))
        self._hand_in_at_once(together)
        alone = self._seconds("alone-")
        yield Row(f"{good} hand-ins at once", alone)
        yield Row(
            f"the same with {endless} endless ones among them", self._seconds("together-"), alone, "1.3"
        )
        yield Row("those endless ones", self._seconds("loops-"))

    def kill(self) -> Iterator[Row]:
        """Start a worker, ordinarily and after `kill -9`, and wait until what waited is graded."""
        ordinary, taken_up, jobs = list[float](), list[float](), self._place.jobs
        for round_ in range(self._sizes.starts):
            self._place.stop_worker()
            threads = self._dawdle(f"waits-{round_}", jobs)
            ordinary.append(self._start(self._numbers(*WAITING)))
            _join(threads)
            self._place.stop_worker()
            threads = self._dawdle(f"killed-{round_}", 4 * jobs)
            self._place.start_worker()
            self._wait_for(lambda: len(self._numbers(*IN_FLIGHT)) == jobs)
            self._place.kill_worker()
            taken_up.append(self._start(self._numbers(*IN_FLIGHT)))
            _join(threads)
        yield Row("start of the worker until what waited is graded", ordinary)
        name = f"the same after kill -9, for what was in flight, while {3 * jobs} others wait"
        yield Row(name, taken_up, ordinary, "1.5")

    def table(self) -> Iterator[Row]:
        """Open the page of a class, and that of a student."""
        with self._database.read() as session:
            query = select(func.count(Membership.person_id)).where(Membership.role == "student")
            there = session.scalars(query).one()
        self._copy(self._sizes.members - there)
        staff = self._staff()
        with self._database.read() as session:
            graded = session.scalars(select(Attempt).where(Attempt.state == "graded").limit(1)).one()
        student, _size = self._pages(staff, f"staff/people/{graded.person_id}")
        table, size = self._pages(staff, "staff/")
        yield Row("page of a student, for staff", student)
        name = f"page of a class of {self._sizes.members}, {size / 1000:.0f} KB"
        yield Row(name, table, student, "0.3 s, 120 KB")

    def check(self, name: str = "") -> None:
        """Raise SystemExit with the hand-ins that failed or were not given what they earned.

        name: with which the names of the students begin.
        """
        figures = self._place.figures
        with self._database.read() as session:
            rows = session.execute(
                select(Person.subject, Attempt.state, Attempt.score)
                .join(Attempt.person)
                .where(Person.subject.in_(each for each in figures.earned if each.startswith(name)))
            ).all()
        wrong = [
            f"{subject}: expected graded, {figures.earned[subject]} points; found {state}, {score} points"
            for subject, state, score in rows
            if (state, score) != ("graded", figures.earned[subject])
        ]
        fail_with([*figures.failed, *wrong])

    def _fresh(self, name: str) -> list[float]:
        """Hand in, one student after the other; returns their seconds."""
        for number in range(self._sizes.hand_ins):
            Student(f"{name}-{number}", "" if number % 3 else WRONG, self._place).hand_in(0)
        return self._seconds(f"{name}-")

    def _hand_in_at_once(self, wrong_by_subject: Iterable[tuple[str, str]]) -> None:
        _join(self._place.at_once(wrong_by_subject))
        self._until_graded()

    def _dawdle(self, name: str, number: int) -> list[threading.Thread]:
        """Hand in, without a worker, what takes a few seconds each; returns when all of it waits."""
        threads = self._place.at_once((f"{name}-{count}", DAWDLES) for count in range(number))
        self._wait_for(lambda: len(self._numbers(*WAITING)) == number)
        return threads

    def _seconds(self, name: str, *, graded: bool = True) -> list[float]:
        """Return how long each attempt took from its arrival, of the students whose names begin so."""
        with self._database.read() as session:
            attempts = session.scalars(
                select(Attempt).join(Attempt.person).where(Person.subject.startswith(name, autoescape=True))
            ).all()
        if graded:
            self.check(name)
        return [((one.graded_at or datetime.now(UTC)) - one.received_at).total_seconds() for one in attempts]

    def _numbers(self, *conditions: object) -> list[int]:
        with self._database.read() as session:
            return list(session.scalars(select(Attempt.id).where(*conditions)))  # type: ignore[arg-type]

    def _start(self, attempts: Collection[int]) -> float:
        """Start a worker; returns the seconds until it has graded some attempts."""
        begun = time.monotonic()
        self._place.start_worker()
        self._wait_for(lambda: not self._numbers(Attempt.id.in_(attempts), *WAITING))
        return time.monotonic() - begun

    def _until_graded(self) -> None:
        self._wait_for(lambda: not self._numbers(*WAITING))

    def _wait_for(self, condition: Callable[[], object]) -> None:
        """Wait until something is so. Raises SystemExit if a hand-in failed, or if it takes too long."""
        end = time.monotonic() + STUCK
        while not condition():
            fail_with(self._place.figures.failed)
            if time.monotonic() > end:
                with self._database.read() as session:
                    states = session.execute(
                        select(Attempt.state, func.count()).group_by(Attempt.state)
                    ).all()
                raise SystemExit(f"nothing has come of it in {STUCK} s; attempts: {states}")
            time.sleep(LOOK)

    def _staff(self) -> Staff:
        """Open the activity as a teacher."""
        return enter(self._place.web, self._place.lms, **ACTIVITY)

    def _pages(self, staff: Staff, path: str) -> tuple[list[float], int]:
        """Open a page again and again; returns the seconds and the bytes of the largest one."""
        seconds, sizes = list[float](), list[int]()
        staff.get(path)  # compiles its templates
        for _number in range(self._sizes.pages):
            start = time.monotonic()
            sizes.append(len(staff.get(path).content))
            seconds.append(time.monotonic() - start)
        return seconds, max(sizes)

    def _copy(self, number: int) -> None:
        """Add students who have handed in what those of the idle situation did, with the same results."""
        files = files_of(self._place.course)
        with self._database.write() as session:
            finals = session.scalars(
                select(FinalGrade).join(Attempt, FinalGrade.attempt_id == Attempt.id).order_by(Attempt.id)
            ).all()
            pairs = [
                (final, session.get_one(Attempt, final.attempt_id))
                for final in finals[: self._sizes.hand_ins]
            ]
            for count in range(number):
                final, attempt = pairs[count % len(pairs)]
                context = attempt.course_link.context_id
                token = secrets.token_hex(8)
                person = _new(attempt.person, subject=token, pseudonym=token, student_id=token)
                session.add(person)
                session.flush()
                path = Path(attempt.path).parent.with_name(secrets.token_hex(16)) / Path(attempt.path).name
                shutil.copytree((files / attempt.path).parent, (files / path).parent)
                copied = _new(attempt, person_id=person.id, path=str(path))
                session.add_all([copied, Membership(person_id=person.id, context_id=context, role="student")])
                session.flush()
                session.add(_new(final, person_id=person.id, attempt_id=copied.id))


def _join(threads: Iterable[threading.Thread]) -> None:
    for thread in threads:
        thread.join(STUCK)


def _new(row: Table, **changed: Any) -> Any:
    """Return a new row with the values of another one, but for some."""
    values = {column.key: getattr(row, column.key) for column in type(row).__table__.columns}
    return type(row)(**{name: value for name, value in (values | changed).items() if name != "id"})


SITUATIONS: Mapping[str, Callable[[Situations], Iterator[Row]]] = MappingProxyType({
    "idle": Situations.idle, "regrade": Situations.regrade, "endless": Situations.endless,
    "burst": Situations.burst, "kill": Situations.kill, "table": Situations.table,
})  # fmt: skip
"""By name, in the order in which they are run; the others need the hand-ins of `idle`."""
