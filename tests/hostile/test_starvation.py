"""Nobody pays for a neighbour who keeps the processor busy."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.errors import AnswerError, Starved
from autograder.sandbox.fork_server import ForkServerPool
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import KernelSession, open_session
from tests.cli.test_grade import RIGHT, hand_in, scores
from tests.support import cli, course_of_one_question

pytestmark = [pytest.mark.seal, pytest.mark.long, pytest.mark.full]

BUSY = """
import os, time
for _ in range(30):
    if os.fork() == 0:
        os.setsid()  # Linux shares the processor among sessions
        while True:
            pass
time.sleep(60)
"""
TAKES_A_SECOND = """
import time
end = time.process_time() + 1
while time.process_time() < end:
    pass
"""


LIMIT, ATTEMPTS = 2.0, 3
"""Seconds of a call, and how often one is tried."""
ANSWERS = """
import os, time

def takes(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return seconds

def sleeps():
    time.sleep(60)

def waits_for_itself():
    for _ in range(6):
        if os.fork() == 0:
            os.setsid()
            takes(0.2)
            os._exit(0)
    takes(0.1)
    time.sleep(60)
"""


@pytest.fixture
def session(one_processor: None) -> Iterator[KernelSession]:
    """A session whose calls have two seconds, of which no other program takes the one processor."""
    with open_session("counting", limits=Limits(call=LIMIT)) as opened:
        opened.run(ANSWERS)
        yield opened


@pytest.fixture
def at_low_priority(one_processor: None) -> Iterator[KernelSession]:
    """The same, but its kernel has low priority."""
    with (
        ForkServerPool(has_low_priority=lambda: True) as pool,
        open_session("counting", limits=Limits(call=LIMIT), pool=pool) as opened,
    ):
        opened.run(ANSWERS)
        yield opened


@pytest.fixture
def busy_program() -> Iterator[None]:
    """A busy program, on the processor of the session."""
    processor = min(os.sched_getaffinity(0))
    code = f"import os\nos.sched_setaffinity(0, {{{processor}}})\nprint(flush=True)\nwhile True: pass"
    busy = subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE)
    assert busy.stdout is not None
    busy.stdout.readline()  # it computes from here on
    yield
    busy.kill()
    busy.wait()
    busy.stdout.close()


@pytest.fixture
def beside_another(session: KernelSession, busy_program: None) -> KernelSession:
    """The same, beside a busy program."""
    return session


def given(session: KernelSession, name: str, *arguments: float) -> Iterator[float]:
    """Yield how many seconds an answer that does not end is given, in some attempts: other tests may be busy, too."""
    for _ in range(ATTEMPTS):
        session.hung.answers.clear()  # a further try would have less
        began = time.monotonic()
        with contextlib.suppress(Starved):
            with pytest.raises(AnswerError, match="did not finish within 2 s"):
                session.call(name, *arguments)
            yield time.monotonic() - began


def test_answer_beside_a_busy_program_has_its_seconds(beside_another: KernelSession) -> None:
    """It takes a good second alone, and twice as long there."""
    with contextlib.suppress(Starved):  # there are more of them
        assert beside_another.call("takes", 0.7 * LIMIT).value == 0.7 * LIMIT


@pytest.mark.usefixtures("busy_program")
def test_answer_at_low_priority_has_its_seconds(at_low_priority: KernelSession) -> None:
    """It takes a moment alone, and seconds there, where it has what the program leaves."""
    for _ in range(ATTEMPTS):
        with contextlib.suppress(Starved):  # there are more of them
            assert at_low_priority.call("takes", 0.02 * LIMIT).value == 0.02 * LIMIT
            return
    pytest.fail("its limit was reached before it had its seconds")


def test_endless_answer_beside_a_busy_program_times_out(beside_another: KernelSession) -> None:
    """As soon as it has computed for its limit, unless there are so many that it is graded again."""
    assert [
        seconds for seconds in given(beside_another, "takes", 100) if not 1.5 * LIMIT < seconds < 7 * LIMIT
    ] == []


def test_sleep_is_no_waiting(beside_another: KernelSession) -> None:
    """Beside a busy program as well."""
    assert any(seconds < 1.5 * LIMIT for seconds in given(beside_another, "sleeps"))


def test_code_that_takes_the_processor_from_itself_has_its_limit(session: KernelSession) -> None:
    """For a part of it; then it sleeps, so that its processes compute for less than the limit."""
    assert any(seconds < 1.5 * LIMIT for seconds in given(session, "waits_for_itself"))


@pytest.fixture
def course(one_processor: None, tmp_path: Path) -> Course:
    """A course with time limits of six seconds, graded on one processor."""
    made = course_of_one_question(tmp_path / "course")
    settings = made.root / "nbgrader_config.py"
    limits = '{"cell": 6, "call": 6, "training": 6, "session": 60}'
    settings.write_text(f"{settings.read_text()}\nc.CourseSettings.limits = {limits}\n")
    return Course.open(made.root)


def test_right_answer_beside_thirty_busy_processes_earns_its_points(course: Course) -> None:
    """Its second of computing takes half a minute there; it is graded again with nothing beside it."""
    hand_in(course, "mal", {"add_two": BUSY})
    hand_in(course, "yan", {"add_two": TAKES_A_SECOND + RIGHT})
    done = cli("grade", "--jobs", "2", "--language", "en", cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert scores(course)["yan"] == 2
    assert scores(course)["mal"] == 0
