"""A worker that is silent is told: to staff, to students who wait, and to programs that watch the tool."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from autograder.course import Course
from autograder.web.db.models import Attempt, GradingJob, Person, Platform
from autograder.web.heartbeat import beat, last_beat
from tests.support import copy_course
from tests.web import database_rows
from tests.web.loopback import LTI, Browser, Clock, Lms, Web, launch, lms, quick, tool, words
from tests.web.worker_course import WorkerCourse, wait_for

SILENT = timedelta(seconds=61)


@pytest.fixture
def clock() -> Clock:
    """The time of the tool."""
    return Clock()


@pytest.fixture
def served(tmp_path: Path, clock: Clock) -> Iterator[tuple[Web, Lms]]:
    """A tool whose worker was alive just now, and an LMS."""
    folder = copy_course(tmp_path / "course", "shapes")
    with lms() as other, tool(tmp_path, folder, http=quick(), clock=clock) as made:
        other.register(made.database)
        beat(Course.open(folder), clock())
        yield made, other


def page(served: tuple[Web, Lms], role: str = "Learner", locale: str = "en") -> str:
    """What somebody reads who opens the activity."""
    claims = {LTI + "custom": {"assignment": "shapes"}, LTI + "launch_presentation": {"locale": locale}}
    return words(launch(Browser(), *served, f"#{role}", sub=role, **claims))


def hand_in(served: tuple[Web, Lms], clock: Clock) -> None:
    """Put an attempt of the learner's into the queue."""
    with served[0].database.write() as session:
        learner = session.scalars(select(Person).where(Person.subject == "Learner")).one()
        link = database_rows.course_link(session, session.scalars(select(Platform)).one(), "shapes")
        attempt = Attempt(
            course_link_id=link, person_id=learner.id, sha256="0" * 64, path="x", received_at=clock()
        )
        session.add(attempt)
        session.flush()
        session.add(GradingJob(attempt_id=attempt.id, free_at=clock()))


def test_staff_read_of_no_number_where_nothing_waits(served: tuple[Web, Lms], clock: Clock) -> None:
    """That no worker is grading is all that is said."""
    page(served)
    clock.ahead = SILENT
    assert "No worker is grading (last seen" in page(served, "Instructor")
    assert "0 submissions" not in page(served, "Instructor")


def test_staff_read_how_many_wait_and_since_when(served: tuple[Web, Lms], clock: Clock) -> None:
    """On every page, once the worker has been silent for a minute, in both languages."""
    page(served)
    hand_in(served, clock)
    assert "No worker" not in page(served, "Instructor")
    clock.ahead = SILENT
    assert "No worker is grading (last seen" in page(served, "Instructor")
    assert "1 submission is waiting, the oldest since" in page(served, "Instructor")
    korean = page(served, "Instructor", "ko")
    assert "채점 프로그램(worker)이 돌고 있지 않습니다(마지막 확인" in korean
    assert "제출물 1개가 기다립니다(가장 오래된 것은" in korean


def test_student_who_waits_reads_that_the_file_is_safe(served: tuple[Web, Lms], clock: Clock) -> None:
    """A student of whom nothing waits reads nothing of it."""
    clock.ahead = SILENT
    assert "Grading is delayed" not in page(served)
    hand_in(served, clock)
    assert "Grading is delayed. Your file is stored safely, and will be graded." in page(served)
    assert "제출한 파일은 안전하게 보관되어 있고, 차례로 채점됩니다" in page(served, locale="ko")
    clock.ahead = timedelta()
    assert "Grading is delayed" not in page(served)


def test_health_is_an_answer_for_programs(served: tuple[Web, Lms], clock: Clock) -> None:
    """200 while a worker is grading, 503 else, with numbers and no names."""
    page(served)
    hand_in(served, clock)
    answer = Browser().get(f"{served[0].base_url}/healthz")
    assert (answer.status_code, answer.json()["worker"], answer.json()["waiting"]) == (200, "grading", 1)
    clock.ahead = SILENT
    answer = Browser().get(f"{served[0].base_url}/healthz")
    assert (answer.status_code, answer.json()["worker"]) == (503, "silent")
    assert answer.json().keys() == {"worker", "last_seen", "waiting", "waiting_since"}


def test_root_page_says_where_to_go_in_both_languages(served: tuple[Web, Lms], clock: Clock) -> None:
    """And whether grading is delayed."""
    text = words(Browser().get(served[0].base_url + "/"))
    assert "Open the assignments in your LMS" in text
    assert "과제는 LMS에서 여세요" in text
    assert "Submissions are being graded." in text
    clock.ahead = SILENT
    assert "Grading is delayed." in words(Browser().get(served[0].base_url + "/"))


def test_damaged_heartbeat_counts_as_none(served: tuple[Web, Lms]) -> None:
    """No page fails by it."""
    course = served[0].course
    (course.root / "web" / "worker.alive").write_text("yesterday")
    assert last_beat(course) is None
    assert "No worker has been started yet, so nothing is graded." in page(served, "Instructor")


def test_running_worker_beats(here: WorkerCourse) -> None:
    """Before it would be taken for a silent one."""
    assert last_beat(here.course) is None
    with here.running_worker():
        first = wait_for(lambda: last_beat(here.course))
        wait_for(lambda: last_beat(here.course) != first, SILENT.total_seconds())
