"""Nobody pays for a neighbour who keeps the processor busy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import Course
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


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Course]:
    """A course with time limits of six seconds, graded on one processor."""
    made = course_of_one_question(tmp_path / "course")
    settings = made.root / "nbgrader_config.py"
    limits = '{"cell": 6, "call": 6, "training": 6, "session": 60}'
    settings.write_text(f"{settings.read_text()}\nc.CourseSettings.limits = {limits}\n")
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(processors)})
    yield Course.open(made.root)
    os.sched_setaffinity(0, processors)


def test_right_answer_beside_thirty_busy_processes_earns_its_points(course: Course) -> None:
    """Its second of computing takes half a minute there; it is graded again with nothing beside it."""
    hand_in(course, "mal", {"add_two": BUSY})
    hand_in(course, "yan", {"add_two": TAKES_A_SECOND + RIGHT})
    done = cli("grade", "--jobs", "2", "--language", "en", cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert scores(course)["yan"] == 2
    assert scores(course)["mal"] == 0
